"""A change of a device's configuration, sealed by its host: another server, authority, Wi-Fi or key.

The host says in a reply that there is one (Ink-Change: its number). The device fetches it with a second
request, `change.ink` beside `bundle.ink`: an envelope as `inkframe.wire` has it, sealed under keys derived
from the display's key for this purpose alone ("change"). Its sequence is the change's number, its body JSON:

    {"server": "https://new", "ca": [...], "tls": "required", "wifi": {...}, "key": "64 hex digits",
     "time_floor": 1795521600}

with any of these. Nothing else of a configuration can be changed from afar.

What a change makes is `config.next`, beside `config.json`, which stays until the new one worked: until a
reply came through it that only the host could make. Each try is counted before it is made, so that one which
hangs counts, too. After MOST_TRIES the old configuration is back, and the number is kept, negative:
that change is not tried again, and the status says so. A power cut at any step leaves one of the two whole.
"""

import json

from inkframe import seal, wire
from inkframe.compat import const
from inkframe.config import Config
from inkframe.errors import ConfigError, WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from inkframe.memory import Memory
    from inkframe.parts import Bytes, Changing, Request, Response

FILE = "change.ink"
MOST_TRIES = const(3)
MOST_BYTES = const(12288)
CHANGEABLE = ("server", "ca", "tls", "wifi", "key", "time_floor")
_OLD = "config.json"
_NEXT = "config.next"


def load(memory: "Memory") -> Config:
    """The configuration to live by: the next one while it may still be tried. OSError, InkError."""
    text = memory.read_text(_NEXT)
    if text:
        try:
            config = Config(text)
        except ConfigError:
            config = None
        if config and not config.on_trial:
            memory.rename(_NEXT, _OLD)  # it worked; the power failed before this
            return config
        if config and config.tries < MOST_TRIES:
            return config
        if config:
            refused = {"change": -config.change}
            memory.replace(_OLD, _changed(memory.read_text(_OLD) or "", refused).encode())
        memory.forget(_NEXT)
    text = memory.read_text(_OLD)
    if text is None:
        raise OSError(2)
    return Config(text)


def follow_up(config: Config, memory: "Memory", transport: "Changing") -> None:
    """After a wake in which the host was heard: keep a configuration that was on trial, and take a change
    that the host spoke of in; it is lived by from the next wake on. InkError, without effect."""
    if config.on_trial:
        _keep(memory)
    if transport.change <= abs(config.change):
        return
    if not config.key:
        raise ConfigError("a device without a key takes no change")
    response = transport.fetch(_Request(config.display))
    try:
        if response.unchanged or response.size > MOST_BYTES:
            raise WireError("change of %d bytes" % response.size)
        body = _Collected()
        root = seal.derive(config.key, "change")
        envelope = seal.receive(response, response.size, root, body, abs(config.change) + 1)
    finally:
        response.close()
    memory.replace(
        _NEXT, _next(memory.read_text(_OLD) or "", body.data, envelope.sequence).encode()
    )


class _Request:
    """For a file that is sealed and the same for everyone: it says nothing, and needs no tag."""

    etag = nonce = tag = b""
    status = ""
    held = wire.NO_FRAME
    file = FILE

    def __init__(self, display: str) -> None:
        self.display = display

    def note(self, pair: str) -> None:
        pass


def _next(old: str, body: "Bytes", number: int) -> str:
    try:
        wanted = json.loads(bytes(body).decode())
        values = {name: wanted[name] for name in CHANGEABLE if name in wanted}
    except (ValueError, TypeError):
        raise ConfigError("the change is not an object of JSON") from None
    values["change"] = number
    values["tries"] = 0
    text = _changed(old, values)
    if not Config(text).key:
        raise ConfigError("a device with a key keeps one")
    return text


class Trial:
    """A transport under a configuration that has yet to work: counts before it asks."""

    def __init__(self, transport: "Changing", memory: "Memory", config: Config) -> None:
        self._transport = transport
        self._memory = memory
        self._config = config

    def fetch(self, request: "Request") -> "Response":
        self._config.tries += 1
        text = self._memory.read_text(_NEXT) or ""
        self._memory.replace(_NEXT, _changed(text, {"tries": self._config.tries}).encode())
        return self._transport.fetch(request)

    @property
    def change(self) -> int:
        return self._transport.change


def _keep(memory: "Memory") -> None:
    text = memory.read_text(_NEXT) or ""
    memory.replace(_NEXT, _changed(text, {"tries": None}).encode())
    memory.rename(_NEXT, _OLD)


def _changed(text: str, values: "dict[str, Any]") -> str:
    """A configuration with other values; None takes one out."""
    raw = json.loads(text)
    for name in values:
        if values[name] is None:
            raw.pop(name, None)
        else:
            raw[name] = values[name]
    return json.dumps(raw)


class _Collected:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: "Bytes") -> None:
        self.data.extend(data)
