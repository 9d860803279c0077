"""TLS as a choice: what a device is told of it, and a server that speaks it."""

from __future__ import annotations

import json
import ssl
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest
import trustme
from click.testing import CliRunner, Result

from calendarbot.cli import cli
from calendarbot.errors import NetworkError
from calendarbot.server.app import create_app
from calendarbot.server.run import background, serve
from inkframe.config import Config as DeviceConfig

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """
[calendars.my]
path = "my.ics"
[displays.kitchen]
panel = "waveshare_7in5_v2"
"""
HTTPS = ("provision", "--display=kitchen", "--server=https://calendars.example")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.ics").write_text("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n")
    (tmp_path / "calendarbot.toml").write_text(CONFIG)
    return tmp_path


def host(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_a_device_is_told_whose_certificates_are_good(folder: Path) -> None:
    ca, other = trustme.CA(), trustme.CA()
    (folder / "ca.pem").write_bytes(other.cert_pem.bytes() + ca.cert_pem.bytes())
    result = host(*HTTPS, "--ca=ca.pem", "--tls=required", "--out=config.json")
    assert result.exit_code == 0, result.output
    given = DeviceConfig((folder / "config.json").read_text())
    der = [ssl.PEM_cert_to_DER_cert(one.cert_pem.bytes().decode()) for one in (other, ca)]
    assert list(given.ca()) == der
    assert given.tls_required

    (folder / "ca.der").write_bytes(der[1])
    result = host(*HTTPS, "--ca=ca.der", "--dry-run")
    assert len(json.loads(result.output)["ca"]) == 1
    assert json.loads(result.output)["tls"] == "preferred"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        ((*HTTPS, "--tls=required", "--dry-run"), 2, "--tls required needs --ca"),
        ((*HTTPS, "--ca=missing.pem", "--dry-run"), 3, "missing.pem"),
        ((*HTTPS, "--ca=my.ics", "--dry-run"), 3, "holds no certificate"),
        ((*HTTPS, "--ca=many.pem", "--dry-run"), 3, "holds 5 certificates"),
        ((*HTTPS[:2], "--server=http://x", "--ca=my.ics", "--dry-run"), 2, "https://"),
        (("serve", "--tls-cert=my.ics"), 2, "--tls-cert and --tls-key go together"),
    ],
)
def test_what_cannot_be_is_one_clear_line(
    arguments: tuple[str, ...], exit_code: int, says: str, folder: Path
) -> None:
    (folder / "many.pem").write_bytes(trustme.CA().cert_pem.bytes() * 5)
    result = host(*arguments)
    assert result.exit_code == exit_code, result.output
    assert says in result.output


def test_the_server_speaks_tls_with_the_certificate_it_is_given(folder: Path) -> None:
    ca = trustme.CA()
    leaf = ca.issue_cert("127.0.0.1")
    chain, key = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
    key.write_bytes(leaf.private_key_pem.bytes())
    context = ssl.create_default_context(cadata=ca.cert_pem.bytes().decode())
    with background(create_app({}, lambda: 0.0), tls=(chain, key)) as url:
        assert url.startswith("https://127.0.0.1:")
        with urlopen(url + "/healthz", context=context) as reply:
            assert reply.read() == b"ok\n"

    for pair in ((chain, chain), (chain, folder / "none.pem"), (folder / "my.ics", key)):
        with pytest.raises(NetworkError, match=r"none\.pem|are not a certificate and its key"):
            serve(create_app({}, lambda: 0.0), port=0, tls=pair)
