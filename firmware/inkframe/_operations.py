"""The inner loop of the decoder: operations in, bytes of a frame out. `inkframe.codec` says what each is.

Compiled to machine code on a device (viper) and plain Python elsewhere. Viper has no bounds checks, so every
place is checked here before it is read or written; and its 32-bit loads are unsigned, so the two signed
numbers that outlive a call are kept with a bias.

A Cortex-M0 branches 2 KiB far at most, so no function may compile to more; a call from one to another costs
some microseconds there. Hence the split: what most operations need is in `run`, and operations that bring
numbers of their own are called. A buffer that is passed on stays an object: its address need not fit a small
integer, and a large one would have to be allocated.
"""

from inkframe.compat import MICROPYTHON, const, micropython

TYPE_CHECKING = False
if TYPE_CHECKING or not MICROPYTHON:  # there, the compiler itself knows these two
    from inkframe._cpython import ptr8, ptr32

KEEP = const(0)
LITERAL = const(1)
DOWN = const(2)
COPY = const(3)
AGAIN = const(4)
REPEAT = const(5)
FILL = const(6)
MOVE = const(7)

MAX_LITERAL = const(64)
SHORT = const(31)
LONGEST = const(80)
"""No operation is longer than this, in bytes; a buffer has as much room behind its end."""

# Registers: what outlives a call.
R_USED = const(0)
R_LINE = const(1)
R_PLACE = const(2)
R_DLINE = const(3)
R_DPLACE = const(4)
R_LINES = const(5)
R_LINE_BYTES = const(6)
R_LINE_STEP = const(7)
R_PLACE_STEP = const(8)
R_STRIDE = const(9)
R_ROWS = const(10)
R_IS_KEY = const(11)
R_ABOVE = const(12)
R_BELOW = const(13)
R_NUMBERS = const(14)
R_TO = const(14)
R_FROM = const(15)
R_WIDTH = const(16)
R_HEIGHT = const(17)
R_INVERTED = const(18)
REGISTERS = const(19)
BIAS = const(2097152)

OK = const(0)
BAD = const(1)
ELSEWHERE = const(2)
"""A MOVE wants rows from outside the band: `r[R_HEIGHT]` rows of `r[R_WIDTH]` bytes, XOR `r[R_INVERTED]`, to
`r[R_TO]` in the band from `r[R_FROM]` in the held frame. The caller sees to it and goes on at `r[R_USED]`."""

ITEM_BYTES = 4 if MICROPYTHON else 1
ITEM_ONES = 0xFFFFFFFF if MICROPYTHON else 0xFF
"""What `invert` takes at once: on a device words of a buffer that begins at one, elsewhere bytes."""


def fill(frame: "bytearray", length: int, value: int) -> None:
    """frame[:length] = `value`, by ever longer copies: those run in C.

    A slice of its own is assigned to as a whole, since MicroPython also moves what lies behind the part that
    it assigns to (mp_seq_replace_slice_no_grow).
    """
    view = memoryview(frame)
    frame[0] = value
    done = 1
    while done < length:
        more = min(done, length - done)
        view[done : done + more][:] = view[:more]
        done += more


@micropython.viper
def invert(buffer: ptr32, items: int, ones: int) -> int:
    """Every bit of the first `items` items the other way round, in place: see ITEM_BYTES and ITEM_ONES."""
    k = 0
    while k < items:
        buffer[k] = int(buffer[k]) ^ ones
        k += 1
    return k


@micropython.viper
def carry(buffer: ptr8, at: int, length: int, to: int) -> int:
    """buffer[to:to + length] = buffer[at:at + length], from the front."""
    k = 0
    while k < length:
        buffer[to + k] = buffer[at + k]
        k += 1
    return k


