"""Every test has one suite; parts and orders are of the same tests."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from tools.suites.catalogue import ROOT, SuitesError, matches, suite_of, suites, tags_of, touches
from tools.suites.plugin import dealt
from tools.suites.selection import all_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Ran

AT_NIGHT = ("nightly", "no_cover")
MANY = "import pytest\n\n@pytest.mark.parametrize('n', range(40))\ndef test_one(n):\n    pass\n"


def test_every_file_of_tests_is_in_a_suite_and_nothing_else_is() -> None:
    for file in all_files():
        assert suite_of(file).name in suites()
    with pytest.raises(SuitesError, match="in no suite"):
        suite_of("tools/test_x.py::test_one")


def test_no_two_files_of_tests_have_the_same_name() -> None:
    """pytest imports them by their bare names: the second one ends the collection of everything."""
    names = [file.rpartition("/")[2] for file in all_files()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize(
    ("test", "tags"),
    [
        ("tests/host/test_config.py::test_x", {"unit", "critical"}),
        ("tests/device/test_virtual_pico.py::test_x", {"board"}),
        ("tests/device/test_qemu.py::test_x[test_power_cuts-x]", {"firmware", *AT_NIGHT}),
        ("tests/device/test_many_wakes.py::test_cycles_on_a_pico[whole]", {"board", *AT_NIGHT}),
        ("tests/device/test_no_wrong_picture.py::test_x", {"integration", "no_cover"}),
        ("tests/hardware/test_board.py::test_x", {"hardware"}),
    ],
)
def test_a_tests_marks_follow_from_where_it_lies(test: str, tags: set[str]) -> None:
    assert tags_of(test) == tags


def test_the_table_names_only_what_there_is() -> None:
    """A pattern for files that were renamed would select nothing, and nobody would notice."""
    optional = ("tests/browser/*", "tests/device/test_*power*.py*", "tests/pairs/*")
    for row in touches():
        for pattern in row.tests:
            assert pattern in optional or any(matches(file, [pattern]) for file in all_files())
        for like in row.like:
            module, _, function = like.partition("::")
            assert f"def {function}" in (ROOT / module).read_text(encoding="utf-8")


def test_parts_are_all_tests_and_none_twice_in_whatever_order(
    planted: Callable[..., Ran],
) -> None:
    seen: list[str] = []
    for part, seed in (("1/2", "1"), ("2/2", "2")):
        ran = planted(MANY, "--co", "-q", "--part", part, f"--randomly-seed={seed}")
        seen += [line for line in ran.printed.splitlines() if "::" in line]
    assert len(seen) == len(set(seen)) == 40


def test_slow_tests_are_dealt_to_all_workers_before_the_others() -> None:
    tests = [*"abcdef", "slow", "slower", "slowest"]
    took_s = [0.1] * 6 + [2, 3, 4]
    assert dealt(tests, took_s, 1) == ["slowest", "slower", "slow", *"abcdef"]
    assert dealt(tests, took_s, 2) == ["slowest", "slow", *"abc", "slower", *"def"]


def test_a_suite_that_there_is_not_is_a_clear_error(planted: Callable[..., Ran]) -> None:
    ran = planted("def test_one():\n    pass\n", "--suite", "nix")
    assert ran.status == 4
    assert "there is no suite 'nix'; there are hardware, browser" in ran.printed


def test_the_plugins_that_run_tests_are_installed_with_the_rest() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dev = " ".join(project["optional-dependencies"]["dev"])
    for plugin in ("randomly", "rerunfailures", "split", "timeout", "xdist"):
        assert f"pytest-{plugin}>=" in dev
