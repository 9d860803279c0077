"""Fail when a module imports what it may not: see "One-way imports" in docs/architecture.md.

The order itself is data, in pyproject.toml under [tool.importlinter]; import-linter does the checking.
"""

import contextlib
import io
import sys
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    # The firmware's `device` package is never installed: it is checked where it lies.
    sys.path[:0] = [str(ROOT / "firmware"), str(ROOT / "host")]
    report = io.StringIO()
    with contextlib.redirect_stdout(report):
        failed = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    if failed:
        print(report.getvalue(), file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main())
