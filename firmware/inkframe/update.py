"""An update: one file, signed for one device. This text is its specification. Integers are little-endian.

    offset  size  field
         0     3  magic "INU"
         3     1  format version, 1
         4     1  flags; bit 0: signed. All other bits are zero
         5     1  kind: 0 an application, 1 a full image
         6     2  number of files f, 1 to MAX_FILES; 1 for an image
         8     4  version of the application: the moment it was built, epoch seconds
        12     4  length m of the manifest: this head and the table, MAX_MANIFEST_BYTES at most
        16     2  the battery's least voltage in mV that it may be applied with
        18     2  what its .mpy files need: their format version, and flags as in the file's third byte
        20    16  the chip, ASCII ("rp2040", "esp32c3"), filled up with zeros
        36 m - 36 the table, a row for each file: SHA-256, 32 bytes; length, 4; length of its path, 1;
                its path
         m    16  tag: the first 16 bytes of HMAC-SHA256(update key, manifest). Not signed: of its SHA-256
    m + 16        the files' bytes, in the table's order, with nothing between or after them

The tag is checked before a byte is written. Each file's SHA-256 is checked as read back from the flash,
before the slot they are in is named active. So the tag vouches for all of it.

The offer, Ink-Update in a reply: "version.size.battery_mv.tag", numbers in decimal; the tag, 32 hex digits,
is the first 16 bytes of HMAC-SHA256(offer key, nonce, version, size, battery_mv), 4 bytes each. Empty for a
device without a key. So nobody else can make a device fetch anything.
"""

import hashlib
import struct
from binascii import unhexlify

from inkframe import seal
from inkframe.compat import const
from inkframe.errors import AuthError, InkError, StateError, TransportError, UpdateError, WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.parts import Source, Tree

MAGIC = b"INU"
FORMAT = const(1)
SIGNED = const(1)
APPLICATION = const(0)
IMAGE = const(1)
HEAD_BYTES = const(36)
ROW_BYTES = const(37)
TAG_BYTES = const(16)
MAX_FILES = const(200)
MAX_MANIFEST_BYTES = const(12288)
MAX_BYTES = const(4194304)
_HEAD = "<3sBBBHIIHH16s"
_CHUNK_BYTES = const(1024)
_LAST = const(0xFFFFFFFF)
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/"


class Board:
    """What a device is: `chip` as in a board's description, `mpy` as sys.implementation says."""

    def __init__(self, chip: str, mpy: int, battery_mv: int = 0) -> None:
        self.chip = chip
        self.mpy = mpy
        self.battery_mv = battery_mv
        """0 where it cannot be measured, as on a cable."""


class Offer:
    """An offer that is authentic."""

    def __init__(self, text: str, key: bytes | None, nonce: bytes) -> None:
        """AuthError when it is not from our host."""
        try:
            version, size, battery_mv, tag = text.split(".")
            self.version, self.size, self.battery_mv = int(version), int(size), int(battery_mv)
            numbers = (self.version, self.size, self.battery_mv)
            right = min(numbers) >= 0 and max(numbers) <= _LAST
            if right and key:
                wanted = offer_tag(key, nonce, *numbers)
                right = seal.same(unhexlify(tag), wanted)
        except ValueError:
            right = False
        if not right:
            raise AuthError("the offer of an update is not authentic")


def offer_tag(root: bytes, nonce: bytes, version: int, size: int, battery_mv: int) -> bytes:
    message = nonce + struct.pack("<III", version, size, battery_mv)
    return seal.mac(seal.derive(root, "offer"), message)


class Row:
    """One file of a manifest."""

    def __init__(self, path: str, length: int, sha256: bytes) -> None:
        self.path = path
        self.length = length
        self.sha256 = sha256


class Manifest:
    """A manifest's fields and rows."""

    def __init__(self, raw: "bytes | bytearray") -> None:
        """WireError when it is malformed; `raw` is the manifest whole."""
        if len(raw) < HEAD_BYTES:
            raise WireError("update cut short")
        magic, form, self.flags, self.kind, files, self.version, size, mv, mpy, chip = (
            struct.unpack_from(_HEAD, raw, 0)
        )
        if magic != MAGIC or form != FORMAT or self.flags & ~SIGNED:
            raise WireError("not an update of format %d" % FORMAT)
        if size != len(raw) or not 0 < files <= MAX_FILES:
            raise WireError("update with a manifest of %d bytes, %d files" % (size, files))
        self.battery_mv = mv
        self.mpy = mpy
        self.chip = _text(bytes(chip).rstrip(b"\x00"))
        self.rows: list[Row] = []
        at = HEAD_BYTES
        for _ in range(files):
            at = self._read_row(raw, at)
        if at != size:
            raise WireError("update's table is malformed")

    def _read_row(self, raw: "bytes | bytearray", at: int) -> int:
        end = at + ROW_BYTES
        if end > len(raw):
            raise WireError("update's table is cut short")
        length = int.from_bytes(raw[at + 32 : at + 36], "little")
        end += raw[end - 1]
        path = _text(bytes(raw[at + ROW_BYTES : end]))
        if end > len(raw) or not _is_path(path):
            raise WireError("update's table is malformed")
        self.rows.append(Row(path, length, bytes(raw[at : at + 32])))
        return end

    @property
    def size(self) -> int:
        """Of the whole file."""
        size = HEAD_BYTES + TAG_BYTES
        for row in self.rows:
            size += ROW_BYTES + len(row.path) + row.length
        return size


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except ValueError:
        raise WireError("update's manifest is malformed") from None


