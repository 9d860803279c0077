"""What an image is for: which port and board, which tools it takes, what is frozen in.

A target's `build` leaves the image's files in the folder it is given. Sources: the ports' own README files.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.firmware import uf2
from tools.firmware.cache import ROOT
from tools.firmware.commands import run
from tools.firmware.sources import fixed_version

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRMWARE = ROOT / "firmware"
PORTABLE_TESTS = ROOT / "tests" / "portable"
HERE = Path(__file__).parent
QEMU = HERE / "qemu"
HEAP_BYTES = 128 * 1024
"""What a small microcontroller leaves a program."""


@dataclass(frozen=True, slots=True)
class Build:
    """The folders of one build: MicroPython's sources, where to work, where the result goes."""

    micropython: Path
    work: Path
    result: Path
    log: Path


@dataclass(frozen=True, slots=True)
class QemuTarget:
    """QEMU's port. It exists for tests, so the portable tests are frozen in, and what they ask of a port."""

    name: str
    description: str
    board: str
    make: Mapping[str, str]
    tools: tuple[str, ...]
    emulator: tuple[str, ...]
    """The command that runs an image, without `-kernel FILE`."""
    emulator_tools: tuple[str, ...]
    output = "firmware.elf"

    def recipe(self) -> list[Path]:
        """What decides how it is built."""
        return [*_scripts(), *(file for file in _files(QEMU) if file.suffix != ".py")]

    def frozen(self) -> list[Path]:
        """What is frozen in."""
        return [*_files(FIRMWARE), *_files(QEMU / "modules"), *_files(PORTABLE_TESTS)]

    def build(self, build: Build) -> None:
        manifest = build.work / "manifest.py"
        _write_changed(build.work / "generated" / "vector_files.py", _vectors())
        _write_changed(manifest, self._manifest(build.work / "generated"))
        flags = [
            f'-DMP_CONFIGFILE="<{QEMU / "config.h"}>"',
            '-DMBEDTLS_CONFIG_FILE="<mbedtls_config.h>"',
        ]
        run(
            [
                "make",
                "-j2",
                f"BOARD={self.board}",
                f"BUILD={build.work / 'build'}",
                f"FROZEN_MANIFEST={manifest}",
                f"MICROPY_HEAP_SIZE={HEAP_BYTES}",
                f"USER_C_MODULES={QEMU}",
                f"CFLAGS_EXTRA={' '.join(flags)}",
                *(f"{key}={value}" for key, value in self.make.items()),
            ],
            build.log,
            build.micropython / "ports" / "qemu",
            fixed_version(),
        )
        shutil.copy(build.work / "build" / "firmware.elf", build.result)

    def _manifest(self, generated: Path) -> str:
        tests = tuple(file.name for file in sorted(PORTABLE_TESTS.glob("*.py")))
        return (
            f'include("{FIRMWARE / "manifest.py"}")\n'
            f'freeze("{PORTABLE_TESTS}", {tests!r})\n'
            f'freeze("{QEMU / "modules"}")\n'
            f'freeze("{generated}")\n'
        )


@dataclass(frozen=True, slots=True)
class PicoTarget:
    """The Raspberry Pi Pico's port, as it is flashed: the application and nothing else."""

    name: str = "pico"
    description: str = "Raspberry Pi Pico (RP2040), for a board or the emulated one"
    tools: tuple[str, ...] = ("arm", "cmake")
    emulator_tools: tuple[str, ...] = ()
    output = "firmware.uf2"

    def recipe(self) -> list[Path]:
        """What decides how it is built."""
        return _scripts()

    def frozen(self) -> list[Path]:
        """What is frozen in."""
        return _files(FIRMWARE)

    def build(self, build: Build) -> None:
        manifest = build.work / "manifest.py"
        # The port's own manifest asks for drivers that the packages do not bring, and nobody here uses.
        text = f'freeze("$(PORT_DIR)/modules")\ninclude("{FIRMWARE / "manifest.py"}")\n'
        _write_changed(manifest, text)
        made = build.work / "build"
        run(
            [
                "cmake",
                "-S",
                str(build.micropython / "ports" / "rp2"),
                "-B",
                str(made),
                "-DMICROPY_BOARD=RPI_PICO",
                f"-DMICROPY_FROZEN_MANIFEST={manifest}",
                # Its binary in the sources' release does not run on an older Debian; UF2 is simple enough.
                "-DPICO_NO_PICOTOOL=1",
            ],
            build.log,
            None,
            fixed_version(),
        )
        run(["make", "-C", str(made), "-j2"], build.log, None, fixed_version())
        shutil.copy(made / "firmware.elf", build.result)
        binary = (made / "firmware.bin").read_bytes()
        (build.result / self.output).write_bytes(uf2.pack(binary, uf2.RP2040_FLASH, uf2.RP2040))


