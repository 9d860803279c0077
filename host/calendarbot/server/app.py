"""The server's routes.

    GET /{display}/bundle.ink     for devices, see `device`
    GET /{display}/update.ink     likewise, when an update is on offer
    GET /{display}/change.ink     a sealed change of a device's configuration
    GET /                         for people, see `page`
    GET /{display}/current.png    the page a display shows now
    GET /style.css, /icon.svg     what the page is dressed in
    GET /healthz                  "ok", or 503 and one line for every display that is not

A display is found by its name in the configuration, and a name never becomes a path here.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from calendarbot.errors import StoreError
from calendarbot.server import device, page
from calendarbot.server.display import Desk
from calendarbot.server.hosts import answers_to

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from calendarbot.server.display import ServedDisplay

_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none';"
        b" form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_BUNDLE = "/bundle.ink"
_UPDATE = "/update.ink"
_CHANGE = "/change.ink"

_log = logging.getLogger(__name__)


def create_app(
    displays: Mapping[str, ServedDisplay],
    clock: Callable[[], float],
    names: Collection[str] = (),
) -> Starlette:
    """A server for `displays`, by name. `clock` gives epoch seconds.

    The pages answer under this machine's addresses and local names, and under `names` (what a proxy in
    front is called, "calendar.example.org").
    """
    desks = {name: Desk(display) for name, display in displays.items()}
    served = _Served(desks, clock, names)
    return Starlette(
        routes=[
            Route("/", served.page),
            Route("/style.css", served.style),
            Route("/icon.svg", served.icon),
            Route("/healthz", served.health),
            Route("/{display}" + _BUNDLE, served.bundle),
            Route("/{display}" + _UPDATE, served.update),
            Route("/{display}" + _CHANGE, served.change),
            Route("/{display}/current.png", served.picture),
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={StoreError: _unreadable, HTTPException: _refused},
    )


class _Served:
    """The endpoints. They are plain functions, so that files and encoding block no other request."""

    def __init__(
        self, desks: Mapping[str, Desk], clock: Callable[[], float], names: Collection[str]
    ) -> None:
        self._desks = desks
        self._clock = clock
        self._names = names

    def bundle(self, request: Request) -> Response:
        return device.answer(request, self._desk(request), self._now())

    def update(self, request: Request) -> Response:
        desk = self._desk(request)
        return _as_response(device.update(desk.display.name, desk))

    def change(self, request: Request) -> Response:
        desk = self._desk(request)
        return _as_response(device.change(desk.display.name, desk))

    def page(self, request: Request) -> Response:
        self._check_host(request)
        html = page.render(self._desks.values(), self._now())
        return HTMLResponse(html, headers={"cache-control": "no-store"})

    def picture(self, request: Request) -> Response:
        self._check_host(request)
        desk = self._desk(request)
        display = desk.display
        manifest = display.store.current(display.name)
        png = manifest and display.store.preview(display.name, manifest.due(self._now()).id)
        if not png:
            raise HTTPException(404, "there is no picture of this display yet")
        return Response(png, media_type="image/png", headers={"cache-control": "no-store"})

    def style(self, request: Request) -> Response:  # noqa: ARG002  the routes hand it over
        return Response(page.STYLE, media_type="text/css", headers=_CACHED)

    def icon(self, request: Request) -> Response:  # noqa: ARG002  the routes hand it over
        return Response(page.ICON, media_type="image/svg+xml", headers=_CACHED)

    def health(self, request: Request) -> Response:  # noqa: ARG002  the routes hand it over
        complaints = [f"{name}: {what}\n" for name in self._desks if (what := self._ails(name))]
        if complaints:
            return PlainTextResponse("".join(complaints), 503)
        return PlainTextResponse("ok\n")

    def _ails(self, name: str) -> str:
        try:
            current = self._desks[name].current()
        except StoreError as error:
            _log.error("%s: %s", name, error.message)
            return "the store cannot be read"
        if current is None:
            return "nothing published yet"
        if not current.frames:
            return "the bundle does not open with the display's key"
        return "out of date" if self._now() >= current.manifest.plan.valid_until else ""

    def _desk(self, request: Request) -> Desk:
        desk = self._desks.get(request.path_params["display"])
        if desk is None:
            raise HTTPException(404, "there is no such display")
        return desk

    def _check_host(self, request: Request) -> None:
        if not answers_to(request.headers.get("host", ""), self._names):
            raise HTTPException(
                421, "this server's pages do not answer to that name; use its address instead"
            )

    def _now(self) -> int:
        return int(self._clock())


def _as_response(made: device.Answer) -> Response:
    return Response(made.body, made.status, made.headers)


_CACHED = {"cache-control": "max-age=86400"}


def _refused(request: Request, error: Exception) -> Response:  # noqa: ARG001  starlette's signature
    assert isinstance(error, HTTPException)  # noqa: S101  it was registered for that class
    return PlainTextResponse(f"{error.detail}\n", error.status_code, headers=error.headers)


def _unreadable(request: Request, error: Exception) -> Response:  # noqa: ARG001  starlette's signature
    _log.error("%s", error)
    return PlainTextResponse("what was published cannot be read\n", 503)


class SecurityHeaders:
    """Puts the headers above on every reply but a device's, which pays for every byte it receives."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        to_device = scope["type"] != "http" or scope["path"].endswith((_BUNDLE, _UPDATE, _CHANGE))
        await self._app(scope, receive, send if to_device else send_dressed)
