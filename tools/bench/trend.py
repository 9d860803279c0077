"""The history of figures as one picture: a small line chart for each, in percent of its first value."""

from __future__ import annotations

from html import escape
from typing import Any, Final

_COLUMNS: Final = 3
_CELL_PX: Final = (400, 92)
_CHART_PX: Final = (368, 40)
_WHOLE: Final = 1000
_LEAST_SPAN: Final = 0.05
"""Five percent fill a chart's height at least: noise stays small."""


def draw(history: list[dict[str, Any]]) -> str:
    """SVG of `{"at": day, "figures": {name: value}}`, oldest first; of the figures there are today."""
    names = list(history[-1]["figures"])
    width, height = _CELL_PX
    rows = -(-len(names) // _COLUMNS)
    cells = [
        f'<g transform="translate({index % _COLUMNS * width},{index // _COLUMNS * height + 40})">'
        f"{_cell(name, _points(history, name))}</g>"
        for index, name in enumerate(names)
    ]
    size = f'width="{width * _COLUMNS}" height="{rows * height + 40}"'
    first, last = history[0]["at"], history[-1]["at"]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
        '<rect width="100%" height="100%" fill="white"/>'
        f'<text x="16" y="24" font-size="16">{first} to {last}; lower is better, except of days, years</text>'
        f"{''.join(cells)}</svg>\n"
    )


def _points(history: list[dict[str, Any]], name: str) -> list[float]:
    return [float(day["figures"][name]) for day in history if name in day["figures"]]


def _cell(name: str, values: list[float]) -> str:
    change = (values[-1] - values[0]) / values[0] if values[0] else 0.0
    color = "#b00" if change > 0 else "#070" if change < 0 else "#555"
    label = escape(name if len(name) <= 58 else f"{name[:57]}…")
    return (
        f'<text x="16" y="14">{label}</text>'
        f'<text x="16" y="76" fill="{color}">{_short(values[-1])} ({change:+.1%})</text>'
        f'<g transform="translate(16,20)">{_line(values)}</g>'
    )


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.4g}"


def _line(values: list[float]) -> str:
    width, height = _CHART_PX
    middle = (max(values) + min(values)) / 2
    span = max(max(values) - min(values), abs(middle) * _LEAST_SPAN, 1e-9)
    step = width / max(len(values) - 1, 1)
    points = [
        f"{index * step:.1f},{height / 2 - (value - middle) / span * height:.1f}"
        for index, value in enumerate(values)
    ]
    if len(points) == 1:
        points.append(f"{width},{height / 2:.1f}")
    return (
        f'<rect width="{width}" height="{height}" fill="#f4f4f4"/>'
        f'<polyline points="{" ".join(points)}" fill="none" stroke="#06c" stroke-width="2"/>'
    )
