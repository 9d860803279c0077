"""The unix port's `socket`, on a network that the modelled board knows the state of (`board.Air`)."""

import _link
from usocket import *  # noqa: F403  # the rest of the port's own module
from usocket import getaddrinfo as _getaddrinfo
from usocket import socket as _socket

_NAMES = 2
_PATIENCE = 4
_NO_PATIENCE_S = 0.5
_NOT_FOUND = -2
_TIMED_OUT = 110


def getaddrinfo(host, port, *options):
    if not _link.ask(b"N", "<B") & _NAMES:
        raise OSError(_NOT_FOUND)
    return _getaddrinfo(host, port, *options)


def socket(*arguments):
    """The port's own wherever waiting is of use: TLS takes no other."""
    patient = _link.ask(b"N", "<B") & _PATIENCE
    return _socket(*arguments) if patient else _Impatient(*arguments)


class _Impatient(_socket):
    """Where there is no use in waiting, a timeout is over soon; the board's clock hears that it was long."""

    _cut_ms = 0

    def settimeout(self, timeout_s):
        if not _link.ask(b"N", "<B") & _PATIENCE:
            self._cut_ms = int(timeout_s * 1000)
            timeout_s = _NO_PATIENCE_S
        super().settimeout(timeout_s)

    def makefile(self, *_):
        return self

    def readinto(self, buffer):
        try:
            got = super().readinto(buffer)
        except OSError as error:
            if error.errno == _TIMED_OUT:
                self._waited()
            raise
        if got is None:
            self._waited()
        return got

    def _waited(self):
        _link.tell(b"Z", "<I", self._cut_ms)
