"""The inner loop of the decoder: operations in, bytes of a frame out. `inkframe.codec` says what each is.

One function, compiled to machine code on a device (viper) and plain Python elsewhere. Viper has no bounds
checks, so every place is checked here before it is read or written; and its 32-bit loads are unsigned, so
the two signed numbers that outlive a call are kept with a bias.
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
REGISTERS = const(12)
BIAS = const(2097152)

OK = const(0)
BAD = const(1)


@micropython.viper
def fill(frame: ptr8, length: int, value: int) -> int:
    at = 0
    while at < length:
        frame[at] = value
        at += 1
    return at


@micropython.viper
def invert(source: ptr8, at: int, length: int, to: ptr8) -> int:
    """to[0:length] = the complement of source[at:at + length]."""
    k = 0
    while k < length:
        to[k] = int(source[at + k]) ^ 255
        k += 1
    return k


@micropython.viper
def run(  # noqa: C901  # one function, since a call in the inner loop costs more than all it does
    buffer: ptr8, at: int, end: int, last: int, held: ptr8, new: ptr8, r: ptr32
) -> int:
    """Apply the operations in buffer[at:end]; those that may be cut off at its end only if `last`.

    Returns OK and in r[R_USED] the place in the buffer it got to, or BAD.
    """
    line = int(r[R_LINE])
    place = int(r[R_PLACE])
    dline = int(r[R_DLINE]) - BIAS
    dplace = int(r[R_DPLACE]) - BIAS
    lines = int(r[R_LINES])
    line_bytes = int(r[R_LINE_BYTES])
    line_step = int(r[R_LINE_STEP])
    step = int(r[R_PLACE_STEP])
    is_key = int(r[R_IS_KEY])
    source = held
    sline = 0
    splace = 0

    while at < end:
        if not last and end - at < LONGEST:
            break
        n = int(buffer[at])
        at += 1
        op = n >> 5
        n &= 31
        if n == 0:
            n = int(buffer[at])
            at += 1
            if n & 128:
                n = (n & 127) | int(buffer[at]) << 7
                at += 1
                if n & 16384:
                    n = (n & 16383) | int(buffer[at]) << 14
                    at += 1
            n += 32

        # The numbers that follow some operations: as many varints as it has, the signed ones zigzag.
        x = 0
        y = 0
        width = 0
        dx = 0
        dy = 0
        if op == COPY or op == REPEAT or op == MOVE:
            wanted = 5 if op == MOVE else 2
            while wanted:
                v = int(buffer[at])
                at += 1
                if v & 128:
                    v = (v & 127) | int(buffer[at]) << 7
                    at += 1
                    if v & 16384:
                        v = (v & 16383) | int(buffer[at]) << 14
                        at += 1
                x = y
                y = width
                width = dx
                dx = dy
                dy = v
                wanted -= 1
            dx = (0 - (dx >> 1)) - 1 if dx & 1 else dx >> 1
            dy = (0 - (dy >> 1)) - 1 if dy & 1 else dy >> 1
        if at > end:
            return BAD

        if op == MOVE:
            stride = int(r[R_STRIDE])
            rows = int(r[R_ROWS])
            inverted = 255 if width & 1 else 0
            width >>= 1
            if is_key or x + width > stride or y + n > rows or x + dx < 0 or y + dy < 0:
                return BAD
            if x + dx + width > stride or y + dy + n > rows:
                return BAD
            to = y * stride + x
            source = held
            come_from = (y + dy) * stride + x + dx
            while n:
                k = 0
                while k < width:
                    new[to + k] = int(source[come_from + k]) ^ inverted
                    k += 1
                to += stride
                come_from += stride
                n -= 1
            continue

        if n > (lines - line) * line_bytes - place:
            return BAD
        if op == KEEP:
            place += n
            while place >= line_bytes:
                place -= line_bytes
                line += 1
            continue

        is_copy = 0
        if op == LITERAL or op == DOWN:
            if n > MAX_LITERAL or at + n > end:
                return BAD
        elif op != FILL:
            is_copy = 1
            source = held
            if op == COPY:
                dline = dx
                dplace = dy
            if op == REPEAT:
                source = new
                sline = line + dx
                splace = place + dy
                if sline > line or (sline == line and splace >= place):
                    return BAD
            else:
                sline = line + dline
                splace = place + dplace
                if is_key:
                    return BAD
            if sline < 0 or sline >= lines or splace < 0 or splace >= line_bytes:
                return BAD
            if n > (lines - sline) * line_bytes - splace:
                return BAD
        value = 255
        if op == FILL:
            value = int(buffer[at])
            at += 1
            if at > end:
                return BAD

        while n:
            k = line_bytes - place
            if k > n:
                k = n
            to = line * line_step + place * step
            if is_copy:
                if k > line_bytes - splace:
                    k = line_bytes - splace
                come_from = sline * line_step + splace * step
                n -= k
                place += k
                splace += k
                while k:
                    new[to] = source[come_from]
                    to += step
                    come_from += step
                    k -= 1
                if splace == line_bytes:
                    splace = 0
                    sline += 1
            else:
                n -= k
                if op == DOWN:
                    value = 255
                    if place:
                        value = int(new[to - step])
                place += k
                while k:
                    if op == LITERAL:
                        value = int(buffer[at])
                        at += 1
                    elif op == DOWN:
                        value ^= int(buffer[at])
                        at += 1
                    new[to] = value
                    to += step
                    k -= 1
            if place == line_bytes:
                place = 0
                line += 1

    r[R_USED] = at
    r[R_LINE] = line
    r[R_PLACE] = place
    r[R_DLINE] = dline + BIAS
    r[R_DPLACE] = dplace + BIAS
    return OK
