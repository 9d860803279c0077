"""A layout of the user's own: a Python file beside the configuration, with a layout's contract.

It is code with the rights of whoever runs the host: nothing here confines it. What is guarded is
the user's time: whatever the file does wrong becomes one line that names the file and the line.
`CALENDARBOT_OWN_LAYOUTS=no` in the environment refuses all of them, whatever a configuration says.
"""

from __future__ import annotations

import os
import sys
from datetime import date, datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from calendarbot.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from calendarbot.layouts import Layout, View
    from calendarbot.model import Agenda
    from calendarbot.render import Canvas

SWITCH: Final = "CALENDARBOT_OWN_LAYOUTS"
_OFF: Final = ("0", "no", "off", "false")
_FUNCTIONS: Final = {
    "changes": "changes(agenda, start, end)",
    "draw": "draw(canvas, view)",
}

_loaded: dict[Path, tuple[int, OwnLayout]] = {}


def load_own(path: Path) -> Layout:
    """The layout in a file, read again only when the file changed. Raises ConfigError."""
    if os.environ.get(SWITCH, "").strip().lower() in _OFF:
        raise ConfigError(
            f"{path}: layouts of one's own are switched off here ({SWITCH})",
            "choose one of the layouts that come with the program",
        )
    try:
        changed_ns = path.stat().st_mtime_ns
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: this is not a text in UTF-8") from None
    if path not in _loaded or _loaded[path][0] != changed_ns:
        _loaded[path] = changed_ns, OwnLayout(path, source)
    return _loaded[path][1]


class OwnLayout:
    """The file's functions, which raise nothing but ConfigError, and give only what they may."""

    def __init__(self, path: Path, source: str) -> None:
        self._path = path
        self._module = self._executed(source)
        self.MIN_SIZE_PX: tuple[int, int] = self._size()
        for name, signature in _FUNCTIONS.items():
            if not callable(getattr(self._module, name, None)):
                raise ConfigError(
                    f"{path}: there is no function {signature}", "see docs/layouts.md"
                )
        if hasattr(self._module, "days_shown"):
            self.days_shown = self._days_shown

    def changes(
        self, agenda: Agenda, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, str]]:
        """What the file's `changes` gives, in order and inside the window."""
        found = self._guarded(lambda: list(self._module.changes(agenda, start, end)))
        last = start
        for item in found:
            moment, reason = self._change(item)
            if not last < moment < end:
                raise self._wrong(
                    "changes", f"{moment} is not in order, or not in ({start}, {end})"
                )
            last = moment
            yield moment, reason

    def draw(self, canvas: Canvas, view: View) -> None:
        self._guarded(lambda: self._module.draw(canvas, view))

    def _days_shown(self, locale: str, first: date, last: date) -> tuple[date, date]:
        found = self._guarded(lambda: self._module.days_shown(locale, first, last))
        match found:
            case (date() as begin, date() as end) if begin < end:
                return begin, end
        raise self._wrong("days_shown", f"{found!r} is not two days, the first before the second")

    def _change(self, item: object) -> tuple[datetime, str]:
        match item:
            case (datetime(tzinfo=zone) as moment, str(reason)) if zone is not None:
                return moment, reason
        raise self._wrong("changes", f"{item!r} is not a time with its zone, and a reason")

    def _size(self) -> tuple[int, int]:
        match getattr(self._module, "MIN_SIZE_PX", None):
            case (int(width), int(height)) if width > 0 and height > 0:
                return width, height
        raise ConfigError(
            f"{self._path}: MIN_SIZE_PX is missing or not two numbers of pixels",
            "as in MIN_SIZE_PX = (200, 96)",
        )

    def _wrong(self, function: str, what: str) -> ConfigError:
        line = getattr(self._module, function).__code__.co_firstlineno
        return ConfigError(f"{self._path}:{line}: {function}: {what}")

    def _executed(self, source: str) -> ModuleType:
        """The file as a module. Not by the import system, which would leave compiled files."""
        module = ModuleType(f"calendarbot_own_layout_{self._path.stem}")
        module.__file__ = str(self._path)
        sys.modules[module.__name__] = module  # dataclasses look their module up
        try:
            code = compile(source, str(self._path), "exec")
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 1
            text = getattr(error, "msg", str(error))
            raise ConfigError(f"{self._path}:{line}: {type(error).__name__}: {text}") from None
        self._guarded(lambda: exec(code, module.__dict__))  # noqa: S102  that is what it is for
        return module

    def _guarded(self, action: Callable[[], Any]) -> Any:
        """What `action` gives; what it raises becomes a line about the file."""
        try:
            return action()
        except (Exception, SystemExit) as error:
            what = error.message if isinstance(error, ConfigError) else _named(error)
            raise ConfigError(f"{self._path}:{self._line(error)}: {what}") from None

    def _line(self, error: BaseException) -> int:
        """The last line of the file that had a part in it."""
        line, step = 1, error.__traceback__
        while step:
            if step.tb_frame.f_code.co_filename == str(self._path):
                line = step.tb_lineno
            step = step.tb_next
        return line


def _named(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
