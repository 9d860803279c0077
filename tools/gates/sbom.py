"""python -m tools.gates.sbom FILE: a CycloneDX bill of what is installed here, validated and reproducible."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.gates import NOT_RUN, ROOT


def main(file: str) -> int:
    Path(ROOT, file).parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "cyclonedx_py", "environment", "--pyproject", "pyproject.toml"),
            *("--output-reproducible", "--output-file", file, sys.executable),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if "No module named" in done.stderr:
        print("cyclonedx-bom is not installed: make dev", file=sys.stderr)
        return NOT_RUN
    print(done.stderr if done.returncode else f"{file}: written")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
