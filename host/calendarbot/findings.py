"""What examinations find: of boards and of calendars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["good", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `todo` is empty when nothing is to be done."""

    check: str
    state: State
    says: str
    todo: str = ""
