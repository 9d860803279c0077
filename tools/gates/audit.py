"""python -m tools.gates.audit REQUIREMENTS: one line for each pinned version with a known vulnerability.

pip-audit asks the package index's database, or OSV's with PIP_AUDIT_VULNERABILITY_SERVICE=osv (and
PIP_AUDIT_OSV_URL for a mirror of it). What it cannot look up it passes over in silence; here, a database that
answers for nothing is one that cannot be had.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tools.gates import NOT_RUN, ROOT


def main(requirements: str) -> int:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip_audit", "--requirement", requirements),
            *("--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if "No module named" in done.stderr:
        print("pip-audit is not installed: make dev", file=sys.stderr)
        return NOT_RUN
    rows = _rows(done.stdout)
    answered = [row for row in rows if "vulns" in row]
    if not answered:
        print(
            "the database of vulnerabilities cannot be reached: nothing was audited"
            f" ({done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'no answer'})",
            file=sys.stderr,
        )
        return NOT_RUN
    lines = [
        f"{row['name']}=={row['version']}: {vulnerability['id']}, {_mend(vulnerability)}"
        for row in answered
        for vulnerability in row["vulns"]
    ]
    lines += [f"{row['name']}: {row['skip_reason']}" for row in rows if "skip_reason" in row]
    print("\n".join(lines))
    return 1 if lines else 0


def _rows(report: str) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError):
        return []
    return rows


def _mend(vulnerability: dict[str, Any]) -> str:
    versions = ", ".join(vulnerability["fix_versions"])
    return f"mended in {versions}" if versions else "no version mends it yet"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
