"""Drawing: canvas, type, patterns, and the packing of pixels into frames."""

from calendarbot.render.canvas import Canvas
from calendarbot.render.type import Type

__all__ = ["Canvas", "Type"]
