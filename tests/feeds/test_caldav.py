"""CalDAV accounts on real servers, Radicale and Xandikos."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from caldav.lib import error
from dav_servers import DavServer, radicale, xandikos
from servers import Server, answer

from calendarbot.web.client import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    import caldav
    from desk import Desk

SERVERS = {"radicale": radicale, "xandikos": xandikos}


def event(uid: str, summary: str, day: str = "20261124") -> str:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{day}T090000Z\r\n"
        f"DTEND:{day}T100000Z\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


@pytest.fixture(scope="module", params=SERVERS)
def account(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DavServer]:
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param)) as server:
        yield server


@pytest.fixture
def work(account: DavServer, request: pytest.FixtureRequest) -> Iterator[caldav.Calendar]:
    """A calendar "Work" with one event; "Home", with another, is there too."""
    with account.client() as client:
        principal = client.get_principal()
        made = [principal.make_calendar(name) for name in ("Work", "Home")]
        made[0].add_event(event("one@work", "Standup"))
        made[1].add_event(event("two@home", "Dentist"))
        yield made[0]
        for calendar in made:
            calendar.delete()


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The methods of all requests our side makes."""
    made: list[str] = []
    real = Session.request

    def noting(self: Session, method: str, url: str, **given: Any) -> Any:
        made.append(method)
        return real(self, method, url, **given)

    monkeypatch.setattr(Session, "request", noting)
    return made


def summaries(desk: Desk, account: DavServer, **calendar: Any) -> list[str]:
    settings = {"source": "caldav", "url": account.home, **account.login, **calendar}
    reading = desk.read(**settings)
    assert reading.problem == ""
    texts = [text.content.decode() for text in reading.data.texts]
    return sorted(
        line[8:] for text in texts for line in text.splitlines() if line[:8] == "SUMMARY:"
    )


@pytest.mark.parametrize("place", ["server", "principal", "calendar", "well-known"])
def test_an_account_is_found_from_any_of_its_addresses(
    desk: Desk, account: DavServer, work: caldav.Calendar, place: str
) -> None:
    places = {
        "server": account.home,
        "well-known": account.home + ".well-known/caldav",
        "principal": str(work.client.get_principal().url),
        "calendar": str(work.url),
    }

    found = summaries(desk, account, url=places[place])

    assert found == (["Standup"] if place == "calendar" else ["Dentist", "Standup"])


def test_collections_are_chosen_by_name(
    desk: Desk, account: DavServer, work: caldav.Calendar
) -> None:
    settings = {"source": "caldav", "url": account.home, **account.login}

    reading = desk.read(**settings, collections=["Work"])
    assert reading.data.title == "Work"
    (text,) = reading.data.texts
    assert text.where.endswith("Work, one@work.ics")

    reading = desk.read(**settings, collections=["Wrok"])
    assert reading.problem.endswith("there is no calendar 'Wrok'")
    assert reading.hint == "did you mean 'Work'?"


def test_what_changes_is_asked_for_and_nothing_else(
    desk: Desk, account: DavServer, work: caldav.Calendar, requests: list[str]
) -> None:
    assert summaries(desk, account, collections=["Work"]) == ["Standup"]
    requests.clear()

    assert summaries(desk, account, collections=["Work"]) == ["Standup"]
    # Twice where the server first has to say that it wants a login.
    assert requests in (["REPORT"], ["REPORT", "REPORT"])

    work.add_event(event("three@work", "Retro"))
    assert summaries(desk, account, collections=["Work"]) == ["Retro", "Standup"]

    retro = work.get_event_by_uid("three@work")
    retro.data = event("three@work", "Review")
    retro.save()
    assert summaries(desk, account, collections=["Work"]) == ["Review", "Standup"]

    work.get_event_by_uid("one@work").delete()
    assert summaries(desk, account, collections=["Work"]) == ["Review"]