@dataclass(frozen=True, slots=True)
class UnixTarget:
    """The unix port with `sys.settrace`, which no package has: it measures, and runs nothing but tests."""

    name: str = "unix-trace"
    description: str = "MicroPython's unix port, for the coverage of what only MicroPython runs"
    tools: tuple[str, ...] = ()
    emulator_tools: tuple[str, ...] = ()
    output = "micropython"

    def recipe(self) -> list[Path]:
        """What decides how it is built."""
        return _scripts()

    def frozen(self) -> list[Path]:
        """What is frozen in."""
        return []

    def build(self, build: Build) -> None:
        manifest = build.work / "manifest.py"
        # Of the port's own manifest what the sources' release has.
        _write_changed(manifest, 'include("$(MPY_DIR)/extmod/asyncio")\n')
        without = ("MICROPY_PY_FFI=0", "MICROPY_PY_BTREE=0")
        run(
            [
                *("make", "-j2", f"BUILD={build.work / 'build'}", f"FROZEN_MANIFEST={manifest}"),
                *(*without, "CFLAGS_EXTRA=-DMICROPY_PY_SYS_SETTRACE=1"),
            ],
            build.log,
            build.micropython / "ports" / "unix",
            fixed_version(),
        )
        shutil.copy(build.work / "build" / self.output, build.result)


QEMU_M3 = QemuTarget(
    name="qemu-m3",
    description="QEMU, ARM Cortex-M3 (MPS2 AN385), with the portable tests",
    board="MPS2_AN385",
    make={},
    tools=("arm",),
    emulator=("qemu-system-arm", "-machine", "mps2-an385"),
    emulator_tools=("qemu-arm",),
)
QEMU_RV32 = QemuTarget(
    name="qemu-rv32",
    description="QEMU, RISC-V RV32 as in the ESP32-C3, with the portable tests",
    board="VIRT_RV32",
    # No library of Debian's compiler was built for the port's own choice, rv32imac_zicsr.
    make={"RV32_ARCH": "rv32imac", "RV32_ABI": "ilp32 -misa-spec=2.2"},
    tools=("riscv",),
    emulator=("qemu-system-riscv32", "-machine", "virt", "-bios", "none"),
    emulator_tools=("qemu-riscv",),
)
PICO = PicoTarget()
UNIX_TRACE = UnixTarget()
Target = QemuTarget | PicoTarget | UnixTarget
TARGETS: dict[str, Target] = {
    target.name: target for target in (QEMU_M3, QEMU_RV32, PICO, UNIX_TRACE)
}
IMAGES = tuple(name for name in TARGETS if name != UNIX_TRACE.name)
"""What runs on a board, real or emulated."""


def _scripts() -> list[Path]:
    return [file for file in HERE.glob("*") if file.is_file()]


def _files(folder: Path) -> list[Path]:
    return [
        file
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".pyc"
    ]


def _vectors() -> str:
    """The files that the portable tests read, as a module: an image without a flash holds no files."""
    texts = {
        f"/vectors/{file.name}": file.read_text()
        for file in sorted((PORTABLE_TESTS / "vectors").iterdir())
    }
    return f"FILES = {texts!r}\n"


def _write_changed(file: Path, text: str) -> None:
    """Leaves alone what is right: make goes by the time of a file."""
    if not file.exists() or file.read_text() != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
