"""The device's clock, put right by what was learned of its drift. Integers: seconds and parts per million.

A quartz is off by some 30 ppm; the oscillator that an ESP32 sleeps by, by up to 5 %. How far the clock went
wrong is measured from one authentic time to the next, and believed when two measurements in a row agree: so
neither a clock that was set by hand nor a host whose own was wrong for an hour is learned.
"""

from inkframe.compat import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.memory import State
    from inkframe.parts import Clock

MOST_PPM = const(50000)
_LEAST_S = const(1800)
"""Over less, a second that was cut off is worth more than the drift."""
_EXACT_S = const(2)
"""Each end of a measurement is a whole second, and an answer takes a while: this much off is right."""
_AGREE_PPM = const(2000)
_MILLION = const(1000000)


class SteadyClock:
    """`rtc` is what runs while the device sleeps; what is known of its drift is kept in `state`."""

    def __init__(self, rtc: "Clock", state: "State") -> None:
        self._rtc = rtc
        self._state = state

    def now(self) -> int:
        """Epoch seconds; 0 when the clock was never set."""
        now, synced_at = self._rtc.now(), self._state.synced_at
        if not synced_at or now <= synced_at:
            return now
        return now + (now - synced_at) * self._state.drift_ppm // _MILLION

    def set(self, seconds: int) -> None:
        """To a time that is better than none, and nothing to learn from."""
        self._rtc.set(seconds)
        self._state.synced_at = 0

    def sync(self, seconds: int) -> None:
        """To an authentic time."""
        self._learn(seconds)
        self._rtc.set(seconds)
        self._state.synced_at = seconds

    def on_rtc(self, seconds: int) -> int:
        """How long the RTC has to run until so many seconds are over."""
        # Rounded up: who wakes a moment too early wakes twice.
        return -(-seconds * _MILLION // (_MILLION + self._state.drift_ppm))

    def _learn(self, seconds: int) -> None:
        state = self._state
        ran_s, passed_s = self._rtc.now() - state.synced_at, seconds - state.synced_at
        if not state.synced_at or ran_s < _LEAST_S or passed_s < _LEAST_S:
            return
        off_s = passed_s - ran_s
        sample_ppm = 0 if abs(off_s) <= _EXACT_S else off_s * _MILLION // ran_s
        if abs(sample_ppm) > MOST_PPM:
            return
        before_ppm, state.sample_ppm = state.sample_ppm, sample_ppm
        if abs(sample_ppm - before_ppm) <= _AGREE_PPM + _EXACT_S * _MILLION // ran_s:
            state.drift_ppm = (sample_ppm + before_ppm) // 2
