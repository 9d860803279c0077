"""Folders of calendars and vdirs: what is read, left out and noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk import START
from servers import CALENDAR

from calendarbot.watching import Watch

if TYPE_CHECKING:
    from pathlib import Path

    from desk import Desk


def put(path: Path, content: bytes = CALENDAR) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_folder_is_one_calendar_of_all_its_files(desk: Desk, tmp_path: Path) -> None:
    for name in ("b.ics", "a.ICS", ".hidden.ics", "notes.txt", "sub/c.ics"):
        put(tmp_path / "cal" / name)

    reading = desk.read(path="cal")

    names = [text.where.rpartition("/")[2] for text in reading.data.texts]
    assert names == ["a.ICS", "b.ics"]


def test_a_bad_file_in_a_folder_is_left_out_and_named(desk: Desk, tmp_path: Path) -> None:
    put(tmp_path / "cal" / "good.ics")
    put(tmp_path / "cal" / "bad.ics", b"Dear diary")

    reading = desk.read(path="cal")

    assert len(reading.data.texts) == 1
    (line,) = reading.data.left_out
    assert "bad.ics: not a calendar file" in line

    (tmp_path / "cal" / "good.ics").unlink()
    assert "none of its files can be read" in desk.read(path="cal").problem


def test_an_empty_folder_is_an_empty_calendar(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "cal").mkdir()

    assert desk.read(path="cal").data.texts == ()


def test_a_folder_that_is_gone_is_stood_in_for_by_its_copy(desk: Desk, tmp_path: Path) -> None:
    file = put(tmp_path / "cal" / "a.ics")
    desk.read(path="cal", source="ics_folder")
    file.unlink()
    file.parent.rmdir()

    reading = desk.read(path="cal", source="ics_folder")

    assert "there is no such folder" in reading.problem
    assert reading.copy_from == START
    assert [text.content for text in reading.data.texts] == [CALENDAR]


def test_a_collection_of_a_vdir_has_its_name_and_colour(desk: Desk, tmp_path: Path) -> None:
    put(tmp_path / "cal" / "one.ics")
    put(tmp_path / "cal" / "two.ics.tmp")
    put(tmp_path / "cal" / "displayname", "Fußball\n".encode())
    put(tmp_path / "cal" / "color", b"#FF8800")

    data = desk.read(source="vdir", path="cal").data

    assert (len(data.texts), data.title, data.color) == (1, "Fußball", "#ff8800")


def test_the_collections_of_a_vdir_are_read_together_or_chosen(desk: Desk, tmp_path: Path) -> None:
    put(tmp_path / "cal" / "work" / "one.ics")
    put(tmp_path / "cal" / "7f3a" / "two.ics")
    put(tmp_path / "cal" / "7f3a" / "displayname", b"Home")

    def items(**settings: object) -> list[str]:
        data = desk.read(source="vdir", path="cal", **settings).data
        return sorted(text.where.rpartition("/")[2] for text in data.texts)

    assert items() == ["one.ics", "two.ics"]
    assert items(collections=["Home"]) == ["two.ics"]
    assert items(collections=["work"]) == ["one.ics"]
    missing = desk.read(source="vdir", path="cal", collections=["Hmoe"])
    assert missing.problem.endswith("there is no collection 'Hmoe'")
    assert missing.hint == "did you mean 'Home'?"


def test_a_change_is_noticed_once_it_is_complete(desk: Desk, tmp_path: Path) -> None:
    put(tmp_path / "cal" / "a.ics")
    watch = Watch(desk.config(path="cal"), ["school"])
    assert not watch.changed()

    put(tmp_path / "cal" / "b.ics", CALENDAR[:20])
    assert not watch.changed()
    put(tmp_path / "cal" / "b.ics", CALENDAR)
    assert not watch.changed()
    assert watch.changed()
    assert not watch.changed()

    (tmp_path / "cal" / "a.ics").unlink()
    assert [watch.changed(), watch.changed()] == [False, True]


def test_a_file_that_comes_later_is_noticed(desk: Desk, tmp_path: Path) -> None:
    watch = Watch(desk.config(path="later.ics"), ["school"])

    put(tmp_path / "later.ics")

    assert [watch.changed(), watch.changed()] == [False, True]
