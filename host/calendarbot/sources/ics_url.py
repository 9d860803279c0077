"""A calendar at an address: a feed, fetched when it changed.

Conditional requests (RFC 9110 §13) keep an unchanged feed cheap. Some servers answer "not modified" for what
was, so once in FULL_EVERY a feed is fetched whatever its server says; and a server whose validators were
caught out (new content under an old ETag) is not asked that way again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from calendarbot.errors import SourceError
from calendarbot.sources import CalendarText, NotNowError, SourceData
from calendarbot.sources._login import login_of
from calendarbot.sources._looks import is_calendar, is_whole, looks
from calendarbot.web.places import named
from calendarbot.web.redirects import (
    FOR_GOOD,
    MOST_REDIRECTS,
    MOVED,
    same_place,
    target,
    too_many,
    with_scheme,
)
from calendarbot.web.refusal import Refusal

if TYPE_CHECKING:
    from calendarbot.config import CalendarConfig
    from calendarbot.sources import Given, Kept
    from calendarbot.sources._login import Login
    from calendarbot.web.client import Reply, Session

FULL_EVERY: Final = timedelta(days=1)
TRIES: Final = 3
FIRST_PAUSE_S: Final = 0.5
LONGEST_WAIT: Final = timedelta(days=1)
"""The most that a server's Retry-After is heeded."""

_ACCEPT: Final = "text/calendar, text/plain;q=0.5, */*;q=0.1"
_PASSING: Final = {408, 425, 500, 502, 503, 504}
_TRY_LATER: Final = {429, 503}
_SAYINGS: Final = {
    401: ("asks for a login, or does not know this one (401)", "check user and password, or token"),
    403: ("refuses access (403)", "share the calendar again and take its new address"),
    404: (
        "there is nothing at this address (404)",
        "share the calendar again and take its new address",
    ),
    410: (
        "this address is gone for good (410)",
        "share the calendar again and take its new address",
    ),
    429: ("is asked too often (429)", ""),
}


def read(calendar: CalendarConfig, given: Given) -> SourceData:
    """The feed, or the kept copy when the server says that it has not changed. Raises SourceError."""
    login = login_of(calendar, given.base_dir)
    ca_file = given.base_dir / calendar.ca_file.expanduser() if calendar.ca_file else None
    notes = dict(given.kept.data.notes) if given.kept else {}
    try:
        with given.open_web().session(login.address, ca_file) as session:
            answer = _Fetch(session, login, notes, given).answer()
    except Refusal as refusal:
        message = f"{login.where}: {refusal.why}"
        if refusal.retry_after_s is not None:
            until = given.now + min(timedelta(seconds=refusal.retry_after_s), LONGEST_WAIT)
            raise NotNowError(message, until) from None
        raise SourceError(message, refusal.hint) from None
    return _data(answer, login, given)


@dataclass(slots=True)
class _Answer:
    reply: Reply
    moved_to: str
    """Where the feed moved for good; empty when it did not."""
    scheme: str


@dataclass(slots=True)
class _Fetch:
    """One reading of one feed: addresses to try, redirects, tries."""

    session: Session
    login: Login
    notes: dict[str, Any]
    given: Given
    _permanent: bool = field(default=True, init=False)

    def answer(self) -> _Answer:
        """Raises Refusal."""
        moved = str(self.notes.get("moved_to", ""))
        if moved:
            try:
                answer = self._persist(moved)
            except Refusal:
                pass  # perhaps it moved back, or elsewhere: ask where it was
            else:
                answer.moved_to = answer.moved_to or moved
                return answer
        schemes = _schemes(self.login.address, str(self.notes.get("scheme", "")))
        for scheme in schemes[:-1]:
            try:
                return self._follow(with_scheme(self.login.address, scheme))
            except Refusal as refusal:
                if refusal.kind not in ("connect", "tls", "passing"):
                    raise
        return self._persist(with_scheme(self.login.address, schemes[-1]))

    def _persist(self, address: str) -> _Answer:
        """What may pass is tried again, a little later each time. Raises Refusal."""
        pause_s = FIRST_PAUSE_S
        for left in reversed(range(TRIES)):
            try:
                return self._follow(address)
            except Refusal as refusal:
                if refusal.kind != "passing" or not left or not self.session.pause(pause_s):
                    raise
                pause_s *= 2
        raise AssertionError  # the last try returns or raises

    def _follow(self, address: str) -> _Answer:
        """Past redirects to what is there. Raises Refusal."""
        at, moved_to, for_good = address, "", True
        for _ in range(MOST_REDIRECTS + 1):
            reply = self.session.get_once(at, self._headers(at))
            if reply.status not in MOVED or "location" not in reply.headers:
                _check(reply, self.given.now)
                return _Answer(reply, moved_to, urlsplit(address).scheme)
            onward = target(at, reply.headers["location"])
            for_good = for_good and reply.status in FOR_GOOD
            at = onward
            moved_to = onward if for_good else moved_to
        raise too_many()

    def _headers(self, address: str) -> dict[str, str]:
        headers = {"Accept": _ACCEPT}
        if self.login.authorization and same_place(address, self.login.address):
            headers["Authorization"] = self.login.authorization
        if self._may_be_unchanged():
            if self.notes.get("etag"):
                headers["If-None-Match"] = str(self.notes["etag"])
            if self.notes.get("last_modified"):
                headers["If-Modified-Since"] = str(self.notes["last_modified"])
        return headers

    def _may_be_unchanged(self) -> bool:
        kept = self.given.kept
        if kept is None or not kept.data.texts or self.notes.get("deceived"):
            return False
        age_s = self.given.now.timestamp() - float(self.notes.get("full_at", 0))
        return 0 <= age_s < FULL_EVERY.total_seconds()


