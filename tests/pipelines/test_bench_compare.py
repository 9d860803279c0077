"""Figures against those that are kept: which change fails, which is noise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from tools.bench import compare, machine
from tools.bench.machine import Firsts
from tools.bench.trend import draw

if TYPE_CHECKING:
    from pathlib import Path

import planting  # noqa: F401  isort:skip  it finds tools


def row(bench: str, unit: str, ours: float, theirs: float | None = None) -> dict[str, Any]:
    ratio = round(ours / theirs, 3) if theirs else None
    peer = "peer" if theirs else ""
    return {
        "bench": bench,
        "case": "office",
        "figure": "figure",
        "unit": unit,
        "ours": ours,
        "peer": peer,
        "theirs": theirs,
        "ratio": ratio,
        "machine": "here",
    }


@pytest.mark.parametrize(
    ("bench", "unit", "then", "now", "fails"),
    [
        ("bytes", "B", 10_000, 10_200, False),
        ("bytes", "B", 10_000, 10_201, True),
        ("qemu", "instructions", 89, 91, True),
        ("pico", "µs", 87_000, 88_000, False),
        ("pico", "µs", 87_000, 90_000, True),
        ("device", "B", 0, 16, True),
        ("energy", "d", 1000, 970, True),
        ("energy", "d", 1000, 1100, False),
        ("energy", "years", 55, 50, True),
        ("bytes", "B", 10_000, 5_000, False),
    ],
)
def test_a_counted_figure_may_be_two_percent_worse(
    bench: str, unit: str, then: float, now: float, *, fails: bool
) -> None:
    (one,) = compare.compare([row(bench, unit, then)], [row(bench, unit, now)], {})
    assert one.failed == fails


@pytest.mark.parametrize(
    ("now_ms", "peer_ms", "fails"), [(60, 50, False), (63, 50, True), (200, 200, False)]
)
def test_a_timed_figure_is_compared_as_a_ratio_to_its_peer_and_may_be_a_quarter_worse(
    now_ms: float, peer_ms: float, *, fails: bool
) -> None:
    kept = [row("calendars", "ms", 100, 100)]
    (one,) = compare.compare(kept, [row("calendars", "ms", now_ms, peer_ms)], {})
    assert one.failed == fails


def test_a_timed_figure_without_a_peer_fails_nothing() -> None:
    (one,) = compare.compare([row("render", "µs", 10)], [row("render", "µs", 1000)], {})
    assert not one.failed


def test_another_kind_of_machine_is_compared_with_the_first_of_its_kind(tmp_path: Path) -> None:
    kept = [{**row("calendars", "ms", 100, 100), "machine": "elsewhere"}]
    firsts = Firsts(tmp_path / "bench" / "firsts.json", "kept")
    for ours, failed in ((150, False), (180, False), (188, True), (188, True)):
        now = [row("calendars", "ms", ours, 100)]
        (one,) = compare.compare(kept, now, firsts.of("here"))
        assert one.failed == failed
        firsts.add("here", compare.ratios_by_the_clock(now))
        firsts = Firsts(tmp_path / "bench" / "firsts.json", "kept")
    assert firsts.of("here") == {"calendars / office / figure / peer": 1.5}
    assert firsts.of("elsewhere") == {}
    assert Firsts(tmp_path / "bench" / "firsts.json", "kept anew").of("here") == {}


@pytest.mark.parametrize(("bench", "unit"), [("bytes", "B"), ("calendars", "MB")])
def test_bytes_and_memory_are_compared_between_machines(bench: str, unit: str) -> None:
    kept = [{**row(bench, unit, 100, 100), "machine": "elsewhere"}]
    (one,) = compare.compare(kept, [row(bench, unit, 126, 100)], {})
    assert one.failed


def test_the_kind_of_machine_is_one_line_that_names_what_changes_a_ratio() -> None:
    assert re.fullmatch(r".+, \d+ processors, Python 3\.\d+.*", machine.kind())


def test_a_figure_that_is_gone_is_said_unless_its_bench_did_not_run() -> None:
    kept = [row("bytes", "B", 1), row("pico", "µs", 1)]
    now = [{**row("bytes", "B", 1), "case": "family"}]
    assert compare.missing(kept, now) == ["bytes / office / figure"]


def test_the_trend_draws_every_figure_of_today(tmp_path: object) -> None:
    history = [
        {"at": f"2026-11-0{day}", "figures": {"a & b": 100 + day, "c": 5}} for day in (1, 2, 3)
    ]
    picture = ET.fromstring(draw(history))
    words = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert "a & b" in words
    assert "103 (+2.0%)" in words
    lines = list(picture.iter("{http://www.w3.org/2000/svg}polyline"))
    assert [len(line.get("points", "").split()) for line in lines] == [3, 3]


def test_the_kept_figures_are_there_and_each_is_once() -> None:
    names = [compare.name_of(row) for row in compare._read(compare.KEPT)]
    assert names
    assert len(names) == len(set(names))
