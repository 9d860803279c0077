"""Keys, and the envelope's lock: encrypt, then MAC.

A device and its host share one root key of 32 random bytes, made at provisioning and never sent.
Each purpose has a key of its own, HMAC-SHA256(root, "calendarbot 1 " + purpose):

    encrypt        AES-256-CBC over a bundle's body
    authenticate   HMAC-SHA256 over a bundle's envelope and ciphertext
    vector         the initialisation vector, HMAC-SHA256(key, sequence + body), first 16 bytes; so the
                   same body under the same sequence gives the same bundle, and nothing else repeats
    clock          the host's clock in a reply: HMAC-SHA256(key, nonce + now + ask_at), first 16 bytes
    request        a device's request: HMAC-SHA256(key, "etag|held|status|nonce"), first 16 bytes
"""

import hashlib
import struct

from inkframe import wire
from inkframe.compat import aes_cbc_decryptor, const
from inkframe.errors import AuthError, ReplayError, WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from inkframe.parts import Bytes, Digest, Sink, Source

KEY_BYTES = const(32)
CHUNK_BYTES = const(1024)
_BLOCK_BYTES = const(64)


class Hmac:
    """HMAC-SHA256 (RFC 2104), fed in pieces."""

    def __init__(self, key: bytes) -> None:
        padded = key + bytes(_BLOCK_BYTES - len(key))
        self._outer = bytes(b ^ 0x5C for b in padded)
        self._inner = hashlib.sha256(bytes(b ^ 0x36 for b in padded))

    def update(self, data: "Bytes") -> None:
        self._inner.update(data)

    def digest(self) -> bytes:
        return hashlib.sha256(self._outer + self._inner.digest()).digest()


def mac(key: bytes, message: bytes) -> bytes:
    """The first 16 bytes of HMAC-SHA256."""
    hmac = Hmac(key)
    hmac.update(message)
    return hmac.digest()[: wire.TAG_BYTES]


def derive(root: bytes, purpose: str) -> bytes:
    """The 32-byte key for one purpose."""
    hmac = Hmac(root)
    hmac.update(b"calendarbot 1 " + purpose.encode())
    return hmac.digest()


def same(a: "Bytes", b: "Bytes") -> bool:
    """Equality whose duration does not tell where two strings differ."""
    if len(a) != len(b):
        return False
    difference = 0
    for x, y in zip(a, b):
        difference |= x ^ y
    return difference == 0


def clock_tag(root: bytes, nonce: bytes, now: int, ask_at: int) -> bytes:
    """What makes the host's clock and its wish when to be asked again believable to one request."""
    return mac(derive(root, "clock"), nonce + struct.pack("<II", now, ask_at))


def receive(
    source: "Source", size: int, root: bytes | None, sink: "Sink", min_sequence: int
) -> wire.Envelope:
    """Read a bundle of `size` bytes from `source`, and write its deciphered body to `sink`.

    `source.readinto(memoryview)` and `sink.write(memoryview)` are all that is asked of the two. Memory
    stays at two chunks of 1 KiB whatever the size. `root` is None on a device that takes unsealed
    bundles, and then takes nothing else.

    Nothing in the sink may be used before this returns the `wire.Envelope`. WireError: malformed or cut
    short. AuthError: not from our host. ReplayError: sequence below `min_sequence`.
    """
    raw = bytearray(wire.ENVELOPE_BYTES)
    if size < wire.ENVELOPE_BYTES + wire.TAG_BYTES:
        raise WireError("bundle of %d bytes" % size)
    _fill(source, memoryview(raw))
    envelope = wire.Envelope(raw)
    if envelope.sealed != (root is not None):
        raise AuthError("bundle is not sealed" if root else "bundle is sealed, and there is no key")
    if size != wire.ENVELOPE_BYTES + envelope.padded_bytes + wire.TAG_BYTES:
        raise WireError("bundle of %d bytes, body of %d" % (size, envelope.body_bytes))
    check: "Digest"
    decrypt = None
    if root is None:
        check = hashlib.sha256()
    else:
        check = Hmac(derive(root, "authenticate"))
        decrypt = aes_cbc_decryptor(derive(root, "encrypt"), envelope.iv)
    check.update(raw)
    _pass_on(source, envelope, check, decrypt, sink)
    tag = bytearray(wire.TAG_BYTES)
    _fill(source, memoryview(tag))
    if not same(tag, check.digest()[: wire.TAG_BYTES]):
        raise AuthError("bundle was changed on the way, or is for another device")
    if envelope.sequence < min_sequence:
        raise ReplayError("bundle %d, already had %d" % (envelope.sequence, min_sequence))
    return envelope


def _pass_on(
    source: "Source",
    envelope: wire.Envelope,
    check: "Digest",
    decrypt: "Callable[[memoryview, memoryview], None] | None",
    sink: "Sink",
) -> None:
    chunk = memoryview(bytearray(CHUNK_BYTES))
    plain = memoryview(bytearray(CHUNK_BYTES)) if decrypt else chunk
    left = envelope.padded_bytes
    wanted = envelope.body_bytes
    while left:
        length = min(left, CHUNK_BYTES)
        piece = chunk[:length]
        _fill(source, piece)
        check.update(piece)
        if decrypt:
            decrypt(piece, plain[:length])
        sink.write(plain[: min(length, wanted)])
        left -= length
        wanted -= min(length, wanted)


def _fill(source: "Source", view: memoryview) -> None:
    done = 0
    while done < len(view):
        got = source.readinto(view[done:])
        if not got:
            raise WireError("bundle cut short")
        done += got


def seal(body: bytes, sequence: int, root: bytes | None) -> bytes:
    """The bundle for `body`; unsealed, for development, when `root` is None. Host only."""
    if root is None:
        message = wire.pack_envelope(sequence, len(body), None) + body
        return message + hashlib.sha256(message).digest()[: wire.TAG_BYTES]
    from inkframe._cpython import aes_cbc_encrypt

    iv = mac(derive(root, "vector"), struct.pack("<I", sequence) + body)
    padded = body + bytes(-len(body) % 16)
    ciphertext = aes_cbc_encrypt(derive(root, "encrypt"), iv, padded)
    message = wire.pack_envelope(sequence, len(body), iv) + ciphertext
    return message + mac(derive(root, "authenticate"), message)
