"""A web server's replies, spoilt on their way, as the fault of the moment has it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_DRIPS = 8
_DRIP_S = 0.01
_CONDITION = b"if-none-match"
_IN_BODY = ("truncated", "stalled", "corrupted", "replayed")


class Spoilt:
    """`fault` gives the kind of the moment, "" for none. Counts requests, and bytes of bodies sent.

    Who spoils a body has one to spoil: the condition of the request is lost, and with it the request's right
    tag, so that what comes back is the bundle as it was published.
    """

    def __init__(self, app: ASGIApp, fault: Callable[[], str]) -> None:
        self._app = app
        self._fault = fault
        self._published: list[tuple[Message, bytes]] = []
        self.requests = 0
        self.answered = 0
        """Requests whose answer was not spoilt."""
        self.received_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self.requests += 1
        fault = self._fault()
        if fault == "error 500":
            await PlainTextResponse("it broke", 500)(scope, receive, send)
            return
        if fault in _IN_BODY:
            headers = [pair for pair in scope["headers"] if pair[0] != _CONDITION]
            scope = {**scope, "headers": headers}
        start, body = await self._reply(scope, receive)
        if fault in ("", "slow"):
            self.answered += 1
            if start["status"] == 200:
                self._published = [*self._published[-1:], (start, body)]
        elif fault == "replayed" and len(self._published) > 1:
            start, body = self._published[0]
        elif fault == "corrupted":
            body = _flipped(body)
        elif fault == "forged clock":
            start = {**start, "headers": [_forged(pair) for pair in start["headers"]]}
        self.received_bytes += len(body)
        await send(start)
        await _BODIES.get(fault, _whole)(body, receive, send)

    async def _reply(self, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        made: list[Message] = []

        async def keep(message: Message) -> None:
            made.append(message)

        await self._app(scope, receive, keep)
        return made[0], b"".join(message.get("body", b"") for message in made[1:])


async def _whole(body: bytes, _: Receive, send: Send) -> None:
    await send({"type": "http.response.body", "body": body})


async def _dripping(body: bytes, _: Receive, send: Send) -> None:
    step = len(body) // _DRIPS + 1
    for at in range(0, len(body), step):
        piece = body[at : at + step]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(_DRIP_S)
    await send({"type": "http.response.body", "body": b""})


async def _half(body: bytes, _: Receive, send: Send) -> None:
    half = body[: len(body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    raise ConnectionAbortedError


async def _half_and_then_nothing(body: bytes, receive: Receive, send: Send) -> None:
    half = body[: len(body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass  # until the device gives up


_BODIES = {"slow": _dripping, "truncated": _half, "stalled": _half_and_then_nothing}


def _flipped(body: bytes) -> bytes:
    at = len(body) * 2 // 3
    return body[:at] + bytes([body[at] ^ 0x10]) + body[at + 1 :]


def _forged(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """A clock that is a day ahead, under the tag of the right one."""
    name, value = header
    if name != b"ink-clock":
        return header
    now, _, rest = value.partition(b".")
    return name, b"%d.%s" % (int(now) + 86_400, rest)
