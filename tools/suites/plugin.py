"""What pytest is told about each test: its suite, its limits, its place in the order."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

import pytest
from pytest_split.algorithms import Algorithms

from tools.suites import gates
from tools.suites.catalogue import (
    NIGHTLY,
    SuitesError,
    check_names,
    kept_in,
    suite_of,
    tags,
    tags_of,
)
from tools.suites.durations import Durations
from tools.suites.processes import MEASURING
from tools.suites.quarantine import quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Item = TypeVar("Item")
NIGHTLY_VARIABLE = "CALENDARBOT_NIGHTLY"
PATIENCE = "CALENDARBOT_PATIENCE"
STRICT = "CALENDARBOT_STRICT_TIME"
_SLOW_S = 1.0
"""From here on it matters who runs a test, and when."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("suites", "suites of tests (tools/suites)")
    group.addoption("--suite", action="append", default=[], help="only this suite; repeatable")
    group.addoption("--part", metavar="K/N", help="the K-th of N parts that take about as long")
    group.addoption("--budget-min", type=float, default=0, help="what the run may take, in minutes")
    strict = bool(os.environ.get(STRICT))
    group.addoption("--strict-time", action="store_true", default=strict, help="too slow fails")


def pytest_configure(config: pytest.Config) -> None:
    for name, about in tags().items():
        config.addinivalue_line("markers", f"{name}: {about}")
    try:
        check_names(config.getoption("--suite"))
        _part(config)
        quarantined()
    except SuitesError as error:
        raise pytest.UsageError(str(error)) from None
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(gates.Gates(config, patience()), "suite-gates")


def pytest_report_header() -> str:
    if _is_nightly():
        return "suites: everything, the exhaustive parts too"
    return f"suites: every day's; with {NIGHTLY_VARIABLE}=1 the exhaustive parts, too"


def _is_nightly() -> bool:
    return bool(os.environ.get(NIGHTLY_VARIABLE))


def patience() -> float:
    """How many times as long as on an idle desktop things may take here."""
    return float(os.environ.get(PATIENCE, "1"))


@pytest.hookimpl(trylast=True)  # what is random was shuffled before
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        _mark(item)
    if not _is_nightly():
        _keep(config, items, [item for item in items if NIGHTLY not in tags_of(item.nodeid)])
    wanted = set(config.getoption("--suite"))
    if wanted:
        _keep(config, items, [item for item in items if wanted & tags_of(item.nodeid)])
    durations = Durations.known(kept_in(config.rootpath))
    part = _part(config)
    if part:
        _keep(config, items, _in_part(items, part, durations))
    # One process alone keeps the order it was given: it ends when it ends.
    if hasattr(config, "workerinput"):
        took_s = [durations.of(item.nodeid) for item in items]
        items[:] = dealt(items, took_s, config.workerinput["workercount"])


def _mark(item: pytest.Item) -> None:
    suite = suite_of(item.nodeid)
    for tag in tags_of(item.nodeid):
        item.add_marker(getattr(pytest.mark, tag))
    if not item.get_closest_marker("timeout"):
        item.add_marker(pytest.mark.timeout(suite.timeout_s * patience()))
    if item.nodeid in quarantined():
        item.add_marker(pytest.mark.xfail(reason=quarantined().said(item.nodeid), strict=False))


def _keep(config: pytest.Config, items: list[pytest.Item], kept: Sequence[pytest.Item]) -> None:
    chosen = set(kept)
    gone = [item for item in items if item not in chosen]
    if gone:
        config.hook.pytest_deselected(items=gone)
    items[:] = [item for item in items if item in chosen]


def _part(config: pytest.Config) -> tuple[int, int] | None:
    text = config.getoption("--part")
    if not text:
        return None
    number, _, of = text.partition("/")
    if not (number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of)):
        raise SuitesError(f"--part {text}: K/N with K from 1 to N, as in 1/2")
    return int(number), int(of)


def _in_part(
    items: Sequence[pytest.Item], part: tuple[int, int], durations: Durations
) -> list[pytest.Item]:
    # The same parts wherever they are made, in whatever order.
    ordered = sorted(items, key=lambda item: item.nodeid)
    known = {item.nodeid: durations.of(item.nodeid) for item in ordered}
    groups = Algorithms.least_duration.value(splits=part[1], items=ordered, durations=known)
    return list(groups[part[0] - 1].selected)


def dealt(items: Sequence[Item], took_s: Sequence[float], workers: int) -> list[Item]:
    """Slow ones first, dealt to `workers` that each begin with a part of the list of the same length."""
    pairs = list(zip(items, took_s, strict=True))
    slow = sorted((pair for pair in pairs if pair[1] >= _SLOW_S), key=lambda pair: -pair[1])
    rest = [item for item, took in pairs if took < _SLOW_S]
    out: list[Item] = []
    for worker in range(workers):
        begin, end = (len(rest) * n // workers for n in (worker, worker + 1))
        out += [item for item, _ in slow[worker::workers]] + rest[begin:end]
    return out


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A test that is not measured starts processes that are not measured."""
    taken = {}
    if item.get_closest_marker("no_cover") and item.config.pluginmanager.hasplugin("_cov"):
        taken = {name: os.environ.pop(name) for name in MEASURING if name in os.environ}
    try:
        return (yield)
    finally:
        os.environ.update(taken)
