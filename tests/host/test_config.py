"""The configuration: what it takes, and how it says what is wrong."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendarbot.config import (
    Config,
    QuietHours,
    SecretRef,
    config_from_options,
    json_schema,
    load_config,
    machine_locale,
    overridden,
)
from calendarbot.config.toml_lines import key_lines, line_of
from calendarbot.config.values import parse_duration
from calendarbot.errors import ConfigError
from calendarbot.zones import load_zone, machine_zone, zone_name

if TYPE_CHECKING:
    from collections.abc import Callable

PANEL = "waveshare_7in5_v2"
GOOD = f"""\
tz = "Europe/Berlin"
locale = "de_DE"

[calendars.family]
name = "Familie"
path = "family.ics"

[calendars.office]
path = "office.ics"

[displays.kitchen]
panel = "{PANEL}"
title = "Küche"
calendars = ["family"]
key = "file:keys/kitchen.key"

[displays.kitchen.policy]
sync_every = "1h30m"
quiet_hours = "22:00-06:00"

[displays.hall]
panel = "{PANEL}"
layout = "agenda"
tz = "Asia/Tokyo"
locale = "ja"
"""


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Config]:
    """Loads a text as ./calendarbot.toml."""
    monkeypatch.chdir(tmp_path)

    def load_text(text: str) -> Config:
        Path("calendarbot.toml").write_text(text, encoding="utf-8")
        return load_config(Path("calendarbot.toml"))

    return load_text


@pytest.fixture
def problems(load: Callable[[str], Config]) -> Callable[[str], list[str]]:
    """The lines of the error that a text gives."""

    def lines(text: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(text)
        return caught.value.message.splitlines()

    return lines


def with_display(*lines: str) -> str:
    return "\n".join(
        ["[calendars.a]", 'path = "a.ics"', "[displays.kitchen]", f'panel = "{PANEL}"', *lines]
    )


def test_a_good_file_gives_what_it_says(load: Callable[[str], Config]) -> None:
    config = load(GOOD)

    kitchen = config.displays["kitchen"]
    assert config.calendars["family"].name == "Familie"
    assert config.calendars["family"].path == Path("family.ics")
    assert (kitchen.panel, kitchen.layout, kitchen.title) == (PANEL, "agenda", "Küche")
    assert kitchen.calendars == ("family",)
    assert kitchen.key == SecretRef("file", "keys/kitchen.key")
    assert kitchen.policy.sync_every == timedelta(minutes=90)
    assert kitchen.policy.coverage == timedelta(hours=24)
    assert kitchen.policy.quiet_hours == QuietHours(time(22), time(6))


def test_a_display_takes_what_it_leaves_out_from_the_whole(load: Callable[[str], Config]) -> None:
    config = load(GOOD)

    kitchen, hall = config.displays["kitchen"], config.displays["hall"]
    assert (kitchen.tz, kitchen.locale) == ("Europe/Berlin", "de_DE")
    assert (hall.tz, hall.locale, hall.calendars) == ("Asia/Tokyo", "ja", ("family", "office"))
    assert hall.policy.quiet_hours is None


def test_no_quiet_hours_can_be_said(load: Callable[[str], Config]) -> None:
    config = load(with_display('policy.quiet_hours = "none"'))
    assert config.displays["kitchen"].policy.quiet_hours is None


def test_relative_paths_start_from_the_files_folder(
    tmp_path: Path, load: Callable[[str], Config]
) -> None:
    load(GOOD)

    assert load_config(tmp_path / "calendarbot.toml").base_dir == tmp_path


def test_the_zone_all_displays_share_is_the_configurations(load: Callable[[str], Config]) -> None:
    assert load(with_display('tz = "Asia/Tokyo"')).tz == "Asia/Tokyo"
    assert load('tz = "UTC"\n' + with_display('tz = "Asia/Tokyo"')).tz == "UTC"


def test_an_unknown_key_is_named_with_its_line_and_the_nearest(
    problems: Callable[[str], list[str]],
) -> None:
    assert problems(with_display('layuot = "agenda"')) == [
        "calendarbot.toml:5: displays.kitchen: unknown key 'layuot'; did you mean 'layout'?"
    ]


def test_every_problem_gets_a_line_in_the_order_of_the_file(
    problems: Callable[[str], list[str]],
) -> None:
    lines = problems(
        with_display(
            'tz = "Europe/Berln"',
            'locale = "xx"',
            "[displays.hall]",
            'panel = "waveshare_7in5_v3"',
            'layout = "agendas"',
            "[displays.hall.policy]",
            'sync_every = "10"',
            'quiet_hours = "22-6"',
        )
    )

    assert lines == [
        "calendarbot.toml:5: displays.kitchen.tz: unknown time zone 'Europe/Berln'; "
        "did you mean 'Europe/Berlin'?",
        "calendarbot.toml:6: displays.kitchen.locale: unknown locale 'xx'; "
        "locales have names like 'de_DE', 'en_GB' or 'ja'",
        f"calendarbot.toml:8: displays.hall.panel: unknown panel 'waveshare_7in5_v3'; "
        f"did you mean {PANEL!r}?",
        "calendarbot.toml:9: displays.hall.layout: unknown layout 'agendas'; "
        "did you mean 'agenda'?",
        "calendarbot.toml:11: displays.hall.policy.sync_every: '10' is not a duration; "
        "write one like '30min', '1h30m' or '1d'",
        "calendarbot.toml:12: displays.hall.policy.quiet_hours: '22-6' are not quiet hours; "
        "write '22:00-06:00' or 'none'",
    ]


def test_a_calendar_that_no_table_defines_is_named(problems: Callable[[str], list[str]]) -> None:
    text = with_display('calendars = ["b"]').replace("[calendars.a]", "[calendars.bb]")

    assert problems(text) == [
        "calendarbot.toml:5: displays.kitchen.calendars: there is no calendar 'b'; "
        "did you mean 'bb'?"
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "calendarbot.toml:1: 'calendars' is missing"),
        ("[calendars]\n[displays.a]", "calendarbot.toml:1: calendars: at least one is needed"),
        ("calendars = 3", "calendarbot.toml:1: calendars: a table was expected"),
        (with_display("title = 3"), "calendarbot.toml:5: displays.kitchen.title: text in quotes"),
        (
            with_display('board = "waveshare_esp32"'),
            "calendarbot.toml:5: displays.kitchen.board: unknown board 'waveshare_esp32'; did you",
        ),
        (with_display("policy = 3"), "calendarbot.toml:5: displays.kitchen.policy: a table was"),
        (with_display('calendars = "a"'), "calendarbot.toml:5: displays.kitchen.calendars: a list"),
        ("[calendars.a]\nsource='ics'\npath=''", "calendarbot.toml:2: calendars.a.source: unknown"),
        (
            with_display("[displays.'../up']", f'panel = "{PANEL}"'),
            "calendarbot.toml:5: displays.../up: only letters, digits",
        ),
        (
            with_display('policy = { sync_every = "2d" }'),
            "calendarbot.toml:5: displays.kitchen.policy: coverage is at least sync_every",
        ),
        (
            with_display('policy.sync_every = "1s"'),
            "calendarbot.toml:5: displays.kitchen.policy: sync_every is between 1min and 7d",
        ),
        (
            with_display('policy.quiet_hours = "06:00-06:00"'),
            "calendarbot.toml:5: displays.kitchen.policy.quiet_hours: quiet hours '06:00-06:00'",
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_line(
    problems: Callable[[str], list[str]], text: str, line: str
) -> None:
    assert any(found.startswith(line) for found in problems(text)), problems(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = ", "calendarbot.toml:2: not valid TOML: "),
        ("a = 1\nb = [1,\n", "calendarbot.toml:3: not valid TOML: "),
        ("a = 1\na = 2\n", "calendarbot.toml:2: not valid TOML: "),
    ],
)
def test_what_is_not_toml_is_named_with_its_line(
    problems: Callable[[str], list[str]], text: str, line: str
) -> None:
    (found,) = problems(text)
    assert found.startswith(line)


def test_a_secret_written_into_the_file_is_not_repeated(
    problems: Callable[[str], list[str]],
) -> None:
    (line,) = problems(with_display('key = "5e1f00d"'))

    assert "5e1f00d" not in line
    assert "file:keys/kitchen.key" in line


@pytest.mark.parametrize("address", ["https://example.com/token", "webcal://u:p@example.com"])
def test_an_address_in_place_of_a_path_is_refused_and_not_repeated(
    problems: Callable[[str], list[str]], address: str
) -> None:
    (line,) = problems(with_display().replace("a.ics", address))

    assert line == (
        "calendarbot.toml:2: calendars.a.path: this is an address; a path to a file was expected"
    )
    with pytest.raises(ConfigError) as caught:
        config_from_options([Path(address)])
    assert "example.com" not in caught.value.message


def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match="there is no such file"):
        load_config(tmp_path / "missing.toml")
    with pytest.raises(ConfigError, match="this is a folder") as caught:
        load_config(tmp_path)
    assert caught.value.hint == f"did you mean {tmp_path / 'calendarbot.toml'}?"
    with pytest.raises(ConfigError, match="not a text in UTF-8"):
        load_config(binary)
    with pytest.raises(ConfigError, match="Not a directory"):
        load_config(binary / "calendarbot.toml")


def test_options_alone_make_a_configuration_of_one_display() -> None:
    config = config_from_options([Path("a/x.ics"), Path("b/x.ics")], tz="Asia/Tokyo", locale="ja")

    assert list(config.calendars) == ["x", "x-2"]
    assert config.calendars["x-2"].path == Path("b/x.ics")
    assert list(config.displays) == ["display"]
    display = config.displays["display"]
    assert (display.panel, display.layout) == (PANEL, "agenda")
    assert (display.tz, display.locale, display.calendars) == ("Asia/Tokyo", "ja", ("x", "x-2"))


def test_a_wrong_option_is_named_as_an_option() -> None:
    with pytest.raises(ConfigError) as caught:
        config_from_options([], panel="waveshare", layout="agend", tz="berlin", locale="klingon")

    lines = caught.value.message.splitlines()
    assert "--calendar: at least one is needed" in lines
    assert any(line.startswith("--panel: unknown panel 'waveshare'") for line in lines)
    assert "--layout: unknown layout 'agend'; did you mean 'agenda'?" in lines
    assert "--tz: unknown time zone 'berlin'; did you mean 'Europe/Berlin'?" in lines
    assert any(line.startswith("--locale: unknown locale 'klingon'") for line in lines)


def test_options_override_every_display_and_nothing_else(load: Callable[[str], Config]) -> None:
    config = load(GOOD)

    changed = overridden(config, tz="UTC", locale="en-GB")

    assert {display.tz for display in changed.displays.values()} == {"UTC"}
    assert {display.locale for display in changed.displays.values()} == {"en_GB"}
    assert changed.displays["kitchen"].title == "Küche"
    assert (changed.base_dir, changed.where) == (config.base_dir, config.where)
    assert overridden(config) is config
    with pytest.raises(ConfigError, match="--tz: unknown time zone 'x'"):
        overridden(config, tz="x")


def test_an_unknown_display_is_answered_with_the_nearest(load: Callable[[str], Config]) -> None:
    with pytest.raises(ConfigError) as caught:
        load(GOOD).display("kitchn")

    assert caught.value.message == "calendarbot.toml: there is no display 'kitchn'"
    assert caught.value.hint == "did you mean 'kitchen'?"


def test_the_schema_explains_every_key_and_offers_what_is_installed() -> None:
    schema = json_schema()

    tables = [schema, *schema["$defs"].values()]
    fields = [field for table in tables for field in table["properties"].values()]
    assert all(field["description"] for field in fields)
    assert PANEL in schema["$defs"]["DisplayConfig"]["properties"]["panel"]["enum"]
    layout = schema["$defs"]["DisplayConfig"]["properties"]["layout"]
    assert "agenda" in layout["anyOf"][0]["enum"]
    assert schema["$defs"]["CalendarConfig"]["properties"]["source"]["enum"] == [
        "caldav",
        "ics_file",
        "ics_folder",
        "ics_url",
        "vdir",
    ]
    assert schema["$defs"]["PolicyConfig"]["properties"]["sync_every"]["default"] == "1h"
    assert "null" not in str(schema)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("30min", 30), ("30m", 30), ("1h", 60), ("1h30m", 90), ("1d", 1440), ("90s", 1.5)],
)
def test_a_duration_is_read_with_its_units(text: str, minutes: float) -> None:
    assert parse_duration(text) == timedelta(minutes=minutes)


@given(st.one_of(st.text(max_size=12), st.from_regex(r"[0-9dhmins]{0,9}"), st.integers()))
def test_a_duration_is_understood_or_refused_with_an_example(text: object) -> None:
    complaint = ""
    try:
        assert parse_duration(text) >= timedelta()
    except ValueError as error:
        complaint = str(error)
    assert not complaint or "'1h30m'" in complaint


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [(time(21, 59), False), (time(22), True), (time(3), True), (time(6), False), (time(12), False)],
)
def test_quiet_hours_may_cross_midnight(clock: time, quiet: bool) -> None:
    assert QuietHours(time(22), time(6)).covers(clock) is quiet
    assert QuietHours(time(6), time(22)).covers(clock) is not quiet


def test_a_key_is_read_from_its_file_or_variable(tmp_path: Path) -> None:
    (tmp_path / "k.key").write_text("ab" * 32 + "\n", encoding="ascii")

    assert SecretRef("file", "k.key").read_key(tmp_path) == b"\xab" * 32
    assert SecretRef("env", "K").read_key(tmp_path, {"K": "cd" * 32}) == b"\xcd" * 32


@pytest.mark.parametrize("content", [b"", b"abcd", b"xy" * 32, b"\xff" * 64])
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "k.key").write_bytes(content)

    with pytest.raises(ConfigError) as caught:
        SecretRef("file", "k.key").read_key(tmp_path)
    assert caught.value.message.startswith("file:k.key holds no key")
    assert "xyxy" not in caught.value.message


def test_a_missing_key_is_named_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        SecretRef("file", "k.key").read_key(tmp_path)
    with pytest.raises(ConfigError, match="env:K: the environment variable is not set"):
        SecretRef("env", "K").read_key(tmp_path, {})


def test_lines_are_found_through_strings_arrays_and_quoted_keys() -> None:
    text = '''\
# [comment]
top = """
[not.a.table]
key = 1
"""
list = [
  "]", # ]
  "x",
]
inline = { a = { b = 1 } }
[a."b.c"] # table
x.y = '[d]'
\'q\' = 1
[[rows]]
z = 1
'''
    lines = key_lines(text)

    assert lines[("top",)] == 2
    assert lines[("list",)] == 6
    assert lines[("inline",)] == 10
    assert lines[("a", "b.c")] == 11
    assert lines[("a", "b.c", "x", "y")] == 12
    assert lines[("a", "b.c", "q")] == 13
    assert lines[("rows", "z")] == 15
    assert line_of(lines, ("inline", "a", "b")) == 10
    assert line_of(lines, ("nowhere",)) == 1
    assert ("not", "a", "table") not in lines


@given(st.lists(st.sampled_from(['k{} = "#["', "k{} = [\n1,\n]", "# c\nk{} = 1", "[t{}]"])))
def test_every_key_is_found_on_its_line(statements: list[str]) -> None:
    text = "\n".join(part.format(number) for number, part in enumerate(statements))

    for path, line in key_lines(text).items():
        assert path[-1] in text.split("\n")[line - 1]
    assert len(key_lines(text)) == len(statements)


def test_the_machines_zone_is_found_where_systems_keep_it(tmp_path: Path) -> None:
    assert machine_zone(tmp_path, {}) == "UTC"
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert machine_zone(tmp_path, {}) == "Asia/Tokyo"
    (tmp_path / "timezone").write_text("Europe/Berlin\n", encoding="ascii")
    assert machine_zone(tmp_path, {}) == "Europe/Berlin"
    assert machine_zone(tmp_path, {"TZ": ":America/New_York"}) == "America/New_York"
    assert machine_zone(tmp_path, {"TZ": "nonsense"}) == "Europe/Berlin"


def test_a_folder_of_the_zone_database_is_no_zone() -> None:
    for name in ("Europe", "../etc/passwd", "", "Mars/Olympus"):
        with pytest.raises(ConfigError, match="unknown time zone"):
            load_zone(name)
    assert zone_name(ZoneInfo("Europe/Berlin")) == "Europe/Berlin"


def test_the_machines_locale_is_the_users_or_a_plain_one() -> None:
    assert machine_locale({"LANG": "de_DE.UTF-8"}) == "de_DE"
    assert machine_locale({"LANG": "de_DE.UTF-8", "LC_ALL": "fr_FR@euro"}) == "fr_FR"
    assert machine_locale({"LANG": "C.UTF-8"}) == "en_GB"


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    loop = tmp_path / "loop.toml"
    loop.symlink_to(loop)

    with pytest.raises(ConfigError, match=r"loop\.toml: "):
        load_config(loop)
