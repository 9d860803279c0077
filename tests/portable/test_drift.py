"""A clock that runs wrong is put right, and woken by in time."""

from check import NOON, Page, body, picture
from device_in_memory import Device, clock_header

from inkframe.drift import MOST_PPM, SteadyClock
from inkframe.memory import State

HOUR = 3600
DAY = 24 * HOUR


class Rtc:
    """Runs `ppm` slower than time itself; the time is `now_us`."""

    def __init__(self, ppm):
        self.now_us = NOON * 1000000
        self.ppm = ppm
        self._set_at_us = self.now_us
        self._set_to = 0

    def now(self):
        if not self._set_to:
            return 0
        return self._set_to + (self.now_us - self._set_at_us) // (1000000 + self.ppm)

    def set(self, seconds):
        self._set_to, self._set_at_us = seconds, self.now_us

    def pass_time(self, seconds):
        self.now_us += seconds * 1000000

    def run(self, seconds):
        """As a deep sleep does: until the RTC counted so many seconds."""
        self.now_us += seconds * (1000000 + self.ppm)


def true_s(rtc):
    return rtc.now_us // 1000000


def synced(ppm, *pauses_s):
    """A clock of that drift, synchronised after each of these pauses."""
    rtc = Rtc(ppm)
    clock = SteadyClock(rtc, State())
    clock.sync(true_s(rtc))
    for pause_s in pauses_s:
        rtc.pass_time(pause_s)
        clock.sync(true_s(rtc))
    return rtc, clock


def test_a_clock_that_runs_wrong_by_up_to_five_percent_is_right_within_a_minute_a_day():
    for ppm in (-49000, -3000, -40, 0, 35, 800, 20000, 49000):
        rtc, clock = synced(ppm, 2 * HOUR, 2 * HOUR, 2 * HOUR)
        rtc.pass_time(DAY)
        assert abs(clock.now() - true_s(rtc)) <= 30, ppm


def test_a_sleep_ends_when_it_should_even_though_the_timer_runs_wrong():
    for ppm in (-30000, 45000):
        rtc, clock = synced(ppm, 2 * HOUR, 2 * HOUR)
        began = true_s(rtc)
        rtc.run(clock.on_rtc(6 * HOUR))
        assert abs(true_s(rtc) - began - 6 * HOUR) <= 15
        assert abs(clock.now() - true_s(rtc)) <= 15


def test_a_clock_that_was_never_set_stays_so():
    clock = SteadyClock(Rtc(300), State())
    assert clock.now() == 0
    assert clock.on_rtc(600) == 600


def test_a_jump_of_the_hosts_clock_is_not_taken_for_drift():
    for jump_s in (-120, 60, 900, 7 * DAY):
        rtc, clock = synced(30, 2 * HOUR, 2 * HOUR, 2 * HOUR)
        rtc.pass_time(2 * HOUR)
        for wrong_s in (jump_s, 0):
            clock.sync(true_s(rtc) + wrong_s)
            assert abs(clock.on_rtc(2 * HOUR) - 2 * HOUR) <= 1, jump_s
            rtc.pass_time(2 * HOUR)
        clock.sync(true_s(rtc))
        rtc.pass_time(2 * HOUR)
        assert abs(clock.now() - true_s(rtc)) <= 3, jump_s


def test_what_no_oscillator_does_is_not_learned():
    for ppm in (-3 * MOST_PPM, 2 * MOST_PPM):
        _, clock = synced(ppm, 2 * HOUR, 2 * HOUR, 2 * HOUR)
        assert clock.on_rtc(HOUR) == HOUR


def test_a_time_that_nobody_vouched_for_teaches_nothing():
    rtc, clock = synced(0, 2 * HOUR)
    rtc.pass_time(2 * HOUR)
    clock.set(true_s(rtc) + 100)
    rtc.pass_time(2 * HOUR)
    clock.sync(true_s(rtc))
    rtc.pass_time(2 * HOUR)
    clock.sync(true_s(rtc))
    assert abs(clock.on_rtc(HOUR) - HOUR) <= 1


def test_requests_close_together_do_not_take_a_lost_second_for_drift():
    _, clock = synced(0, 61, 59, 62, 60)
    assert clock.on_rtc(DAY) == DAY


def test_a_device_with_a_bad_oscillator_shows_its_pages_in_time():
    rtc = Rtc(30000)
    made = Device()
    made.clock = rtc
    frames = [picture(index, 256) for index in range(1, 14)]
    made.serve(body([Page(NOON + at * 2 * HOUR, frame) for at, frame in enumerate(frames)]))
    made.host.clock = lambda request: clock_header(true_s(rtc), true_s(rtc) + 6 * HOUR)(request)
    late_s = []
    shown = None
    while true_s(rtc) < NOON + DAY:
        rtc.run(made.wake())
        made.wake()
        if made.panel.shown != shown:
            shown = made.panel.shown
            late_s.append(true_s(rtc) - NOON - frames.index(shown) * 2 * HOUR)
    assert abs(late_s[0]) > 100, "this oscillator is not bad"
    assert max(abs(late) for late in late_s[-4:]) <= 10, late_s


def test_a_second_that_a_clock_cuts_off_is_no_drift_and_wakes_nobody_early():
    rtc, clock = synced(0)
    for late in (0, 1, 0, 1, 1, 0):
        rtc.pass_time(HOUR)
        clock.sync(true_s(rtc) + late)
    assert clock.on_rtc(12 * HOUR) == 12 * HOUR


def test_a_corrected_sleep_never_ends_a_moment_too_early():
    for ppm in (-30000, -700, 900, 45000):
        rtc, clock = synced(ppm, 2 * HOUR, 2 * HOUR, 2 * HOUR)
        for sleep_s in (7, 61, 599, 3601, 20011):
            due = clock.now() + sleep_s
            rtc.run(clock.on_rtc(sleep_s))
            assert clock.now() >= due, (ppm, sleep_s)
