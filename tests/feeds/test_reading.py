"""Many calendars at once, and what a build, a page and a person get when one of them cannot be read."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from desk import START
from servers import CALENDAR, Asked, Server, answer, running

from calendarbot.build import build_display
from calendarbot.checkup import examine_calendars
from calendarbot.cli import cli
from calendarbot.config import Config, load_config
from calendarbot.copies import Copies
from calendarbot.errors import SourceError
from calendarbot.web.pacing import AT_ONCE, Pace

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from click.testing import Result
    from desk import Desk


def configured(desk: Desk, calendars: dict[str, dict[str, Any]]) -> Config:
    config = Config.model_validate(
        {
            "calendars": calendars,
            "displays": {"kitchen": {"panel": "waveshare_7in5_v2", "unsealed": True}},
            "tz": "Europe/Berlin",
            "locale": "en_GB",
        }
    )
    return config.with_place(desk.folder, str(desk.folder / "calendarbot.toml"))


def host(*args: str) -> Result:
    return CliRunner(env={"COLUMNS": "160"}).invoke(cli, list(args), prog_name="host")


def written(folder: Path, calendar: str) -> str:
    path = folder / "calendarbot.toml"
    path.write_text(
        'tz = "Europe/Berlin"\nlocale = "en_GB"\n[displays.kitchen]\npanel = "waveshare_7in5_v2"\n'
        f"unsealed = true\n[calendars.school]\n{calendar}\n",
        encoding="utf-8",
    )
    return str(path)


def test_one_that_never_answers_keeps_none_of_forty_nine_others(desk: Desk) -> None:
    """The slow one is let go only when all others have been answered, so they cannot be behind it."""
    others_done = threading.Barrier(2)
    answered = 0
    count = threading.Lock()

    def last_of_all(_: Asked, __: socket.socket) -> bytes:
        others_done.wait(timeout=60)
        return answer()

    def at_once(_: Asked, __: socket.socket) -> bytes:
        nonlocal answered
        with count:
            answered += 1
            is_last = answered == 49
        if is_last:
            threading.Thread(target=others_done.wait).start()
        return answer()

    with running(Server(last_of_all)) as slow, running(Server(at_once)) as quick:
        calendars = {f"c{n}": {"url": f"{quick.url}?{n}"} for n in range(49)}
        config = configured(desk, {"slow": {"url": slow.url}, **calendars})
        steps: list[tuple[int, int]] = []

        readings = desk.reader().read_all(
            config, list(config.calendars), lambda _, done, total: steps.append((done, total))
        )

    assert list(readings) == list(config.calendars)
    assert all(reading.problem == "" for reading in readings.values())
    assert steps[-1] == (50, 50)


def test_one_host_is_asked_a_few_at_a_time_and_not_all_at_once() -> None:
    now = 100.0
    sleeps: list[float] = []
    pace = Pace(lambda: now, sleeps.append)
    with pace.turn("a", 1), pace.turn("a", 1), pace.turn("b", 1):
        pass
    assert sleeps == [pytest.approx(0.1)]

    turns = [pace.turn("c", 10) for _ in range(AT_ONCE)]
    for turn in turns:
        turn.__enter__()
    with pytest.raises(TimeoutError), pace.turn("c", 0.001):
        pass
    turns[0].__exit__(None, None, None)
    with pace.turn("c", 10):
        pass


def test_two_displays_that_show_one_calendar_ask_for_it_once(desk: Desk, server: Server) -> None:
    desk.process = desk.reader()
    config = configured(desk, {"a": {"url": server.url}, "b": {"url": server.url}})

    readings = desk.process.read_all(config, ["a", "b"])

    assert [reading.problem for reading in readings.values()] == ["", ""]
    assert len(server.asked) == 1


def test_a_dead_feed_does_not_keep_the_page_from_the_other_calendars(
    desk: Desk, server: Server
) -> None:
    (desk.folder / "family.ics").write_bytes(CALENDAR)
    server.answers(answer("404 Not Found", b""))
    config = configured(desk, {"family": {"path": "family.ics"}, "school": {"url": server.url}})

    built = build_display(config, "kitchen", START, hours=1)

    agenda = built.timeline.agenda
    assert [occurrence.summary for occurrence in agenda.occurrences] == ["Assembly"]
    assert [bool(state.problem) for state in agenda.calendars] == [False, True]


def test_a_calendar_just_given_on_the_command_line_is_an_error_when_it_is_not_there(
    tmp_path: Path, server: Server
) -> None:
    server.answers(answer("404 Not Found", b""))
    for place in (str(tmp_path / "none.ics"), server.url):
        for command in ("events", "preview"):
            result = host(command, "--calendar", place)
            assert result.exit_code == 4
            assert result.stderr.count("error: ") == 1


def test_events_shows_the_copy_and_says_so(tmp_path: Path, server: Server) -> None:
    config = written(tmp_path, f'url = "{server.url}"')
    span = ("--from", "2026-11-24", "--to", "2026-11-25", "--json")
    assert host("events", config, *span).stderr == ""
    server.answers(answer("404 Not Found", b""))

    result = host("events", config, *span)

    assert result.exit_code == 0
    assert [entry["summary"] for entry in json.loads(result.stdout)] == ["Assembly"]
    assert "warning: school: 127.0.0.1" in result.stderr
    assert "there is nothing at this address (404); this is its copy from " in result.stderr


def test_events_without_a_copy_shows_the_others_and_fails(tmp_path: Path, server: Server) -> None:
    (tmp_path / "family.ics").write_bytes(CALENDAR)
    server.answers(answer("404 Not Found", b""))
    table = f'url = "{server.url}"\n[calendars.family]\npath = "family.ics"'

    result = host("events", written(tmp_path, table), "--from", "2026-11-24", "--json")

    assert result.exit_code == 4
    assert [entry["summary"] for entry in json.loads(result.stdout)] == ["Assembly"]
    assert "error: school: 127.0.0.1" in result.stderr


def test_the_doctor_examines_calendars(tmp_path: Path, server: Server) -> None:
    config = written(tmp_path, f'url = "{server.url}"\nname = "School"')
    good = host("doctor", "--config", config, "--json")
    (finding,) = json.loads(good.stdout)["findings"]
    assert (good.exit_code, finding["check"], finding["state"]) == (0, "school", "good")

    server.answers(answer("401 Unauthorized", b""))
    bad = host("doctor", "--config", config)
    assert bad.exit_code == 4
    assert "asks for a login" in bad.stdout
    assert "pages show its copy from" in bad.stdout
    assert "→ check user and password" in bad.stdout


def test_the_doctor_notes_what_is_to_be_done_though_all_is_well(desk: Desk, server: Server) -> None:
    with running(Server()) as new:
        server.answers(answer("308 Permanent Redirect", b"", Location=new.url))
        config = configured(desk, {"a": {"url": f"{server.url}?key=s3cr3t"}})

        findings = examine_calendars(config, START, desk.reader())

    assert [finding.state for finding in findings] == ["good", "note", "note"]
    assert "has moved for good" in findings[1].says
    assert findings[2].says.startswith("calendars.a.url: this address gives the calendar")
    assert "s3cr3t" not in str(findings)


@pytest.mark.parametrize("kind", ["env", "file", "keyring"])
def test_an_address_is_kept_where_its_reference_says(
    desk: Desk, server: Server, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = pytest.importorskip("keyring")
    monkeypatch.setenv("SCHOOL_URL", server.url)
    monkeypatch.setattr(keyring, "get_password", lambda *asked: {("bot", "a/b"): server.url}[asked])
    (desk.folder / "school.url").write_text(server.url + "\n")
    places = {"env": "env:SCHOOL_URL", "file": "file:school.url", "keyring": "keyring:bot/a/b"}

    assert desk.read(url=places[kind]).problem == ""


def test_a_secret_that_is_not_there_is_one_line(desk: Desk) -> None:
    assert (
        desk.read(url="env:NO_SUCH").problem == "env:NO_SUCH: the environment variable is not set"
    )
    assert "No such file" in desk.read(url="file:none.url").problem
    (desk.folder / "wrong.url").write_text("hunter2")
    reading = desk.read(url="file:wrong.url")
    assert reading.problem == "file:wrong.url holds no address"


def test_no_message_and_no_representation_holds_a_secret(desk: Desk, server: Server) -> None:
    server.answers(answer("404 Not Found", b""))
    url = server.url.replace("//", "//ann:hunter2@").replace("calendar.ics", "t0ken/x.ics?key=k3y")
    config = desk.config(url=url)
    reading = desk.read(url=url)

    said = f"{reading!r} {config!r} {config.calendars['school'].url}"
    assert reading.problem
    for secret in ("hunter2", "t0ken", "k3y"):
        assert secret not in said


def test_secrets_on_the_command_line_and_in_the_file_are_warned_of(
    tmp_path: Path, server: Server
) -> None:
    config = written(tmp_path, f'url = "{server.url}"\nuser = "ann"\npassword = "hunter2"')
    from_file = host("events", config)
    from_line = host("events", "--calendar", f"{server.url}?key=k3y")

    assert "warning: calendars.school.password: this secret is there" in from_file.stderr
    assert "warning: --calendar: this address gives the calendar" in from_line.stderr
    assert "hunter2" not in from_file.output
    assert "k3y" not in from_line.output
    assert host("events", "--calendar", server.url).stderr == ""


def test_init_keeps_an_address_out_of_the_configuration(tmp_path: Path, server: Server) -> None:
    url = f"{server.url}?key=k3y"

    result = host("init", str(tmp_path), "--calendar", url, "--yes")

    assert result.exit_code == 0
    text = (tmp_path / "calendarbot.toml").read_text()
    assert "k3y" not in text
    secret = tmp_path / "keys" / "127.0.0.1.url"
    assert secret.stat().st_mode & 0o777 == 0o600
    calendar = load_config(tmp_path / "calendarbot.toml").calendars["127.0.0.1"]
    assert calendar.url is not None
    assert calendar.url.read_text(tmp_path) == url


def test_copies_that_nobody_reads_any_more_are_removed(desk: Desk, server: Server) -> None:
    desk.read(url=server.url)
    copies = Copies(desk.folder / "copies")
    (meta,) = (desk.folder / "copies").rglob("meta.json")
    written_at = meta.stat().st_mtime

    now = START.fromtimestamp(written_at, START.tzinfo)
    copies.forget_unused(now + timedelta(days=89))
    assert meta.exists()
    copies.forget_unused(now + timedelta(days=91))
    assert not meta.exists()


def test_a_cache_that_cannot_be_written_costs_only_the_copy(
    desk: Desk, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    (desk.folder / "copies").write_text("a file where the folder should be")

    assert desk.read(url=server.url).problem == ""
    assert "no copies of calendars can be kept" in caplog.text


def test_a_wrong_calendar_table_is_one_line(tmp_path: Path) -> None:
    for table, problem in [
        ("", "a calendar has either a 'path' or a 'url'"),
        ('path = "a.ics"\nurl = "https://x.example"', "either a 'path' or a 'url'"),
        ('url = "gopher://x"', "an address begins with https://"),
        ('url = "https://x.example"\npassword = "p"', "a 'password' needs a 'user'"),
        ('url = "https://x.example"\nuser = "u"\ntoken = "t"', "either a 'token' or 'user'"),
    ]:
        result = host("events", written(tmp_path, table))
        assert result.exit_code == 3, table
        assert problem in result.stderr
    for table in ('path = "a.ics"\nsource = "ics_url"', 'url = "https://x"\nsource = "vdir"'):
        result = host("events", written(tmp_path, table))
        assert result.exit_code == 4, table


def test_the_page_of_a_command_line_try_is_an_error_not_a_notice(tmp_path: Path) -> None:
    from calendarbot.config import config_from_options

    config = config_from_options([tmp_path / "none.ics"])
    with pytest.raises(SourceError, match="there is no such calendar file"):
        build_display(config, "display", START, hours=1)
