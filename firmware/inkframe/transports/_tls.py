"""TLS under HTTP: whose certificates are good, and what to do about one that is not.

Bundles are sealed end to end, so TLS hides from the network what a request says, and no more: it is not what
keeps a page from being forged. So a device with a key may go on when the server's certificate is wrong (tls =
"preferred"): it tells the host, in the authenticated part of its request, and an expired certificate does not
end its life. With tls = "required", and without a key, it does not.

A certificate's dates need a clock. After a cold boot there is none: it is then set to when the device was
provisioned, which is early enough for any server that was there at the time.
"""

import gc

from inkframe.compat import secure
from inkframe.errors import TlsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from inkframe.parts import Clock

# What Mbed TLS (x509_crt.c, x509_crt_verify_strings) and OpenSSL (X509_verify_cert_error_string) say.
_REASONS = (
    ("expired", "expired", "has expired"),
    ("in the future", "early", "is not valid yet"),
    ("not yet valid", "early", "is not valid yet"),
    ("does not match", "host", "is for another host"),
    ("mismatch", "host", "is for another host"),
    ("not correctly signed", "authority", "is from an authority that is not known here"),
    ("self-signed", "authority", "is from an authority that is not known here"),
    ("unable to get local issuer", "authority", "is from an authority that is not known here"),
)


class Tls:
    """`ca`: certificates in DER, of which one must have signed. `clock` is set to `time_floor` if earlier."""

    def __init__(
        self, ca: tuple[bytes, ...], required: bool, clock: "Clock", time_floor: int
    ) -> None:
        self._ca = ca
        self.required = required
        self._clock = clock
        self._time_floor = time_floor

    def wrap(self, connection: "Any", host: str, verify: bool) -> "tuple[Any, Any]":
        """(connection, stream) over the same socket. TlsError when the certificate is not good; OSError."""
        if verify and not self._ca:
            raise TlsError("no authority for the server's certificate was provisioned", "authority")
        if self._clock.now() < self._time_floor:
            self._clock.set(self._time_floor)
        gc.collect()  # on a microcontroller two buffers of 16 KiB are next, and must be in one piece each
        try:
            wrapped: tuple[Any, Any] = secure(connection, host, self._ca, verify)
        except ValueError as error:
            raise _reason(str(error)) from None
        return wrapped


def _reason(said: str) -> TlsError:
    for words, short, text in _REASONS:
        if words in said:
            return TlsError("the server's certificate " + text, short)
    return TlsError("the server's certificate is not good", "other")
