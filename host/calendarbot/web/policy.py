"""Which addresses this host may be sent to (against server-side request forgery).

A calendar's address is text that somebody wrote, and a server may redirect anywhere. So every connection's
address is judged after its name was resolved, and the connection goes to the very address that was judged:
a name that resolves to something else a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from calendarbot.config import FetchConfig

Ip: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

# What belongs to somebody's own network (RFC 1918, RFC 4193, RFC 6598) or to this machine.
_HOME: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "::1/128",
        "fc00::/7",
    )
)
# RFC 6052 §2.1 and RFC 8215: IPv4 addresses stand in the last 32 bits of these.
_NAT64: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
# RFC 4291 §2.5.5.2 (mapped) and the first of those: nobody's relay is between.
_STRAIGHT: Final = (ipaddress.ip_network("::ffff:0:0/96"), _NAT64[0])
# RFC 6762 (.local), RFC 8375 (.home.arpa), RFC 6761 (.localhost), ICANN's .internal, and habit.
_LOCAL_ENDINGS: Final = (
    ".local",
    ".localhost",
    ".home.arpa",
    ".internal",
    ".lan",
    ".home",
    ".intranet",
)


class ForbiddenAddressError(OSError):
    """The host may not be asked. `host` is as written, `why` follows it in a sentence."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(f"{host} {why}")
        self.host = host
        self.why = why


def private_kind(ip: Ip) -> str:
    """What kind of address that is not on the public internet this is; empty for one that is.

    An IPv6 address that carries an IPv4 one is what that is; but only mapped and by the well-known NAT64
    prefix it can be public: 6to4 (RFC 7526) and Teredo go through a relay of anybody's.
    """
    inner = _carried(ip)
    if inner is not None:
        kind = private_kind(inner)
        if kind or _in(ip, _STRAIGHT):
            return kind
        return "NAT64" if ip in _NAT64[1] else "tunnelled"
    kinds = (
        ("unspecified", ip.is_unspecified),
        ("loopback", ip.is_loopback),
        ("link-local", ip.is_link_local),
        ("multicast", ip.is_multicast),
        ("private", _in(ip, _HOME)),
        ("reserved", not ip.is_global),
    )
    return next((kind for kind, is_it in kinds if is_it), "")


def _carried(ip: Ip) -> ipaddress.IPv4Address | None:
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    if _in(ip, _NAT64):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo
    compatible = int(ip) >> 32 == 0 and int(ip) > 1  # RFC 4291 §2.5.5.1, deprecated
    return (
        ip.ipv4_mapped
        or ip.sixtofour
        or (teredo[1] if teredo else None)
        or (ipaddress.IPv4Address(int(ip)) if compatible else None)
    )


def _in(ip: Ip, networks: tuple[Network, ...]) -> bool:
    return any(ip in network for network in networks if network.version == ip.version)


@dataclass(frozen=True)
class Policy:
    """Who may be asked. `named` is the host that the calendar's own address names, if that counts."""

    names: tuple[str, ...] = ()
    """Patterns of host names, in lower case."""
    networks: tuple[Network, ...] = ()
    private_when_named: bool = True
    named: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, config: FetchConfig) -> Policy:
        names, networks = [], []
        for entry in config.allow_private:
            try:
                networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
            except ValueError:
                names.append(plain(entry))
        return cls(tuple(names), tuple(networks), config.private_when_named)

    def naming(self, host: str) -> Policy:
        """The policy for a calendar whose own address names this host."""
        named = frozenset({plain(host)}) if self.private_when_named else frozenset()
        return Policy(self.names, self.networks, self.private_when_named, named)

    def check(self, host: str, ip: Ip) -> None:
        """Raises ForbiddenAddressError when `host`, which is at `ip`, may not be asked."""
        kind = private_kind(ip)
        if not kind:
            return
        name = plain(host)
        inner = _carried(ip) or ip
        if any(fnmatchcase(name, pattern) for pattern in self.names) or _in(inner, self.networks):
            return
        if name in self.named and _in(inner, _HOME) and _is_local(name):
            return
        article = "an" if kind[0] in "aeiou" else "a"
        raise ForbiddenAddressError(host, f"is at {article} {kind} address ({ip})")


def plain(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _is_local(name: str) -> bool:
    """Whether the name itself says that it is not a public one."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(_LOCAL_ENDINGS)
    return True
