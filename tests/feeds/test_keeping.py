"""`host serve` builds again when a file has changed, and when one dies it keeps to what it has."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from servers import CALENDAR, Server, answer

from calendarbot.cli import keeping
from calendarbot.publish import publish_display
from calendarbot.store.folder import FolderStore
from calendarbot.watching import Watch

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from desk import Desk


class Looks(threading.Event):
    """Time that passes by being waited for: what happens at each look is in `happens`."""

    def __init__(self, *happens: object) -> None:
        super().__init__()
        self._happens = list(happens)
        self.waits_s: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waits_s.append(timeout)
        if self._happens:
            happening = self._happens.pop(0)
            if callable(happening):
                happening()
        else:
            self.set()
        return self.is_set()


def test_a_changed_file_is_built_soon_and_a_stop_is_heeded(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "family.ics"
    path.write_bytes(CALENDAR)
    watch = Watch(desk.config(path="family.ics"), ["school"])
    looks = Looks(None, lambda: path.write_bytes(CALENDAR * 2), None)

    assert keeping._wait(looks, timedelta(hours=1), watch)
    assert looks.waits_s == [keeping.LOOK_EVERY_S] * 3
    assert not keeping._wait(looks, timedelta(hours=1), watch)


def test_what_a_display_shows_survives_its_feeds_death_with_a_notice(
    desk: Desk, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From the feed to the store, as `host serve` does it, over three days."""
    desk.process = desk.reader()
    monkeypatch.setattr("calendarbot.agenda.process_reader", lambda: desk.process)
    config = desk.config(url=server.url, keep_copy="1d")
    config = config.model_copy(
        update={
            "displays": {"kitchen": config.display("kitchen").model_copy(update={"unsealed": True})}
        }
    )
    store = FolderStore(tmp_path / "out")

    def states() -> list[tuple[str, bool]]:
        built = publish_display(store, config, "kitchen", desk.now, hours=1).built
        return [(bool(s.problem), s.copy_from is not None) for s in built.timeline.agenda.calendars]

    assert states() == [(False, False)]
    server.answers(answer("503 Busy", b""))
    desk.later(hours=1)
    assert states() == [(True, True)]
    desk.later(days=2)
    assert states() == [(True, False)]
    server.answers(answer())
    desk.later(hours=1)
    assert states() == [(False, False)]
