"""Instructions per byte on a Cortex-M3 and an RV32, counted by QEMU: the same on every run.

The office's day on the 4.2" panel (15,000 bytes a frame: two fit a heap of 128 KiB beside the day's
bundle), decoded by the firmware in the images that the tests use. QEMU's clock moves by a fixed time for
each instruction (-icount), and a timer of the machine reads it.
"""

from __future__ import annotations

import base64
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from calendarbot.build import build_display
from calendarbot.config import config_from_options, overridden
from tools.bench import DAY, HOURS, ROOT, Row
from tools.firmware import image
from tools.firmware.targets import QEMU_M3, QEMU_RV32, QemuTarget

if TYPE_CHECKING:
    from collections.abc import Iterator

BENCH = "qemu"
PANEL = "waveshare_4in2_v2"
_SCRIPT = Path(__file__).parent / "on-device" / "instructions.py"
_FOUND = re.compile(r"(\w+)=(\d+)/(\d+)")
_PIECE_BYTES = 768
PARTS = {
    "key_decode": ("key frame", "made, per byte of a frame"),
    "key_inflate": ("key frame", "inflated, per byte that comes out"),
    "key_blit": ("key frame", "blit, per byte of a frame"),
    "delta_decode": ("day of deltas", "made, per byte of a frame"),
    "delta_inflate": ("day of deltas", "inflated, per byte that comes out"),
    "delta_blit": ("day of deltas", "blit, per byte of a frame"),
    "crc": ("frame", "CRC-32, per byte"),
    "sha256": ("bundle", "SHA-256 (of HMAC), per byte"),
    "aes": ("bundle", "AES-256-CBC, per byte"),
}


@dataclass(frozen=True, slots=True)
class Counter:
    """A machine's timer: how to start it, where it is read, which way it counts; instructions in a tick."""

    target: QemuTarget
    start: str
    address: int
    sign: int
    shift: int
    tick_ns: int

    def instructions(self, ticks: int) -> float:
        return ticks * self.tick_ns / (1 << self.shift)


COUNTERS = (
    # Cortex-M System Design Kit, "APB timer": CTRL, VALUE and RELOAD, counting down; AN385 runs it at 25 MHz.
    Counter(
        QEMU_M3,
        "machine.mem32[0x40000008] = machine.mem32[0x40000004] = 0xFFFFFFFF; machine.mem32[0x40000000] = 1",
        0x40000004,
        -1,
        6,
        40,
    ),
    # RISC-V ACLINT specification: mtime at 0xBFF8 of the CLINT; QEMU's virt machine runs it at 10 MHz.
    Counter(QEMU_RV32, "pass", 0x0200BFF8, 1, 7, 100),
)


def rows() -> Iterator[Row]:
    body = _body()
    for counter in COUNTERS:
        printed = _run(counter, body)
        found = {name: (int(ticks), int(size)) for name, ticks, size in _FOUND.findall(printed)}
        for name, (case, figure) in PARTS.items():
            ticks, size = found[name]
            per_byte = counter.instructions(ticks) / size
            yield Row(BENCH, f"{case}, {counter.target.name}", figure, "instructions", per_byte)


def _body() -> bytes:
    file = ROOT / "tests" / "reference" / "office.ics"
    config = config_from_options([file], layout="agenda", tz="Europe/Berlin", locale="en_GB")
    return build_display(overridden(config, panel=PANEL), "display", DAY, HOURS).body


def _run(counter: Counter, body: bytes) -> str:
    emulator = counter.target.emulator
    arguments = ("-nographic", "-monitor", "none", "-semihosting", "-serial", "stdio")
    count = ("-icount", f"shift={counter.shift},sleep=off")
    kernel = image(counter.target.name, to_run=True).path
    machine = subprocess.Popen(
        [*emulator, *arguments, *count, "-kernel", str(kernel)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if not machine.stdin or not machine.stdout:
        raise RuntimeError("no pipes")
    prompt = _Prompt(machine.stdin, machine.stdout)
    try:
        prompt.enter()
        begin = (
            f"import machine; {counter.start}\nTIMER, SIGN = {counter.address}, {counter.sign}\n"
        )
        prompt.execute(begin + f"from binascii import a2b_base64\nbody = bytearray({len(body)})")
        for at in range(0, len(body), _PIECE_BYTES):
            piece = body[at : at + _PIECE_BYTES]
            text = base64.b64encode(piece).decode()
            prompt.execute(f"body[{at}:{at + len(piece)}] = a2b_base64({text!r})")
        return prompt.execute(_SCRIPT.read_text())
    finally:
        machine.kill()
        machine.communicate()


class _Prompt:
    """MicroPython's raw REPL (its manual, "The REPL", section "Raw mode") over two pipes."""

    def __init__(self, to: IO[bytes], back: IO[bytes]) -> None:
        self._to = to
        self._back = back

    def enter(self) -> None:
        self._until(b">>> ")
        self._send(b"\x01")
        self._until(b"raw REPL; CTRL-B to exit\r\n>")

    def execute(self, code: str) -> str:
        """What it prints. SystemExit with the traceback when it fails."""
        self._send(code.encode() + b"\x04")
        self._until(b"OK")
        printed = self._until(b"\x04")
        error = self._until(b"\x04>")
        if error:
            raise SystemExit(error.decode(errors="replace"))
        return printed.decode()

    def _send(self, data: bytes) -> None:
        self._to.write(data)
        self._to.flush()

    def _until(self, end: bytes) -> bytes:
        came = bytearray()
        while not came.endswith(end):
            byte = self._back.read(1)
            if not byte:
                raise SystemExit(f"QEMU ended: {came.decode(errors='replace')}")
            came += byte
        return bytes(came[: -len(end)])
