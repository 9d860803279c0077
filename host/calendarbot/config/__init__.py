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
from calendarbot.config.calendar_options import CalendarOptions, ChoiceConfig, Hours
from calendarbot.config.known_names import layout_names, source_names
from calendarbot.config.model import (
    COMMAND_LINE,
    DEFAULT_LAYOUT,
    DEFAULT_PANEL,
    CalendarConfig,
    Config,
    DisplayConfig,
    FetchConfig,
    PolicyConfig,
    machine_locale,
)
from calendarbot.config.places import calendar_names, place_key
from calendarbot.config.problems import located_in_file, problem_lines
from calendarbot.config.schema import json_schema
from calendarbot.config.secrets import SecretRef, WrittenSecret, looks_secret
from calendarbot.config.starter import FILE_NAME
from calendarbot.config.toml_lines import KeyPath, key_lines
from calendarbot.config.values import QuietHours
from calendarbot.errors import ConfigError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import BaseModel


__all__ = [
    "DEFAULT_LAYOUT",
    "DEFAULT_PANEL",
    "FILE_NAME",
    "CalendarConfig",
    "CalendarOptions",
    "ChoiceConfig",
    "Config",
    "DisplayConfig",
    "FetchConfig",
    "Hours",
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
    "written_secrets",
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
        config = Config.model_validate(data, context=_places(path.parent, path.parent))
    except ValidationError as error:
        place = located_in_file(str(path), key_lines(text))
        raise _all_of(error, Config, place) from None
    _check_calendar_names(config, str(path), text)
    _check_own_layouts(config, located_in_file(str(path), key_lines(text)))
    return config.with_place(path.parent, str(path))


def config_from_options(
    calendars: Sequence[Path | str],
    panel: str | None = None,
    layout: str | None = None,
    tz: str | None = None,
    locale: str | None = None,
) -> Config:
    """A configuration without a file: one display, named "display", that shows `calendars`.

    A calendar is a file or a folder, or an address (or where that is kept), and named after it; the
    machine's zone and locale stand in for what is not given. Raises ConfigError.
    """
    display = _given({"panel": panel or DEFAULT_PANEL, "layout": layout})
    named = zip(calendar_names(calendars), calendars, strict=True)
    data: dict[str, Any] = {
        "calendars": {name: {place_key(place): str(place)} for name, place in named},
        "displays": {_ONE_DISPLAY: display},
        **_given({"tz": tz, "locale": locale}),
    }
    try:
        config = Config.model_validate(data, context=_places(Path(), Path()))
    except ValidationError as error:
        raise _all_of(error, Config, _option) from None
    return config.with_place(Path(), COMMAND_LINE)


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
        checked = DisplayConfig.model_validate(
            {"panel": DEFAULT_PANEL, **changes}, context=_places(Path(), config.base_dir)
        )
    except ValidationError as error:
        raise _all_of(error, DisplayConfig, _option) from None
    values = {name: getattr(checked, name) for name in changes}
    displays = {
        name: display.model_copy(update=values) for name, display in config.displays.items()
    }
    shared = {name: value for name, value in values.items() if name in Config.model_fields}
    changed = config.model_copy(update={"displays": displays, **shared})
    _check_own_layouts(changed, lambda _: "--layout")
    return changed


def _places(paths_from: Path, config_dir: Path) -> dict[str, Path]:
    """Where `known_layout` looks for files."""
    return {"paths_from": paths_from, "own_layouts_in": config_dir / "layouts"}


def _check_own_layouts(config: Config, place: Callable[[KeyPath], str]) -> None:
    refused = [
        f"{place(('displays', name, key))}: layouts of one's own are switched off "
        "(own_layouts = false)"
        for name, display in config.displays.items()
        for key, is_own in (("layout", display.has_own_layout), ("pages", display.has_own_pages))
        if is_own and not config.own_layouts
    ]
    if refused:
        raise ConfigError("\n".join(refused), "known: " + ", ".join(layout_names()))


def written_secrets(config: Config) -> list[str]:
    """What is secret and stands in the configuration itself, one line each."""
    found = []
    for name, calendar in config.calendars.items():
        url = calendar.url
        if isinstance(url, WrittenSecret) and looks_secret(url.value):
            found.append((name, "url", "this address gives the calendar to whoever reads it here"))
        found += [
            (name, key, "this secret is there for whoever reads it here")
            for key in ("password", "token")
            if isinstance(getattr(calendar, key), WrittenSecret)
        ]
    if not config.from_file:
        return [f"--calendar: {says}; write 'env:NAME' or 'file:PATH'" for _, _, says in found]
    return [
        f"calendars.{name}.{key}: {says}; write 'env:NAME', 'file:PATH' or 'keyring:SERVICE/USER'"
        for name, key, says in found
    ]


def _all_of(
    error: ValidationError, model: type[BaseModel], place: Callable[[KeyPath], str]
) -> ConfigError:
    return ConfigError("\n".join(problem_lines(error.errors(), model, place)))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: there is no such file", "`host init` makes one; `--calendar PLACE` needs none"
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


def _option(key: KeyPath) -> str:
    """The option that a key of the configuration comes from; keys like `url` stand in --calendar."""
    return "--calendar" if "calendars" in key else f"--{key[-1]}"


def _given(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
