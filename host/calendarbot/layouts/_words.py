"""The few words pages print, in the languages of words.toml; English where one is missing."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from babel import Locale


@cache
def _table() -> dict[str, dict[str, str]]:
    text = (resources.files(__package__) / "words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def languages() -> list[str]:
    """The languages there are words in."""
    return sorted(_table())


def phrase(locale: str, key: str, **values: object) -> str:
    """The phrase `key` of words.toml in the locale's language, `values` put in."""
    parsed = Locale.parse(locale, sep="-" if "-" in locale else "_")
    table = _table()
    names = (
        f"{parsed.language}_{parsed.script}",
        f"{parsed.language}_{parsed.territory}",
        parsed.language,
    )
    words = next((table[name] for name in names if name in table), table["en"])
    return (words.get(key) or table["en"][key]).format(**values)
