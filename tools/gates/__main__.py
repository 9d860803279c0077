"""python -m tools.gates [NAME…]: the gates, or those named by name or set."""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.gates import running
from tools.gates.waivers import WaiverError, read

if TYPE_CHECKING:
    from tools.gates.running import Result

WAIVERS: Final = Path(__file__).with_name("waivers.toml")
_EXITS: Final = """exit codes: 0 every gate passed; 1 findings; 2 wrong usage, or a waiver that says too
little; 3 a gate could not look, and --require was given (it is in CI)"""


def main(given: list[str]) -> int:
    arguments = _arguments(given)
    try:
        chosen = running.chosen(arguments.names)
        waivers = read(WAIVERS)
    except KeyError as error:
        print(f"error: no gate is named {error}; --list names them", file=sys.stderr)
        return 2
    except WaiverError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if arguments.list:
        for gate in chosen:
            print(f"{gate.name:18} {gate.set:10} {gate.about}")
        return 0
    today = datetime.now(UTC).date()
    # Most of the time goes to one tool, mypy; the others pass beside it.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = pool.map(lambda gate: running.run(gate, waivers, today), chosen)
        done = list(results) if arguments.json else [_shown(result) for result in results]
    if arguments.json:
        print(json.dumps([result.as_json() for result in done], indent=1))
    if any(result.looked and not result.passed for result in done):
        return 1
    return 3 if arguments.require and not all(result.looked for result in done) else 0


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.gates",
        description="Run the quality gates.",
        epilog=_EXITS,
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"a gate or a set ({', '.join(running.SETS)})"
    )
    parser.add_argument("--list", action="store_true", help="say which there are, run none")
    parser.add_argument("--json", action="store_true", help="results for programs")
    parser.add_argument(
        "--require",
        action="store_true",
        default=os.environ.get("CI") == "true",
        help="a gate that cannot look fails (the default where CI=true)",
    )
    return parser.parse_args(given)


def _shown(result: Result) -> Result:
    """Print a result as soon as it is there."""
    gate = result.gate
    state = "ok" if result.passed else "FAILED" if result.looked else "not run"
    note = f", {len(result.waived)} waived" if result.waived else ""
    print(f"{state:8} {gate.name:18} {result.took_s:5.1f} s{note}", flush=True)
    for line in (*result.findings, *result.problem.splitlines()):
        print(f"    {line}", flush=True)
    if gate.mend and result.findings:
        print(f"  mend: {gate.mend}", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
