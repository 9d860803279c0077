"""A new key for a display: where it may be put, and what is answered until its device has it."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from calendarbot.cli import cli
from calendarbot.config import load_config
from calendarbot.keys import display_keys, retire

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = "11" * 32, "22" * 32
CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A display whose key is in a file, with its first page published."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home.ics").write_text(CALENDAR)
    (tmp_path / "kitchen.key").write_text(OLD + "\n")
    configured(tmp_path, "file:kitchen.key")
    assert host("build-frames", "--out=out").exit_code == 0
    return tmp_path


def configured(folder: Path, key: str) -> None:
    (folder / "calendarbot.toml").write_text(
        '[calendars.home]\npath = "home.ics"\n'
        f'[displays.kitchen]\npanel = "waveshare_2in13_v4"\nkey = "{key}"\n'
    )


def host(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, prog_name="host")


def change(*arguments: str) -> Result:
    return host("change", "--display=kitchen", "--out=out", *arguments)


def keys(folder: Path) -> tuple[str | None, str | None]:
    found = display_keys(load_config(folder / "calendarbot.toml"), "kitchen")
    now, before = (key.hex() if key else None for key in (found.now, found.before))
    return now, before


def test_a_new_key_is_put_into_the_file_and_the_old_one_kept_until_it_is_retired(
    folder: Path,
) -> None:
    assert change("--new-key").exit_code == 0
    now, before = keys(folder)
    assert before == OLD
    assert now not in (None, OLD)
    assert stat.S_IMODE((folder / "kitchen.key").stat().st_mode) == 0o600
    assert (folder / "out" / "kitchen" / "change.ink").exists()
    retire("kitchen")
    assert keys(folder) == (now, None)


def test_a_key_that_somebody_else_keeps_is_replaced_there_and_the_old_one_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KITCHEN_KEY", OLD)
    configured(folder, "env:KITCHEN_KEY")
    refused = change("--new-key")
    assert refused.exit_code == 3
    assert "--old-key file:PATH" in refused.stderr
    too_early = change("--old-key=file:kitchen.key")
    assert too_early.exit_code == 3
    assert "is the one in force" in too_early.stderr
    monkeypatch.setenv("KITCHEN_KEY", NEW)
    assert change("--old-key=file:kitchen.key").exit_code == 0
    assert keys(folder) == (NEW, OLD)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--old-key=" + OLD,), "a secret is not written here"),
        (("--old-key=file:nothing",), "nothing"),
        (("--new-key", "--old-key=file:kitchen.key"), "--old-key says that you made one"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_changes_nothing(
    folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    refused = change(*arguments)
    assert refused.exit_code in (2, 3)
    assert words in refused.stderr
    assert OLD not in refused.output
    assert keys(folder) == (OLD, None)


def test_a_key_that_cannot_be_written_leaves_everything_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("calendarbot.keys.replace", full)
    refused = change("--new-key")
    assert refused.exit_code == 5
    assert "No space left on device" in refused.stderr
    assert keys(folder) == (OLD, None)


def test_without_a_published_page_there_is_nothing_to_change(folder: Path) -> None:
    refused = host("change", "--display=kitchen", "--out=elsewhere", "--new-key")
    assert "nothing is published for kitchen yet" in refused.stderr
    assert keys(folder) == (OLD, None)