@micropython.viper
def put(source, length: int, inverted: int, new, at: int) -> int:  # type: ignore[no-untyped-def]  # as `run`
    """new[at:at + length] = source[:length], each byte XOR `inverted`."""
    row = ptr8(source)
    frame = ptr8(new)
    k = 0
    while k < length:
        frame[at + k] = int(row[k]) ^ inverted
        k += 1
    return k


@micropython.viper
def run(  # type: ignore[no-untyped-def]  # noqa: C901  # viper: objects; a call costs more than all it does
    buffer, at: int, end: int, last: int, held, new, r
) -> int:
    """Apply the operations in buffer[at:end]; those that may be cut off at its end only if `last`.

    Returns OK and in r[R_USED] the place in the buffer it got to, BAD, or ELSEWHERE.
    """
    code = ptr8(buffer)
    frame = ptr8(new)
    registers = ptr32(r)
    line = int(registers[R_LINE])
    place = int(registers[R_PLACE])
    line_bytes = int(registers[R_LINE_BYTES])
    line_step = int(registers[R_LINE_STEP])
    step = int(registers[R_PLACE_STEP])

    while at < end:
        if not last and end - at < LONGEST:
            break
        n = int(code[at])
        at += 1
        op = n >> 5
        n &= 31
        if n == 0:
            n = int(code[at])
            at += 1
            if n & 128:
                n = (n & 127) | int(code[at]) << 7
                at += 1
                if n & 16384:
                    n = (n & 16383) | int(code[at]) << 14
                    at += 1
            n += 32
        if op >= COPY and op != FILL:
            registers[R_LINE] = line
            registers[R_PLACE] = place
            if op == MOVE:
                at = int(_move(buffer, at, n, held, new, r))
                if at < 0 and 0 - at <= end:
                    registers[R_USED] = 0 - at
                    return ELSEWHERE
            else:
                at = int(_copy(buffer, at, op, n, held, new, r))
            if at <= 0 or at > end:
                return BAD
            line = int(registers[R_LINE])
            place = int(registers[R_PLACE])
            continue

        if at > end or n > (int(registers[R_LINES]) - line) * line_bytes - place:
            return BAD
        if op == KEEP:
            place += n
            while place >= line_bytes:
                place -= line_bytes
                line += 1
            continue
        value = 255
        if op == FILL:
            value = int(code[at])
            at += 1
            if at > end:
                return BAD
        elif n > MAX_LITERAL or at + n > end:
            return BAD
        while n:
            k = line_bytes - place
            if k > n:
                k = n
            n -= k
            to = line * line_step + place * step
            if op == DOWN:
                value = 255
                if place:
                    value = int(frame[to - step])
            place += k
            while k:
                if op != FILL:
                    if op == LITERAL:
                        value = int(code[at])
                    else:
                        value ^= int(code[at])
                    at += 1
                frame[to] = value
                to += step
                k -= 1
            if place == line_bytes:
                place = 0
                line += 1

    registers[R_USED] = at
    registers[R_LINE] = line
    registers[R_PLACE] = place
    return OK


@micropython.viper
def _numbers(buffer, at: int, wanted: int, r) -> int:  # type: ignore[no-untyped-def]  # as `run`
    """Read up to five varints into r[R_NUMBERS:]; returns where the next byte is."""
    code = ptr8(buffer)
    registers = ptr32(r)
    to = R_NUMBERS
    while wanted:
        v = int(code[at])
        at += 1
        if v & 128:
            v = (v & 127) | int(code[at]) << 7
            at += 1
            if v & 16384:
                v = (v & 16383) | int(code[at]) << 14
                at += 1
        registers[to] = v
        to += 1
        wanted -= 1
    return at


