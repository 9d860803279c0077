"""What a device is given once, over its cable: its configuration, with its key."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from calendarbot.boards import load_board
from calendarbot.config import SecretRef
from calendarbot.errors import ConfigError, StoreError
from calendarbot.private import FOLDER_ONLY_MINE, create
from inkframe.config import Config as DeviceConfig
from inkframe.errors import ConfigError as DeviceConfigError
from inkframe.seal import KEY_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calendarbot.boards import Battery
    from calendarbot.config import Config

DEFAULT_BOARD = "simulated"
REDACTED = "(secret)"


def display_key(config: Config, name: str) -> bytes | None:
    """The display's root key of 32 bytes; None only for one whose bundles are not sealed on purpose.

    A display without a key of its own in the configuration gets one that is made when it is first needed
    and kept in the user's state folder, so that a first try is sealed, too. Raises ConfigError, StoreError.
    """
    display = config.display(name)
    if display.unsealed:
        return None
    return display.key.read_key(config.base_dir) if display.key else kept_key(name)


def state_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where what is neither configuration nor output is kept (XDG Base Directory Specification)."""
    home = environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(home).expanduser() / "calendarbot"


def kept_key(name: str) -> bytes:
    """The key of a display that names none; made when it is first needed. Raises StoreError."""
    file = state_dir() / "keys" / f"{name}.key"
    try:
        file.parent.mkdir(mode=FOLDER_ONLY_MINE, parents=True, exist_ok=True)
        create(file, secrets.token_hex(KEY_BYTES) + "\n")
    except FileExistsError:
        pass
    except OSError as error:
        raise StoreError(
            f"cannot write the key of display {name!r}: {file}: {error.strerror}",
            'name one in the configuration: key = "file:PATH"',
        ) from None
    return SecretRef("file", str(file)).read_key(Path())


def device_config(
    config: Config,
    name: str,
    server: str,
    key: bytes | None,
    wifi: tuple[str, str] = ("", ""),
    board: str | None = None,
) -> str:
    """config.json for a display's device, as `inkframe.config` reads it. It holds the key.

    `board` stands in for the display's own. Raises ConfigError when the device would not accept it.
    """
    display = config.display(name)
    wiring = load_board(board or display.board or DEFAULT_BOARD)
    text = json.dumps(
        {
            "display": name,
            "server": server,
            "key": key.hex() if key else None,
            "panel": display.panel,
            "pins": wiring.pins,
            "spi": wiring.spi,
            "wifi": {"ssid": wifi[0], "password": wifi[1]},
            "longest_sleep_s": wiring.longest_sleep_s,
            "frame_ram_bytes": wiring.frame_ram_bytes,
            "trust_date": False,
            **({"battery": _battery(wiring.battery)} if wiring.battery else {}),
            **({"buttons": wiring.buttons.pins} if wiring.buttons.pins else {}),
        },
        indent=2,
    )
    try:
        DeviceConfig(text)
    except DeviceConfigError as error:
        raise ConfigError(f"display {name!r}: {error}") from None
    return text


def _battery(battery: Battery) -> dict[str, int]:
    wiring = {
        "adc": battery.adc,
        "divider_permille": battery.divider_permille,
        "low_mv": battery.low_mv,
        "critical_mv": battery.critical_mv,
    }
    return wiring if battery.enable is None else {**wiring, "enable": battery.enable}


def redacted(device_config_text: str) -> str:
    """The same for a person's eyes: without key and password."""
    config = json.loads(device_config_text)
    config["key"] = REDACTED if config["key"] else None
    config["wifi"]["password"] = REDACTED if config["wifi"]["password"] else ""
    return json.dumps(config, indent=2)
