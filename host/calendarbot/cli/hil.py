"""`host hil`: tests on a bench of boards, real and emulated, and who has which."""

from __future__ import annotations

import getpass
import json
import os
import socket
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.table import Table

from calendarbot.cli.options import json_option
from calendarbot.errors import ConfigError, DeviceError
from calendarbot.hil.bench import FILE_NAME, Bench, load_bench
from calendarbot.hil.leases import Lease, Leases
from calendarbot.hil.run import run_jobs
from calendarbot.ports import ports

if TYPE_CHECKING:
    from typing import Any

_SUITE: Final = Path(__file__).resolve().parents[3] / "tests" / "hardware"
"""In a checkout: the suite is not part of what is installed."""

_bench_option = click.option(
    "--bench",
    "bench_path",
    metavar="FILE",
    default=FILE_NAME,
    show_default=True,
    type=click.Path(path_type=Path),
    help="The bench's description.",
)


@click.group()
def command() -> None:
    """Test boards of a bench: lease, power, flash, provision, run the suite, give back.

    The bench is described in bench.toml; docs/bench.md explains it.
    """


@command.command()
@_bench_option
@click.option(
    "--board", "names", metavar="NAME", multiple=True, help="Only this board (again for more)."
)
@click.option("--kind", "kinds", metavar="BOARD", multiple=True, help="Only boards of this kind.")
@click.option(
    "--count", metavar="N", type=click.IntRange(1), help="That many of them.  [default: all]"
)
@click.option(
    "--wait", "wait_s", metavar="SECONDS", default=600, show_default=True, help="For boards in use."
)
@click.option(
    "--suite",
    metavar="FOLDER",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Other tests than the checkout's tests/hardware.",
)
@click.option(
    "--out",
    metavar="FOLDER",
    default="out/hil",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where logs, pictures and JUnit files go: a folder for the run, one in it for each board.",
)
@json_option
def run(
    bench_path: Path,
    names: tuple[str, ...],
    kinds: tuple[str, ...],
    count: int | None,
    wait_s: int,
    suite: Path | None,
    out: Path,
    *,
    as_json: bool,
) -> None:
    """Run the suite on boards of the bench, side by side.

    Exit code 0 when every board passed, 7 otherwise. A board in use is waited for.

    \b
    host hil run --bench bench.toml
    host hil run --kind pico_usb --count 1 --json
    """
    bench = load_bench(bench_path)
    chosen = bench.chosen(names, kinds)
    suite = suite or _SUITE
    if not suite.is_dir():
        raise ConfigError("the suite is not here", "run in a checkout, or name one with --suite")
    folder = out / time.strftime(f"%Y%m%d-%H%M%S-{os.getpid()}")
    wanted = min(count or len(chosen), len(chosen))
    results = run_jobs(
        bench,
        _leases(bench),
        chosen,
        wanted,
        _holder(),
        folder.resolve(),
        suite.resolve(),
        wait_s,
        _say,
    )
    if as_json:
        click.echo(json.dumps([asdict(result) for result in results], indent=2))
    click.echo(f"logs, pictures and JUnit files are in {folder}", err=True)
    bad = [result.board for result in results if result.outcome != "passed"]
    if bad or len(results) < wanted:
        missing = wanted - len(results)
        raise DeviceError(f"not passed: {', '.join(bad) or f'{missing} boards were not tested'}")


@command.command("list")
@_bench_option
@click.option("--usb", is_flag=True, help="The serial ports of this computer instead.")
@json_option
def list_(bench_path: Path, *, usb: bool, as_json: bool) -> None:
    """Show the bench's boards and who has them."""
    if usb:
        _show(
            [
                {"port": port.device, "serial": port.serial_number, "is": port.description}
                for port in ports()
            ],
            as_json=as_json,
        )
        return
    bench = load_bench(bench_path)
    leases = _leases(bench)
    rows = []
    for name, board in bench.boards.items():
        standing = leases.standing(name)
        rows.append(
            {
                "name": name,
                "board": board.board,
                "panel": board.panel,
                "where": "emulated" if board.virtual else board.usb_serial,
                "holder": standing.holder,
                "left_s": max(0, standing.until - int(time.time())) if standing.holder else 0,
                "clean": standing.clean,
            }
        )
    _show(rows, as_json=as_json)


@command.command()
@_bench_option
@click.argument("name")
def lease(bench_path: Path, name: str) -> None:
    """Take board NAME for work by hand, and keep it until this is interrupted."""
    bench = load_bench(bench_path)
    bench.board(name)
    leases = _leases(bench)
    held = leases.take(name, _holder())
    if held is None:
        raise DeviceError(f"{name} is in use by {leases.standing(name).holder}")
    click.echo(f"{name} is yours until you press ctrl-C", err=True)
    try:
        _keep(leases, held)
    finally:
        leases.release(held, clean=False)


@command.command()
@_bench_option
@click.argument("name")
def release(bench_path: Path, name: str) -> None:
    """Take board NAME away from whoever has it: a job that still runs is stopped."""
    bench = load_bench(bench_path)
    bench.board(name)
    holder = _leases(bench).take_away(name)
    click.echo(f"{name} was {holder}'s" if holder else f"{name} was free")


def _keep(leases: Leases, held: Lease) -> None:
    pause = threading.Event()
    while not pause.wait(leases.lease_s / 4):
        if not leases.renew(held):
            raise DeviceError(f"{held.board} was taken away")


def _leases(bench: Bench) -> Leases:
    return Leases(bench.state_dir / "leases", bench.bench.lease_s, time.time)


def _holder() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}:{os.getpid()}"


def _say(board: str, line: str) -> None:
    click.echo(f"{board}: {line}", err=True)


def _show(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        click.echo("none")
        return
    table = Table(*rows[0], box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(str(value) if value != "" else "–" for value in row.values()))
    Console(highlight=False).print(table)
