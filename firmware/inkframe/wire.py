"""The bundle, format version 2. This text is its specification.

A *bundle* is what one request returns: an *envelope*, and inside it a *body* that holds frames to
show from given moments on. Integers are unsigned and little-endian. Times are seconds since
1970-01-01T00:00Z. A *frame* is `planes` planes of `height_px` rows of `stride` bytes, where
stride = ceil(width_px x bpp / 8) and the leftmost pixel sits in the highest bits. Rows run as the panel's
do: a page for a panel that hangs turned is turned by the host.

What the bits of a pixel mean:
    1 bpp, 1 plane    set is white, clear is black
    1 bpp, 2 planes   the first plane as above; in the second clear is the panel's third colour (red or
                      yellow), set is none. The host leaves the first plane white under that colour
    2 bpp             an index into the panel's palette, where 0 is black and 3 is white
    4 bpp             an index into the panel's palette, where 0 is black and 1 is white
So a frame of all ones is white at 1 and 2 bpp, and one of 0x11 bytes is at 4 bpp.

A device that has no room for two whole frames works on one *band* after another: so many of the frame's
rows, those of all planes counted through; the last band has what is left. The host knows the room from the
board's description, and cuts all frames of a bundle alike.

Envelope
    offset  size  field
         0     3  magic "INK"
         3     1  version, 2
         4     1  flags; bit 0: sealed. All other bits are zero
         5     3  zero
         8     4  sequence: grows with every new bundle for a display (never below the last accepted)
        12     4  body length n, before padding
        16    16  initialisation vector; zero when not sealed
        32     m  body. Sealed: AES-256-CBC, padded with zeros to m = 16 x ceil(n / 16). Else m = n
    32 + m    16  tag. Sealed: the first 16 bytes of HMAC-SHA256 over all that precedes it (encrypt,
                  then MAC). Else the first 16 bytes of its SHA-256, which only catches accidents;
                  a device takes such a bundle only when told to (development)

    The keys are derived from a device's 32-byte root key, one per purpose; see `inkframe.seal`.

Body
    offset  size  field
         0     2  width_px
         2     2  height_px
         4     1  bpp: 1, 2 or 4
         5     1  planes: 1 to 4
         6     2  number of frames f, 1 to 256
         8     4  built_at
        12     4  ask_at: when to ask the host again
        16     4  valid_until: how far the frames reach
        20     4  retry_s: the first back-off after a request that failed, 1 to 86,400
        24     2  rows of a band, fewer than a frame has and enough for MAX_BANDS bands to reach; 0: the
                  whole frame is one band
        26  40 f  the frame table, in order of shown_from
                  then the payloads, in the same order, with nothing between or after them

Frame table entry
    offset  size  field
         0     4  shown_from; does not fall. From FIRST_KEPT on it is no time: the frame is a key frame kept
                  for a state that the device finds itself in (LOW_BATTERY), or a page for who presses the
                  button (from FIRST_PAGE on, MOST_PAGES of them)
         4     8  base: id of the frame that the payload changes; zero for a key frame
        12     8  id: the first 8 bytes of SHA-256 over the frame's bytes; not zero
        20     4  CRC-32 of the frame's bytes, checked after decoding and before the panel is touched
        24     4  payload length, 1 to 8 x bands + 2 x frame bytes
        28     1  refresh: 0 full, 1 fast, 2 partial
        29     1  window bits of the payload's DEFLATE streams: 8 to 15
        30     1  walk: 0 by rows, 1 by columns (see `inkframe.codec`)
        31     1  zero
        32     8  x, y, width, height of the window that changed, 2 bytes each, in pixels

Payload
    offset  size      field
         0  4 (b - 1) for b bands, the lengths of all streams but the last, which fills the payload
                      then for each band a raw DEFLATE stream (RFC 1951) of frame operations; see
                      `inkframe.codec`. A stream of no bytes has no operations
    With one band, that is the stream alone.

Limits: a body is at most MAX_BODY_BYTES, a frame at most MAX_FRAME_BYTES. A reader checks every
length against these, and against what the panel holds, before it allocates anything. A version, a flag
or a zero field that is not as above makes the bundle malformed: formats change by version alone.
"""

import struct

from inkframe.compat import const
from inkframe.errors import WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.parts import Bytes

MAGIC = b"INK"
VERSION = const(2)
SEALED = const(1)
ENVELOPE_BYTES = const(32)
TAG_BYTES = const(16)
HEAD_BYTES = const(26)
ENTRY_BYTES = const(40)
ID_BYTES = const(8)
MAX_FRAMES = const(256)
MAX_BODY_BYTES = const(4194304)
MAX_FRAME_BYTES = const(1048576)
MAX_BANDS = const(64)
BAND_LENGTH_BYTES = const(4)
MAX_RETRY_S = const(86400)

