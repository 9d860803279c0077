"""python -m tools.bench [NAME…]: all benchmarks, or those named (bytes, device, pico, qemu)."""

import json
import pkgutil
import sys
from importlib import import_module

from rich.console import Console
from rich.table import Table

import tools.bench
from tools.bench import ROOT, Row


def main(names: list[str]) -> None:
    found = [module.name for module in pkgutil.iter_modules(tools.bench.__path__)]
    chosen = [name for name in found if name.startswith("bench_")]
    if names:
        chosen = [name for name in chosen if name.removeprefix("bench_") in names]
    rows: list[Row] = []
    for name in chosen:
        print(f"{name.removeprefix('bench_')} …", file=sys.stderr, flush=True)
        rows += import_module(f"tools.bench.{name}").rows()
    file = ROOT / "out" / "bench.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps([row.as_json() for row in rows], indent=1) + "\n")
    show(rows)
    print(f"{len(rows)} figures in {file.relative_to(ROOT)}")


def show(rows: list[Row]) -> None:
    table = Table("bench", "case", "figure", "unit", box=None, header_style="bold")
    for heading in ("ours", "peer", "theirs", "ratio"):
        table.add_column(heading, justify="left" if heading == "peer" else "right")
    for row in rows:
        theirs = "" if row.theirs is None else f"{row.theirs:,.0f}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        table.add_row(
            row.bench, row.case, row.figure, row.unit, f"{row.ours:,.0f}", row.peer, theirs, ratio
        )
    Console(width=120 if not sys.stdout.isatty() else None).print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
