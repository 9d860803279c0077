"""Sessions that keep to the policy and to a deadline, and one bounded GET.

The HTTP stack is niquests; what is added here is what somebody else's server must not be able to do: send
this host to addresses that are not its business, keep it busy, or fill its memory.
"""

from __future__ import annotations

import ipaddress
import random
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies

import niquests
from niquests.packages.urllib3.exceptions import HTTPError, IncompleteRead
from niquests.utils import select_proxy, should_bypass_proxies

from calendarbot.web.deadline import Alarm, Deadline
from calendarbot.web.guard import GuardedResolver
from calendarbot.web.pacing import Pace
from calendarbot.web.policy import ForbiddenAddressError, Policy
from calendarbot.web.redirects import MOST_REDIRECTS, MOVED, same_place, target, too_many
from calendarbot.web.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

MAX_BYTES: Final = 64 * 1024 * 1024
"""Of one reply, after decompression."""
CONNECT_TIMEOUT_S: Final = 5.0
_MOST_ADDRESSES: Final = 3
"""Of one name that are tried, so that a name with very many costs no more than a few timeouts."""
_CHUNK_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whole. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(slots=True)
class Web:
    """Goes out to servers. `timer` and the rest are handed in where time and names are not the real ones."""

    policy: Policy = field(default_factory=Policy)
    timeout_s: float = 30.0
    pace: Pace = field(default_factory=Pace)
    getaddrinfo: Callable[..., list[Any]] | None = None
    alarm: Callable[[float, Callable[[], None]], Alarm] = threading.Timer
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    @contextmanager
    def session(self, address: str, ca_file: Path | None = None) -> Iterator[Session]:
        """For the requests of one calendar, all of them together bounded by the timeout."""
        policy = self.policy.naming(urlsplit(address).hostname or "")
        with Deadline(self.timeout_s, self.alarm) as deadline:
            session = Session(self, policy, deadline, ca_file)
            with session:
                yield session


class Session(niquests.Session):
    """A session whose every request is guarded, paced and bounded; its replies are read whole."""

    def __init__(
        self, web: Web, policy: Policy, deadline: Deadline, ca_file: Path | None = None
    ) -> None:
        self._web = web
        self._policy = policy
        self.deadline = deadline
        self._verify: bool | str = str(ca_file) if ca_file else True
        self._proxies = _Proxies()
        super().__init__(
            resolver=_FewAddresses(
                policy, deadline.watch, web.getaddrinfo, trusted=self._proxies.places
            ),
            disable_http3=True,  # another way out, over UDP, that nobody asked for
            keepalive_delay=None,
            revocation_configuration=None,  # asks addresses that stand in a certificate
            headers={
                "User-Agent": f"CalendarBot/{_version()}",
                "Accept-Encoding": "gzip, deflate",
            },
        )
        self.trust_env = False  # no passwords out of ~/.netrc; proxies are taken from it below

    def request(self, method: str, url: str, **given: Any) -> niquests.Response:  # type: ignore[override]  # fewer
        """As niquests', with the body read and everything bounded. Raises Refusal.

        A redirected request keeps its method and its body, as WebDAV's have to; a login stays behind.
        """
        at = url
        for _ in range(MOST_REDIRECTS + 1):
            reply = self._once(method, at, given)
            location = reply.headers.get("Location")
            if reply.status_code not in MOVED or not location:
                return reply
            at = target(at, str(location))
            if not same_place(at, url):
                given["auth"] = None
        raise too_many()

    def get_once(self, url: str, headers: Mapping[str, str]) -> Reply:
        """One request, no redirect followed. Raises Refusal."""
        reply = self._once("GET", url, {"headers": dict(headers)})
        found = {name.lower(): str(value) for name, value in reply.headers.items()}
        return Reply(int(reply.status_code or 0), found, bytes(reply.content or b""))

    def _once(self, method: str, url: str, given: Mapping[str, Any]) -> niquests.Response:
        parts = urlsplit(url)
        given = {
            **given,
            "timeout": (CONNECT_TIMEOUT_S, self.deadline.remaining_s),
            "verify": self._verify,
            "stream": True,
            "proxies": self._proxies.of(url),
            "allow_redirects": False,
        }
        try:
            with self._web.pace.turn(parts.netloc.rpartition("@")[2], self.deadline.remaining_s):
                self._check_behind_proxy(url, parts.hostname or "")
                reply = super().request(method, url, **given)
                try:
                    reply._content = _body(reply)  # noqa: SLF001  as niquests does it itself
                    reply._content_consumed = True  # noqa: SLF001  likewise
                finally:
                    reply.close()
                return reply
        except Refusal:
            raise
        except (niquests.RequestException, HTTPError, OSError, ValueError) as error:
            raise self._refusal(error) from None

    def pause(self, seconds: float) -> bool:
        """Wait about so long before another try; False when there is no time for that."""
        wait_s = seconds * (0.5 + self._web.jitter())
        if self.deadline.expired or wait_s >= self.deadline.remaining_s:
            return False
        self._web.sleep(wait_s)
        return True

    def _check_behind_proxy(self, url: str, host: str) -> None:
        """What a proxy is asked for is judged here, as far as this machine can resolve it."""
        if not select_proxy(url, self._proxies.of(url)):
            return
        lookup = self._web.getaddrinfo or socket.getaddrinfo
        try:
            found = lookup(host, 443, 0, socket.SOCK_STREAM, 0, 0)
        except OSError:
            return  # only the proxy knows that name; its rules apply
        for record in found:
            self._policy.check(host, ipaddress.ip_address(str(record[4][0]).partition("%")[0]))

    def _refusal(self, error: Exception) -> Refusal:
        if self.deadline.expired:
            return Refusal(f"gave no complete answer within {self.deadline.seconds:g} s")
        chain = list(_chain(error))
        for found in chain:
            for kind, say in _MEANINGS:
                if isinstance(found, kind):
                    return say(found)
        if isinstance(error, TimeoutError):
            return Refusal(f"gave no complete answer within {self.deadline.seconds:g} s")
        return Refusal(f"could not be read ({type(error).__name__})", kind="passing")


