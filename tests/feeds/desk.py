"""Who reads one calendar, with a clock and pauses that are the test's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from calendarbot.config import Config
from calendarbot.copies import Copies
from calendarbot.reading import Reader, Reading
from calendarbot.web.client import Web
from calendarbot.web.pacing import Pace
from calendarbot.web.policy import Policy

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 11, 24, 8, 10, tzinfo=UTC)


@dataclass
class Desk:
    """Reads one calendar, as different processes or the same one do."""

    folder: Path
    now: datetime = START
    pauses_s: list[float] = field(default_factory=list)
    web: dict[str, Any] = field(default_factory=dict)
    process: Reader | None = None

    def config(self, fetch: dict[str, Any] | None = None, **calendar: Any) -> Config:
        config = Config.model_validate(
            {
                "calendars": {"school": calendar},
                "displays": {"kitchen": {"panel": "waveshare_7in5_v2"}},
                "tz": "Europe/Berlin",
                "locale": "en_GB",
                "fetch": fetch or {},
            }
        )
        return config.with_place(self.folder, str(self.folder / "calendarbot.toml"))

    def reader(self) -> Reader:
        return Reader(Copies(self.folder / "copies"), lambda: self.now, self._web)

    def _web(self, fetch: Any) -> Web:
        return Web(
            Policy.of(fetch),
            fetch.timeout.total_seconds(),
            Pace(sleep=lambda _: None),
            sleep=self.pauses_s.append,
            jitter=lambda: 0.5,
            **self.web,
        )

    def read(self, fetch: dict[str, Any] | None = None, **calendar: Any) -> Reading:
        """In a process of its own, or the one that `process` is."""
        reader = self.process or self.reader()
        return reader.read_all(self.config(fetch, **calendar), ["school"])["school"]

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)
