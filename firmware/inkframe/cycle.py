"""One wake: ask the host if it is time, show the frame that is due, say how long to sleep.

The order makes every cut harmless. What a device holds is written down only when it is true: the frame held
is forgotten before the panel is touched and remembered after the paint succeeded, and a bundle gets its
name after it was verified. Whatever went wrong, `run` returns a sleep.
"""

from binascii import hexlify, unhexlify

from inkframe import backoff, schedule, seal, wire
from inkframe.compat import const, crc32
from inkframe.errors import AuthError, BaseError, InkError, WireError
from inkframe.frames import Frames
from inkframe.intake import take_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from inkframe.config import Config
    from inkframe.memory import HeldBundle, Memory, State
    from inkframe.parts import Clock, Panel, Response, Transport

_LAST = const(0xFFFFFFFF)


class Request:
    """What goes up in the one request of a wake."""

    def __init__(
        self, config: "Config", state: "State", etag: bytes, nonce: bytes, status: str
    ) -> None:
        self.display = config.display
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
    """`status` gives "key=value" pairs for upstream; `random` gives n random bytes; `log` takes a line."""

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
    ) -> None:
        self._config = config
        self._memory = memory
        self._clock = clock
        self._transport = transport
        self._panel = panel
        self._status = status
        self._random = random
        self._log = log
        self._frames = Frames(memory, panel, config.frame_ram_bytes)
        self._state = memory.load()
        self._well = False
        """Whether the host answered, and nothing failed since."""
        self._looked_at = 0
        """The time whose frame was shown, or looked for."""
        self.painted = False
        self.heard = False
        """Whether a reply came that only the host could make."""

    def run(self) -> int:
        """One wake. Returns the seconds to sleep; raises nothing that an InkError covers."""
        state = self._state
        state.wakes += 1
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

    # Asking

    def _is_time_to_ask(self) -> bool:
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
        return "v=1;wakes=%d;failures=%d;error=%s;%s" % (
            state.wakes,
            state.failures,
            state.error,
            self._status(),
        )

    def _take(self, response: "Response", nonce: bytes) -> None:
        """Set the clock, keep the bundle, plan the next request."""
        now, ask_at = self._read_clock(response, nonce)
        if now:
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
        self._state.ask_at = max(ask_at, self._clock.now() + head.retry_s)
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
        if entry.id == state.held:
            return
        made = self._frames.make(bundle, index, state)
        # The frames between are made, not shown: only one that is a step away is shown by a quick refresh.
        refresh = entry.refresh if made.held else wire.FULL
        if state.quick_refreshes >= panel.most_quick_refreshes or (
            refresh == wire.PARTIAL and not made.within_window
        ):
            refresh = wire.FULL
        state.held = wire.NO_FRAME
        self._memory.save(state)
        panel.show(made.new, made.held, refresh, entry.window)
        self._frames.keep(made)
        state.quick_refreshes = 0 if refresh == wire.FULL else state.quick_refreshes + 1
        state.held = entry.id
        state.held_crc32 = entry.crc32
        self.painted = True

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
        return schedule.sleep_s(
            self._clock.now(), next_change_at, self._state.ask_at, self._config.longest_sleep_s
        )
