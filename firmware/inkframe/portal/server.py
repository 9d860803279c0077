"""The portal itself: names and pages for whoever joined the device's own network, until it is configured.

It is bound to the access point's address alone, so that a network tried out meanwhile does not reach it. It
holds a few connections at a time, each with a deadline: browsers open some that they never use.
"""

import select
import socket
from errno import EAGAIN

from inkframe.compat import const, sleep_ms, ticks_diff, ticks_ms
from inkframe.config import Config
from inkframe.errors import ConfigError, InkError, TransportError
from inkframe.portal import dns, page, setup
from inkframe.portal.request import Request, read_form

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from inkframe.parts import AccessPoint

_MOST_CONNECTIONS = const(6)
_REQUEST_MS = const(8000)
_SEND_S = const(10)
_WAIT_MS = const(500)
_LINGER_MS = const(2000)
_READ_BYTES = const(512)
_SEND_LETTERS = const(512)
_REASONS = {400: "Bad Request", 405: "Method Not Allowed", 413: "Content Too Large"}
_HEADERS = """HTTP/1.1 %d %s
Content-Type: text/html; charset=utf-8
Connection: close
Cache-Control: no-store
Referrer-Policy: no-referrer
X-Content-Type-Options: nosniff
Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
form-action 'self'; base-uri 'none'; frame-ancestors 'none'
"""


class _Connection:
    def __init__(self, link: "Any") -> None:
        self.link = link
        self.request = Request()
        self.since_ms = ticks_ms()


class Portal:
    """`board` is the board's wiring, as JSON. `access_point` scans and joins; see `inkframe.parts`."""

    def __init__(
        self,
        access_point: "AccessPoint",
        board: str,
        address: str,
        http_port: int,
        dns_port: int,
        log: "Callable[[str], None]",
    ) -> None:
        self._access_point = access_point
        self._board = board
        self._ip = bytes(int(part) for part in address.split("."))
        self._authority = address if http_port == 80 else "%s:%d" % (address, http_port)
        self._log = log
        self._networks = access_point.networks()
        self._trouble = ""
        self._config = ""
        self._asked_ms = ticks_ms()
        self._connections: list[_Connection] = []
        self._names = _bound(address, dns_port, socket.SOCK_DGRAM)
        self._pages = _bound(address, http_port, socket.SOCK_STREAM)
        self._pages.listen(_MOST_CONNECTIONS)
        self._poll = select.poll()
        for listening in (self._names, self._pages):
            self._poll.register(listening, select.POLLIN)

    def run(self, idle_ms: int, longest_ms: int) -> str:
        """config.json, once somebody filled the form in; empty when nobody asked for the page for `idle_ms`,
        or nobody was done after `longest_ms`."""
        began_ms = ticks_ms()
        try:
            while not self._config:
                now_ms = ticks_ms()
                if ticks_diff(now_ms, self._asked_ms) > idle_ms:
                    return ""
                if ticks_diff(now_ms, began_ms) > longest_ms:
                    return ""
                self._poll.poll(_WAIT_MS)
                self._answer_names()
                self._accept()
                self._read_all()
            sleep_ms(_LINGER_MS)  # so that the last page arrives before the network goes
            return self._config
        finally:
            self._close()

    # Which of the sockets has something is asked of the sockets: not every port's poll can say.

    def _answer_names(self) -> None:
        try:
            message, sender = self._names.recvfrom(dns.MOST_BYTES + 1)
            reply = dns.answer(message, self._ip)
            if reply:
                self._names.sendto(reply, sender)
        except OSError:
            pass  # nothing there, or nobody any more

    def _accept(self) -> None:
        try:
            link, _ = self._pages.accept()
        except OSError:
            return
        link.setblocking(False)
        if len(self._connections) == _MOST_CONNECTIONS:
            self._drop(self._connections[0])
        self._poll.register(link, select.POLLIN)
        self._connections.append(_Connection(link))

    def _read_all(self) -> None:
        for connection in list(self._connections):
            try:
                data = connection.link.recv(_READ_BYTES)
            except OSError as error:
                data = None if error.errno == EAGAIN else b""
            if data:
                connection.request.feed(data)
            if connection.request.status:
                self._answer(connection)
            late = ticks_diff(ticks_ms(), connection.since_ms) > _REQUEST_MS
            if late or data == b"" or connection.request.status:
                self._drop(connection)

    def _drop(self, connection: _Connection) -> None:
        self._poll.unregister(connection.link)
        connection.link.close()
        self._connections.remove(connection)

    def _close(self) -> None:
        for connection in list(self._connections):
            self._drop(connection)
        self._pages.close()
        self._names.close()

    # Pages

    def _answer(self, connection: _Connection) -> None:
        request = connection.request
        try:
            connection.link.settimeout(_SEND_S)
            if request.status != 200:
                _send(connection.link, request.status, (), "")
            elif request.host != self._authority.encode() or (
                request.path != b"/" and request.method in (b"GET", b"HEAD")
            ):
                _send(connection.link, 302, (), "Location: http://%s/\n" % self._authority)
            elif request.method == b"POST":
                self._asked_ms = ticks_ms()
                self._post(connection.link, request)
            elif request.method in (b"GET", b"HEAD"):
                self._asked_ms = ticks_ms()
                shown = page.form_page(self._networks, {}, self._trouble)
                _send(connection.link, 200, shown if request.method == b"GET" else (), "")
            else:
                _send(connection.link, 405, (), "Allow: GET, HEAD, POST\n")
        except OSError:
            pass  # gone before the end of the page

    def _post(self, link: "Any", request: Request) -> None:
        form = read_form(request.body)
        if request.path == b"/look":
            self._networks = self._access_point.networks()
            self._trouble = ""
            _send(link, 200, page.form_page(self._networks, form, ""), "")
            return
        try:
            text, display, network = self._try_out(form)
        except InkError as error:
            # A phone may lose the network while another one is tried: then the next page says it.
            self._trouble = str(error)
            self._log("portal: " + self._trouble)
            _send(link, 200, page.form_page(self._networks, form, self._trouble), "")
            return
        self._config = text
        _send(link, 200, page.done_page(display, network), "")

    def _try_out(self, form: "dict[str, str]") -> tuple[str, str, str]:
        """(config.json, display, network), when all of it is right. ConfigError, TransportError."""
        wifi = setup.chosen_wifi(form, self._networks)
        text = setup.config_text(self._board, form.get("code", ""), form.get("server", ""), wifi)
        try:
            self._access_point.join(wifi[0], wifi[1])
        except TransportError as error:
            raise ConfigError("The display could not join %s: %s." % (wifi[0], error)) from None
        return text, Config(text).display, wifi[0]


def _bound(address: str, port: int, kind: int) -> "Any":
    bound = socket.socket(socket.AF_INET, kind)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(socket.getaddrinfo(address, port)[0][-1])
    bound.setblocking(False)
    return bound


def _send(link: "Any", status: int, pieces: "Iterable[str]", headers: str) -> None:
    head = (_HEADERS % (status, _REASONS.get(status, "OK")) + headers).replace("\n", "\r\n")
    link.sendall((head + "\r\n").encode())
    waiting = ""
    for piece in pieces:
        waiting += piece
        if len(waiting) > _SEND_LETTERS:
            link.sendall(waiting.encode())
            waiting = ""
    link.sendall(waiting.encode())
