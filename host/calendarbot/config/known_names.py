"""Which names a configuration may use: of boards, panels, layouts, sources, zones and locales.

The value is the name of a module or a folder, so looking there is all the registry there is.
"""

from __future__ import annotations

import pkgutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError

from calendarbot.boards import board_names, panel_names
from calendarbot.errors import ConfigError, nearest
from calendarbot.zones import load_zone

if TYPE_CHECKING:
    from pydantic import ValidationInfo


def module_names(package: str) -> list[str]:
    """The modules in a package that do not begin with an underscore, sorted."""
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    found = pkgutil.iter_modules(places) if places else ()
    return sorted(module.name for module in found if not module.name.startswith("_"))


def layout_names() -> list[str]:
    return module_names("calendarbot.layouts")


def source_names() -> list[str]:
    return module_names("calendarbot.sources")


def known_panel(name: str) -> str:
    return _known("panel", name, panel_names())


def known_board(name: str) -> str:
    return _known("board", name, board_names())


def known_layout(name: str, info: ValidationInfo) -> str:
    """The name of a layout, or the absolute path of a file that is one.

    A path is relative to the validation's `paths_from`; a bare name is also looked for in
    `own_layouts_in`, and there first: a layout that a later release brings changes no page.
    """
    context = info.context or {}
    if name.endswith(".py") or "/" in name:
        file = (context.get("paths_from", Path()) / name).resolve()
        if not name.endswith(".py"):
            raise ValueError(f"{name!r} is not a Python file; a layout's own name has no '/'")
        if not file.is_file():
            raise ValueError(f"there is no file {name!r}")
        return str(file)
    folder = context.get("own_layouts_in")
    own = {file.stem: file for file in sorted(folder.glob("[!_]*.py"))} if folder else {}
    if name in own:
        return str(own[name].resolve())
    return _known("layout", name, sorted({*layout_names(), *own}))


def known_source(name: str) -> str:
    return _known("source", name, source_names())


def known_zone(name: str) -> str:
    try:
        load_zone(name)
    except ConfigError as error:
        raise ValueError(f"{error.message}; {error.hint}") from None
    return name


def known_locale(name: str) -> str:
    """ "de_DE", "de-DE" or "de", in the form "de_DE"."""
    try:
        return str(Locale.parse(name.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise ValueError(
            f"unknown locale {name!r}; locales have names like 'de_DE', 'en_GB' or 'ja'"
        ) from None


def _known(kind: str, name: str, names: list[str]) -> str:
    if name not in names:
        raise ValueError(f"unknown {kind} {name!r}; {nearest(name, names)}")
    return name
