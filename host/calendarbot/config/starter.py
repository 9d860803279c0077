"""The first configuration of a user: a commented calendarbot.toml, and a key for its display."""

from __future__ import annotations

import json
import re
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from calendarbot.boards import panel_names
from calendarbot.config.known_names import layout_names
from calendarbot.config.model import Config
from calendarbot.config.places import calendar_name, place_key
from calendarbot.config.problems import problem_lines
from calendarbot.config.secrets import KEY_BYTES, is_address
from calendarbot.errors import ConfigError, StoreError
from calendarbot.private import FOLDER_ONLY_MINE, create

FILE_NAME: Final = "calendarbot.toml"
KEYS_FOLDER: Final = "keys"

_TEMPLATE: Final = """\
# Calendar Bot: which calendars, on which displays. `host config check` checks this file,
# `host config schema --help` tells how an editor completes and explains its keys.

# What displays use that say nothing else.
tz = {tz}
locale = {locale}

# One table for each calendar, under a key of your choice. Paths start from this file's folder.
[calendars.{calendar}]
{place}
# name = "Family"                # what pages print for it
# Feeds, CalDAV accounts and folders are calendars, too: docs/sources.md.

# One table for each display, under a name of your choice.
[displays.{display}]
panel = {panel}{panels}
layout = {layout}{layouts}
# calendars = [{calendar_text}]       # only these; all when left out
# title = "Kitchen"
# tz = "Europe/Berlin"
# locale = "de_DE"
# The key that this display's frames are encrypted and signed with; it stays out of this file.
key = {key}

[displays.{display}.policy]
sync_every = "1h"                # how long the device sleeps between two requests
quiet_hours = "none"             # "22:00-06:00" asks nothing at night
coverage = "24h"                 # how far ahead the device holds frames
"""


@dataclass(frozen=True, slots=True)
class Starter:
    """What the first configuration says."""

    display: str
    calendar: Path | str
    """A file or a folder, or an address, or where that is kept."""
    panel: str
    layout: str
    tz: str
    locale: str

    def text(self, folder: Path) -> str:
        """The file for `folder`. Raises ConfigError when it would not be right."""
        calendar = calendar_name(self.calendar)
        text = _TEMPLATE.format(
            calendar=_key(calendar),
            calendar_text=_value(calendar),
            display=_key(self.display),
            place=self._place(folder),
            panel=_value(self.panel),
            panels=_choices(self.panel, panel_names()),
            layout=_value(self.layout),
            layouts=_choices(self.layout, layout_names()),
            tz=_value(self.tz),
            locale=_value(self.locale),
            key=_value(f"file:{KEYS_FOLDER}/{self.display}.key"),
        )
        try:
            Config.model_validate(tomllib.loads(text))
        except ValidationError as error:
            lines = problem_lines(error.errors(), Config, ".".join)
            raise ConfigError("\n".join(lines)) from None
        return text

    @property
    def address_file(self) -> str:
        """Where the address goes, which is a secret; empty when there is none, or it is kept elsewhere."""
        is_written = isinstance(self.calendar, str) and is_address(self.calendar)
        return f"{KEYS_FOLDER}/{calendar_name(self.calendar)}.url" if is_written else ""

    def _place(self, folder: Path) -> str:
        if self.address_file:
            return f"url = {_value(f'file:{self.address_file}')}"
        if place_key(self.calendar) == "url":
            return f"url = {_value(str(self.calendar))}"
        path, base = Path(self.calendar).expanduser().absolute(), folder.absolute()
        shown = (path.relative_to(base) if path.is_relative_to(base) else path).as_posix()
        return f"path = {_value(shown)}"


def write_starter(starter: Starter, folder: Path) -> list[Path]:
    """Writes the configuration, its secrets and a .gitignore; the paths that were written.

    Nothing is overwritten: an existing key stays, .gitignore is only added to. Raises StoreError
    when the configuration exists or a file cannot be written.
    """
    text = starter.text(folder)
    config = folder / FILE_NAME
    key = folder / KEYS_FOLDER / f"{starter.display}.key"
    written = []
    try:
        refuse_existing(folder)
        key.parent.mkdir(mode=FOLDER_ONLY_MINE, parents=True, exist_ok=True)
        if not key.exists():
            create(key, secrets.token_hex(KEY_BYTES) + "\n")
            written.append(key)
        if starter.address_file:
            address = folder / starter.address_file
            create(address, f"{starter.calendar}\n")
            written.append(address)
        if _ignore(folder / ".gitignore", f"{KEYS_FOLDER}/"):
            written.append(folder / ".gitignore")
        # Last, since a configuration that exists says that all of it is there.
        create(config, text, 0o644)
    except FileExistsError as error:
        raise StoreError(
            f"{error.filename} exists already; it was not changed", "remove it, or name it in `url`"
        ) from None
    except OSError as error:
        where = error.filename or folder
        raise StoreError(
            f"{where}: {error.strerror}", "choose another folder: `host init DIR`"
        ) from None
    return [config, *written]


def refuse_existing(folder: Path) -> None:
    """Raises StoreError when the folder has a configuration."""
    if (folder / FILE_NAME).exists():
        raise StoreError(
            f"{folder / FILE_NAME} exists already; nothing was changed",
            "edit it, or choose another folder: `host init DIR`",
        )


def _ignore(gitignore: Path, line: str) -> bool:
    """Whether the line had to be added."""
    before = gitignore.read_text(encoding="utf-8") if gitignore.exists() else ""
    if line in before.splitlines():
        return False
    separator = "" if before in ("", "\n") or before.endswith("\n") else "\n"
    with gitignore.open("a", encoding="utf-8") as file:
        file.write(f"{separator}# keys are secrets\n{line}\n")
    return True


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(text: str) -> str:
    """A TOML basic string; JSON's escapes are a part of TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _choices(chosen: str, names: list[str]) -> str:
    others = [name for name in names if name != chosen]
    return f"  # or {', '.join(others)}" if others else ""