def _is_path(path: str) -> bool:
    """Nothing but names below the slot's own folder."""
    return all(path.split("/")) and ".." not in path and all(one in _LETTERS for one in path)


def tag_of(raw: "bytes | bytearray", root: bytes | None) -> bytes:
    if root is None:
        return hashlib.sha256(raw).digest()[:TAG_BYTES]
    return seal.mac(seal.derive(root, "update"), bytes(raw))


def read_manifest(source: "Source", root: bytes | None) -> Manifest:
    """The manifest at the start of `source`, when it is our host's. AuthError, WireError, TransportError."""
    head = bytearray(HEAD_BYTES)
    fill(source, memoryview(head))
    size = int.from_bytes(head[12:16], "little")
    if head[:3] != MAGIC or not HEAD_BYTES < size <= MAX_MANIFEST_BYTES:
        raise WireError("not an update")
    if (head[4] == SIGNED) != (root is not None):
        raise AuthError("update is not signed" if root else "update is signed, and there is no key")
    raw = bytearray(size)
    raw[:HEAD_BYTES] = head
    fill(source, memoryview(raw)[HEAD_BYTES:])
    tag = bytearray(TAG_BYTES)
    fill(source, memoryview(tag))
    if not seal.same(tag, tag_of(raw, root)):
        raise AuthError("update was changed on the way, or is for another device")
    return Manifest(raw)


def check_fits(manifest: Manifest, board: Board, running: int) -> None:
    """UpdateError: not for this device, not now, or older than what it runs (`running`)."""
    if manifest.chip != board.chip:
        raise UpdateError("board", "update for %s, this is %s" % (manifest.chip, board.chip))
    flags = manifest.mpy >> 8
    if manifest.mpy and (
        manifest.mpy & 255 != board.mpy & 255 or (flags and flags != board.mpy >> 8 & 255)
    ):
        raise UpdateError("board", "update for another MicroPython: .mpy %x" % manifest.mpy)
    if manifest.version <= running:
        raise UpdateError("old", "update %d, this is %d" % (manifest.version, running))
    check_battery(board, manifest.battery_mv)


def check_battery(board: Board, battery_mv: int) -> None:
    """UpdateError with less than that; where it cannot be measured, there is power."""
    if 0 < board.battery_mv < battery_mv:
        raise UpdateError("battery", "%d mV, %d are needed" % (board.battery_mv, battery_mv))


def write_files(source: "Source", manifest: Manifest, files: "Tree", folder: str) -> None:
    """All of an application's files into `folder`, which is emptied first; each is read back and compared.

    WireError: not what the manifest promised. StateError: the flash. TransportError.
    """
    try:
        clear(files, folder)
        _make(files, folder)
        chunk = memoryview(bytearray(_CHUNK_BYTES))
        for row in manifest.rows:
            for at in range(len(row.path)):
                if row.path[at] == "/":
                    _make(files, folder + "/" + row.path[:at])
            _write(source, row, files, folder + "/" + row.path, chunk)
    except OSError as error:
        raise StateError(f"cannot write {folder}: {error}") from None


def _write(source: "Source", row: Row, files: "Tree", path: str, chunk: memoryview) -> None:
    with files.open(path, "wb") as file:
        left = row.length
        while left:
            piece = chunk[: min(left, _CHUNK_BYTES)]
            fill(source, piece)
            file.write(piece)
            left -= len(piece)
    found = hashlib.sha256()
    left = row.length
    with files.open(path, "rb") as file:
        while left:
            piece = chunk[: min(left, _CHUNK_BYTES)]
            if file.readinto(piece) != len(piece):
                break
            found.update(piece)
            left -= len(piece)
    if left or found.digest() != row.sha256:
        raise WireError("%s is not what was promised" % row.path)


def clear(files: "Tree", folder: str) -> None:
    """Remove all that is in a folder, if it is there."""
    try:
        names = files.listdir(folder)
    except OSError:
        return
    for name in names:
        path = folder + "/" + name
        try:
            files.remove(path)
        except OSError:  # a folder that is not empty
            clear(files, path)


def _make(files: "Tree", folder: str) -> None:
    try:
        files.mkdir(folder)
    except OSError:
        pass  # it is there; if not, what is written into it says so


def fill(source: "Source", view: memoryview) -> None:
    """Fill `view`. UpdateError when there is no more."""
    done = 0
    while done < len(view):
        got = source.readinto(view[done:])
        if not got:
            raise UpdateError("cut", "update cut short")
        done += got


def outcome_of(error: InkError) -> str:
    """What is reported of an update that ended so."""
    if isinstance(error, UpdateError):
        return error.outcome
    for kind, outcome in (
        (AuthError, "auth"),
        (WireError, "wire"),
        (TransportError, "cut"),
        (StateError, "state"),
    ):
        if isinstance(error, kind):
            return outcome
    return "wire"


def pack_head(
    kind: int,
    version: int,
    chip: str,
    mpy: int,
    battery_mv: int,
    rows: "list[Row]",
    root: bytes | None,
) -> bytes:
    """A manifest and its tag; the files' bytes follow. Host only."""
    table = b""
    for row in rows:
        path = row.path.encode()
        table += row.sha256 + struct.pack("<IB", row.length, len(path)) + path
    flags = 0 if root is None else SIGNED
    size = HEAD_BYTES + len(table)
    raw = (
        struct.pack(
            _HEAD,
            MAGIC,
            FORMAT,
            flags,
            kind,
            len(rows),
            version,
            size,
            battery_mv,
            mpy,
            chip.encode(),
        )
        + table
    )
    return raw + tag_of(raw, root)
