"""Tests that may fail for now: quarantine.toml, with an owner and a last day for each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from tools.suites.catalogue import SuitesError, matches

FILE = Path(__file__).with_name("quarantine.toml")


@dataclass(frozen=True)
class Entry:
    id: str
    why: str
    owner: str
    until: date


@dataclass(frozen=True)
class Quarantine:
    entries: tuple[Entry, ...]

    def __contains__(self, test_id: str) -> bool:
        return any(matches(test_id, [entry.id]) for entry in self.entries)

    def said(self, test_id: str) -> str:
        entry = next(entry for entry in self.entries if matches(test_id, [entry.id]))
        return f"in quarantine until {entry.until}, {entry.owner}: {entry.why}"


def read(file: Path, today: date) -> Quarantine:
    """SuitesError if an entry lacks something, or its last day has passed."""
    rows = tomllib.loads(file.read_text(encoding="utf-8")).get("test", [])
    try:
        entries = tuple(Entry(**row) for row in rows)
    except TypeError:
        raise SuitesError(f"{file.name}: an entry has id, why, owner and until, no more") from None
    for entry in entries:
        if not (isinstance(entry.until, date) and entry.owner and entry.why):
            raise SuitesError(f"{file.name}: {entry.id} needs an owner, a reason and a day")
        if entry.until < today:
            raise SuitesError(
                f"{file.name}: {entry.id} was to be mended by {entry.owner} until {entry.until}: "
                "mend it, or renew its day and say why"
            )
    return Quarantine(entries)


@cache
def quarantined() -> Quarantine:
    return read(FILE, datetime.now(UTC).date())
