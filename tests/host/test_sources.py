"""Reading a calendar file, and saying what a file is that is none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from calendarbot import sources
from calendarbot.config import CalendarConfig
from calendarbot.errors import ConfigError, SourceError
from calendarbot.sources import Given, _local
from calendarbot.web.client import Web

CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"


def read(path: Path, base_dir: Path = Path(), **settings: Any) -> sources.SourceData:
    given = Given(base_dir, Web, datetime(2026, 11, 24, 8, tzinfo=UTC))
    return sources.read(CalendarConfig(path=path, **settings), given)


def error_of(path: Path, **settings: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(path, **settings)
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n\r\n"])
def test_a_calendar_file_is_read_as_it_is(tmp_path: Path, before: bytes) -> None:
    (tmp_path / "my.ics").write_bytes(before + CALENDAR)

    data = read(Path("my.ics"), tmp_path)

    assert [text.content for text in data.texts] == [before + CALENDAR]
    assert data.where == str(tmp_path / "my.ics")


@pytest.mark.parametrize(
    ("content", "looks"),
    [
        (b"", "it is empty"),
        (b" \r\n\n", "it is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "it looks like a PNG picture"),
        (b"\xff\xd8\xff\xe0", "it looks like a JPEG picture"),
        (b"%PDF-1.7", "it looks like a PDF document"),
        (b"PK\x03\x04", "it looks like a ZIP archive"),
        (b"\n<!doctype html><html>", "it looks like a web page"),
        (b"<html><body>Log in", "it looks like a web page"),
        (b'{"error": 404}', "it looks like JSON"),
        (b"begin:vcard\n", "it looks like an address book"),
        ("Dear all".encode("utf-16"), "it looks like text in UTF-16"),
        (b"\x00\x01\x02\x03", "it holds bytes that are not text"),
        (b"Dear diary", "it looks like other text"),
    ],
)
def test_a_file_that_is_no_calendar_is_named_for_what_it_looks_like(
    tmp_path: Path, content: bytes, looks: str
) -> None:
    path = tmp_path / "my.ics"
    path.write_bytes(content)

    error = error_of(path)

    assert looks in error.message
    assert "BEGIN:VCALENDAR" in error.hint


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    assert "there is no such calendar file" in error_of(tmp_path / "none.ics").message
    assert "this is a folder" in error_of(tmp_path, source="ics_file").message


def test_a_file_the_system_refuses_is_one_line(tmp_path: Path) -> None:
    loop = tmp_path / "loop.ics"
    loop.symlink_to(loop)
    error_of(loop)

    with pytest.raises(SourceError, match="cannot be the name of a file"):
        read(Path("a\0b"))


def test_a_huge_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_local, "MAX_BYTES", len(CALENDAR) - 1)
    path = tmp_path / "my.ics"
    path.write_bytes(CALENDAR)

    assert "larger than" in error_of(path).message


def test_an_unknown_source_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        sources.load("ics_fil")

    assert caught.value.hint == "did you mean 'ics_file'?"


def test_what_was_read_is_not_in_its_representation(tmp_path: Path) -> None:
    (tmp_path / "my.ics").write_bytes(CALENDAR)

    assert "VERSION" not in repr(read(tmp_path / "my.ics"))
