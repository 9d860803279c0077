"""Finding layouts, and the words they share."""

from __future__ import annotations

import string
import subprocess
import sys
from datetime import date, time
from pathlib import Path

import pytest

from calendarbot import layouts
from calendarbot.errors import ConfigError
from calendarbot.layouts import _words
from calendarbot.layouts._dates import LocalDates

_LANGUAGES = sorted(_words.languages())


def _fields(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def test_layouts_are_the_modules_of_the_package_without_their_shared_parts() -> None:
    assert "agenda" in layouts.names()
    assert not any(name.startswith("_") for name in layouts.names())


@pytest.mark.parametrize("name", layouts.names())
def test_every_layout_says_its_smallest_size_and_when_it_changes(name: str) -> None:
    layout = layouts.load(name)
    assert all(side > 0 for side in layout.MIN_SIZE_PX)
    assert callable(layout.changes)
    assert callable(layout.draw)


@pytest.mark.parametrize("name", ["agneda", "_row", "agenda.x", ""])
def test_an_unknown_layout_is_refused_with_a_hint(name: str) -> None:
    with pytest.raises(ConfigError, match="no layout") as caught:
        layouts.load(name)
    assert any(known in caught.value.hint for known in layouts.names())


@pytest.mark.parametrize("language", _LANGUAGES)
def test_every_language_has_every_phrase_with_the_same_gaps(language: str) -> None:
    table = _words._table()
    assert table[language].keys() == table["en"].keys()
    for key, text in table[language].items():
        assert _fields(text) == _fields(table["en"][key]), (language, key)


def test_no_phrase_is_kept_that_no_page_prints() -> None:
    package = Path(layouts.__file__).parents[1]
    code = "".join(file.read_text() for file in package.rglob("*.py"))
    assert [key for key in _words._table()["en"] if f'"{key}"' not in code] == []


def test_the_languages_of_the_first_release_are_all_there() -> None:
    first = {"en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "nb", "fi", "cs"}
    assert first | {"ja", "zh", "ko", "he", "ar"} <= set(_LANGUAGES)


def test_a_language_without_a_table_speaks_english() -> None:
    assert _words.phrase("is_IS", "tomorrow") == "Tomorrow"


def test_regions_may_have_their_own_words() -> None:
    assert _words.phrase("pt_BR", "nothing") != _words.phrase("pt_PT", "nothing")
    assert _words.phrase("zh_TW", "nothing") != _words.phrase("zh_CN", "nothing")
    assert _words.phrase("de-AT", "more", n=3) == "+3 weitere"


@pytest.mark.parametrize(
    ("locale", "first", "clock"),
    [("en_US", "S", "9:05\u202fPM"), ("en_GB", "M", "21:05"), ("da_DK", "M", "21.05")],
)
def test_weeks_and_clocks_are_the_locale_s_own(locale: str, first: str, clock: str) -> None:
    dates = LocalDates(locale)
    assert dates.weekday_initials()[0] == first
    assert dates.clock(time(21, 5)) == clock


def test_the_weeks_of_a_month_begin_on_the_locale_s_first_day_and_hold_the_whole_month() -> None:
    weeks = list(LocalDates("en_US").weeks_of_month(date(2026, 11, 24)))
    assert weeks[0][0] == date(2026, 11, 1)
    assert weeks[-1][-1] == date(2026, 12, 5)
    assert all(len(week) == 7 for week in weeks)
    german = list(LocalDates("de_DE").weeks_of_month(date(2026, 11, 24)))
    assert german[0][0] == date(2026, 10, 26)
    assert german[-1][0] == date(2026, 11, 30)


def test_the_weeks_of_december_end() -> None:
    assert len(list(LocalDates("de_DE").weeks_of_month(date(2026, 12, 31)))) == 5


def test_the_months_of_one_language_are_not_seen_in_another() -> None:
    """Displays of several languages are drawn by one process, in any order."""
    code = (
        "from datetime import date\n"
        "from calendarbot.layouts._dates import LocalDates\n"
        "for locale in ('ja_JP', 'fr_FR', 'en_GB', 'he_IL'):\n"
        "    print(LocalDates(locale).short_month(date(2026, 11, 24)))\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert said.decode().split() == ["11月", "Nov", "Nov", "נוב׳"]
