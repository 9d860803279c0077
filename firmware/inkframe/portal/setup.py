"""From the fields of the form to a configuration: what is asked for, and what is wrong with an answer.

What goes wrong here is read by whoever holds the phone: sentences, without a secret.
"""

import json

from inkframe.compat import const
from inkframe.config import Config
from inkframe.errors import ConfigError
from inkframe.portal.code import unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inkframe.parts import Network

_LONGEST_SSID_BYTES = const(32)  # IEEE 802.11-2020 §9.4.2.2
_SHORTEST_PASSWORD = const(8)  # IEEE 802.11-2020 §J.4.1: a passphrase has 8 to 63 characters,
_LONGEST_PASSWORD = const(63)
_RAW_KEY_DIGITS = const(64)  # or is the key itself, in hex
_MOST_NETWORKS = const(12)


def ranked(scan: "Sequence[tuple[bytes, bytes, int, int, int, object]]") -> "list[Network]":
    """(name, dBm, whether it takes a password), the strongest first: what network.WLAN.scan() found."""
    strongest: dict[str, Network] = {}
    for ssid, _, _, dbm, security, _ in scan:
        try:
            name = ssid.strip(b"\0").decode()
        except UnicodeError:
            continue  # a name that cannot be typed cannot be kept as text either
        if name and (name not in strongest or strongest[name][1] < dbm):
            strongest[name] = (name, dbm, security != 0)
    best = sorted(strongest.values(), key=lambda network: -network[1])
    return best[:_MOST_NETWORKS]


def chosen_wifi(form: "Mapping[str, str]", networks: "Sequence[Network]") -> tuple[str, str]:
    """(name, password) of the network to join. ConfigError when they cannot be right."""
    name = form.get("other", "").strip() or form.get("network", "")
    password = form.get("password", "")
    if not name:
        raise ConfigError("Choose your Wi-Fi network.")
    if len(name.encode()) > _LONGEST_SSID_BYTES:
        raise ConfigError("The name of a Wi-Fi network has at most 32 letters.")
    for known, _, takes_password in networks:
        if known == name and not takes_password:
            return name, ""
        if known == name and not password:
            raise ConfigError("The network " + name + " needs its password.")
    if password and not _can_be_password(password):
        raise ConfigError("A Wi-Fi password has 8 to 63 letters, digits and signs. Check it.")
    return name, password


def _can_be_password(password: str) -> bool:
    for letter in password:
        if not " " <= letter <= "~":
            return False
    if len(password) == _RAW_KEY_DIGITS:
        return all(digit in "0123456789abcdefABCDEF" for digit in password)
    return _SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD


def config_text(board: str, code: str, server: str, wifi: tuple[str, str]) -> str:
    """config.json: how the board is wired (`board`, JSON), and what the pairing code says.

    `server` stands in for the code's, when it is not empty. ConfigError when a device would not take it.
    """
    pairing = unpack(code)
    server = server.strip() or pairing.server
    if not is_address(server):
        raise ConfigError("The address of the server begins with http:// or https://.")
    values = json.loads(board)
    values.update(
        {
            "display": pairing.display,
            "server": server,
            "key": pairing.key.hex(),
            "panel": pairing.panel,
            "wifi": {"ssid": wifi[0], "password": wifi[1]},
            "trust_date": False,
            "time_floor": pairing.made_at,
        }
    )
    text = json.dumps(values)
    Config(text)
    return text


def is_address(server: str) -> bool:
    scheme, _, rest = server.partition("://")
    if scheme not in ("http", "https") or not rest or len(server) > 200:
        return False
    return all("!" <= letter <= "~" for letter in server)
