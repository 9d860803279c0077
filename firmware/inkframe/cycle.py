"""One wake: ask the host if it is time, show the frame that is due, say how long to sleep.

The order makes every cut harmless. What a device holds is written down only when it is true: the frame held
is forgotten before the panel is touched and remembered after the paint succeeded, and a bundle gets its
name after it was verified. Whatever went wrong, `run` returns a sleep.
"""

from binascii import hexlify, unhexlify

from inkframe import backoff, schedule, seal, wire
from inkframe.compat import const, crc32
from inkframe.crash import CrashLog
from inkframe.drift import SteadyClock
from inkframe.errors import AuthError, BaseError, InkError, WireError
from inkframe.frames import Frames
from inkframe.intake import take_in
from inkframe.memory import LOW_PAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from inkframe.battery import Battery
    from inkframe.config import Config
    from inkframe.mark import Font
    from inkframe.memory import HeldBundle, Memory, State
    from inkframe.parts import Clock, Panel, Pixels, Response, Transport

_LAST = const(0xFFFFFFFF)
_NO_WINDOW = (0, 0, 0, 0)
MARK_AFTER = const(6)
"""So many failures in a row, and the page says so: after some four hours, as waits grow from two minutes."""
REFRESH = "refresh"
NEXT_PAGE = "next_page"
"""Wakes by a button: ask at once and draw the page anew; show another one, or ask where there is none."""
_MARK = "!"
_PAGE = "page"


class Request:
    """What goes up in the one request of a wake."""

    def __init__(
        self, config: "Config", state: "State", etag: bytes, nonce: bytes, status: str
    ) -> None:
        self.display = config.display
        self.file = "bundle.ink"
        self.etag = etag
        self.held = state.held
        self.nonce = nonce
        self.status = status
        self.tag = b""
        self._key = config.key
        self._sign()

    def note(self, pair: str) -> None:
        """Add "key=value" to the status: what a transport finds out before it asks."""
        self.status += ";" + pair
        self._sign()

    def _sign(self) -> None:
        if self._key:
            message = b"|".join(
                (self.etag, hexlify(self.held), self.status.encode(), hexlify(self.nonce))
            )
            self.tag = seal.mac(seal.derive(self._key, "request"), message)


