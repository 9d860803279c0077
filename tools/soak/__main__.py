"""python -m tools.soak [DAYS]: 30 days when not told. Exit code 1 when something did not hold."""

import json
import sys

from rich.console import Console
from rich.table import Table

from tools.soak.faults import DAYS
from tools.soak.life import ROOT, Soaked, SoakError, soak

_COLUMNS = ("wakes", "requests", "radio_s", "refreshes", "flash_writes", "flash_bytes", "erases")


def main(arguments: list[str]) -> None:
    try:
        soaked = soak(
            [DAYS[day % len(DAYS)] for day in range(int(arguments[0]) if arguments else 30)]
        )
    except SoakError as error:
        raise SystemExit(f"soak: {error}") from None
    file = ROOT / "out" / "soak.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(soaked.as_json(), indent=1) + "\n")
    show(soaked)
    print(f"{len(soaked.days)} days in {file.relative_to(ROOT)}")


def show(soaked: Soaked) -> None:
    table = Table("day", "what went wrong", box=None, header_style="bold")
    for column in (*_COLUMNS, "awake, mC"):
        table.add_column(column.replace("_", " "), justify="right")
    for number, day in enumerate(soaked.days, 1):
        figures = [f"{getattr(day, column):,.0f}" for column in _COLUMNS]
        table.add_row(str(number), day.faults, *figures, f"{day.charge_mc:,.0f}")
    console = Console(width=150 if not sys.stdout.isatty() else None)
    console.print(table)
    for recovery in soaked.recoveries:
        console.print(
            f"{recovery.kind}: {recovery.lasted_s} s, back after {recovery.took_s} s "
            f"(at most {recovery.allowed_s} s)"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
