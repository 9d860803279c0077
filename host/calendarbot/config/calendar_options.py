"""What people want of one calendar's events, whatever place it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from calendarbot.config.table import Table

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_HOURS_PATTERN: Final = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of every day, over midnight when it ends before it starts."""

    start: time
    end: time
    """`time.max` for the end of the day."""

    def touch(self, start: time, end: time) -> bool:
        """Whether a span of one day, or a moment when both are the same, is in them."""
        spans = [(self.start, self.end)]
        if self.end <= self.start:
            spans = [(time.min, self.end), (self.start, time.max)]
        return any(start < ends and (end > begins or start >= begins) for begins, ends in spans)


def parse_hours(text: object) -> Hours | None:
    """ "09:00-18:00" as Hours. Raises ValueError."""
    if text is None or isinstance(text, Hours):
        return text
    if not isinstance(text, str) or not re.match(_HOURS_PATTERN, text):
        raise ValueError(f"{text!r} are not hours; write '09:00-18:00'")
    start, _, end = text.partition("-")
    return Hours(time.fromisoformat(start), time.max if end == "24:00" else time.fromisoformat(end))


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Status = Literal["CONFIRMED", "TENTATIVE"]
HoursOrNone = Annotated[
    Hours | None,
    BeforeValidator(parse_hours),
    WithJsonSchema({"type": "string", "pattern": _HOURS_PATTERN, "examples": ["09:00-18:00"]}),
]


class ChoiceConfig(Table):
    """Which events are meant: those to which any of this applies."""

    text: tuple[str, ...] = Field(
        default=(), description="Words in the title or the place; upper and lower case are alike."
    )
    categories: tuple[str, ...] = Field(
        default=(), description="Categories; upper and lower case are alike."
    )
    status: tuple[Status, ...] = Field(
        default=(), description="'CONFIRMED' or 'TENTATIVE', as the calendar says."
    )

    @model_validator(mode="after")
    def _chooses(self) -> Self:
        if not (self.text or self.categories or self.status):
            raise ValueError("choose by 'text', 'categories' or 'status'")
        return self


class CalendarOptions(Table):
    """Which events of a calendar are shown, and how."""

    icon: str = Field(
        default="",
        max_length=8,
        description="A short text, such as an emoji, that a page may put before its events.",
    )
    include: ChoiceConfig | None = Field(
        default=None, description="Only these events are shown; all when left out."
    )
    exclude: ChoiceConfig | None = Field(
        default=None, description="These events are not shown, even when 'include' names them."
    )
    owner: tuple[str, ...] = Field(
        default=(),
        description="The mail addresses of the calendar's owner: whose answer to an invitation counts.",
    )
    hide_declined: bool = Field(
        default=False, description="Invitations that 'owner' has declined are not shown."
    )
    private: Literal["show", "busy", "hide"] = Field(
        default="show",
        description="What becomes of events marked private or confidential: shown as they are, shown "
        "without any detail, or not shown.",
    )
    busy: str = Field(
        default="Busy", description="The title of an event that is shown without its details."
    )
    rename: dict[Pattern, str] = Field(
        default_factory=dict,
        description="Titles changed: regular expressions (upper and lower case are alike) and what "
        "stands for their matches, in the order given.",
    )
    working_hours: HoursOrNone = Field(
        default=None,
        json_schema_extra={"default": None},
        description="Only events that touch these hours of the day, by the display's clock, are shown. "
        "Whole days, and what lasts over midnight, have no hours and stay.",
    )
    working_days: tuple[Weekday, ...] = Field(
        default=(), description="Only events that touch these days of the week are shown."
    )

    @model_validator(mode="after")
    def _has_owner(self) -> Self:
        if self.hide_declined and not self.owner:
            raise ValueError("'hide_declined' needs the mail address of the 'owner'")
        return self