@micropython.viper
def _move(buffer, at: int, n: int, held, new, r) -> int:  # type: ignore[no-untyped-def]  # as `run`
    """MOVE of n rows; returns where it ends in the buffer, 0 when it does not fit the frame.

    Where the rows come from outside the band, nothing is moved, and the place is returned negated.
    """
    at = int(_numbers(buffer, at, 5, r))
    frame = ptr8(new)
    source = ptr8(held)
    registers = ptr32(r)
    x = int(registers[R_NUMBERS])
    y = int(registers[R_NUMBERS + 1])
    width = int(registers[R_NUMBERS + 2])
    dx = int(registers[R_NUMBERS + 3])
    dy = int(registers[R_NUMBERS + 4])
    dx = (0 - (dx >> 1)) - 1 if dx & 1 else dx >> 1
    dy = (0 - (dy >> 1)) - 1 if dy & 1 else dy >> 1
    stride = int(registers[R_STRIDE])
    rows = int(registers[R_ROWS])
    inverted = 255 if width & 1 else 0
    width >>= 1
    if int(registers[R_IS_KEY]) or x + width > stride or y + n > rows or x + dx < 0:
        return 0
    first = y + dy
    if x + dx + width > stride or first < 0 or first + n > rows:
        first += int(registers[R_ABOVE])
        rows += int(registers[R_ABOVE]) + int(registers[R_BELOW])
        if x + dx + width > stride or first < 0 or first + n > rows:
            return 0
        registers[R_TO] = y * stride + x
        registers[R_FROM] = first * stride + x + dx
        registers[R_WIDTH] = width
        registers[R_HEIGHT] = n
        registers[R_INVERTED] = inverted
        return 0 - at
    to = y * stride + x
    come_from = first * stride + x + dx
    while n:
        k = 0
        while k < width:
            frame[to + k] = int(source[come_from + k]) ^ inverted
            k += 1
        to += stride
        come_from += stride
        n -= 1
    return at


@micropython.viper
def _copy(  # type: ignore[no-untyped-def]  # noqa: C901  # as `run`
    buffer, at: int, op: int, n: int, held, new, r
) -> int:
    """COPY, AGAIN or REPEAT of n bytes; returns where it ends in the buffer, 0 when it does not fit."""
    registers = ptr32(r)
    line = int(registers[R_LINE])
    place = int(registers[R_PLACE])
    lines = int(registers[R_LINES])
    line_bytes = int(registers[R_LINE_BYTES])
    dline = int(registers[R_DLINE]) - BIAS
    dplace = int(registers[R_DPLACE]) - BIAS
    if op != AGAIN:
        at = int(_numbers(buffer, at, 2, r))
        dline = int(registers[R_NUMBERS])
        dplace = int(registers[R_NUMBERS + 1])
        dline = (0 - (dline >> 1)) - 1 if dline & 1 else dline >> 1
        dplace = (0 - (dplace >> 1)) - 1 if dplace & 1 else dplace >> 1
    sline = line + dline
    splace = place + dplace
    source = ptr8(held)
    if op == REPEAT:
        source = ptr8(new)
        if sline > line or (sline == line and splace >= place):
            return 0
    else:
        if int(registers[R_IS_KEY]):
            return 0
        registers[R_DLINE] = dline + BIAS
        registers[R_DPLACE] = dplace + BIAS
    if sline < 0 or sline >= lines or splace < 0 or splace >= line_bytes:
        return 0
    if n > (lines - line) * line_bytes - place or n > (lines - sline) * line_bytes - splace:
        return 0
    frame = ptr8(new)
    line_step = int(registers[R_LINE_STEP])
    step = int(registers[R_PLACE_STEP])
    while n:
        k = line_bytes - place
        if k > n:
            k = n
        if k > line_bytes - splace:
            k = line_bytes - splace
        to = line * line_step + place * step
        come_from = sline * line_step + splace * step
        n -= k
        place += k
        splace += k
        while k:
            frame[to] = source[come_from]
            to += step
            come_from += step
            k -= 1
        if splace == line_bytes:
            splace = 0
            sline += 1
        if place == line_bytes:
            place = 0
            line += 1
    registers[R_LINE] = line
    registers[R_PLACE] = place
    return at
