"""A name server that knows one answer: every name is here (RFC 1035 §4.1).

Phones then find the page by themselves: what they ask for to see whether there is an internet leads there.
"""

import struct

from inkframe.compat import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inkframe.parts import Bytes

MOST_BYTES = const(512)
"""RFC 1035 §2.3.4: the longest message over UDP."""
_HEAD_BYTES = const(12)
_LONGEST_NAME = const(255)
_LONGEST_LABEL = const(63)
_ANSWERED = const(0x8400)  # QR, AA
_RECURSION_WANTED = const(0x0100)
_NOT_A_QUERY = const(0xF800)  # QR, OPCODE
_A = const(1)
_ANY = const(255)
_IN = const(1)
_NAME_ABOVE = const(0xC00C)  # RFC 1035 §4.1.4: a pointer to the question's name
_TTL_S = const(10)


def answer(message: "Bytes", address: bytes) -> bytes:
    """The reply to `message`, `address` being 4 bytes; empty for what is no question.

    A question for anything but an IPv4 address gets a reply without answers, so that nobody waits for one.
    """
    if not _HEAD_BYTES < len(message) <= MOST_BYTES:
        return b""
    number, flags, questions = struct.unpack_from(">HHH", message, 0)
    end = _end_of_name(message)
    if flags & _NOT_A_QUERY or questions != 1 or not end or end + 4 > len(message):
        return b""
    kind, of_class = struct.unpack_from(">HH", message, end)
    answers = 1 if kind in (_A, _ANY) and of_class == _IN else 0
    flags = _ANSWERED | flags & _RECURSION_WANTED
    reply = struct.pack(">HHHHHH", number, flags, 1, answers, 0, 0)
    reply += bytes(message[_HEAD_BYTES : end + 4])
    if answers:
        reply += struct.pack(">HHHIH", _NAME_ABOVE, _A, _IN, _TTL_S, len(address)) + address
    return reply


def _end_of_name(message: "Bytes") -> int:
    """Where the question's name ends; 0 when it does not end well."""
    at = _HEAD_BYTES
    while at < len(message):
        length = message[at]
        at += 1 + length
        if at - _HEAD_BYTES > _LONGEST_NAME:
            return 0
        if not length:
            return at
        if length > _LONGEST_LABEL:  # a pointer has no place in a question
            return 0
    return 0