class Cycle:
    """`status` gives "key=value" pairs for upstream; `random` gives n random bytes; `log` takes a line.

    `reason` is what woke the device: REFRESH, NEXT_PAGE, or anything else. `battery` is None where none is
    measured. Without a `font` a page bears no marks.
    """

    def __init__(
        self,
        config: "Config",
        memory: "Memory",
        clock: "Clock",
        transport: "Transport",
        panel: "Panel",
        status: "Callable[[], str]",
        random: "Callable[[int], bytes]",
        log: "Callable[[str], None]",
        reason: str = "",
        battery: "Battery | None" = None,
        font: "Font | None" = None,
    ) -> None:
        self._config = config
        self._memory = memory
        self._transport = transport
        self._panel = panel
        self._status = status
        self._random = random
        self._log = log
        self._reason = reason
        self._battery = battery
        self._font = font
        self._frames = Frames(memory, panel, config.frame_ram_bytes)
        self._state = memory.load()
        self._clock = SteadyClock(clock, self._state)
        self._crashes = CrashLog(memory)
        self._well = False
        """Whether the host answered, and nothing failed since."""
        self._counted = False
        self._looked_at = 0
        """The time whose frame was shown, or looked for."""
        self.painted = False
        self.heard = False
        """Whether a reply came that only the host could make."""
        self.asked = False
        self.offer = ("", b"")
        """What the host said of an update, and the nonce it was said to; see `inkframe.updating`."""

    @property
    def went_well(self) -> bool:
        """Whether the host answered, and nothing failed since."""
        return self._well

    def run(self) -> int:
        """One wake. Returns the seconds to sleep; raises nothing that an InkError covers."""
        state = self._state
        if self._battery:
            state.battery = self._battery.level(state.battery)
            if self._battery.rests(state.battery):
                self._wait_for_charge()
                return self._battery.check_s
        if self._reason == NEXT_PAGE and self._turned_page():
            self._remember()
            return self._sleep_s()
        asked = self._is_time_to_ask()
        if asked:
            self._ask()
        try:
            self._show()
        except (BaseError, WireError) as error:
            # The bundle does not fit what is held, or one of the two is damaged: only a key frame helps.
            self._fail(error)
            state.held = wire.NO_FRAME
            self._memory.forget_bundle()
            if not asked:
                self._ask()
                self._try_again()
        except InkError as error:
            self._fail(error)
        if self._well:
            state.failures = 0
            state.error = ""
        self._remember()
        return self._sleep_s()

    def _try_again(self) -> None:
        try:
            self._show()
        except InkError as error:
            self._fail(error)

    def _fail(self, error: InkError) -> None:
        """Note what went wrong, and put off the next request: each failure waits longer."""
        state = self._state
        self._well = False
        state.failures += 1
        state.error = error.code
        wait = backoff.after(state.failures, self._retry_s(), crc32(self._config.display.encode()))
        state.ask_at = self._clock.now() + wait
        self._log("%s: %s; next try in %d s" % (error.code, error, wait))

    def _open_bundle(self) -> "HeldBundle | None":
        bundle = self._memory.open_bundle()
        if bundle and bundle.sequence > self._state.sequence:
            # The power was cut after this bundle got its name, before the state was saved.
            self._state.sequence = bundle.sequence
            self._state.etag = b""
        return bundle

    def _retry_s(self) -> int:
        bundle = self._open_bundle()
        if not bundle:
            return backoff.DEFAULT_RETRY_S
        bundle.close()
        return bundle.table.head.retry_s

    def _count(self) -> None:
        """One more wake that had something to do."""
        self._state.wakes += not self._counted
        self._counted = True

    # Asking

    def _is_time_to_ask(self) -> bool:
        if self._reason == REFRESH:
            return True
        if self._reason == NEXT_PAGE and not self._state.over.startswith(_PAGE):
            return True  # there is no other page: perhaps the host has one by now
        if schedule.ask_due(self._clock.now(), self._state.ask_at):
            return True
        if self._state.failures:
            return False
        # The time to ask came with a bundle; where that was lost, it says nothing any more.
        bundle = self._open_bundle()
        if bundle:
            bundle.close()
        return not bundle

    def _ask(self) -> None:
        self.asked = True
        self._count()
        try:
            bundle = self._open_bundle()
            etag = b""
            if bundle:
                bundle.close()
                # A bundle that cannot bring back what was lost must not be kept as "unchanged".
                if self._state.held != wire.NO_FRAME or bundle.table.entry(0).is_key:
                    etag = self._state.etag
            nonce = self._random(8)
            request = Request(self._config, self._state, etag, nonce, self._report())
            response = self._transport.fetch(request)
            try:
                self._take(response, nonce)
            finally:
                response.close()
        except InkError as error:
            self._fail(error)

    def _report(self) -> str:
        state = self._state
        return "v=1;wakes=%d;failures=%d;error=%s;%s%s" % (
            state.wakes,
            state.failures,
            state.error,
            self._crashes.pair(),
            self._status(),
        )

    def _take(self, response: "Response", nonce: bytes) -> None:
        """Set the clock, keep the bundle, plan the next request."""
        self.offer = (response.update, nonce)
        now, ask_at = self._read_clock(response, nonce)
        if response.clock:
            self._clock.sync(now)
            self._crashes.forget()  # a host of ours: it has read the status
        elif now:
            self._clock.set(now)
        if response.unchanged:
            bundle = self._open_bundle()
            if not bundle:
                raise WireError("unchanged, and nothing held")
            head = bundle.table.head
            bundle.close()
            ask_at = ask_at or self._clock.now() + head.ask_at - head.built_at
        else:
            head, sequence = take_in(
                response,
                self._memory,
                self._panel,
                self._frames.room_bytes,
                self._config.key,
                self._state.sequence,
            )
            self._state.sequence = sequence
            if self._clock.now() < head.built_at:
                # No better clock: it is at least as late as when this was made.
                self._clock.set(head.built_at)
            self._state.etag = response.etag
            ask_at = ask_at or head.ask_at
        now = self._clock.now()
        if self._battery:
            ask_at = self._battery.spares(self._state.battery, ask_at, now, head.valid_until)
        self._state.ask_at = max(ask_at, now + head.retry_s)
        self.heard = bool(self._config.key) and (bool(response.clock) or not response.unchanged)
        self._well = True

    def _read_clock(self, response: "Response", nonce: bytes) -> tuple[int, int]:
        """(now, when to ask next) as the host says; zeros where it does not. AuthError when forged."""
        if not response.clock:
            return (response.date if self._config.trust_date else 0, 0)
        key = self._config.key
        try:
            seconds, ask_at, tag = response.clock.split(".")
            now, next_ask = int(seconds), int(ask_at)
            right = 0 < now <= _LAST and 0 <= next_ask <= _LAST
            if right and key:
                right = seal.same(unhexlify(tag), seal.clock_tag(key, nonce, now, next_ask))
        except ValueError:
            right = False
        if not right:
            raise AuthError("the host's clock is not authentic")
        return now, next_ask

    # Showing

    def _show(self) -> None:
        self._looked_at = self._clock.now()
        bundle = self._open_bundle()
        if not bundle:
            return
        try:
            index = schedule.due(bundle.table, self._looked_at)
            if index != schedule.NONE_DUE:
                self._paint(bundle, index)
        finally:
            bundle.close()

    def _paint(self, bundle: "HeldBundle", index: int) -> None:
        state, panel = self._state, self._panel
        entry = bundle.table.entry(index)
        over = self._wanted_over()
        as_it_is = state.over == over and self._reason != REFRESH
        if entry.id == state.held and (as_it_is or self._show_again(over)):
            return
        self._count()
        made = self._frames.make(bundle, index, state)
        # The frames between are made, not shown: only one that is a step away is shown by a quick refresh.
        refresh = entry.refresh if made.held and as_it_is else wire.FULL
        if state.quick_refreshes >= panel.most_quick_refreshes or (
            refresh == wire.PARTIAL and not made.within_window
        ):
            refresh = wire.FULL
        self._put(made.new, made.held if as_it_is else None, refresh, entry.window, over)
        self._frames.keep(made)
        state.held = entry.id
        state.held_crc32 = entry.crc32

    def _show_again(self, over: str) -> bool:
        """The frame held, with a full refresh; False when it is not known any more."""
        state = self._state
        again = self._frames.again(state)
        if again is None:
            return False
        self._count()
        held = state.held
        self._put(again, None, wire.FULL, _NO_WINDOW, over)
        state.held = held
        return True

    def _put(
        self,
        new: "Pixels",
        held: "Pixels | None",
        refresh: int,
        window: tuple[int, int, int, int],
        over: str,
    ) -> None:
        """Show pixels. Which frame they are the caller notes, once they are on the flash, too."""
        state = self._state
        state.held = wire.NO_FRAME
        self._memory.save(state)
        if over.startswith(_MARK):
            new, held = self._marked(over, new, held)
        self._panel.show(new, held, refresh, window)
        state.quick_refreshes = 0 if refresh == wire.FULL else state.quick_refreshes + 1
        state.over = over
        self.painted = True

    # What only the device knows

    def _wanted_over(self) -> str:
        """What mark the page is to bear: none before many failures, and none of the panel itself.

        One that it bears stays as it is when another error follows: nobody would refresh a panel for that.
        """
        state = self._state
        if not self._font or self._well or state.failures < MARK_AFTER or state.error == "panel":
            return ""
        return state.over if state.over.startswith(_MARK) else _MARK + state.error

    def _marked(
        self, text: str, new: "Pixels", held: "Pixels | None"
    ) -> "tuple[Pixels, Pixels | None]":
        """Both with the same mark over them, so that it is no change from one to the other."""
        if not self._font:
            return new, held
        from inkframe.mark import Mark, Marked  # late: few wakes have anything to say

        mark = Mark(text, self._font, self._panel)
        return Marked(new, mark), Marked(held, mark) if held else None

    def _wait_for_charge(self) -> None:
        """With a critical battery: say so, once, and do nothing until it is charged."""
        state = self._state
        if state.over != LOW_PAGE:
            self._count()
            try:
                self._show_low_page()
            except InkError as error:
                self._log(f"{error.code}: {error}")
            state.over = LOW_PAGE  # one try is all that such a battery may have in it
            self._remember()

    def _show_low_page(self) -> None:
        """The page that came with the bundle; where none did, a mark on the one that is shown."""
        state = self._state
        if self._show_kept(wire.LOW_BATTERY, LOW_PAGE):
            return
        held = state.held
        again = self._frames.again(state)
        if again and self._font:
            page, _ = self._marked(_MARK + LOW_PAGE, again, None)
            self._put(page, None, wire.FULL, _NO_WINDOW, LOW_PAGE)
            state.held = held

    def _turned_page(self) -> bool:
        """Show the page behind the one that is shown, without asking; False where the bundle has no more.

        It stays until the display's own page changes, or the host is asked.
        """
        self._looked_at = self._clock.now()
        over = self._state.over
        page = int(over[len(_PAGE) :]) if over.startswith(_PAGE) else 0
        try:
            return self._show_kept(wire.FIRST_PAGE + page, _PAGE + str(page + 1))
        except InkError as error:
            self._fail(error)
            return False

    def _show_kept(self, shown_from: int, over: str) -> bool:
        """Show a frame that the bundle keeps, over the one held; False when it has none of that kind."""
        state = self._state
        bundle = self._open_bundle()
        if not bundle:
            return False
        try:
            index = schedule.kept(bundle.table, shown_from)
            if index == schedule.NONE_DUE:
                return False
            self._count()
            new, held = self._frames.make(bundle, index, state).new, state.held
            self._put(new, None, wire.FULL, _NO_WINDOW, over)
            state.held = held
        finally:
            bundle.close()
        return True

    # Sleeping

    def _remember(self) -> None:
        try:
            self._memory.save(self._state)
        except InkError as error:
            self._log(f"{error.code}: {error}")

    def _sleep_s(self) -> int:
        next_change_at = 0
        bundle = self._open_bundle()
        if bundle:
            # A panel may take half a minute to show a frame, in which the next one becomes due.
            next_change_at = schedule.next_change(bundle.table, self._looked_at)
            bundle.close()
        sleep_s = schedule.sleep_s(self._clock.now(), next_change_at, self._state.ask_at)
        return self._clock.on_rtc(sleep_s)
