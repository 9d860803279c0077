"""One wake: ask the host if it is time, show the frame that is due, say how long to sleep.

The order makes every cut harmless. What a device holds is written down only when it is true: the frame held
is forgotten before the panel is touched and remembered after the paint succeeded, and a bundle gets its
name after it was verified. Whatever went wrong, `run` returns a sleep.
"""

from binascii import hexlify, unhexlify

from inkframe import backoff, schedule, seal, wire
from inkframe.codec import Decoder
from inkframe.compat import const, crc32
from inkframe.errors import AuthError, BaseError, InkError, WireError
from inkframe.intake import take_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from inkframe.config import Config
    from inkframe.memory import HeldBundle, Memory, State
    from inkframe.parts import Bytes, Clock, Panel, Response, Transport

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
        if config.key:
            message = b"|".join((etag, hexlify(state.held), status.encode(), hexlify(nonce)))
            self.tag = seal.mac(seal.derive(config.key, "request"), message)


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
        size = wire.frame_bytes(panel.width_px, panel.height_px, panel.bpp, panel.planes)
        # The two large buffers, made once and before anything else can break up the heap.
        self._held = bytearray(size)
        self._new = bytearray(size)
        self._decoder = Decoder()
        self._state = memory.load()
        self._well = False
        """Whether the host answered, and nothing failed since."""
        self.painted = False

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
                response, self._memory, self._panel, self._config.key, self._state.sequence
            )
            self._state.sequence = sequence
            if self._clock.now() < head.built_at:
                # No better clock: it is at least as late as when this was made.
                self._clock.set(head.built_at)
            self._state.etag = response.etag
            ask_at = ask_at or head.ask_at
        self._state.ask_at = max(ask_at, self._clock.now() + head.retry_s)
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
        bundle = self._open_bundle()
        if not bundle:
            return
        try:
            index = schedule.due(bundle.table, self._clock.now())
            if index != schedule.NONE_DUE:
                self._paint(bundle, index)
        finally:
            bundle.close()

    def _paint(self, bundle: "HeldBundle", index: int) -> None:
        table, state = bundle.table, self._state
        entry = table.entry(index)
        if entry.id == state.held:
            return
        known = self._memory.read_frame(state, self._held)
        steps = chain(table, index, state.held if known else wire.NO_FRAME)
        # The frames between are made, not shown; a refresh is as thorough as the most thorough of them.
        refresh = entry.refresh if known and len(steps) == 1 else wire.FULL
        made, base = self._new, self._held
        for position, step in enumerate(steps):
            if position:
                made, base = base, made
            self._decoder.decode(bundle.payload(step), table.head, table.entry(step), base, made)
        self._put_on_panel(entry, made, base if known and len(steps) == 1 else None, refresh)

    def _put_on_panel(
        self, entry: wire.Entry, frame: bytearray, held: "bytearray | None", refresh: int
    ) -> None:
        state, panel = self._state, self._panel
        if state.quick_refreshes >= panel.most_quick_refreshes or (
            refresh == wire.PARTIAL and not covers(entry.window, held, frame, panel)
        ):
            refresh = wire.FULL
        state.held = wire.NO_FRAME
        self._memory.save(state)
        panel.show(frame, held, refresh, entry.window)
        self._memory.write_frame(frame)
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
        now = self._clock.now()
        next_change_at = 0
        bundle = self._open_bundle()
        if bundle:
            next_change_at = schedule.next_change(bundle.table, now)
            bundle.close()
        return schedule.sleep_s(
            now, next_change_at, self._state.ask_at, self._config.longest_sleep_s
        )


def chain(table: wire.Table, index: int, held: bytes) -> list[int]:
    """The frames to make, in order, to get from `held` to frame `index`; the shortest such list.

    BaseError when there is no way: no key frame, and nothing that starts from `held`.
    """
    steps: list[int] = []
    wanted = table.entry(index).id
    for candidate in range(index, -1, -1):
        entry = table.entry(candidate)
        if entry.id != wanted:
            continue
        steps.insert(0, candidate)
        if entry.is_key or entry.base == held:
            return steps
        wanted = entry.base
    raise BaseError("no way from the frame held to the one due")


def covers(
    window: tuple[int, int, int, int], held: "Bytes | None", new: "Bytes", panel: "Panel"
) -> bool:
    """Whether all that changes from `held` to `new` lies in `window`, widened to whole bytes.

    A partial refresh leaves the rest of the panel as it is: over another picture than the host thought,
    that would be a mixture of two.
    """
    x, y, width, height = window
    if held is None or not width or not height:
        return False
    before, after = memoryview(held), memoryview(new)
    stride = len(new) // (panel.height_px * panel.planes)
    left, right = x * panel.bpp // 8, ((x + width) * panel.bpp + 7) // 8
    plane_bytes = panel.height_px * stride
    for plane in range(0, len(new), plane_bytes):
        top, bottom = plane + y * stride, plane + (y + height) * stride
        end = plane + plane_bytes
        if before[plane:top] != after[plane:top] or before[bottom:end] != after[bottom:end]:
            return False
        if right - left == stride:
            continue
        for row in range(top, bottom, stride):
            a, b, c = row + left, row + right, row + stride
            if before[row:a] != after[row:a] or before[b:c] != after[b:c]:
                return False
    return True
