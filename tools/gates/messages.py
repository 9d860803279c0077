"""python -m tools.gates.messages [FILE]: the form of commit messages (.gitlint), one line for each fault.

With FILE, the message that git is about to commit. Without, the commits since SINCE, or since the main
branch; the last commit where neither is there.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tools.gates import NOT_RUN, ROOT


def main(files: list[str]) -> int:
    asked = ["--msg-filename", files[0]] if files else _asked()
    try:
        done = subprocess.run(
            ["gitlint", "--ignore-stdin", *asked], cwd=ROOT, capture_output=True, text=True
        )
    except FileNotFoundError:
        print("gitlint is not installed: make dev", file=sys.stderr)
        return NOT_RUN
    commit = ""
    for line in (done.stdout + done.stderr).splitlines():
        if line.startswith("Commit "):
            commit = f"{line.removeprefix('Commit ').rstrip(':')}: "
        elif line.strip():
            print(f"{commit}{line.strip()}")
    return done.returncode


def _asked() -> list[str]:
    for since in (os.environ.get("SINCE", ""), "origin/main", "main"):
        if since and _git("rev-list", "--count", f"{since}..HEAD") not in ("", "0"):
            return ["--commits", f"{since}..HEAD"]
    return ["--commit", "HEAD"]


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
