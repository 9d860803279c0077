"""Where a wake's time goes on a Raspberry Pi Pico, in the cycles of an emulated one: the same on every run.

The real image, the office's day over the cable, panels on the SPI at the 12 MHz that the port makes of 20.
What is compared with a target is a frame *applied and sent*: the frame held read from flash and checked,
the next one inflated, made and checked, what changes compared with its window, and all commands and pixels
sent. Outside of it, in rows of their own: import, the request and the bundle's way in (HMAC, AES, flash),
the new frame's way to flash, and the panel's own time, waited for. The emulator counts an instruction's
cycles, not the flash's delays: code that comes from flash for the first time, and erasing a block of it,
takes a real Pico longer.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from calendarbot.config import config_from_options, overridden
from calendarbot.emulator.pico_device import PicoDevice
from calendarbot.publish import publish_display
from calendarbot.store.folder import FolderStore
from tools.bench import DAY, HOURS, ROOT, Row
from tools.firmware import image

if TYPE_CHECKING:
    from collections.abc import Iterator

BENCH = "pico"
TWO_PLANES, ONE_PLANE = "waveshare_7in5_v2", "waveshare_4in26"
WIRE_HZ = 12_000_000
KEY_TARGET_US = 3 * 32_000
DELTA_FACTOR, DELTA_US = 1.5, 40_000
_SCRIPT = Path(__file__).parent / "on-device" / "phases.py"
_PHASE = re.compile(r"(\S+)=(\d+)/(\d+)")
_LONGEST_MS = 60_000
APPLIED_AND_SENT = ("read frame", "decode", "covers", "command", "pixels")
SHARES = (
    ("import", ("import",)),
    ("request and bundle in", ("ask",)),
    ("of it: received", ("receive",)),
    ("of it: HMAC", ("hmac",)),
    ("of it: AES", ("aes",)),
    ("of it: bundle to flash", ("write bundle",)),
    ("frame held from flash", ("read frame",)),
    ("frame made", ("decode",)),
    ("of it: inflate", ("inflate",)),
    ("of it: blit", ("blit",)),
    ("of it: CRC", ("crc",)),
    ("window checked", ("covers",)),
    ("sent", ("command", "pixels")),
    ("frame to flash", ("write frame",)),
    ("state to flash", ("save state",)),
    ("panel reset and waited for", ("reset", "wait idle")),
)


@dataclass(frozen=True, slots=True)
class Wake:
    """One wake that painted: its refresh, microseconds by phase, and bytes sent to the panel."""

    refresh: str
    phases: dict[str, int]
    sent_bytes: int

    @property
    def wire_us(self) -> float:
        return self.sent_bytes * 8 * 1e6 / WIRE_HZ

    @property
    def applied_and_sent_us(self) -> int:
        return self.took(APPLIED_AND_SENT)

    @property
    def allowed_us(self) -> float:
        """What the target for a delta allows."""
        return DELTA_FACTOR * self.wire_us + DELTA_US

    def took(self, names: tuple[str, ...]) -> int:
        return sum(self.phases.get(name, 0) for name in names)


def rows() -> Iterator[Row]:
    key, *deltas = day_on(TWO_PLANES, HOURS)
    (other,) = day_on(ONE_PLANE, 0)
    yield _key(f"key frame, one plane of 48,000 B ({ONE_PLANE})", other)
    yield _key(f"key frame, two planes of 48,000 B ({TWO_PLANES})", key)
    worst = max(deltas, key=lambda wake: wake.applied_and_sent_us / wake.allowed_us)
    count = len(deltas)
    for case, some in (("the slowest by its target", [worst]), (f"all {count}", deltas)):
        took = sum(wake.applied_and_sent_us for wake in some)
        allowed = sum(wake.allowed_us for wake in some)
        yield Row(
            BENCH, f"delta, {case}", "applied and sent", "µs", took, "1.5 wire + 40 ms", allowed
        )
    for name, phases in SHARES:
        yield Row(BENCH, "first wake, key frame", name, "µs", key.took(phases))
    for name, phases in SHARES[1:]:
        mean = sum(wake.took(phases) for wake in deltas) / count
        yield Row(BENCH, f"mean of {count} deltas", name, "µs", mean)


def _key(case: str, wake: Wake) -> Row:
    return Row(
        BENCH, case, "applied and sent", "µs", wake.applied_and_sent_us, "3 x 32 ms", KEY_TARGET_US
    )


def day_on(panel: str, hours: int) -> list[Wake]:
    """The wakes of the office's day that painted, within so many hours; the first alone for 0."""
    file = ROOT / "tests" / "reference" / "office.ics"
    config = config_from_options([file], layout="agenda", tz="Europe/Berlin", locale="en_GB")
    config = overridden(config, panel=panel)
    with tempfile.TemporaryDirectory() as folder:
        store = FolderStore(Path(folder))
        publish_display(store, config, "display", DAY, HOURS)
        day = _Day(PicoDevice(
            config, "display", store, image("pico").path, int(DAY.timestamp() * 1000),
            {"boot.py": _SCRIPT.read_bytes()},
        ))  # fmt: skip
        return day.live(int(DAY.timestamp()) + hours * 3600)


class _Day:
    """Reads along what the device prints, and lets the world's clock keep up with its own."""

    def __init__(self, device: PicoDevice) -> None:
        self._pico = device.pico
        self._wakes: list[Wake] = []
        self._phases: dict[str, int] = {}
        self._log: list[str] = []
        self._sent = self._seen = 0
        self._refreshes: dict[str, int] = {}
        device.on_line = self._line

    def live(self, until_s: int) -> list[Wake]:
        while not self._wakes or self._pico.now_ms < until_s * 1000:
            if not self._pico.run(partial(self._has_seen, self._seen + 1), _LONGEST_MS):
                raise SystemExit("\n".join(["the emulated Pico does not go to sleep", *self._log]))
        return self._wakes

    def _has_seen(self, sleeps: int) -> bool:
        return self._seen >= sleeps

    def _line(self, line: str) -> None:
        self._log = [*self._log[-20:], line]
        name, _, said = line.partition(": ")
        if name == "phases":
            found = _PHASE.findall(said)
            self._phases = {phase.replace("_", " "): int(us) for phase, _, us in found}
        elif name == "skips":
            self._pico.skip(int(said) * 1000)
            self._seen += 1
            self._note()

    def _note(self) -> None:
        wires = self._pico.panel
        counted = dict(wires.controller.refreshes)
        refresh = [kind for kind, n in counted.items() if n > self._refreshes.get(kind, 0)]
        if refresh:
            self._wakes.append(Wake(refresh[0], self._phases, wires.spi_bytes - self._sent))
        self._refreshes, self._sent = counted, wires.spi_bytes
