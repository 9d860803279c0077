"""What a device is given once, over its cable: its configuration, with its key."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from calendarbot.boards import Board, load_board
from calendarbot.errors import ConfigError
from calendarbot.keys import display_key, display_keys
from inkframe.change import MOST_BYTES as CHANGE_BYTES
from inkframe.config import Config as DeviceConfig
from inkframe.errors import ConfigError as DeviceConfigError
from inkframe.portal.code import Pairing, pack
from inkframe.seal import derive, seal
from inkframe.wire import ENTRY_BYTES, ENVELOPE_BYTES, HEAD_BYTES, TAG_BYTES, Envelope

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from calendarbot.boards import Battery
    from calendarbot.config import Config

DEFAULT_BOARD = "simulated"
REDACTED = "(secret)"
_MOST_CA: Final = 4


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose certificates a device's https server may have: certificates in DER of who may sign them."""

    ca: tuple[bytes, ...]
    tls: Literal["preferred", "required"] = "preferred"
    """Whether the device gives up on another certificate, or takes the sealed bundle all the same."""

    def as_config(self) -> dict[str, object]:
        return {"tls": self.tls, "ca": [b64encode(der).decode() for der in self.ca]}


def read_ca(file: Path) -> tuple[bytes, ...]:
    """The certificates of a file, PEM or DER, in DER. Raises ConfigError."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    try:
        pem = b"-----BEGIN CERTIFICATE-----" in content
        found = (
            x509.load_pem_x509_certificates(content)
            if pem
            else [x509.load_der_x509_certificate(content)]
        )
    except ValueError:
        raise ConfigError(f"{file} holds no certificate", "PEM and DER are understood") from None
    if len(found) > _MOST_CA:
        raise ConfigError(
            f"{file} holds {len(found)} certificates, and a device has room for {_MOST_CA}",
            "give the one that your server's certificate leads to: "
            "openssl s_client -showcerts -connect HOST:443 names it",
        )
    return tuple(certificate.public_bytes(Encoding.DER) for certificate in found)


def device_config(
    config: Config,
    name: str,
    server: str,
    key: bytes | None,
    wifi: tuple[str, str] = ("", ""),
    board: str | None = None,
    time_floor: int = 0,
    trust: Trust | None = None,
) -> str:
    """config.json for a display's device, as `inkframe.config` reads it. It holds the key.

    `board` stands in for the display's own; no clock of the device is earlier than `time_floor`. Raises
    ConfigError when the device would not accept it.
    """
    display = config.display(name)
    described = load_board(board or display.board or DEFAULT_BOARD)
    text = json.dumps(
        {
            "display": name,
            "server": server,
            "key": key.hex() if key else None,
            "panel": display.panel,
            "wifi": {"ssid": wifi[0], "password": wifi[1]},
            "trust_date": False,
            "time_floor": time_floor,
            **(trust.as_config() if trust else {}),
            **wiring(described),
        },
        indent=2,
    )
    try:
        DeviceConfig(text)
    except DeviceConfigError as error:
        raise ConfigError(f"display {name!r}: {error}") from None
    return text


def wiring(board: Board) -> dict[str, object]:
    """What a device's configuration says of its board."""
    return {
        "pins": board.pins,
        "spi": board.spi,
        "longest_sleep_s": board.longest_sleep_s,
        "frame_ram_bytes": board.frame_ram_bytes,
        **({"nap_ms": board.nap_ms} if board.nap_ms else {}),
        **({"battery": _battery(board.battery)} if board.battery else {}),
        **({"buttons": board.buttons.pins} if board.buttons.pins else {}),
    }


def _battery(battery: Battery) -> dict[str, int]:
    wiring = {
        "adc": battery.adc,
        "divider_permille": battery.divider_permille,
        "low_mv": battery.low_mv,
        "critical_mv": battery.critical_mv,
    }
    return wiring if battery.enable is None else {**wiring, "enable": battery.enable}


def pairing_code(config: Config, name: str, server: str, now: int) -> str:
    """What the page of a device without a cable asks for. It holds the key.

    Raises ConfigError, StoreError.
    """
    key = display_key(config, name)
    if key is None:
        raise ConfigError(
            f"display {name!r} is not sealed, and a pairing code carries a key",
            "take out unsealed = true, or give it its configuration over a cable",
        )
    return pack(Pairing(name, config.display(name).panel, server, key, now))


def sealed_change(
    config: Config, name: str, values: Mapping[str, object], previous: bytes | None, now: int
) -> bytes:
    """A change of a device's configuration (`inkframe.change`), newer than `previous`.

    `values` are keys of config.json with what they are to be. While the device has yet to take its new key,
    that is a part of every change, which is sealed under the old one. Raises ConfigError, StoreError.
    """
    keys = display_keys(config, name)
    key = keys.before or keys.now
    if keys.now and keys.before:
        values = {**values, "key": keys.now.hex()}
    if key is None:
        raise ConfigError(
            f"display {name!r} is not sealed, and a change must be",
            "give it its new configuration over a cable",
        )
    number = max(now, Envelope(previous).sequence + 1 if previous else 0)
    # An envelope holds more than a head and one entry of a frame table.
    body = json.dumps({**values, "time_floor": now}).encode().ljust(HEAD_BYTES + ENTRY_BYTES + 1)
    if len(body) + ENVELOPE_BYTES + 2 * TAG_BYTES > CHANGE_BYTES:
        raise ConfigError(f"a change of {len(body)} bytes has no room on a device")
    return seal(body, number, derive(key, "change"))


def redacted(device_config_text: str) -> str:
    """The same for a person's eyes: without key and password."""
    config = json.loads(device_config_text)
    config["key"] = REDACTED if config["key"] else None
    config["wifi"]["password"] = REDACTED if config["wifi"]["password"] else ""
    return json.dumps(config, indent=2)
