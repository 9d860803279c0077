"""The pairing code: what a person carries from the host to a device that has no cable.

Base64 (RFC 4648 §5, without padding) of

    offset  size  field
         0     1  version, 1
         1     4  when the code was made, epoch seconds, little-endian: no clock is earlier
         5    32  the display's root key
        37     n  "display panel server", UTF-8, with a space between
    37 + n     4  CRC-32 of all that precedes it, little-endian: a code that lost a letter says so

It holds the key, so it is as secret as the key.
"""

import struct
from binascii import a2b_base64, b2a_base64

from inkframe.compat import const, crc32
from inkframe.errors import ConfigError
from inkframe.seal import KEY_BYTES

_VERSION = const(1)
_HEAD = "<BI"
_HEAD_BYTES = const(5)
_CRC_BYTES = const(4)
MOST_LETTERS = const(512)
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class Pairing:
    """`made_at` in epoch seconds; `key` 32 bytes."""

    def __init__(self, display: str, panel: str, server: str, key: bytes, made_at: int) -> None:
        self.display = display
        self.panel = panel
        self.server = server
        self.key = key
        self.made_at = made_at


def pack(pairing: Pairing) -> str:
    """The code. Names hold no spaces, and neither does an address."""
    raw = struct.pack(_HEAD, _VERSION, pairing.made_at) + pairing.key
    raw += " ".join((pairing.display, pairing.panel, pairing.server)).encode()
    raw += struct.pack("<I", crc32(raw))
    return b2a_base64(raw).strip(b"\n=").replace(b"+", b"-").replace(b"/", b"_").decode()


def unpack(text: str) -> Pairing:
    """What a code says; spaces, line ends and an address before a "#" do not matter.

    ConfigError, in words for the person who typed it, and without a letter of the code.
    """
    if len(text) > 2 * MOST_LETTERS:
        raise ConfigError("This is too long for a code.")
    letters = "".join(text.split("#")[-1].split())
    if not letters:
        raise ConfigError("The code is missing.")
    raw = _bytes_of(letters)
    if len(raw) < _HEAD_BYTES + KEY_BYTES + _CRC_BYTES:
        raise ConfigError("The code is not complete. Copy all of it.")
    if int.from_bytes(raw[-_CRC_BYTES:], "little") != crc32(raw[:-_CRC_BYTES]):
        raise ConfigError("The code has a mistake in it. Copy all of it once more.")
    version, made_at = struct.unpack_from(_HEAD, raw, 0)
    if version != _VERSION:
        raise ConfigError("The code is for a newer version of this display's software.")
    key = raw[_HEAD_BYTES : _HEAD_BYTES + KEY_BYTES]
    try:
        display, panel, server = raw[_HEAD_BYTES + KEY_BYTES : -_CRC_BYTES].decode().split(" ")
    except ValueError:
        raise ConfigError("The code makes no sense. Make a new one.") from None
    return Pairing(display, panel, server, key, made_at)


def _bytes_of(letters: str) -> bytes:
    ascii_letters = letters.encode()
    for letter in ascii_letters:
        if letter not in _LETTERS:
            raise ConfigError("The code has a letter in it that no code has. Copy it once more.")
    standard = ascii_letters.replace(b"-", b"+").replace(b"_", b"/")
    try:
        return a2b_base64(standard + b"=" * (-len(standard) % 4))
    except ValueError:
        raise ConfigError("The code is not complete. Copy all of it.") from None
