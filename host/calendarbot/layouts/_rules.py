"""Quiet lines of a grid: dots, the same wherever a line stands and whichever way a page is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calendarbot.render import Canvas

_STEP_PX = 4


def dotted_hline(canvas: Canvas, x: int, y: int, length: int, step: int = _STEP_PX) -> None:
    canvas.dots(x, y, length, 1, step)


def dotted_vline(canvas: Canvas, x: int, y: int, length: int, step: int = _STEP_PX) -> None:
    canvas.dots(x, y, 1, length, step)
