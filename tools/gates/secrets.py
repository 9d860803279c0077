"""python -m tools.gates.secrets changes|history: one line for each password or key that betterleaks finds.

`changes` looks at what is not committed yet, `history` at every commit. Values are never printed; the
fingerprint (the beginning of a hash of the value) tells one finding from another.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.gates import NOT_RUN, ROOT


def main(scope: str) -> int:
    try:
        found = _changes() if scope == "changes" else _betterleaks("git", ".")
    except FileNotFoundError:
        print("betterleaks is not installed: make dev", file=sys.stderr)
        return NOT_RUN
    lines = sorted({_line(finding) for finding in found})
    print("\n".join(lines))
    return 1 if lines else 0


def _changes() -> list[dict[str, Any]]:
    found = _betterleaks("git", "--staged", ".") + _betterleaks("git", "--unstaged", ".")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    new = [name for name in listed.stdout.split("\0") if name]
    return found + (_betterleaks(*new) if new else [])


def _betterleaks(*arguments: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        done = subprocess.run(
            ["betterleaks", *arguments, "--redact", "--silent", "--output", str(report)],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if done.returncode not in (0, 1) or not report.is_file():
            raise SystemExit(f"betterleaks exited with {done.returncode}: {done.stderr.strip()}")
        findings: list[dict[str, Any]] = json.loads(report.read_text())["findings"]
        return findings


def _line(finding: dict[str, Any]) -> str:
    place = finding["location"]
    where = f"{place['path']}:{place['start_line']}"
    commit = finding["attributes"].get("git.sha", "")[:12]
    since = f", commit {commit}" if commit else ""
    return f"{where}: {finding['rule_id']}, value {finding['match']['fingerprint'][:12]}{since}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