def test_a_server_that_forgot_the_token_is_asked_for_everything(
    desk: Desk, account: DavServer, work: caldav.Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    summaries(desk, account, collections=["Work"])
    (meta,) = (desk.folder / "copies").rglob("meta.json")
    text = meta.read_text()
    token = next(iter(json.loads(text)["notes"]["states"].values()))
    meta.write_text(text.replace(token, "http://forgotten.example/1"))
    work.get_event_by_uid("one@work").delete()
    work.add_event(event("four@work", "Planning"))

    assert summaries(desk, account, collections=["Work"]) == ["Planning"]


def test_without_sync_tokens_everything_is_compared(
    desk: Desk, account: DavServer, work: caldav.Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither server is without them, so the requests that need them fail on our side."""
    real = Session.request

    def without_sync(self: Session, method: str, url: str, **given: Any) -> Any:
        if method == "REPORT" and b"sync-collection" in bytes(given["data"]):
            raise error.ReportError
        return real(self, method, url, **given)

    monkeypatch.setattr(Session, "request", without_sync)
    assert summaries(desk, account, collections=["Work"]) == ["Standup"]
    work.add_event(event("five@work", "Demo"))
    assert summaries(desk, account, collections=["Work"]) == ["Demo", "Standup"]
    work.get_event_by_uid("one@work").delete()
    assert summaries(desk, account, collections=["Work"]) == ["Demo"]


def test_since_leaves_the_past_on_the_server(
    desk: Desk, account: DavServer, work: caldav.Calendar
) -> None:
    work.add_event(event("old@work", "Long ago", "20240102"))

    assert summaries(desk, account, collections=["Work"]) == ["Long ago", "Standup"]
    assert summaries(desk, account, collections=["Work"], since="30d") == ["Standup"]
    work.add_event(event("six@work", "Party"))
    assert summaries(desk, account, collections=["Work"], since="30d") == ["Party", "Standup"]


def test_a_collection_that_is_gone_is_looked_for_anew(
    desk: Desk, account: DavServer, work: caldav.Calendar
) -> None:
    assert "Dentist" in summaries(desk, account)
    home = next(
        each
        for each in work.client.get_principal().get_calendars()
        if each.get_display_name() == "Home"
    )
    home.delete()

    assert summaries(desk, account) == ["Standup"]
    work.client.get_principal().make_calendar("Home")


def test_a_wrong_password_is_said_and_the_copy_stays(desk: Desk, tmp_path: Any) -> None:
    with radicale(tmp_path) as server:
        with server.client() as client:
            client.get_principal().make_calendar("Work").add_event(event("one", "Standup"))
        summaries(desk, server)
        wrong = {**server.login, "password": "wrong"}

        reading = desk.read(source="caldav", url=server.home, **wrong)

    assert reading.problem.endswith("asks for a login, or refuses this one")
    assert "wrong" not in reading.problem
    assert reading.copy_from is not None
    gone = desk.read(source="caldav", url=server.home, **server.login)
    assert gone.problem.endswith("nothing listens there")
    assert gone.copy_from is not None


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (answer(), "does not answer as a CalDAV server does"),
        (answer("207 Multi-Status", b"<<<not xml"), "does not answer as a CalDAV server does"),
        (answer("404 Not Found", b""), "there is no CalDAV account at this address"),
        (answer("429 Too Many", b"", Retry_After="60"), "is asked too often (429)"),
        (answer("500 Oops", b""), "does not answer as a CalDAV server does"),
    ],
)
def test_what_is_no_caldav_server_is_one_clear_line(
    desk: Desk, server: Server, reply: bytes, problem: str
) -> None:
    server.answers(reply)

    reading = desk.read(source="caldav", url=f"{server.url}?token=s3cr3t")

    assert problem in reading.problem
    assert "s3cr3t" not in reading.problem
    assert "\n" not in reading.problem


def test_a_redirect_into_the_network_at_home_is_refused(desk: Desk, server: Server) -> None:
    server.answers(answer("301 Moved", b"", Location="http://169.254.169.254/latest/meta-data/"))

    reading = desk.read(source="caldav", url=server.url)

    assert "link-local address" in reading.problem