class _FewAddresses(GuardedResolver):
    def getaddrinfo(self, *args: Any, **kwargs: Any) -> list[Any]:
        return super().getaddrinfo(*args, **kwargs)[:_MOST_ADDRESSES]


class _Proxies:
    """The proxies that the environment names (HTTPS_PROXY, NO_PROXY and so on)."""

    def of(self, url: str) -> dict[str, str]:
        found = getproxies()
        return {} if not found or should_bypass_proxies(url, None) else found

    @property
    def places(self) -> frozenset[tuple[str, int]]:
        """(host, port) of each: whoever set them up meant them."""
        places = set()
        for scheme, address in getproxies().items():
            if scheme == "no":
                continue
            parts = urlsplit(address if "://" in address else f"http://{address}")
            default = 443 if parts.scheme == "https" else 80
            places.add(((parts.hostname or "").lower(), parts.port or default))
        return frozenset(places)


def _body(reply: niquests.Response) -> bytes:
    declared = str(reply.headers.get("Content-Length", "")).strip()
    if declared.isdecimal() and int(declared) > MAX_BYTES:
        raise _too_large()
    body = bytearray()
    for chunk in reply.iter_content(_CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_BYTES:
            raise _too_large()
    return bytes(body)


def _too_large() -> Refusal:
    return Refusal(f"sent more than {MAX_BYTES // 1024**2} MiB")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and whatever it was made of, the innermost first."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        found = waiting.pop()
        if not isinstance(found, BaseException) or any(found is other for other in seen):
            continue
        seen.append(found)
        waiting += [found.__cause__, found.__context__, getattr(found, "reason", None), *found.args]
    return reversed(seen)


def _forbidden(error: ForbiddenAddressError) -> Refusal:
    return Refusal(
        error.why,
        f'if that is meant, allow it by name: [fetch] allow_private = ["{error.host}"]',
    )


def _untrusted(error: ssl.SSLError) -> Refusal:
    reason = getattr(error, "verify_message", "") or (error.reason or "").replace("_", " ").lower()
    hint = (
        'for a certificate of your own, name its authority: ca_file = "ca.pem"'
        if isinstance(error, ssl.SSLCertVerificationError)
        else ""
    )
    return Refusal(f"no secure connection: {reason or 'the handshake failed'}", hint, kind="tls")


_MEANINGS: Final[tuple[tuple[type[BaseException], Callable[[Any], Refusal]], ...]] = (
    (ForbiddenAddressError, _forbidden),
    (
        socket.gaierror,
        lambda _: Refusal("no such host, or no network", kind="connect"),
    ),
    (ssl.SSLError, _untrusted),
    (niquests.exceptions.SSLError, lambda _: Refusal("no secure connection", kind="tls")),
    (
        ConnectionRefusedError,
        lambda _: Refusal("refuses connections: nothing listens there", kind="connect"),
    ),
    (
        niquests.exceptions.ConnectTimeout,
        lambda _: Refusal("does not answer", kind="connect"),
    ),
    (IncompleteRead, lambda _: Refusal("broke off before the end", kind="passing")),
    (
        niquests.exceptions.ChunkedEncodingError,
        lambda _: Refusal("broke off before the end", kind="passing"),
    ),
    (
        niquests.exceptions.ContentDecodingError,
        lambda _: Refusal("sent something compressed that cannot be unpacked"),
    ),
    (niquests.exceptions.InvalidURL, lambda _: Refusal("is not a valid address")),
    (niquests.exceptions.TooManyRedirects, lambda _: Refusal("redirects in a circle")),
    (ConnectionError, lambda _: Refusal("broke the connection off", kind="passing")),
    (ValueError, lambda _: Refusal("sent something that is not valid")),
)


def _version() -> str:
    try:
        return metadata.version("calendarbot")
    except metadata.PackageNotFoundError:
        return "0"