FIRST_KEPT = const(0xFFFFFF00)
LOW_BATTERY = const(0xFFFFFF00)
FIRST_PAGE = const(0xFFFFFF01)
MOST_PAGES = const(4)

FULL = const(0)
FAST = const(1)
PARTIAL = const(2)

ROWS = const(0)
COLUMNS = const(1)

NO_FRAME = bytes(ID_BYTES)

_ENVELOPE = "<3sBB3sII16s"
_HEAD = "<HHBBHIIIIH"
_ENTRY = "<I8s8sIIBBBBHHHH"
_PAYLOAD_BYTES_AT = const(24)


def white(bpp: int) -> int:
    """The byte that white pixels make."""
    return 0x11 if bpp == 4 else 0xFF


def frame_bytes(width_px: int, height_px: int, bpp: int, planes: int) -> int:
    return (width_px * bpp + 7) // 8 * height_px * planes


class Envelope:
    """The 32 bytes before a body. Raises WireError when `raw` is not one."""

    def __init__(self, raw: "Bytes") -> None:
        if len(raw) < ENVELOPE_BYTES:
            raise WireError("bundle ends within its envelope")
        self.sequence: int
        self.body_bytes: int
        magic, version, flags, zeros, self.sequence, self.body_bytes, iv = struct.unpack_from(
            _ENVELOPE, raw, 0
        )
        if magic != MAGIC:
            raise WireError("not a bundle")
        if version != VERSION:
            raise WireError("bundle version %d, this reads %d" % (version, VERSION))
        if flags & ~SEALED or any(zeros):
            raise WireError("unknown flags in the envelope")
        if not HEAD_BYTES + ENTRY_BYTES < self.body_bytes <= MAX_BODY_BYTES:
            raise WireError("body of %d bytes" % self.body_bytes)
        self.sealed = bool(flags & SEALED)
        self.iv = bytes(iv)

    @property
    def padded_bytes(self) -> int:
        return (self.body_bytes + 15) // 16 * 16 if self.sealed else self.body_bytes


def pack_envelope(sequence: int, body_bytes: int, iv: bytes | None) -> bytes:
    """`iv` of 16 bytes seals; None leaves the bundle open."""
    flags = 0 if iv is None else SEALED
    return struct.pack(
        _ENVELOPE, MAGIC, VERSION, flags, bytes(3), sequence, body_bytes, iv or bytes(16)
    )


class Head:
    """The first 26 bytes of a body. Raises WireError when they break the format's limits."""

    def __init__(self, raw: "Bytes") -> None:
        if len(raw) < HEAD_BYTES:
            raise WireError("body ends within its head")
        self.width_px: int
        self.height_px: int
        self.bpp: int
        self.planes: int
        self.frames: int
        self.built_at: int
        self.ask_at: int
        self.valid_until: int
        self.retry_s: int
        self.band_rows: int
        (
            self.width_px,
            self.height_px,
            self.bpp,
            self.planes,
            self.frames,
            self.built_at,
            self.ask_at,
            self.valid_until,
            self.retry_s,
            band_rows,
        ) = struct.unpack_from(_HEAD, raw, 0)
        if self.bpp not in (1, 2, 4) or not 1 <= self.planes <= 4:
            raise WireError("%d bpp, %d planes" % (self.bpp, self.planes))
        if not 0 < self.frame_bytes <= MAX_FRAME_BYTES:
            raise WireError("frames of %d bytes" % self.frame_bytes)
        if not 1 <= self.frames <= MAX_FRAMES:
            raise WireError("%d frames" % self.frames)
        if not 1 <= self.retry_s <= MAX_RETRY_S:
            raise WireError("retry after %d s" % self.retry_s)
        self.band_rows = band_rows or self.rows
        if band_rows >= self.rows or self.bands > MAX_BANDS:
            raise WireError("bands of %d rows" % band_rows)

    @property
    def frame_bytes(self) -> int:
        return frame_bytes(self.width_px, self.height_px, self.bpp, self.planes)

    @property
    def stride(self) -> int:
        return (self.width_px * self.bpp + 7) // 8

    @property
    def rows(self) -> int:
        return self.height_px * self.planes

    @property
    def bands(self) -> int:
        return (self.rows + self.band_rows - 1) // self.band_rows

    @property
    def band_bytes(self) -> int:
        """What the largest band takes."""
        return self.band_rows * self.stride

    def band(self, index: int) -> tuple[int, int]:
        """Where a band begins in the frame's bytes, and where it ends."""
        begin = index * self.band_bytes
        return begin, min(begin + self.band_bytes, self.frame_bytes)


