"""The command line itself: finding commands, exit codes, and one clear line for every error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
import pytest
from click.testing import CliRunner

from calendarbot import __main__, errors
from calendarbot.cli import cli, completion, main
from calendarbot.cli.options import (
    at_option,
    chosen_displays,
    config_options,
    display_option,
    moment,
)
from calendarbot.zones import load_zone

if TYPE_CHECKING:
    from click.testing import Result

    from calendarbot.config import Config

REFERENCE = Path(__file__).parents[1] / "reference"


def host(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args), prog_name="host")


def run(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """`python -m calendarbot` as a process of its own."""
    path = os.pathsep.join(filter(None, sys.path))
    return subprocess.run(
        [sys.executable, "-m", "calendarbot", *args],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    @click.command()
    def command() -> NoReturn:
        raise error

    monkeypatch.setattr(completion, "command", command)


def test_help_names_every_command_and_the_first_steps() -> None:
    result = host("--help")

    assert result.exit_code == 0
    for name in ("events", "init", "config", "completion"):
        assert f"\n  {name}" in result.stdout
    assert "host events --calendar my.ics" in result.stdout
    assert "\n  options" not in result.stdout


def test_a_command_is_a_module_with_dashes_for_underscores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "say_hello.py").write_text(
        "import click\n@click.command()\ndef command():\n    '''Greet.'''\n    click.echo('hello')\n",
        encoding="utf-8",
    )
    package = sys.modules["calendarbot.cli"]
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "calendarbot.cli.say_hello", raising=False)

    assert "say-hello" in host("--help").stdout
    assert host("say-hello").stdout == "hello\n"
    sys.modules.pop("calendarbot.cli.say_hello")


def test_an_unknown_command_is_wrong_usage() -> None:
    for name in ("evnts", "options"):
        result = host(name)
        assert result.exit_code == 2
        assert f"No such command '{name}'" in result.stderr


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [
        (errors.CalendarBotError, 1),
        (errors.ConfigError, 3),
        (errors.SourceError, 4),
        (errors.StoreError, 5),
        (errors.NetworkError, 6),
        (errors.DeviceError, 7),
    ],
)
def test_every_error_is_printed_without_a_traceback_and_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, kind: type[errors.CalendarBotError], exit_code: int
) -> None:
    fail_with(monkeypatch, kind("first\nsecond", "try this"))

    result = host("completion")

    assert result.exit_code == exit_code
    assert result.stdout == ""
    assert result.stderr == "error: first\nerror: second\nhint: try this\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_ctrl_c_is_exit_code_130(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    fail_with(monkeypatch, error)

    result = host("completion")

    assert result.exit_code == 130
    assert result.stderr == "interrupted\n"


def test_a_full_disk_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(monkeypatch, OSError(28, "No space left on device", "out/x"))

    with pytest.raises(SystemExit) as caught:
        main(["completion"], "host")

    assert caught.value.code == 1
    assert capsys.readouterr().err == "error: out/x: No space left on device\n"


@pytest.mark.parametrize(
    ("args", "exit_code", "message"),
    [
        (("events",), 3, "there is no calendarbot.toml in this folder"),
        (("events", "none.toml"), 3, "none.toml: there is no such file"),
        (("events", "--calendar", "none.ics"), 4, "none.ics: there is no such calendar file"),
        (("events", "--calendar", "page.html"), 4, "it looks like a web page"),
        (("events", "--calendar", "page.html", "--tz", "Berln"), 3, "unknown time zone 'Berln'"),
        (("config", "check", "bad.toml"), 3, "bad.toml:1: unknown key 'calendar'"),
        (("events", "--frm", "x"), 2, "No such option"),
    ],
)
def test_bad_input_is_one_clear_line_with_its_exit_code(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    args: tuple[str, ...],
    exit_code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("page.html").write_text("<!doctype html>", encoding="utf-8")
    Path("bad.toml").write_text("[calendar.a]\npath = 'a.ics'\n", encoding="utf-8")

    result = host(*args)

    assert result.exit_code == exit_code
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_the_version_is_printed() -> None:
    result = host("--version")

    assert result.exit_code == 0
    assert result.stdout.startswith("Calendar Bot ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_completes_the_name_it_was_called_by(shell: str) -> None:
    assert f"_HOST_COMPLETE={shell}_complete" in host("completion", shell).stdout
    called = CliRunner().invoke(cli, ["completion", shell], prog_name="python -m calendarbot")
    assert f"_HOST_COMPLETE={shell}_complete" in called.stdout


def test_a_shell_is_told_the_commands() -> None:
    result = CliRunner().invoke(
        cli,
        prog_name="host",
        env={"_HOST_COMPLETE": "bash_complete", "COMP_WORDS": "host ev", "COMP_CWORD": "1"},
    )

    assert "plain,events" in result.stdout


def test_python_m_calendarbot_is_the_same_command_line(tmp_path: Path) -> None:
    good = run("events", "--calendar", str(REFERENCE / "room.ics"), "--json", cwd=tmp_path)
    bad = run("events", cwd=tmp_path)

    assert (good.returncode, good.stderr) == (0, "")
    assert bad.returncode == 3
    assert bad.stderr.startswith("error: there is no calendarbot.toml in this folder")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["events", "--json"], ["events", "--json"]),
        (["--web"], ["serve"]),
        (["--web", "--port", "9000"], ["serve", "--port", "9000"]),
        (["calendarbot.toml", "--web"], ["serve", "calendarbot.toml"]),
        (["serve", "--web"], ["serve"]),
    ],
)
def test_web_is_the_command_serve(given: list[str], meant: list[str]) -> None:
    assert __main__.arguments(given) == meant


def test_shared_options_become_one_configuration_and_moments() -> None:
    seen: list[tuple[Config, list[str], str]] = []

    @click.command()
    @config_options
    @display_option
    @at_option
    def command(config: Config, displays: tuple[str, ...], at: str | None) -> None:
        chosen = chosen_displays(config, displays)
        zone = load_zone(next(iter(chosen.values())).tz)
        seen.append((config, list(chosen), moment(at, zone).isoformat()))

    options = ["--calendar", "a.ics", "--tz", "Asia/Tokyo", "--at", "2026-11-24", "--locale", "ja"]
    assert CliRunner().invoke(command, options).exit_code == 0
    assert CliRunner().invoke(command, ["--calendar", "a.ics", "--display", "x"]).exit_code == 1

    ((config, displays, at),) = seen
    assert config.displays["display"].locale == "ja"
    assert (displays, at) == (["display"], "2026-11-24T00:00:00+09:00")
    assert moment(None, load_zone("UTC")).tzinfo is not None
