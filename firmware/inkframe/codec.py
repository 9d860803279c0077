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

Where frames are cut into bands (see `inkframe.wire`), each band has a list of operations and a walk of its
own, as if it were a frame: lines, rows and places count from where it begins, and COPY looks at the same
band of the held frame. Only MOVE takes rows from anywhere in the held frame, dy away as ever: what
scrolls crosses bands, and rows can be read from a file one by one.

Decoding reads 512 bytes at a time, allocates nothing while it runs, and checks every place it reads or
writes; see `inkframe._operations`.
"""

from array import array

from inkframe import wire
from inkframe._operations import (
    BIAS,
    ELSEWHERE,
    LONGEST,
    OK,
    R_ABOVE,
    R_BELOW,
    R_DLINE,
    R_DPLACE,
    R_FROM,
    R_HEIGHT,
    R_INVERTED,
    R_IS_KEY,
    R_LINE,
    R_LINE_BYTES,
    R_LINE_STEP,
    R_LINES,
    R_PLACE,
    R_PLACE_STEP,
    R_ROWS,
    R_STRIDE,
    R_TO,
    R_USED,
    R_WIDTH,
    REGISTERS,
    carry,
    fill,
    put,
    run,
)
from inkframe.compat import INFLATE_ERRORS, const, crc32, inflater
from inkframe.errors import BaseError, WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe._encoder import Payload
    from inkframe.parts import AnyPlace, Source
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
        self._row = bytearray(0)

    def decode(
        self,
        payload: "Source",
        head: "Head",
        entry: "Entry",
        held: "bytearray | memoryview",
        new: "bytearray | memoryview",
    ) -> None:
        """Make the frame of `entry` in `new`, from `held`, which is not changed; both whole, in one band.

        Both are `head.frame_bytes` long and not the same. `payload` gives the payload's bytes. The
        caller has checked that `held` has the id `entry.base`. WireError when the payload is malformed or
        the result is not the frame that was promised; `new` is then of no use.
        """
        if head.bands != 1:
            raise BaseError("a frame in bands is decoded band by band")
        self.decode_band(payload, head, entry, 0, held, new)
        check(crc32(new), entry)

    def decode_band(
        self,
        stream: "Source | None",
        head: "Head",
        entry: "Entry",
        band: int,
        held: "bytearray | memoryview",
        new: "bytearray | memoryview",
        elsewhere: "AnyPlace | None" = None,
    ) -> None:
        """Make one band of the frame of `entry` in `new`, from the same band of the held frame.

        `stream` gives the band's operations; None: there are none. `elsewhere` is the held frame as a whole,
        to be read where something moved in from another band. What a frame's bands come to is for the
        caller to `check`. BaseError when the two buffers do not fit the band; WireError when the
        operations are malformed; whatever error `elsewhere` raises.
        """
        begin, end = head.band(band)
        if len(held) != end - begin or len(new) != end - begin or held is new:
            raise BaseError("frame buffers do not fit the bundle")
        if entry.is_key:
            fill(new, len(new), wire.white(head.bpp))  # type: ignore[arg-type]  # ptr8: any buffer
        else:
            new[:] = held
        if stream is None:
            return
        self._begin(head, entry, band)
        try:
            self._apply(inflater(stream, entry.window_bits), held, new, elsewhere)
        except INFLATE_ERRORS:
            raise WireError("payload does not inflate") from None
        except MemoryError:
            raise WireError("payload needs more memory than there is") from None

    def _begin(self, head: "Head", entry: "Entry", band: int) -> None:
        r = self._registers
        by_rows = entry.walk == wire.ROWS
        above = band * head.band_rows
        rows = min(head.band_rows, head.rows - above)
        r[R_LINE] = r[R_PLACE] = 0
        r[R_DLINE] = r[R_DPLACE] = BIAS
        r[R_LINES] = rows if by_rows else head.stride
        r[R_LINE_BYTES] = head.stride if by_rows else rows
        r[R_LINE_STEP] = head.stride if by_rows else 1
        r[R_PLACE_STEP] = 1 if by_rows else head.stride
        r[R_STRIDE] = head.stride
        r[R_ROWS] = rows
        r[R_ABOVE] = above
        r[R_BELOW] = head.rows - above - rows
        r[R_IS_KEY] = entry.is_key

    def _apply(
        self,
        stream: "Source",
        held: "bytearray | memoryview",
        new: "bytearray | memoryview",
        elsewhere: "AnyPlace | None",
    ) -> None:
        buffer, registers, read_into = self._buffer, self._registers, self._read_into
        kept = inflated = 0
        while True:
            got = stream.readinto(read_into) or 0
            inflated += got
            if inflated > MOST_INFLATED * len(new) + FILL_BYTES:
                raise WireError("frame operations without an end")
            end = LONGEST + got
            done = run(buffer, LONGEST - kept, end, got == 0, held, new, registers)
            while done == ELSEWHERE and elsewhere is not None:
                self._move_from(elsewhere, new)
                done = run(buffer, registers[R_USED], end, got == 0, held, new, registers)
            if done != OK:
                raise WireError("frame operations do not fit the frame")
            used = registers[R_USED]
            kept = end - used
            carry(buffer, used, kept, LONGEST - kept)
            if not got:
                return

    def _move_from(self, elsewhere: "AnyPlace", new: "bytearray | memoryview") -> None:
        """The MOVE that the registers hold, its rows read one by one."""
        r = self._registers
        to, at, width, stride = r[R_TO], r[R_FROM], r[R_WIDTH], r[R_STRIDE]
        if len(self._row) < width:
            self._row = bytearray(stride)
        row = memoryview(self._row)[:width]
        for _ in range(r[R_HEIGHT] if width else 0):
            elsewhere.read(at, row)
            put(row, width, r[R_INVERTED], new, to)
            to += stride
            at += stride


def check(frame_crc32: int, entry: "Entry") -> None:
    """WireError when a frame with this CRC-32 is not the one that was promised."""
    if frame_crc32 != entry.crc32:
        raise WireError("frame is not the one promised")


def encode(
    held: bytes | None,
    new: bytes,
    stride: int,
    rows: int,
    window_bits: int = 12,
    bpp: int = 1,
    band_rows: int = 0,
) -> "Payload":
    """A short payload that turns `held` into `new`; a key frame when `held` is None. Host only.

    `rows` counts all planes' rows, and so does `band_rows`; 0 for frames that are not cut into bands.
    `window_bits`, 9 to 15, bounds what a device must hold to inflate.
    """
    from inkframe._encoder import smallest

    return smallest(held, new, stride, band_rows or rows, window_bits, wire.white(bpp))
