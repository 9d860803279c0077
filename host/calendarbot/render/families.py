"""Which font families there are, and which one draws a cluster of characters.

The chain of families is data: `fonts.toml`, beside `host/` in the repository or as
`calendarbot/_fonts` in an installed wheel. Font files come out of Python packages alone, never
from the machine, so a page has the same pixels everywhere.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calendarbot.errors import ConfigError
from calendarbot.render import faces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.resources.abc import Traversable

EMOJI_PRESENTATION = "\ufe0f"
_KANA = ("\u3041", "\u30ff")
_BOPOMOFO = ("\u3105", "\u312f")
_HANGUL = (("\u1100", "\u11ff"), ("\u3131", "\u318e"), ("\uac00", "\ud7a3"))


@dataclass(frozen=True, slots=True)
class Family:
    """One `[[family]]` of fonts.toml; the file explains the keys."""

    name: str
    package: str
    module: str
    regular: str
    scripts: tuple[str, ...]
    licence: str
    bold: str = ""
    face: int = 0
    script: str = ""
    language: str = ""
    emoji: bool = False
    hinting: str = "font"
    joined: bool = False
    plain_zero: bool = False
    scale: float = 1.0
    extra: str = ""


def fonts_folder() -> Traversable:
    """The project's `fonts` folder."""
    package = resources.files("calendarbot")
    for folder in (package / "_fonts", package / ".." / ".." / "fonts"):
        if (folder / "fonts.toml").is_file():
            return folder
    raise ConfigError("the font list fonts.toml is missing", "reinstall calendarbot")


@cache
def all_families() -> tuple[Family, ...]:
    """Every family of fonts.toml, installed or not, in order."""
    entries: list[dict[str, Any]] = tomllib.loads(
        (fonts_folder() / "fonts.toml").read_text(encoding="utf-8")
    )["family"]
    return tuple(Family(**{**entry, "scripts": tuple(entry["scripts"])}) for entry in entries)


@cache
def installed_families() -> tuple[Family, ...]:
    """The families whose package is here, in order; at least the first must be."""
    found = tuple(family for family in all_families() if _is_installed(family))
    first = all_families()[0]
    if first not in found:
        raise ConfigError(f"the font {first.name} is missing", f"pip install {first.package}")
    return found


def missing_extras() -> list[str]:
    """The extras of this project that would bring more families."""
    missing = (family for family in all_families() if family not in installed_families())
    return sorted({family.extra for family in missing if family.extra})


def face_of(family: Family, *, bold: bool) -> faces.Face:
    """The face of a family in one of the two weights; loaded once."""
    return _load(family, bold)


def file_of(family: Family, *, bold: bool) -> Path:
    """The font file of a family in one of the two weights; packages are installed unpacked."""
    name = family.bold if bold and family.bold else family.regular
    return Path(str(resources.files(family.module) / name))


def family_for(cluster: str, chain: Sequence[Family]) -> Family | None:
    """The first family of the chain that has every visible character of the cluster."""
    if EMOJI_PRESENTATION in cluster:
        chain = sorted(chain, key=lambda family: not family.emoji)
    needed = tuple(ord(char) for char in cluster if not is_ignorable(char))
    script = next(filter(None, map(script_of, cluster)), "")
    asked = [family for family in chain if not family.script or family.script == script]
    if not script:  # what many scripts share: last of all the families of one
        asked += [family for family in chain if family.script]
    return next((family for family in asked if _covers(family, needed)), None)


@lru_cache(maxsize=4096)
def script_of(char: str) -> str:
    """The ISO 15924 script of a character; empty for common and inherited ones."""
    return faces.script_of(char)


def chain_for(text: str, language: str) -> tuple[Family, ...]:
    """The installed families that may draw `text` on a page in `language` (BCP 47)."""
    return _chain(cjk_language(text, language))


@lru_cache(maxsize=16)
def _chain(language: str) -> tuple[Family, ...]:
    return tuple(family for family in installed_families() if family.language in ("", language))


def cjk_language(text: str, language: str) -> str:
    """Which of the regional shapes Han characters take.

    Kana, hangul and bopomofo give the language away; characters alone follow the page's locale,
    and simplified Chinese where that is silent.
    """
    if any(_KANA[0] <= char <= _KANA[1] for char in text):
        return "ja"
    if any(low <= char <= high for char in text for low, high in _HANGUL):
        return "ko"
    if any(_BOPOMOFO[0] <= char <= _BOPOMOFO[1] for char in text):
        return "zh-Hant"
    subtags = set(language.replace("_", "-").split("-"))
    if subtags & {"ja", "ko"}:
        return "ja" if "ja" in subtags else "ko"
    if "zh" in subtags and "HK" in subtags:
        return "zh-HK"
    return "zh-Hant" if "zh" in subtags and subtags & {"TW", "MO", "Hant"} else "zh-Hans"


def is_ignorable(char: str) -> bool:
    """Characters that direct shaping or order and show nothing (Default_Ignorable_Code_Point)."""
    code = ord(char)
    return (
        code in (0xAD, 0x34F, 0x61C, 0xFEFF)
        or 0x17B4 <= code <= 0x17B5
        or 0x180B <= code <= 0x180F
        or 0x200B <= code <= 0x200F
        or 0x202A <= code <= 0x202E
        or 0x2060 <= code <= 0x206F
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0000 <= code <= 0xE0FFF
    )


def _is_installed(family: Family) -> bool:
    try:
        import_module(family.module)
    except ModuleNotFoundError:
        return False
    return (resources.files(family.module) / family.regular).is_file()


@cache
def _load(family: Family, bold: bool) -> faces.Face:
    own_bold = bold and bool(family.bold)
    return faces.Face(
        file_of(family, bold=bold),
        index=family.face,
        weight=700 if bold else 400,
        has_weight=own_bold or not bold,
        hinting=family.hinting,
        plain_zero=family.plain_zero,
    )


@lru_cache(maxsize=4096)
def _covers(family: Family, codes: tuple[int, ...]) -> bool:
    face = face_of(family, bold=False)
    return all(face.has(code) for code in codes)
