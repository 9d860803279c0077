"""python -m tools.pipelines [--run]: the commands of every job of both pipelines, and whether they work here.

Read from .github/workflows, the actions beside them and .gitlab-ci.yml. With --run, a fresh clone of what is
committed is made and each command that needs nothing from outside is run in it once, in order. What the
services themselves bring in (their variables, the matrix) is filled in from VALUES and from the files.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path.cwd()
_PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
_TAG: Final = f"v{_PROJECT['version']}"
VALUES: Final = {
    "SINCE": "HEAD~1",
    "SUITE": "critical",
    "NIGHTLY": "",
    "SEED": "1",
    "TAG": _TAG,
    "CI_COMMIT_TAG": _TAG,
    "CI_DEFAULT_BRANCH": "main",
    "ABOUT": "main",
}
FOREIGN: Final = {
    "gh ": "GitHub",
    "curl ": "a download",
    "find out -type f -print0 | xargs -0 gh ": "GitHub",
    "git config --global": "the runner's own set-up",
    "mkdir dist && mv ": "artifacts of another job",
    '>> "$GITHUB_OUTPUT"': "GitHub",
    "docker buildx ": "the registry",
    '"$GRYPE" ': "a scanner, and its database",
    ".venv/bin/host hil run": "boards on a bench",
    "tools.image --scan": "a scanner, and its database",
    "tests/device/test_pico_w.py": "an image that is downloaded before",
}
"""Parts of commands that need something from outside, and what."""
_GITLAB_WORDS: Final = {"stages", "workflow", "variables", "default", "include", "image"}


@dataclass(frozen=True)
class Step:
    """One command of one job. `environment` holds what the file itself sets."""

    place: str
    command: str
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def needs(self) -> str:
        """What from outside it needs, or nothing."""
        return next((what for part, what in FOREIGN.items() if part in self.command), "")


def steps() -> list[Step]:
    return [*_github(), *_gitlab()]


def _github() -> Iterator[Step]:
    for file in sorted(ROOT.glob(".github/workflows/*.yml")):
        workflow = yaml.safe_load(file.read_text())
        for name, job in workflow["jobs"].items():
            rows = list(_rows(job.get("strategy", {}).get("matrix", {})))
            for step, row in itertools.product(job.get("steps", []), rows):
                if "run" in step:
                    given = {
                        **workflow.get("env", {}),
                        **job.get("env", {}),
                        **step.get("env", {}),
                    }
                    place = f"{file.name}: {name}"
                    yield Step(place, step["run"].strip(), _filled(given, row))
    for file in sorted(ROOT.glob(".github/actions/*/action.yml")):
        for step in yaml.safe_load(file.read_text())["runs"]["steps"]:
            if "run" in step:
                yield Step(f"{file.parent.name}/{file.name}", step["run"].strip())


def _gitlab() -> Iterator[Step]:
    pipeline = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text())
    variables = pipeline.get("variables", {})
    for command in pipeline["default"]["before_script"]:
        yield Step(".gitlab-ci.yml: default", command)
    for name, job in pipeline.items():
        if name in _GITLAB_WORDS or name.startswith("."):
            continue
        rows: list[dict[str, str]] = [{}]
        for matrix in job.get("parallel", {}).get("matrix", []):
            rows = [
                dict(zip(matrix, row, strict=True)) for row in itertools.product(*matrix.values())
            ]
        # Which image a job runs in is nothing that its commands see.
        of_image = re.findall(r"\$(\w+)", job.get("image", ""))
        given = {**variables, **job.get("variables", {})}
        seen = [{key: row[key] for key in row if key not in of_image} for row in rows]
        for command, row in itertools.product(job["script"], seen):
            yield Step(f".gitlab-ci.yml: {name}", command, _filled({**given, **row}, {}))


def _rows(matrix: dict[str, list[Any]]) -> Iterator[dict[str, str]]:
    for row in itertools.product(*matrix.values()):
        yield dict(zip(matrix, map(str, row), strict=True))


def _filled(given: dict[str, Any], row: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Variables as they are here: the matrix's from the row, the service's own from VALUES."""
    filled = {}
    for name, value in given.items():
        text = str(value)
        if of_matrix := re.fullmatch(r"\$\{\{ matrix\.(\w+) \}\}", text):
            text = row[of_matrix[1]]
        elif "${{" in text or "$CI_" in text:
            text = VALUES.get(name, "")
        filled[name] = text
    return tuple(sorted(filled.items()))


def run(chosen: list[Step], clone: Path) -> int:
    """Run each command once in a fresh clone; the number that failed."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    failed, done = 0, set()
    for step in chosen:
        if step.needs or (step.command, step.environment) in done:
            continue
        done.add((step.command, step.environment))
        began = time.monotonic()
        result = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", step.command],
            cwd=clone,
            env={**_environment(), **VALUES, **dict(step.environment)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        failed += result.returncode != 0
        state = "FAILED" if result.returncode else "ok"
        print(f"{state:7} {time.monotonic() - began:6.0f} s  {step.command}", flush=True)
        if result.returncode:
            print("\n".join(f"    {line}" for line in result.stdout.splitlines()[-20:]), flush=True)
    return failed


def _environment() -> dict[str, str]:
    """Ours, without what a test that asks for this is run by."""
    ours = ("CALENDARBOT_NIGHTLY", "CALENDARBOT_ALL_CUTS", "COV_", "COVERAGE_", "PYTEST_")
    return {name: text for name, text in os.environ.items() if not name.startswith(ours)}


def holds(command: str, words: str) -> bool:
    """Whether a command has these words in it: "make test" is not in "make test-critical"."""
    return re.search(rf"(?<![\w-]){re.escape(words)}(?![\w-])", command) is not None


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.pipelines",
        description="The commands of every job of both pipelines.",
        epilog="exit codes: 0 all worked, or they were only listed; 1 one failed; 2 wrong usage",
    )
    parser.add_argument("--run", action="store_true", help="run them in a fresh clone")
    parser.add_argument(
        "words", nargs="*", metavar="WORDS", help="only commands that have one of these in them"
    )
    parser.add_argument(
        "--but", action="append", default=[], metavar="WORDS", help="none with these; repeatable"
    )
    arguments = parser.parse_args(given)
    chosen = [
        step
        for step in steps()
        if not arguments.words or any(holds(step.command, words) for words in arguments.words)
        if not any(holds(step.command, words) for words in arguments.but)
    ]
    if not arguments.run:
        for step in chosen:
            first, *more = step.command.splitlines()
            left = f"  (not here: {step.needs})" if step.needs else ""
            print(f"{step.place:28} {first}{' …' if more else ''}{left}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return 1 if run(chosen, Path(folder, "clone")) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
