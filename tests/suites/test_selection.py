"""What a change touches is selected: too much rather than too little."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from coverage import CoverageData
from tools.suites import faults
from tools.suites.catalogue import ROOT
from tools.suites.changes import MODULE, changed_functions, changed_since, is_lost
from tools.suites.commands import main
from tools.suites.learning import Map, functions_at, lines_run
from tools.suites.report import redundant
from tools.suites.selection import all_files, choose

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """
LIMIT = 3

def one(x=LIMIT):
    return x

class Two:
    def three(self):
        def inner():
            return 4
        return inner
"""


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("return x", "return x  # the same", set()),
        ("return x", "return -x", {"one"}),
        ("return 4", "return 5", {"Two.three"}),
        ("LIMIT = 3", "LIMIT = 4", {MODULE}),
        ("x=LIMIT", "x=7", {MODULE}),
        ("class Two", "def new():\n    pass\n\nclass Two", {MODULE, "new"}),
        ("return 4", "return (", {MODULE}),
    ],
)
def test_what_changed_is_a_function_or_what_runs_on_import(
    old: str, new: str, changed: set[str]
) -> None:
    assert changed_functions(SOURCE, SOURCE.replace(old, new)) == changed


def test_a_line_that_ran_is_its_functions_and_a_definition_is_the_modules() -> None:
    file = "tools/suites/durations.py"
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    definition = next(n for n, line in enumerate(lines, 1) if "def _read(" in line)
    assert functions_at(file, {definition}) == {MODULE}
    assert functions_at(file, {definition + 1}) == {MODULE, "_read"}


def everything_measured() -> Map:
    known = Map({}, frozenset(all_files()))
    known = known.with_(
        "tests/host/test_build.py", {"host/calendarbot/build.py": {MODULE, "build"}}
    )
    return known.with_("tests/host/test_publish.py", {"host/calendarbot/build.py": {MODULE}})


def test_a_function_selects_who_runs_it_and_an_import_who_imports_it() -> None:
    known = everything_measured()
    file = "host/calendarbot/build.py"
    assert set(choose({file: {"build"}}, known).files) == {"tests/host/test_build.py"}
    both = {"tests/host/test_build.py", "tests/host/test_publish.py"}
    assert set(choose({file: {MODULE}}, known).files) == both
    assert set(choose({file: None}, known).files) == both
    assert set(choose({file: {"a_new_one"}}, known).files) == both
    assert set(choose({"host/calendarbot/brand_new.py": None}, known).files) == both


def test_tests_that_were_never_measured_are_selected_with_any_change_of_code() -> None:
    known = Map({}).with_("tests/host/test_build.py", {"host/calendarbot/build.py": {"build"}})
    chosen = choose({"host/calendarbot/build.py": {"build"}}, known)
    assert set(chosen.files) == set(all_files())


def test_where_nothing_was_measured_or_known_everything_is_selected() -> None:
    assert set(choose({"host/calendarbot/build.py": {"build"}}, Map({})).files) == set(all_files())
    assert set(choose({"pyproject.toml": None}, everything_measured()).files) == set(all_files())


def test_firmware_selects_the_interpreters_and_images_that_hold_it() -> None:
    interpreters = {f"tests/device/test_{name}.py" for name in ("qemu", "unix_port")}
    board = "tests/device/test_virtual_pico.py"
    known = everything_measured()
    everywhere = choose({"firmware/inkframe/seal.py": {"same"}}, known).files
    assert {*interpreters, board} <= set(everywhere)
    on_boards = choose({"firmware/device/power.py": {"Power.sleep"}}, known).files
    assert board in on_boards
    assert not interpreters & set(on_boards), "they run nothing of it"
    on_the_host = choose({"firmware/inkframe/_moves.py": {"find_moves"}}, known).files
    assert not {*interpreters, board} & set(on_the_host)
    assert "tests/golden/test_golden_pages.py" not in {*everywhere, *on_boards}


def test_what_is_imported_just_to_be_looked_up_selects_who_looks_at_it() -> None:
    panel = "firmware/inkframe/panels/waveshare_2in13_v4.py"
    known = Map({panel: {MODULE: ["tests/host/test_agenda.py"]}}, frozenset(all_files()))
    chosen = choose({panel: {MODULE}}, known).files
    assert "tests/host/test_panels.py" in chosen
    assert "tests/host/test_agenda.py" not in chosen


def test_a_changed_test_selects_itself_and_what_it_shares_selects_its_folder() -> None:
    known = everything_measured()
    assert set(choose({"tests/host/test_agenda.py": None}, known).files) == {
        "tests/host/test_agenda.py"
    }
    beside = choose({"tests/feeds/servers.py": None}, known).files
    assert beside
    assert all(file.startswith("tests/feeds/") for file in beside)


def test_prose_selects_nothing_but_the_tests_that_read_it() -> None:
    assert not choose({"docs/architecture.md": None}, everything_measured()).files
    assert (
        "tests/host/test_panels.py" in choose({"docs/panels.md": None}, everything_measured()).files
    )


def test_what_is_not_committed_is_a_change(tmp_path: Path) -> None:
    def git(*command: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *identity, *command], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    (tmp_path / "a.py").write_text(SOURCE)
    (tmp_path / "b.toml").write_text("")
    git("add", ".")
    git("commit", "-m", "a")
    assert changed_since(None, tmp_path) == {}
    (tmp_path / "a.py").write_text(SOURCE.replace("return x", "return 1"))
    (tmp_path / "b.toml").write_text("a = 1")
    (tmp_path / "c.py").write_text("")
    assert changed_since(None, tmp_path) == {"a.py": {"one"}, "b.toml": None, "c.py": None}
    git("commit", "-am", "b")
    assert changed_since("HEAD~1", tmp_path)["a.py"] == {"one"}
    assert not is_lost(None, tmp_path)
    assert not is_lost("mistyped", tmp_path)
    assert is_lost("0" * 40, tmp_path)


def test_where_a_service_names_a_commit_that_is_gone_everything_is_selected() -> None:
    selected = CliRunner().invoke(main, ["select", "--since", "0" * 40, "--json"])
    assert set(json.loads(selected.stdout)["files"]) == set(all_files())


@pytest.mark.parametrize(
    "file", [".github/workflows/ci.yml", ".gitlab-ci.yml", "deploy/Dockerfile"]
)
def test_a_pipeline_selects_the_tests_that_read_pipelines(file: str) -> None:
    assert "tests/pipelines/test_pipelines.py" in choose({file: None}, everything_measured()).files


def test_a_file_of_tests_that_runs_nothing_of_its_own_is_reported() -> None:
    known = Map({}).with_("a", {"x.py": {"one"}}).with_("b", {"x.py": {"one", "two"}})
    assert redundant(known) == {"a": "b"}


def test_enough_faults_of_the_list_can_be_planted_and_of_every_kind() -> None:
    listed = faults.plantable()
    assert len(listed) >= 40, "code moved on: give tools/suites/faults.toml lines that there are"
    kinds = (
        "host/",
        "firmware/inkframe/",
        "firmware/device/",
        "host/calendarbot/server/templates/",
        "boards/",
    )
    assert all(any(fault.file.startswith(kind) for fault in listed) for kind in kinds)


def test_a_planted_fault_fails_the_tests_selected_for_it(tmp_path: Path) -> None:
    fault = next(one for one in faults.faults() if one.file.endswith("wire.py"))
    chosen = ["tests/portable/test_wire.py"]
    assert set(chosen) <= set(faults.chosen_for(fault)[0])
    checkout = faults.copied(tmp_path / "checkout", images=False)
    assert faults.first_failing(chosen, checkout) == ""
    with faults.planted(fault, checkout):
        assert faults.first_failing(chosen, checkout) == chosen[0]
    assert faults.first_failing(chosen, checkout) == ""


def test_a_fault_that_comes_and_goes_within_a_second_is_seen_and_gone(tmp_path: Path) -> None:
    module, asks = tmp_path / "thing.py", tmp_path / "test_thing.py"
    asks.write_text("from thing import ONE\n\n\ndef test_one():\n    assert ONE == 1\n")
    for line, fails in (("ONE = 1\n", False), ("ONE = 2\n", True), ("ONE = 1\n", False)):
        module.write_text(line)
        os.utime(module, (1, 1))
        assert bool(faults.first_failing([asks.name], tmp_path)) == fails


def test_what_a_copy_of_the_checkout_runs_is_not_measured_as_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COVERAGE_PROCESS_CONFIG", "measured")
    asks = tmp_path / "test_environment.py"
    asks.write_text(
        'import os\n\ndef test_env():\n    assert "COVERAGE_PROCESS_CONFIG" not in os.environ\n'
    )
    assert faults.first_failing([asks.name], tmp_path) == ""


def test_a_process_that_was_killed_hides_nothing_of_the_others(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "tests-host-test_a.py.pid1") as begun:  # and no more than that
        begun.execute("CREATE TABLE coverage_schema (version integer)")
    measured = CoverageData(str(tmp_path / "tests-host-test_a.py.pid2"))
    measured.add_lines({str(ROOT / "host/calendarbot/agenda.py"): [1, 2]})
    measured.write()
    found = lines_run(tmp_path, "tests/host/test_a.py")
    assert found == {"host/calendarbot/agenda.py": {1, 2}}
