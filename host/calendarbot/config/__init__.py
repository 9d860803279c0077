"""The configuration: a TOML file, or options of the command line, as one frozen `Config`.

Everything wrong is a ConfigError with one line for each problem, each naming file and line (or
the option) and, for a name, the nearest that is known.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from calendarbot.boards import panel_names
from calendarbot.config.known_names import layout_names, source_names
from calendarbot.config.model import (
    DEFAULT_LAYOUT,
    DEFAULT_PANEL,
    CalendarConfig,
    Config,
    DisplayConfig,
    PolicyConfig,
    machine_locale,
)
from calendarbot.config.problems import located_in_file, problem_lines
from calendarbot.config.schema import json_schema
from calendarbot.config.starter import FILE_NAME
from calendarbot.config.toml_lines import KeyPath, key_lines
from calendarbot.config.values import QuietHours, SecretRef
from calendarbot.errors import ConfigError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import BaseModel


__all__ = [
    "DEFAULT_LAYOUT",
    "DEFAULT_PANEL",
    "FILE_NAME",
    "CalendarConfig",
    "Config",
    "DisplayConfig",
    "PolicyConfig",
    "QuietHours",
    "SecretRef",
    "config_from_options",
    "json_schema",
    "layout_names",
    "load_config",
    "machine_locale",
    "overridden",
    "panel_names",
    "source_names",
]

_ONE_DISPLAY: Final = "display"


def load_config(path: Path) -> Config:
    """The configuration in a TOML file. Raises ConfigError."""
    text = _text(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_syntax_error(path, text, error)) from None
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        place = located_in_file(str(path), key_lines(text))
        raise _all_of(error, Config, place) from None
    _check_calendar_names(config, str(path), text)
    return config.with_place(path.parent, str(path))


def config_from_options(
    calendars: Sequence[Path],
    panel: str | None = None,
    layout: str | None = None,
    tz: str | None = None,
    locale: str | None = None,
) -> Config:
    """A configuration without a file: one display, named "display", that shows `calendars`.

    A calendar is named after its file; the machine's zone and locale stand in for what is not
    given. Raises ConfigError.
    """
    display = _given({"panel": panel or DEFAULT_PANEL, "layout": layout})
    named = zip(_stems(calendars), calendars, strict=True)
    data: dict[str, Any] = {
        "calendars": {name: {"path": str(path)} for name, path in named},
        "displays": {_ONE_DISPLAY: display},
        **_given({"tz": tz, "locale": locale}),
    }
    try:
        return Config.model_validate(data).with_place(Path(), "the command line")
    except ValidationError as error:
        raise _all_of(error, Config, _option) from None


def overridden(
    config: Config,
    panel: str | None = None,
    layout: str | None = None,
    tz: str | None = None,
    locale: str | None = None,
    board: str | None = None,
) -> Config:
    """The configuration with every display changed as given. Raises ConfigError."""
    changes = _given({"panel": panel, "layout": layout, "tz": tz, "locale": locale, "board": board})
    if not changes:
        return config
    try:
        # Any display will do: it is the changes that are checked.
        checked = DisplayConfig.model_validate({"panel": DEFAULT_PANEL, **changes})
    except ValidationError as error:
        raise _all_of(error, DisplayConfig, _option) from None
    values = {name: getattr(checked, name) for name in changes}
    displays = {
        name: display.model_copy(update=values) for name, display in config.displays.items()
    }
    shared = {name: value for name, value in values.items() if name in Config.model_fields}
    return config.model_copy(update={"displays": displays, **shared})


def _all_of(
    error: ValidationError, model: type[BaseModel], place: Callable[[KeyPath], str]
) -> ConfigError:
    return ConfigError("\n".join(problem_lines(error.errors(), model, place)))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: there is no such file", "`host init` makes one; `--calendar FILE` needs none"
        ) from None
    except IsADirectoryError:
        raise ConfigError(
            f"{path}: this is a folder, not a file", f"did you mean {path / FILE_NAME}?"
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: this is not a text in UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None


def _syntax_error(path: Path, text: str, error: tomllib.TOMLDecodeError) -> str:
    found = re.fullmatch(
        r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error), re.DOTALL
    )
    if found is None:
        return f"{path}: not valid TOML: {error}"
    line = int(found[2]) if found[2] else text.count("\n") + 1
    return f"{path}:{line}: not valid TOML: {found[1][:1].lower()}{found[1][1:]}"


def _check_calendar_names(config: Config, path: str, text: str) -> None:
    place = located_in_file(path, key_lines(text))
    problems = [
        f"{place(('displays', display, 'calendars'))}: there is no calendar {name!r}; "
        f"{nearest(name, config.calendars)}"
        for display, settings in config.displays.items()
        for name in settings.calendars
        if name not in config.calendars
    ]
    if problems:
        raise ConfigError("\n".join(problems))


def _stems(paths: Sequence[Path]) -> list[str]:
    """A name for each file: its stem, numbered when two are alike."""
    names: list[str] = []
    for path in paths:
        name, number = path.stem or "calendar", 2
        while name in names:
            name, number = f"{path.stem}-{number}", number + 1
        names.append(name)
    return names


def _option(key: KeyPath) -> str:
    """The option that a key of the configuration comes from."""
    return "--calendar" if "calendars" in key else f"--{key[-1]}"


def _given(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
