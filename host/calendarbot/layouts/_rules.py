"""Quiet lines of a grid: dots, the same wherever a line stands and whichever way a page is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calendarbot.render import Canvas

_STEP_PX = 4


def dotted_hline(canvas: Canvas, x: int, y: int, length: int, step: int = _STEP_PX) -> None:
    for offset in range(0, length, step):
        canvas.fill(x + offset, y, 1, 1)


def dotted_vline(canvas: Canvas, x: int, y: int, length: int, step: int = _STEP_PX) -> None:
    for offset in range(0, length, step):
        canvas.fill(x, y + offset, 1, 1)
