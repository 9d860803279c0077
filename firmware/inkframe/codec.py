"""Frame operations: how a payload turns the frame a device holds into the next one.

The decoder begins with a *prediction*: the held frame, or a white frame for a key frame (every byte 0xFF; at
4 bpp 0x11, two white pixels; see `inkframe.wire`).
It then walks over the frame's bytes and corrects them. The walk goes by *lines*: by rows (a line is a
row of bytes), or by columns (a line is a column of bytes, top to bottom; the planes follow each other
as if they were one tall plane). Text repeats itself down a column far better than along a row, so
calendars mostly travel by columns.

An operation is one byte, its code in the upper three bits and its length n in the lower five, and what
the code asks for. n = 0 stands for a number that follows: a varint (LEB128, at most 3 bytes), plus 32.

    code  name     follows          does, for the next n bytes of the walk
       0  KEEP     -                nothing: the prediction is right
       1  LITERAL  n bytes          puts these bytes; n at most 64
       2  DOWN     n bytes          puts each of these XOR the byte before it in the line, which for the
                                    first place of a line is 0xFF; n at most 64
       3  COPY     dline, dplace    copies from the held frame, from the line and place in the line that
                                    lie dline and dplace away (zigzag varints); keeps the two in mind
       4  AGAIN    -                copies with the dline and dplace of the last COPY
       5  REPEAT   dline, dplace    copies from the frame being made, from an earlier place in the walk
       6  FILL     one byte         puts this byte n times
       7  MOVE     see below        n is the height in rows; the walk stays where it is

    MOVE: x, y, width, dx, dy. Copies a block of `width` bytes x n rows from the held frame at (x + dx,
    y + dy) to (x, y) of the frame being made. x, y and 2 x width (plus 1: every bit inverted, as when an
    event begins and its bar turns black) are varints, dx and dy zigzag varints; x, width and dx count
    bytes. What is moved is part of the prediction that later operations find.

A key frame uses neither COPY, AGAIN nor MOVE. The operations may stop short of the frame's end: the rest
is as predicted. The whole list is one raw DEFLATE stream, which MicroPython inflates in C; it inflates to
at most twice the bytes of a frame, and 512.

Decoding reads 512 bytes at a time, allocates nothing while it runs, and checks every place it reads or
writes; see `inkframe._operations`.
"""

from array import array

from inkframe import wire
from inkframe._operations import (
    BIAS,
    LONGEST,
    OK,
    R_DLINE,
    R_DPLACE,
    R_IS_KEY,
    R_LINE,
    R_LINE_BYTES,
    R_LINE_STEP,
    R_LINES,
    R_PLACE,
    R_PLACE_STEP,
    R_ROWS,
    R_STRIDE,
    R_USED,
    REGISTERS,
    carry,
    fill,
    run,
)
from inkframe.compat import INFLATE_ERRORS, const, crc32, inflater
from inkframe.errors import BaseError, WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe._encoder import Payload
    from inkframe.parts import Source
    from inkframe.wire import Entry, Head

FILL_BYTES = const(512)
MOST_INFLATED = const(2)


class Decoder:
    """Makes frames for one panel. Holds its buffers for life, so that decoding allocates little."""

    def __init__(self) -> None:
        # Room for an unfinished operation before what is read, and for a cut one to overrun after it.
        self._buffer = bytearray(LONGEST + FILL_BYTES + LONGEST)
        self._read_into = memoryview(self._buffer)[LONGEST : LONGEST + FILL_BYTES]
        self._registers = array("i", [0] * REGISTERS)

    def decode(
        self, payload: "Source", head: "Head", entry: "Entry", held: bytearray, new: bytearray
    ) -> None:
        """Make the frame of `entry` in `new`, from `held`, which is not changed.

        Both are `head.frame_bytes` long and not the same. `payload` gives the payload's bytes. The
        caller has checked that `held` has the id `entry.base`. WireError when the payload is malformed or
        the result is not the frame that was promised; `new` is then of no use.
        """
        if len(held) != head.frame_bytes or len(new) != head.frame_bytes or held is new:
            raise BaseError("frame buffers do not fit the bundle")
        if entry.is_key:
            fill(new, len(new), wire.white(head.bpp))
        else:
            new[:] = held
        self._begin(head, entry)
        try:
            self._apply(inflater(payload, entry.window_bits), held, new)
        except INFLATE_ERRORS:
            raise WireError("payload does not inflate") from None
        except MemoryError:
            raise WireError("payload needs more memory than there is") from None
        if crc32(new) != entry.crc32:
            raise WireError("frame is not the one promised")

    def _begin(self, head: "Head", entry: "Entry") -> None:
        r = self._registers
        by_rows = entry.walk == wire.ROWS
        r[R_LINE] = r[R_PLACE] = 0
        r[R_DLINE] = r[R_DPLACE] = BIAS
        r[R_LINES] = head.rows if by_rows else head.stride
        r[R_LINE_BYTES] = head.stride if by_rows else head.rows
        r[R_LINE_STEP] = head.stride if by_rows else 1
        r[R_PLACE_STEP] = 1 if by_rows else head.stride
        r[R_STRIDE] = head.stride
        r[R_ROWS] = head.rows
        r[R_IS_KEY] = entry.is_key

    def _apply(self, stream: "Source", held: bytearray, new: bytearray) -> None:
        buffer, registers, read_into = self._buffer, self._registers, self._read_into
        kept = inflated = 0
        while True:
            got = stream.readinto(read_into) or 0
            inflated += got
            if inflated > MOST_INFLATED * len(new) + FILL_BYTES:
                raise WireError("frame operations without an end")
            end = LONGEST + got
            if run(buffer, LONGEST - kept, end, got == 0, held, new, registers) != OK:
                raise WireError("frame operations do not fit the frame")
            used = registers[R_USED]
            kept = end - used
            carry(buffer, used, kept, LONGEST - kept)
            if not got:
                return


def encode(
    held: bytes | None,
    new: bytes,
    stride: int,
    rows: int,
    window_bits: int = 12,
    bpp: int = 1,
) -> "Payload":
    """A short payload that turns `held` into `new`; a key frame when `held` is None. Host only.

    `rows` counts all planes' rows. `window_bits`, 9 to 15, bounds what a device must hold to inflate.
    """
    from inkframe._encoder import smallest

    return smallest(held, new, stride, rows, window_bits, wire.white(bpp))
