"""HTTP over TLS, real certificates on real sockets: which are good, and what is done about others."""

from __future__ import annotations

import json
import ssl
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from test_http_pair import BUNDLE, LENGTH, MICROPYTHON, RAW, Server, fetch, interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("interpreter",)
REPLY = b"HTTP/1.1 200 OK\r\n" + LENGTH + b"\r\n" + BUNDLE
NOW = 1795521600


class TlsServer(Server):
    """The same behind TLS; one that is hung up on while it shakes hands waits for the next."""

    def __init__(self, certificate: trustme.LeafCert) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self._context)
        super().__init__((REPLY,), hold=False)
        self.url = self.url.replace("http://127.0.0.1", "https://localhost")
        self.refused = 0

    def _accept(self) -> Any:
        while True:
            connection = super()._accept()
            connection.settimeout(30)
            try:
                return self._context.wrap_socket(connection, server_side=True)
            except (ssl.SSLError, OSError):
                self.refused += 1
                connection.close()


@cache
def authority() -> trustme.CA:
    return trustme.CA()


@cache
def stranger() -> trustme.CA:
    return trustme.CA()


def der(ca: trustme.CA) -> str:
    certificate = x509.load_pem_x509_certificate(ca.cert_pem.bytes())
    return certificate.public_bytes(Encoding.DER).hex()


def certificate(kind: str) -> trustme.LeafCert:
    years = {"expired": (2020, 2021), "early": (2090, 2091)}.get(kind, (2020, 2090))
    ca = stranger() if kind == "authority" else authority()
    return ca.issue_cert(
        "elsewhere.example" if kind == "host" else "localhost",
        not_before=datetime(years[0], 1, 1),  # noqa: DTZ001  # trustme takes UTC, without saying so
        not_after=datetime(years[1], 1, 1),  # noqa: DTZ001  # as above
    )


@contextmanager
def serving(kind: str) -> Iterator[TlsServer]:
    server = TlsServer(certificate(kind))
    try:
        yield server
    finally:
        server.close()


def ask(
    interpreter: str, server: TlsServer, *ca: trustme.CA, required: bool, now: int = NOW
) -> dict[str, Any]:
    given = {"ca": [der(one) for one in ca], "required": required, "now": now, "floor": NOW}
    return fetch(interpreter, server.url, 10, json.dumps(given))


def test_a_bundle_comes_from_a_server_whose_authority_is_known(interpreter: str) -> None:
    with serving("good") as server:
        result = ask(interpreter, server, stranger(), authority(), required=True)
    assert (result["sequence"], result["crc32"]) == (7, crc32(RAW))
    assert "tls=" not in result["status"]
    assert server.request.startswith(b"GET /kitchen/bundle.ink HTTP/1.1\r\nHost: localhost:")


SAYS = {
    "expired": "has expired",
    "early": "is not valid yet",
    "host": "is for another host",
    "authority": "is from an authority that is not known here",
}


@pytest.mark.parametrize("kind", SAYS)
def test_a_wrong_certificate_ends_the_request_where_a_right_one_is_required(
    interpreter: str, kind: str
) -> None:
    with serving(kind) as server:
        result = ask(interpreter, server, authority(), required=True)
        assert (result["error"], result["message"]) == (
            "tls",
            "the server's certificate " + SAYS[kind],
        )
        assert server.request == b""


@pytest.mark.parametrize("kind", SAYS)
def test_else_the_sealed_bundle_comes_and_the_host_hears_of_it(interpreter: str, kind: str) -> None:
    with serving(kind) as server:
        result = ask(interpreter, server, authority(), required=False)
    assert result["crc32"] == crc32(RAW)
    assert result["status"].endswith(";tls=" + kind)
    assert f";tls={kind}\r\n".encode() in server.request
    assert server.refused == 1


def test_without_any_authority_nothing_is_good(interpreter: str) -> None:
    with serving("good") as server:
        assert ask(interpreter, server, required=True)["error"] == "tls"
        assert ask(interpreter, server, required=False)["status"].endswith(";tls=authority")


def test_a_clock_that_was_never_set_begins_where_the_device_was_provisioned(
    interpreter: str,
) -> None:
    with serving("good") as server:
        assert ask(interpreter, server, authority(), required=True, now=0)["now"] == NOW
    with serving("good") as server:
        assert ask(interpreter, server, authority(), required=True, now=NOW + 5)["now"] == NOW + 5


def test_after_a_cold_boot_dates_are_checked_by_the_time_of_provisioning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None or not MICROPYTHON.exists():
        pytest.skip(
            "no libfaketime to set MicroPython's clock with; on Debian: sudo apt install faketime"
        )
    moment = tmp_path / "moment"
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(moment))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    monkeypatch.setenv("TZ", "UTC")

    def asked(now: int) -> dict[str, Any]:
        moment.write_text("@1980-01-01 00:00:00")
        with serving("good") as server:
            return ask(str(MICROPYTHON), server, authority(), required=True, now=now)

    assert asked(now=NOW)["message"] == "the server's certificate is not valid yet"
    assert asked(now=0)["crc32"] == crc32(RAW)


def test_a_server_that_speaks_no_tls_is_one_clear_line(interpreter: str) -> None:
    server = Server((REPLY,), hold=False)
    try:
        given = {"ca": [der(authority())], "required": True, "now": NOW, "floor": NOW}
        url = server.url.replace("http:", "https:")
        result = fetch(interpreter, url, 3, json.dumps(given))
    finally:
        server.close()
    assert result["error"] == "transport"
