"""Publishing leaves alone what is still right."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from calendarbot import payloads
from calendarbot.config import Config, config_from_options
from calendarbot.errors import SourceError
from calendarbot.publish import publish_display
from calendarbot.store.folder import FolderStore
from inkframe.codec import encode

if TYPE_CHECKING:
    from pathlib import Path

    from inkframe._encoder import Payload

BERLIN = ZoneInfo("Europe/Berlin")
MORNING = datetime(2026, 11, 24, 6, 0, tzinfo=BERLIN)
EVENT = """BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261101T120000Z
SUMMARY:{summary}
DTSTART;TZID=Europe/Berlin:20261124T{start}
DTEND;TZID=Europe/Berlin:20261124T{end}
END:VEVENT
"""


def calendar(*events: tuple[str, str, str]) -> str:
    body = "".join(
        EVENT.format(uid=number, summary=summary, start=start, end=end)
        for number, (summary, start, end) in enumerate(events)
    )
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//\n{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n")


TWO = calendar(("Breakfast", "080000", "090000"), ("Lunch", "120000", "130000"))
THREE = calendar(
    ("Breakfast", "080000", "090000"), ("Lunch", "120000", "130000"), ("Tea", "160000", "170000")
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "my.ics"
    path.write_text(TWO)
    return path


def config_for(file: Path) -> Config:
    return config_from_options([file], tz="Europe/Berlin", locale="en_GB")


def test_the_same_calendar_is_not_published_again(file: Path, tmp_path: Path) -> None:
    """Nor for what happens after the bundle's end: the next one is early enough for that."""
    file.write_text(calendar(("Breakfast", "080000", "090000"), ("Concert", "200000", "210000")))
    store, config = FolderStore(tmp_path / "out"), config_for(file)
    first = publish_display(store, config, "display", MORNING, 12)
    later = publish_display(store, config, "display", MORNING + timedelta(hours=4), 12)
    assert first.changed
    concert_s = int((MORNING + timedelta(hours=14)).timestamp())
    assert concert_s in dict(later.built.shown)
    assert not later.changed
    assert later.manifest == first.manifest


def test_a_new_event_is_published_under_a_higher_sequence(file: Path, tmp_path: Path) -> None:
    store, config = FolderStore(tmp_path / "out"), config_for(file)
    first = publish_display(store, config, "display", MORNING, 12)
    file.write_text(THREE)
    later = publish_display(store, config, "display", MORNING + timedelta(hours=1), 12)
    assert later.changed
    assert later.manifest.sequence > first.manifest.sequence


def test_only_what_is_new_is_encoded(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Encoding is what takes long: a calendar looked at again, or a little changed, is published at once."""
    monkeypatch.setattr(payloads, "_made", type(payloads._made)())
    store, config = FolderStore(tmp_path / "out"), config_for(file)
    publish_display(store, config, "display", MORNING, 8)
    encoded: list[bytes] = []

    def counted(held: bytes | None, new: bytes, *rest: int) -> Payload:
        encoded.append(new)
        return encode(held, new, *rest)

    monkeypatch.setattr("calendarbot.payloads.codec.encode", counted)
    assert not publish_display(store, config, "display", MORNING, 8).changed
    assert not encoded

    later = publish_display(store, config, "display", MORNING + timedelta(hours=6), 12)
    assert later.changed
    assert 0 < len(encoded) < len(later.manifest.frames)

    known = len(encoded)
    file.write_text(THREE)
    changed = publish_display(store, config, "display", MORNING + timedelta(hours=6), 12)
    assert changed.changed
    assert len(encoded) > known


def test_a_bundle_that_will_soon_run_out_is_published_anew(file: Path, tmp_path: Path) -> None:
    store, config = FolderStore(tmp_path / "out"), config_for(file)
    publish_display(store, config, "display", MORNING, 12)
    assert publish_display(store, config, "display", MORNING + timedelta(hours=11), 12).changed


def test_a_new_key_means_a_new_bundle(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, config = FolderStore(tmp_path / "out"), config_for(file)
    publish_display(store, config, "display", MORNING, 12)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    assert publish_display(store, config, "display", MORNING, 12).changed


def test_a_calendar_that_broke_leaves_what_was_published(file: Path, tmp_path: Path) -> None:
    store, config = FolderStore(tmp_path / "out"), config_for(file)
    before = publish_display(store, config, "display", MORNING, 12).manifest
    file.write_text("<html>Sign in</html>")
    with pytest.raises(SourceError):
        publish_display(store, config, "display", MORNING + timedelta(hours=1), 12)
    assert store.current("display") == before
