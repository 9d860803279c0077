"""python -m tools.gates.licences: one line for each package a user installs whose licence is not in the list.

Looked at is what `pip install calendarbot` and its extras for users bring, with what these depend on; tools
that only developers install are not passed on. The list is licences.toml.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.gates import NOT_RUN

if TYPE_CHECKING:
    from collections.abc import Iterator

LIST = Path(__file__).with_name("licences.toml")


def main() -> int:
    rules = tomllib.loads(LIST.read_text())
    names = sorted(set(_shipped(rules["not_for_users"])) - {"calendarbot"})
    done = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--format", "json", "--packages", *names],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        print(f"pip-licenses cannot be run: {done.stderr.strip()[-200:]}", file=sys.stderr)
        return NOT_RUN
    said = {
        row["Name"]: rules["stated"].get(
            canonicalize_name(row["Name"]), row["License"].splitlines()[0]
        )
        for row in json.loads(done.stdout)
    }
    lines = [
        f"{name}: {licence}"
        for name, licence in said.items()
        if not _allowed(licence, rules["allowed"])
    ]
    print("\n".join(lines))
    return 1 if lines else 0


def _allowed(said: str, allowed: list[str]) -> bool:
    """Of several licences to choose from one must be in the list, of several that hold all of them."""
    return any(
        all(part.strip() in allowed for part in re.split(r"\bAND\b|;", choice))
        for choice in re.split(r"\bOR\b", said)
    )


def _shipped(not_for_users: list[str]) -> Iterator[str]:
    """The names of calendarbot and of everything installed that it needs, extra by extra."""
    own = distribution("calendarbot").metadata.get_all("Provides-Extra") or []
    waiting = [("calendarbot", frozenset(own) - set(not_for_users))]
    seen = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            needs = [Requirement(need) for need in distribution(name).requires or []]
        except PackageNotFoundError:
            continue  # for another platform
        yield name
        waiting += [
            (canonicalize_name(need.name), frozenset(need.extras))
            for need in needs
            if _wanted(need, extras)
        ]


def _wanted(need: Requirement, extras: frozenset[str]) -> bool:
    marker = need.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in {"", *extras})


if __name__ == "__main__":
    sys.exit(main())
