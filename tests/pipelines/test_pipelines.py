"""What both pipelines run exists, is the same on both, and is what CONTRIBUTING and the hooks name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec

import pytest
import yaml
from planting import ROOT
from tools import pipelines
from tools.gates import running

STEPS = pipelines.steps()
TARGETS = re.compile(r"\bmake ([a-z.][a-z/.-]*)")
MODULES = re.compile(r"python -m ([a-z_.]+)")
PROGRAMS = {
    "make",
    "git",
    "gh",
    "curl",
    "find",
    "mkdir",
    "echo",
    "docker",
    '"$GRYPE"',
    'label="failing:',
    ".venv/bin/python",
    ".venv/bin/host",
}


def make_knows(target: str) -> bool:
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
    return done.returncode == 0


def test_both_pipelines_have_jobs_with_commands() -> None:
    places = {step.place.partition(":")[0] for step in STEPS}
    assert places >= {".gitlab-ci.yml", "ci.yml", "nightly.yml", "release.yml", "set-up/action.yml"}


@pytest.mark.parametrize(
    "target", sorted({name for step in STEPS for name in TARGETS.findall(step.command)})
)
def test_every_make_target_of_a_job_exists(target: str) -> None:
    assert make_knows(target)


@pytest.mark.parametrize(
    "module", sorted({name for step in STEPS for name in MODULES.findall(step.command)})
)
def test_every_module_that_a_job_runs_exists(module: str) -> None:
    assert find_spec(module)


def test_every_job_starts_with_a_program_that_is_there_or_named_as_foreign() -> None:
    first = {step.command.split()[0] for step in STEPS}
    assert first <= PROGRAMS


def test_every_test_file_that_a_job_names_exists() -> None:
    named = {word for step in STEPS for word in step.command.split() if word.startswith("tests/")}
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_no_variable_of_a_job_is_taken_for_one_of_the_makefile() -> None:
    taken = set(re.findall(r"^(\w+) \?=", (ROOT / "Makefile").read_text(), re.MULTILINE))
    jobs = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text()).values()
    rows = [
        row
        for job in jobs
        if isinstance(job, dict)
        for row in job.get("parallel", {}).get("matrix", [])
    ]
    given = {name for step in STEPS for name, _ in step.environment}.union(*rows)
    assert "PYTHON" in taken
    assert taken & given == set()


def test_no_command_holds_an_expression_that_a_stranger_could_fill() -> None:
    assert [step for step in STEPS if "${{" in step.command] == []


@pytest.mark.parametrize("command", ["make test-critical", "make package", "make firmware"])
def test_both_pipelines_do_the_same_with_the_same_command(command: str) -> None:
    places = {step.place.partition(":")[0] for step in STEPS if command in step.command}
    assert ".gitlab-ci.yml" in places
    assert places - {".gitlab-ci.yml"}


def test_every_set_of_gates_is_run_by_both_pipelines() -> None:
    gitlab = " ".join(step.command for step in STEPS if step.place.startswith(".gitlab"))
    assert "make gates" in {step.command for step in STEPS if step.place.startswith("ci.yml")}
    assert [name for name in running.SETS if name not in gitlab] == []


def test_the_hooks_run_sets_of_gates_and_download_nothing() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    (repository,) = config["repos"]
    assert repository["repo"] == "local"
    entries = {hook["id"]: hook["entry"] for hook in repository["hooks"]}
    assert entries.keys() == {"check", "pipelines", "messages"}
    assert entries.keys() & set(running.SETS) == {"check", "pipelines"}
    assert all(hook["language"] == "unsupported" for hook in repository["hooks"])


def test_every_artifact_is_kept_for_7_to_30_days() -> None:
    kept = []
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        for job in yaml.safe_load(file.read_text())["jobs"].values():
            uploads = [s for s in job.get("steps", []) if "upload-artifact" in s.get("uses", "")]
            kept += [step["with"].get("retention-days") for step in uploads]
    assert len(kept) > 5
    assert all(7 <= days <= 30 for days in kept)


def test_every_action_is_pinned_to_a_commit() -> None:
    used = []
    for file in (ROOT / ".github").glob("*/**/*.yml"):
        used += re.findall(r"uses: (\S+)", file.read_text())
    outside = [use for use in used if not use.startswith("$/")]
    assert outside
    assert [use for use in outside if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", use)] == []


@pytest.mark.parametrize(
    ("words", "command", "has"),
    [
        ("make test", "make test", True),
        ("make test", "make test-critical", False),
        ("make fuzz", "make fuzz FUZZ_SECONDS=900", True),
        ("bench", "make bench-check", False),
    ],
)
def test_commands_are_chosen_by_whole_words(words: str, command: str, *, has: bool) -> None:
    assert pipelines.holds(command, words) == has


# A night has each of these by itself, from a clone that is as fresh: the first runs this very test.
BY_ITSELF = (
    "make test-nightly",
    "make test",
    "tools.suites run unit",
    "tests/pipelines/test_container.py",
    "tools.suites learn",
    "make fuzz",
    "make soak",
    "make bench",
    "make bench-check",
)


@pytest.mark.timeout(5400)
@pytest.mark.skipif(
    not os.environ.get("CALENDARBOT_NIGHTLY"),
    reason="takes half an hour and more: CALENDARBOT_NIGHTLY=1 runs it",
)
def test_every_command_that_needs_nothing_from_outside_works_in_a_fresh_clone() -> None:
    but = [argument for words in BY_ITSELF for argument in ("--but", words)]
    done = subprocess.run(
        [sys.executable, "-m", "tools.pipelines", "--run", *but],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_what_a_night_has_by_itself_is_what_pipelines_run() -> None:
    assert [w for w in BY_ITSELF if not any(pipelines.holds(s.command, w) for s in STEPS)] == []
