"""A checkout with planted tests, and pytest run on it as anybody runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ran:
    status: int
    printed: str

    @property
    def last_line(self) -> str:
        return self.printed.strip().splitlines()[-1]


@pytest.fixture
def planted(tmp_path: Path) -> Callable[..., Ran]:
    """Runs one file of tests in the suite `unit`, with options and variables of its own."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    def run(source: str, *options: str, **variables: str) -> Ran:
        file = tmp_path / "tests" / "host" / "test_planted.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(source))
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "tools.suites.plugin", "-n", "0", *options],
            cwd=tmp_path,
            env={**inherited, "PYTHONPATH": str(ROOT), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout)

    return run
