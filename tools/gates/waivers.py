"""Findings that may stand until a day: waivers.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_KEYS: Final = {"gate", "finding", "until", "owner", "reason"}
LONGEST_DAYS: Final = 366
"""A waiver for longer is a decision, and belongs into the gate."""


class WaiverError(Exception):
    """waivers.toml does not say what it must; one line."""


@dataclass(frozen=True)
class Waiver:
    """One finding, or several of one form, that may stand until the end of `until`."""

    gate: str
    finding: str
    """A pattern for the whole line, with * and ?."""
    until: date
    owner: str
    reason: str

    def covers(self, gate: str, line: str) -> bool:
        return gate == self.gate and fnmatchcase(line, self.finding)

    def problem(self, today: date) -> str | None:
        """Why it holds no longer, or not at all."""
        if self.until < today:
            return f"the waiver for {self.finding!r} expired on {self.until} ({self.reason})"
        if (self.until - today).days > LONGEST_DAYS:
            return f"the waiver for {self.finding!r} is for more than {LONGEST_DAYS} days"
        return None


def read(file: Path) -> list[Waiver]:
    """Raises WaiverError."""
    try:
        entries = tomllib.loads(file.read_text()).get("waiver", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WaiverError(f"{file}: {error}") from error
    return [_waiver(file, number, entry) for number, entry in enumerate(entries, 1)]


def _waiver(file: Path, number: int, entry: dict[str, object]) -> Waiver:
    where = f"{file}: waiver {number}"
    if entry.keys() != _KEYS:
        raise WaiverError(f"{where} needs exactly the keys {', '.join(sorted(_KEYS))}")
    until = entry["until"]
    if not isinstance(until, date):
        raise WaiverError(f"{where}: 'until' is a day without quotes, as 2027-03-01")
    texts = {key: str(entry[key]).strip() for key in _KEYS - {"until"}}
    if not all(texts.values()):
        raise WaiverError(f"{where}: no text may be empty")
    return Waiver(until=until, **texts)


def sift(
    gate: str, findings: list[str], waivers: list[Waiver], today: date
) -> tuple[list[str], list[str]]:
    """What is left of a gate's findings, with what is wrong with its waivers; and what was waived."""
    left: list[str] = []
    waived: list[str] = []
    mine = [waiver for waiver in waivers if waiver.gate == gate]
    problems = {waiver: waiver.problem(today) for waiver in mine}
    valid = [waiver for waiver in mine if problems[waiver] is None]
    for line in findings:
        covered = any(waiver.covers(gate, line) for waiver in valid)
        (waived if covered else left).append(line)
    for waiver in mine:
        if problem := problems[waiver]:
            left.append(problem)
        elif not any(waiver.covers(gate, line) for line in findings):
            left.append(f"the waiver for {waiver.finding!r} covers nothing any more: remove it")
    return left, waived
