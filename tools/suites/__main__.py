"""`python -m tools.suites`: see --help, and --help of each command."""

from __future__ import annotations

import sys

from tools.suites.catalogue import SuitesError
from tools.suites.commands import main

if __name__ == "__main__":
    given = sys.argv[1:]
    end = given.index("--") if "--" in given else len(given)
    try:
        main(given[:end], obj=tuple(given[end + 1 :]))  # what comes after -- is pytest's
    except SuitesError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(4)
