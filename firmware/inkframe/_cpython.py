"""CPython's stand-ins for what MicroPython has built in. Never on a device.

Only `inkframe.compat` imports this module, and only on CPython.
"""

from __future__ import annotations

import ssl
import time
import traceback
import zlib
from typing import TYPE_CHECKING, Any, TypeVar
from zlib import crc32

if TYPE_CHECKING:
    import socket
    from array import array
    from collections.abc import Callable
    from typing import TextIO

    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    from inkframe.parts import Source

__all__ = (
    "INFLATE_ERRORS",
    "aes_cbc_decryptor",
    "aes_cbc_encrypt",
    "const",
    "crc32",
    "inflater",
    "micropython",
    "print_exception",
    "ptr8",
    "ptr32",
    "secure",
    "sleep_ms",
    "ticks_diff",
    "ticks_ms",
)

T = TypeVar("T")

# Viper's views of a buffer, as an annotation or a cast; here a buffer is its own.
if TYPE_CHECKING:
    ptr8 = bytearray
    ptr32 = array[int]
else:

    def ptr8(buffer):
        return buffer

    ptr32 = ptr8

INFLATE_ERRORS = (zlib.error, EOFError, OSError)

_FEED_BYTES = 256


def print_exception(error: BaseException, file: TextIO) -> None:
    traceback.print_exception(error, file=file)


class _Inflate:
    """`deflate.DeflateIO(stream, RAW, window_bits)`: raw DEFLATE (RFC 1951) read in pieces."""

    def __init__(self, stream: Source, window_bits: int) -> None:
        self._stream = stream
        self._inflate = zlib.decompressobj(-window_bits)
        self._fed = memoryview(bytearray(_FEED_BYTES))

    def readinto(self, buffer: memoryview) -> int:
        done = 0
        while done < len(buffer) and not self._inflate.eof:
            fed = self._inflate.unconsumed_tail or self._feed()
            piece = self._inflate.decompress(fed, len(buffer) - done)
            if not fed and not piece:
                raise EOFError
            buffer[done : done + len(piece)] = piece
            done += len(piece)
        return done

    def _feed(self) -> bytes:
        got = self._stream.readinto(self._fed) or 0
        return bytes(self._fed[:got])


def inflater(stream: Source, window_bits: int) -> Source:
    return _Inflate(stream, window_bits)


def _aes_cbc(key: bytes, iv: bytes) -> Cipher[CBC]:
    # Not at import: a process that only draws pages does without its 15 MB.
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    return Cipher(algorithms.AES(key), modes.CBC(iv))


def aes_cbc_decryptor(key: bytes, iv: bytes) -> Callable[[memoryview, memoryview], None]:
    """A function (ciphertext, out) that deciphers whole 16-byte blocks, carrying the chain on."""
    context = _aes_cbc(key, iv).decryptor()

    def decrypt(ciphertext: memoryview, out: memoryview) -> None:
        out[: len(ciphertext)] = context.update(ciphertext)

    return decrypt


def aes_cbc_encrypt(key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    """AES-CBC without padding; the length of `plaintext` is a multiple of 16."""
    context = _aes_cbc(key, iv).encryptor()
    return context.update(plaintext) + context.finalize()


def const(value: T) -> T:
    return value


class micropython:  # noqa: N801  # stands in for the module of that name
    """The decorators that MicroPython's compiler knows by name, doing nothing here."""

    @staticmethod
    def viper(function: T) -> T:
        return function


def ticks_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def ticks_diff(later: int, earlier: int) -> int:
    return later - earlier


def sleep_ms(duration_ms: int) -> None:
    time.sleep(duration_ms / 1000)


def secure(
    connection: socket.socket, host: str, ca: tuple[bytes, ...], verify: bool
) -> tuple[ssl.SSLSocket, Any]:
    """(connection, stream) of TLS over a connected socket. ValueError for a certificate that is not good."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if verify:
        for certificate in ca:
            context.load_verify_locations(cadata=certificate)
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        secured = context.wrap_socket(connection, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        raise ValueError(error.verify_message) from None
    return secured, secured.makefile("rwb", 0)