def _schemes(address: str, known: str) -> list[str]:
    """webcal means http by convention; what can be had safely is had safely."""
    scheme = urlsplit(address).scheme.lower()
    if scheme == "webcals":
        return ["https"]
    if scheme != "webcal":
        return [scheme]
    return ["http", "https"] if known == "http" else ["https", "http"]


def _check(reply: Reply, now: datetime) -> None:
    """Raises Refusal for an answer that is no calendar."""
    status = reply.status
    if status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        return
    wait_s = _retry_after_s(reply.headers.get("retry-after", ""), now)
    asked_to_wait = wait_s if status in _TRY_LATER else None
    why, hint = _SAYINGS.get(status, ("", ""))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        why = f"the server has a problem ({status})"
    kind = "passing" if status in _PASSING and asked_to_wait is None else ""
    raise Refusal(
        why or f"answers with status {status}", hint, kind=kind, retry_after_s=asked_to_wait
    )


def _retry_after_s(text: str, now: datetime) -> float | None:
    """RFC 9110 §10.2.3: seconds, or a date."""
    if text.strip().isdecimal():
        return float(min(int(text), 10**9))
    try:
        return max(0.0, (parsedate_to_datetime(text).astimezone(UTC) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _data(answer: _Answer, login: Login, given: Given) -> SourceData:
    """Raises SourceError when what came is no calendar."""
    kept, reply = given.kept, answer.reply
    moved = {"moved_to": answer.moved_to} if answer.moved_to else {}
    scheme = {"scheme": answer.scheme}
    notice = _notice(answer.moved_to, login)
    if reply.status == HTTPStatus.NOT_MODIFIED:
        if kept is None or not kept.data.texts:
            raise SourceError(f"{login.where}: says 'not modified' to a first request")
        notes = {**kept.data.notes, **moved, **scheme}
        return SourceData(_renamed(kept, login), login.where, notice=notice, notes=notes)
    body = reply.body
    if not is_calendar(body):
        raise SourceError(
            f"{login.where}: what came is not a calendar: it {looks(body)}",
            "take the address that the calendar's own settings call iCal or ICS",
        )
    if not is_whole(body):
        raise SourceError(f"{login.where}: the calendar is cut short: it has no END:VCALENDAR")
    text = CalendarText(body, login.where)
    validators = {
        "etag": reply.headers.get("etag", ""),
        "last_modified": reply.headers.get("last-modified", ""),
    }
    notes = {
        **validators,
        **moved,
        **scheme,
        "full_at": given.now.timestamp(),
        "sha256": text.sha256,
        "deceived": _deceived(kept, validators, text),
    }
    return SourceData((text,), login.where, notice=notice, notes=notes)


def _renamed(kept: Kept, login: Login) -> tuple[CalendarText, ...]:
    return tuple(CalendarText(text.content, login.where) for text in kept.data.texts)


def _deceived(kept: Kept | None, validators: dict[str, str], text: CalendarText) -> bool:
    """Whether this server gives different content the same ETag: then its "not modified" means nothing."""
    if kept is None:
        return False
    before = kept.data.notes
    if before.get("deceived"):
        return True
    same = bool(validators["etag"]) and validators["etag"] == before.get("etag")
    return same and before.get("sha256") not in (None, text.sha256)


def _notice(moved_to: str, login: Login) -> str:
    if not moved_to:
        return ""
    return (
        f"{login.where}: has moved for good, to {named(moved_to)}; put its new address into `url`"
    )
