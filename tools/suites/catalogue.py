"""What suites.toml says."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[2]
CRITICAL = "critical"
NIGHTLY = "nightly"
UNMEASURED = "no_cover"
"""pytest-cov's mark."""
ALL_MIN = 20
"""What all suites but the hardware's may take together, on two cores."""


class SuitesError(Exception):
    """One line: what is wrong with the data or the request, and what to do."""


def kept_in(checkout: Path) -> Path:
    """Where is kept what is known from run to run."""
    return checkout / ".cache" / "suites"


KEPT = kept_in(ROOT)


@dataclass(frozen=True)
class Suite:
    name: str
    about: str
    budget_min: int
    slowest_s: int
    """What one of its tests may take."""
    timeout_s: int
    """When one of its tests hangs."""
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Touches:
    """Tests that a change of `paths` selects: by name, and those that run functions like `like`."""

    paths: tuple[str, ...]
    but: tuple[str, ...]
    """What is of `paths`, and not meant."""
    tests: tuple[str, ...]
    like: tuple[str, ...]
    alone: bool
    """That these are imported says nothing: they are looked up by name, by whoever wants one of them."""

    def concerns(self, file: str) -> bool:
        return matches(file, self.paths) and not matches(file, self.but)


@cache
def suites() -> dict[str, Suite]:
    return {
        name: Suite(name=name, **{**row, "tests": tuple(row["tests"])})
        for name, row in _data()["suites"].items()
    }


def suite_of(test_id: str) -> Suite:
    """The one suite of a test (pytest's node id, relative to the checkout)."""
    for suite in suites().values():
        if matches(test_id, suite.tests):
            return suite
    raise SuitesError(f"{test_id} is in no suite: add a pattern to tools/suites/suites.toml")


def tags() -> dict[str, str]:
    """Every mark that suites.toml gives, and what it is for."""
    across = {name: _data()[name]["about"] for name in (CRITICAL, NIGHTLY)}
    return {suite.name: suite.about for suite in suites().values()} | across


@cache
def tags_of(test_id: str) -> frozenset[str]:
    """A test's marks: its suite, and what is drawn across suites."""
    every = (CRITICAL, NIGHTLY, UNMEASURED)
    across = [name for name in every if matches(test_id, _data()[name]["tests"])]
    return frozenset({suite_of(test_id).name, *across})


def nightly_variables() -> dict[str, str]:
    """The environment in which tests do all they can."""
    return dict(_data()[NIGHTLY]["variables"])


def budget_min(names: Iterable[str]) -> int:
    """What suites may take together."""
    critical = int(_data()[CRITICAL]["budget_min"])
    return sum(critical if name == CRITICAL else suites()[name].budget_min for name in names)


def check_names(names: Iterable[str]) -> None:
    known = [*suites(), CRITICAL]
    for name in names:
        if name not in known:
            raise SuitesError(f"there is no suite {name!r}; there are {', '.join(known)}")


@cache
def touches() -> tuple[Touches, ...]:
    return tuple(
        Touches(
            paths=tuple(row["paths"]),
            but=tuple(row.get("but", ())),
            tests=tuple(row.get("tests", ())),
            like=tuple(row.get("like", ())),
            alone=row.get("alone", False),
        )
        for row in _data()["touches"]
    )


def matches(text: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("suites.toml").read_text(encoding="utf-8"))
