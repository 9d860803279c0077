"""The index of a calendar: made once, never trusted blindly, and never in the way."""

from __future__ import annotations

import multiprocessing
import os
import stat
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from calendarbot.config import CalendarOptions
from calendarbot.events import Text, Window, index, occurrences, parsing
from calendarbot.private import cache_dir

if TYPE_CHECKING:
    from pathlib import Path

    from calendarbot.events.parsing import Parsed

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 24, tzinfo=BERLIN)
CALENDAR = (
    b"BEGIN:VCALENDAR\r\n"
    b"BEGIN:VTIMEZONE\r\nTZID:Ours\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
    b"TZOFFSETFROM:+0300\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    b"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Daily\r\nDTSTART;TZID=Ours:20200101T120000\r\n"
    b"DTEND;TZID=Ours:20200101T130000\r\nRRULE:FREQ=DAILY\r\nEXDATE;TZID=Ours:20261126T120000\r\n"
    b"END:VEVENT\r\n"
    b"BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Once\r\nDTSTART:20261125T080000Z\r\nCLASS:PRIVATE\r\n"
    b"ATTENDEE;PARTSTAT=DECLINED:mailto:Ann@example.org\r\nEND:VEVENT\r\n"
    b"BEGIN:VEVENT\r\nUID:3\r\nSUMMARY:Odd\r\nEND:VEVENT\r\n"
    b"END:VCALENDAR\r\n"
)


def read(calendar: bytes = CALENDAR, days: int = 3) -> tuple[list[str], tuple[str, ...]]:
    window = Window.between(START, START + timedelta(days=days))
    found, left_out = occurrences(
        [Text(calendar, "here.ics")], "c", window, BERLIN, CalendarOptions()
    )
    return sorted(f"{o.start:%d %H:%M} {o.summary}" for o in found), left_out


SHOWN = ["24 10:00 Daily", "25 09:00 Once", "25 10:00 Daily"]


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for every time that a calendar is parsed."""
    count: list[int] = []
    real = parsing.parse

    def counted(texts: list[Text]) -> Parsed:
        count.append(1)
        return real(texts)

    monkeypatch.setattr(parsing, "parse", counted)
    return count


def files() -> list[Path]:
    return sorted((cache_dir() / "events").iterdir())


def test_a_calendar_is_parsed_when_its_bytes_change_and_only_then(parses: list[int]) -> None:
    first = read()
    again = read()
    changed = read(CALENDAR.replace(b"Once", b"Later"))

    assert first == again
    assert first[0] == SHOWN
    assert "it has no DTSTART" in first[1][0]
    assert changed[0] == ["24 10:00 Daily", "25 09:00 Later", "25 10:00 Daily"]
    assert len(parses) == 2


def test_another_window_needs_no_parsing(parses: list[int]) -> None:
    read()

    assert len(read(days=10)[0]) == 10
    assert len(parses) == 1


def test_only_its_owner_can_read_an_index() -> None:
    read()

    (file,) = files()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("kept", [0, 20, 40, 5000])
def test_an_index_that_is_cut_short_is_made_anew(kept: int, parses: list[int]) -> None:
    read()
    (file,) = files()
    file.write_bytes(file.read_bytes()[:kept])

    assert read()[0] == SHOWN
    assert read()[0] == SHOWN
    assert len(parses) == 2


def test_one_wrong_bit_is_noticed(parses: list[int]) -> None:
    read()
    (file,) = files()
    content = bytearray(file.read_bytes())
    content[content.index(b"Daily") + 1] ^= 1
    file.write_bytes(content)

    assert read()[0] == SHOWN
    assert len(parses) == 2


def test_an_older_engines_index_is_not_used(
    parses: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    read()
    monkeypatch.setattr(index, "ENGINE", index.ENGINE + 1)

    assert read()[0] == SHOWN
    assert len(parses) == 2


def test_without_a_folder_to_write_to_it_is_parsed_every_time_and_said(
    tmp_path: Path,
    parses: list[int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    assert read()[0] == SHOWN
    assert read()[0] == SHOWN
    assert len(parses) == 2
    assert "calendars are parsed every time" in caplog.text


def test_a_folder_that_others_can_write_to_is_not_trusted(
    parses: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    read()
    (cache_dir() / "events").chmod(0o777)

    assert read()[0] == SHOWN
    assert len(parses) == 2
    assert "others can write there" in caplog.text


def test_what_was_not_used_for_long_is_removed() -> None:
    read()
    (old,) = files()
    os.utime(old, (0, 0))

    read(CALENDAR.replace(b"Once", b"Later"))

    assert old not in files()
    assert len(files()) == 1


def test_what_is_used_is_kept() -> None:
    read()
    (used,) = files()
    os.utime(used, (0, 0))
    read()

    read(CALENDAR.replace(b"Once", b"Later"))

    assert used in files()


def test_two_processes_may_make_the_same_index_at_once() -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        results = pool.map(_read_in_process, range(4))

    assert [shown for shown, _ in results] == [SHOWN] * 4
    assert [file.suffix for file in files()] == [".index"]


def _read_in_process(_: int) -> tuple[list[str], tuple[str, ...]]:
    return read()
