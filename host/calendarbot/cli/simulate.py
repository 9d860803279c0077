"""`host simulate`: a device without hardware lives through some hours."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

from calendarbot.boards import load_panel
from calendarbot.cli.options import build_options, chosen_displays, moment
from calendarbot.config import overridden
from calendarbot.emulator.pico import image_path
from calendarbot.emulator.pico_device import BOARD as PICO
from calendarbot.emulator.simulation import simulate, simulate_pico
from calendarbot.errors import StoreError
from calendarbot.provision import DEFAULT_BOARD
from calendarbot.publish import publish_display
from calendarbot.render.preview import png_bytes
from calendarbot.store.folder import FolderStore

if TYPE_CHECKING:
    from calendarbot.config import Config
    from calendarbot.emulator.simulation import Step
    from calendarbot.store import Manifest
    from inkframe.parts import Panel


@click.command()
@build_options
@click.option(
    "--target",
    type=click.Choice(["unix", "pico"]),
    default="unix",
    show_default=True,
    help="What the firmware runs on: MicroPython on this computer, or an emulated Raspberry Pi Pico.",
)
@click.option(
    "--firmware",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The Pico image (.uf2).  [default: what `make firmware` built]",
)
def command(
    config: Config,
    displays: tuple[str, ...],
    at: str | None,
    hours: float | None,
    out: Path,
    target: str,
    firmware: Path | None,
    *,
    as_json: bool,
) -> None:
    """Let a device without hardware live through some hours.

    The frames are built as by build-frames. The firmware itself, on MicroPython's unix port,
    fetches them from a server on this computer, verifies and decodes them and drives a modelled
    panel; its clock jumps from wake to wake. After every wake the panel must show exactly the
    frame that is due.

    With --target pico the real image for the Raspberry Pi Pico runs, instruction by instruction, and
    its cable takes the network's place. That takes about ten times as long as a board would.

    DIR gets panel/ (what the panel shows after each wake) and panel.png (the last of them); with
    several displays, both in the folder of each.

    \b
    Example:
      host simulate --calendar my.ics --hours 12
      host simulate --calendar my.ics --hours 1 --target pico
    """
    image = (firmware or image_path()) if target == "pico" else None
    config = overridden(config, board=PICO if image else DEFAULT_BOARD)
    chosen = chosen_displays(config, displays)
    lived = []
    for name, display in chosen.items():
        tz = ZoneInfo(display.tz)
        life = _live(config, name, moment(at, tz), hours, out, image, quiet=as_json)
        life.keep(out if len(chosen) == 1 else out / name, load_panel(display.panel))
        lived.append(life)
    if as_json:
        click.echo(json.dumps({"displays": [life.as_data() for life in lived]}, indent=2))


@dataclass
class _Life:
    """What one device did, wake by wake."""

    name: str
    tz: ZoneInfo
    manifest: Manifest
    steps: list[Step] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)

    def keep(self, folder: Path, panel: type[Panel]) -> None:
        """Write a picture per wake, and the last one as panel.png."""
        try:
            (folder / "panel").mkdir(parents=True, exist_ok=True)
            for old in (folder / "panel").glob("*.png"):
                old.unlink()
            for number, step in enumerate(self.steps, start=1):
                when = datetime.fromtimestamp(step.woke.at_s, self.tz)
                path = f"panel/{number:03}-{when:%H%M}.png"
                picture = png_bytes(step.woke.picture, panel.palette, panel.rotation)
                (folder / path).write_bytes(picture)
                (folder / "panel.png").write_bytes(picture)
                self.pictures.append(path)
        except OSError as error:
            raise StoreError(f"{error.filename or folder}: {error.strerror}") from None

    def as_data(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "wakes": [
                {
                    "at": datetime.fromtimestamp(step.woke.at_s, self.tz).isoformat(),
                    "panel": picture,
                    "frame": step.woke.picture.id.hex(),
                    "refresh": step.woke.refresh or None,
                    **_counts(step),
                    "sleep_s": step.woke.sleep_s,
                }
                for step, picture in zip(self.steps, self.pictures, strict=True)
            ],
            "totals": self.totals(),
        }

    def totals(self) -> dict[str, int]:
        counted = [_counts(step) for step in self.steps]
        sums = {key: sum(count[key] for count in counted) for key in _COUNTED}
        return {
            "wakes": len(self.steps),
            "paints": sum(1 for step in self.steps if step.woke.refresh),
            **sums,
        }


_COUNTED = (
    "requests",
    "received_bytes",
    "flash_writes",
    "flash_bytes",
    "spi_bytes",
    "awake_ms",
    "radio_ms",
)


def _counts(step: Step) -> dict[str, int]:
    woke = step.woke
    return {
        "requests": step.requests,
        "received_bytes": step.received_bytes,
        "flash_writes": woke.flash_writes,
        "flash_bytes": woke.flash_bytes,
        "spi_bytes": woke.spi_bytes,
        "awake_ms": woke.awake_ms,
        "radio_ms": woke.radio_ms,
    }


def _live(
    config: Config,
    name: str,
    at: datetime,
    hours: float | None,
    out: Path,
    image: Path | None,
    *,
    quiet: bool,
) -> _Life:
    display = config.display(name)
    tz = ZoneInfo(display.tz)
    duration = display.policy.coverage if hours is None else timedelta(hours=hours)
    store = FolderStore(out)
    manifest = publish_display(store, config, name, at, hours).manifest
    life = _Life(name, tz, manifest)
    at_s, until_s = int(at.timestamp()), int((at + duration).timestamp())
    table = _table()
    with tempfile.TemporaryDirectory(prefix="calendarbot-flash-") as flash:
        if image:
            steps = simulate_pico(config, name, store, at_s, until_s, image)
        else:
            steps = simulate(config, name, store, at_s, until_s, Path(flash))
        for step in steps:
            life.steps.append(step)
            table.add_row(*_row(step, manifest, tz))
    if not quiet:
        Console().print(table)
        click.echo(_sum(life))
    return life


def _table() -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("awake at", no_wrap=True)
    table.add_column("shows", overflow="fold")
    table.add_column("refresh")
    for heading in ("requests", "bytes", "flash"):
        table.add_column(heading, justify="right")
    return table


def _row(step: Step, manifest: Manifest, tz: ZoneInfo) -> tuple[str, ...]:
    woke = step.woke
    return (
        f"{datetime.fromtimestamp(woke.at_s, tz):%a %H:%M}",
        manifest.due(woke.at_s).reason if woke.refresh else "(as before)",
        woke.refresh or "–",
        str(step.requests or "–"),
        f"{step.received_bytes:,}" if step.received_bytes else "–",
        str(woke.flash_writes),
    )


def _sum(life: _Life) -> str:
    totals = life.totals()
    return (
        f"{life.name}: {totals['wakes']} wakes, {totals['paints']} paints, "
        f"{totals['requests']} requests, {totals['received_bytes']:,} bytes received, "
        f"{totals['flash_writes']} flash writes of {totals['flash_bytes']:,} bytes; "
        f"every picture was the frame due, bit for bit"
    )