class Entry:
    """One row of the frame table, at `at` in a body. Raises WireError."""

    def __init__(self, raw: "Bytes", at: int, head: Head) -> None:
        self.shown_from: int
        self.crc32: int
        self.payload_bytes: int
        self.refresh: int
        self.window_bits: int
        self.walk: int
        (
            self.shown_from,
            base,
            self_id,
            self.crc32,
            self.payload_bytes,
            self.refresh,
            self.window_bits,
            self.walk,
            zero,
            x,
            y,
            width,
            height,
        ) = struct.unpack_from(_ENTRY, raw, at)
        self.base = bytes(base)
        self.id = bytes(self_id)
        self.window = (x, y, width, height)
        if self.id == NO_FRAME or zero:
            raise WireError("frame table is malformed")
        most = 8 * head.bands + 2 * head.frame_bytes
        if not 1 <= self.payload_bytes <= most:
            raise WireError("payload of %d bytes" % self.payload_bytes)
        if self.refresh > PARTIAL or self.walk > COLUMNS or not 8 <= self.window_bits <= 15:
            raise WireError("unknown way to show or decode a frame")
        if x + width > head.width_px or y + height > head.height_px:
            raise WireError("window outside the frame")

    @property
    def is_key(self) -> bool:
        return self.base == NO_FRAME


class Table:
    """The head and the frame table at the start of a body; `raw` needs to hold no payload.

    `body_bytes` is the length of the whole body; the payloads must fill it exactly. Entries are made
    when asked for: a day of them at once would be most of what a small heap has. WireError when
    anything is not as the format says.
    """

    def __init__(self, raw: "Bytes", body_bytes: int) -> None:
        self.head = Head(raw)
        self._raw = raw
        end = HEAD_BYTES + self.head.frames * ENTRY_BYTES
        if len(raw) < end or body_bytes < end:
            raise WireError("body ends within its frame table")
        shown_from = 0
        for index in range(self.head.frames):
            entry = Entry(raw, HEAD_BYTES + index * ENTRY_BYTES, self.head)
            if entry.shown_from < shown_from:
                raise WireError("frames out of order")
            shown_from = entry.shown_from
            end += entry.payload_bytes
        if end != body_bytes:
            raise WireError("payloads end at %d in a body of %d" % (end, body_bytes))

    def entry(self, index: int) -> Entry:
        return Entry(self._raw, HEAD_BYTES + index * ENTRY_BYTES, self.head)

    def shown_from(self, index: int) -> int:
        return int.from_bytes(self._raw[HEAD_BYTES + index * ENTRY_BYTES :][:4], "little")

    def offset(self, index: int) -> int:
        """Where the payload of frame `index` begins in the body."""
        offset = HEAD_BYTES + self.head.frames * ENTRY_BYTES
        for before in range(index):
            at = HEAD_BYTES + before * ENTRY_BYTES + _PAYLOAD_BYTES_AT
            offset += int.from_bytes(self._raw[at : at + 4], "little")
        return offset


def stream_at(lengths: "Bytes", payload_bytes: int, band: int, bands: int) -> tuple[int, int]:
    """Where a band's stream begins in its frame's payload, and how long it is.

    `lengths` is the beginning of that payload of `payload_bytes`: BAND_LENGTH_BYTES for each band but the
    last. WireError when they exceed it.
    """
    end = begin = BAND_LENGTH_BYTES * (bands - 1)
    if len(lengths) < end:
        raise WireError("payload ends within the lengths of its bands")
    for index in range(band + 1):
        begin = end
        if index == bands - 1:
            end = payload_bytes
        else:
            end += struct.unpack_from("<I", lengths, index * BAND_LENGTH_BYTES)[0]
    if not begin <= end <= payload_bytes:
        raise WireError("bands longer than their payload")
    return begin, end - begin


def pack_head(
    width_px: int,
    height_px: int,
    bpp: int,
    planes: int,
    frames: int,
    built_at: int,
    ask_at: int,
    valid_until: int,
    retry_s: int,
    band_rows: int = 0,
) -> bytes:
    return struct.pack(
        _HEAD,
        width_px,
        height_px,
        bpp,
        planes,
        frames,
        built_at,
        ask_at,
        valid_until,
        retry_s,
        band_rows,
    )


def pack_entry(
    shown_from: int,
    base: bytes,
    frame_id: bytes,
    crc32: int,
    payload_bytes: int,
    refresh: int,
    window_bits: int,
    walk: int,
    window: tuple[int, int, int, int],
) -> bytes:
    return struct.pack(
        _ENTRY,
        shown_from,
        base,
        frame_id,
        crc32,
        payload_bytes,
        refresh,
        window_bits,
        walk,
        0,
        *window,
    )
