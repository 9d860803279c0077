"""The command line of the suites."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from tools.suites import durations, learning, report, running
from tools.suites.catalogue import CRITICAL, budget_min, check_names, suites
from tools.suites.changes import changed_since, is_lost
from tools.suites.faults import try_faults
from tools.suites.selection import Choice, all_files, choose

as_json = click.option("--json", "is_json", is_flag=True, help="for programs")
since_option = click.option("--since", metavar="REV", help="what changed since that git revision")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Suites of tests: which there are, which a change touches, what was seen of them."""


@main.command("list")
@as_json
def list_(is_json: bool) -> None:
    """The suites, and what each may take."""
    rows = [asdict(suite) for suite in suites().values()]
    if is_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(f"{row['name']:<12} {row['budget_min']:>3} min  {row['about']}")
    click.echo(f"{CRITICAL:<12} {budget_min([CRITICAL]):>3} min  drawn across the others")


@main.command()
@click.argument("names", metavar="[SUITE]… [-- PYTEST OPTIONS]", nargs=-1)
@click.option("--changed", is_flag=True, help="only what is not committed touches")
@since_option
@click.option("--nightly", is_flag=True, help="the exhaustive parts, too")
@click.option("--cov", is_flag=True, help="coverage, to out/coverage")
@click.option("--group", "part", metavar="K/N", help="the K-th of N parts that take as long")
@click.option("--workers", default="auto", show_default=True, help="processes; 0: just this one")
@click.option("--seed", type=int, help="of the random order; a run prints its own")
@click.option("--strict-time", is_flag=True, help="a slow test, a run over budget is a failure")
@click.pass_obj
def run(
    options: tuple[str, ...],
    names: tuple[str, ...],
    changed: bool,
    since: str | None,
    nightly: bool,
    cov: bool,
    part: str | None,
    workers: str,
    seed: int | None,
    strict_time: bool,
) -> None:
    """Run suites; all but the hardware's where none is named."""
    check_names(names)
    files: list[str] | None = None
    if changed or since:
        choice = _chosen(since)
        click.echo(said(choice))
        if not choice.files:
            click.echo("0 passed: nothing that is tested has changed")
            return
        files = sorted(choice.files)
    sys.exit(
        running.run(
            running.Request(names, options, files, nightly, cov, part, workers, seed, strict_time)
        )
    )


@main.command()
@since_option
@as_json
def select(since: str | None, is_json: bool) -> None:
    """What a change touches, and why."""
    choice = _chosen(since)
    if is_json:
        click.echo(json.dumps({"files": choice.files, "share": choice.share}, indent=2))
        return
    for file, why in sorted(choice.files.items()):
        click.echo(f"{file}  ({why})")
    click.echo(said(choice))


def _chosen(since: str | None) -> Choice:
    if not is_lost(since):
        return choose(changed_since(since))
    choice = Choice()
    choice.add(all_files(), f"{since} is not in this clone: what changed is not known")
    return choice


def said(choice: Choice) -> str:
    return (
        f"selected {len(choice.files)} of {len(all_files())} files of tests, "
        f"{choice.share:.0%} of the time of all"
    )


@main.command()
@click.argument("files", nargs=-1)
def learn(files: tuple[str, ...]) -> None:
    """Record which files of tests run which functions: all of FILES, or all there are."""
    sys.exit(learning.learn(files or all_files()))


@main.command("report")
@as_json
def report_(is_json: bool) -> None:
    """The slowest, the flakiest, and what may be redundant, as far as seen here."""
    made = report.made()
    click.echo(json.dumps(made, indent=2) if is_json else report.as_text(made))


@main.command()
def seed() -> None:
    """Write tools/suites/durations.json from what was seen here."""
    durations.SEED.write_text(
        json.dumps(durations.seed(durations.seen()), indent=0, sort_keys=True) + "\n",
        encoding="utf-8",
    )


@main.command()
@click.option("--sample", type=int, metavar="N", help="only so many, evenly chosen")
@click.option("--full", is_flag=True, help="where selection catches nothing, run all tests")
@as_json
def faults(sample: int | None, full: bool, is_json: bool) -> None:
    """Plant faults one by one and see whether what is selected catches them."""
    rows = try_faults(sample, full)
    if is_json:
        click.echo(json.dumps(rows, indent=2))
