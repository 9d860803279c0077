"""The values of a configuration that are more than text: durations, quiet hours, texts kept elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ValidationInfo,
    WithJsonSchema,
)

from calendarbot.config.secrets import REFERENCE_PATTERN, parse_secret_ref

DURATION_PATTERN: Final = r"^(?=.)(\d{1,4}d)?(\d{1,5}h)?(\d{1,6}(min|m))?(\d{1,7}s)?$"
QUIET_HOURS_PATTERN: Final = r"^(none|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)$"


def parse_duration(text: object) -> timedelta:
    """ "30min", "1h", "1h30m" or "1d" as a timedelta. Raises ValueError."""
    if isinstance(text, timedelta):
        return text
    parts = re.match(DURATION_PATTERN, text) if isinstance(text, str) else None
    if parts is None:
        raise ValueError(f"{text!r} is not a duration; write one like '30min', '1h30m' or '1d'")
    days, hours, minutes, _, seconds = parts.groups(default="0s")
    return timedelta(
        days=_number(days),
        hours=_number(hours),
        minutes=_number(minutes),
        seconds=_number(seconds),
    )


def _number(part: str) -> int:
    return int(part.rstrip("dhmins"))


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A span of every day, by the display's clock, in which a device sleeps through."""

    start: time
    end: time
    """Exclusive; earlier than `start` when the span crosses midnight."""

    def covers(self, clock: time) -> bool:
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


def parse_quiet_hours(text: object) -> QuietHours | None:
    """ "22:00-06:00" as QuietHours, "none" as None. Raises ValueError."""
    if text is None or isinstance(text, QuietHours):
        return text
    if not isinstance(text, str) or not re.match(QUIET_HOURS_PATTERN, text):
        raise ValueError(f"{text!r} are not quiet hours; write '22:00-06:00' or 'none'")
    if text == "none":
        return None
    start, end = (time.fromisoformat(part) for part in text.split("-"))
    if start == end:
        raise ValueError(f"quiet hours {text!r} are empty; write 'none' to have none")
    return QuietHours(start, end)


def placed_path(path: Path, info: ValidationInfo) -> Path:
    """A path from the configuration's folder on (the validation's `paths_from`)."""
    folder: Path = (info.context or {}).get("paths_from", Path())
    return folder / path.expanduser()


def placed_reference(text: str, info: ValidationInfo) -> str:
    """A text as it is; 'file:PATH' from the configuration's folder on."""
    if re.match(REFERENCE_PATTERN, text) and text.startswith("file:"):
        return f"file:{placed_path(Path(text.removeprefix('file:')), info)}"
    return text


def text_or_kept(text: str) -> str:
    """A text as it is, or what 'file:PATH' or 'env:NAME' holds, one line. Raises ConfigError."""
    if not re.match(REFERENCE_PATTERN, text):
        return text
    return parse_secret_ref(text).read_text(Path())


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": DURATION_PATTERN,
            "examples": ["30min", "1h", "1h30m", "1d"],
        }
    ),
]
QuietHoursOrNone = Annotated[
    QuietHours | None,
    BeforeValidator(parse_quiet_hours),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": QUIET_HOURS_PATTERN,
            "examples": ["22:00-06:00", "none"],
        }
    ),
]
TextOrReference = Annotated[str, AfterValidator(placed_reference)]
