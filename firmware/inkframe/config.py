"""A device's configuration: config.json on its flash, written when it is provisioned.

    {"display": "kitchen", "server": "http://host:8080", "key": "64 hex digits or null",
     "panel": "waveshare_7in5_v2", "pins": {"cs": 5, "dc": 17, "reset": 16, "busy": 4},
     "spi": {"id": 2, "baud_hz": 10000000, "sck": 18, "mosi": 23}, "wifi": {"ssid": "", "password": ""},
     "longest_sleep_s": 43200, "nap_ms": 50, "frame_ram_bytes": 96000, "timeout_s": 8, "trust_date": false,
     "time_floor": 1795521600, "tls": "preferred", "ca": ["base64 of a certificate in DER"],
     "battery": {"adc": 3, "divider_permille": 2000, "enable": 21, "low_mv": 3500, "critical_mv": 3300},
     "buttons": {"refresh": 2, "next_page": 3}}

`server` is "usb:" for a board whose host is at the other end of its cable. `key` null takes unsealed bundles
only: for development. `time_floor` is when this was written, in epoch seconds: no clock is earlier. `ca` and
`tls` say whose certificates an https server may have, and whether to go on when it has another; see
`inkframe.transports._tls`. `change` and `tries` are `inkframe.change`'s. `trust_date` lets the Date header of
a static web server set the clock, where no host of ours answers. `frame_ram_bytes` is the room for the two
frames, or bands of frames, that a device works on; FRAME_RAM_BYTES when left out. `timeout_s` is how long a
host may be silent; the transport's own bound when left out or 0. `nap_ms` is how long it may sleep lightly
between two looks at a busy panel; 0 or left out: it waits awake. `battery` is where its
voltage is read and `buttons` are those that end a sleep, each left out where there are none; see
boards/README.md. The rest is the board's wiring.
"""

import json
from binascii import a2b_base64, unhexlify

from inkframe.compat import const
from inkframe.errors import ConfigError
from inkframe.seal import KEY_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FRAME_RAM_BYTES = const(96000)
"""Two frames of 800 x 480 at 1 bpp: what a microcontroller without PSRAM has room for."""

_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
_PINS = ("cs", "dc", "reset", "busy")


class Config:
    def __init__(self, text: str) -> None:
        """Raises ConfigError, naming the key that is wrong; never its value, which may be secret."""
        try:
            raw = json.loads(text)
        except ValueError:
            raise ConfigError("config.json is not JSON") from None
        if not isinstance(raw, dict):
            raise ConfigError("config.json is not an object")
        self._raw: dict[str, Any] = raw
        self.display = self._string("display")
        self.server = self._string("server").rstrip("/")
        self.on_cable = self.server == "usb:"
        self.panel = self._string("panel")
        for name in (self.display, self.panel):
            if not name or any(letter not in _NAME for letter in name):
                raise ConfigError(f"config.json: {name!r} is not a name")
        self.key = self._key()
        self.pins = self._numbers("pins", _PINS)
        self.spi = self._numbers("spi", ("id", "baud_hz"))
        self.wifi: dict[str, str] = self._table("wifi")
        self.longest_sleep_s = self._number(raw, "longest_sleep_s", "")
        if not self.longest_sleep_s:
            raise ConfigError("config.json: 'longest_sleep_s' must be more than 0")
        self.nap_ms = self._number(raw, "nap_ms", "") if "nap_ms" in raw else 0
        self.frame_ram_bytes = FRAME_RAM_BYTES
        if "frame_ram_bytes" in raw:
            self.frame_ram_bytes = self._number(raw, "frame_ram_bytes", "")
        self.timeout_s = self._number(raw, "timeout_s", "") if "timeout_s" in raw else 0
        self.battery: dict[str, int] | None = None
        if raw.get("battery") is not None:
            self.battery = self._numbers("battery", ("adc", "divider_permille"))
        self.buttons: dict[str, int] = self._numbers("buttons", ()) if "buttons" in raw else {}
        self._check_ca()
        self.change = raw.get("change", 0) if isinstance(raw.get("change", 0), int) else 0
        self.on_trial = "tries" in raw
        self.tries = self._number(raw, "tries", "") if self.on_trial else 0
        self.trust_date = raw.get("trust_date") is True
        self.tls_required = self._choice("tls", ("preferred", "required")) or not self.key
        self.time_floor = self._number(raw, "time_floor", "") if "time_floor" in raw else 0

    def ca(self) -> tuple[bytes, ...]:
        """Certificates, in DER, of who may sign the server's. Read when asked for: they take their room."""
        return tuple(a2b_base64(text) for text in self._raw.get("ca", ()))

    def _check_ca(self) -> None:
        try:
            # X.690 §8.9: a certificate is a sequence.
            right = all(certificate[:1] == b"\x30" for certificate in self.ca())
        except (ValueError, TypeError):
            right = False
        if not right or not isinstance(self._raw.get("ca", []), list):
            raise ConfigError("config.json: 'ca' must be a list of certificates in base64")

    def _choice(self, key: str, choices: tuple[str, ...]) -> int:
        """Which of them it is; the first when left out."""
        value = self._raw.get(key, choices[0])
        if value not in choices:
            raise ConfigError("config.json: %r must be one of %s" % (key, ", ".join(choices)))
        return choices.index(value)

    def _string(self, key: str) -> str:
        value = self._raw.get(key)
        if not isinstance(value, str):
            raise ConfigError(f"config.json: {key!r} must be a string")
        return value

    def _key(self) -> bytes | None:
        value = self._raw.get("key", "")
        if value is None:
            return None
        try:
            key = unhexlify(value)
        except (ValueError, TypeError):
            key = b""
        if len(key) != KEY_BYTES:
            raise ConfigError("config.json: 'key' must be 64 hex digits, or null")
        return key

    def _table(self, key: str) -> "dict[str, Any]":
        value = self._raw.get(key)
        if not isinstance(value, dict):
            raise ConfigError(f"config.json: {key!r} must be an object")
        return value

    def _numbers(self, key: str, required: tuple[str, ...]) -> dict[str, int]:
        table = self._table(key)
        for name in required:
            self._number(table, name, key + ".")
        return table

    def _number(self, table: "dict[str, Any]", name: str, where: str) -> int:
        value = table.get(name)
        if not isinstance(value, int) or value < 0:
            raise ConfigError(f"config.json: '{where}{name}' must be a number")
        return value
