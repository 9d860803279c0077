"""What was seen of tests from run to run: the slowest, the flakiest, and what may be redundant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.suites import durations, history
from tools.suites.learning import Map

if TYPE_CHECKING:
    from collections.abc import Mapping

_SLOWEST = 25


def made() -> dict[str, Any]:
    took_s = durations.seen()
    slowest = sorted(took_s.items(), key=lambda pair: -pair[1])[:_SLOWEST]
    return {
        "slowest_s": dict(slowest),
        "flakes": history.flakes(),
        "runs": len(history.runs()),
        "redundant": redundant(Map.read()),
    }


def redundant(known: Map) -> dict[str, str]:
    """Files of tests that run no function which another file does not run too, and that other file.

    To be looked at, not to be deleted: what they assert about it may differ.
    """
    runs: dict[str, set[str]] = {}
    for file, by_function in known.files.items():
        for name, tests in by_function.items():
            for test in tests:
                runs.setdefault(test, set()).add(f"{file}::{name}")
    return {
        test: other
        for test, own in sorted(runs.items())
        if (other := _covering(test, own, runs)) is not None
    }


def _covering(test: str, own: set[str], runs: Mapping[str, set[str]]) -> str | None:
    larger = (other for other, its in runs.items() if other != test and own < its)
    return min(larger, key=lambda other: (len(runs[other]), other), default=None)


def as_text(report: Mapping[str, Any]) -> str:
    lines = [f"{report['runs']} runs are known", "", "slowest:"]
    lines += [f"{took:8.1f} s  {test}" for test, took in report["slowest_s"].items()]
    lines += ["", "flakes:", *(f"{n:8}    {test}" for test, n in report["flakes"].items())]
    lines += ["", "run only what another file of tests runs, too:"]
    lines += [f"  {test}  (all in {other})" for test, other in report["redundant"].items()]
    return "\n".join(lines)
