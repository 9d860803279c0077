"""python -m tools.package: packages that were installed elsewhere and run there; firmware; versions.

    python -m tools.package              wheel and sdist in out/package, each installed
                                         into an empty environment and run there
    python -m tools.package firmware     the images of `make firmware`, in out/firmware
    python -m tools.package version TAG  fail unless TAG is the version that pyproject.toml says

Exit codes: 0 it worked, 1 it did not (the failed command's last words are printed), 2 wrong usage.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Final

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT: Final = Path(__file__).resolve().parents[1]
OUT: Final = ROOT / "out" / "package"
FIRMWARE: Final = ROOT / "out" / "firmware"
SOURCES: Final = ROOT / "tools" / "firmware" / "packages.toml"
IMAGES: Final = ROOT / ".cache" / "firmware" / "images" / "latest"
# What the README promises somebody who has only installed the package, in the order of a first evening.
FIRST_EVENING: Final = (
    "host --help",
    "host boards --json",
    "host build-frames --calendar office.ics --panel waveshare_7in5_v2 --tz Europe/Berlin"
    " --at 2026-11-24T06:00 --hours 18",
    "host simulate --calendar office.ics --panel waveshare_7in5_v2 --tz Europe/Berlin"
    " --at 2026-11-24T06:00 --hours 3",
    "host init --yes home",
    "host config schema",
)


class PackageError(Exception):
    """What did not work, for one line and the last words of what failed."""


def main(given: list[str]) -> int:
    try:
        match given:
            case []:
                packages()
            case ["firmware"]:
                firmware()
            case ["version", tag]:
                check_version(tag)
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except PackageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def packages() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    _run([sys.executable, "-m", "build", "--outdir", str(OUT), str(ROOT)])
    for package in sorted(OUT.glob("calendarbot-*")):
        began = time.monotonic()
        _verify(package)
        size_kb = package.stat().st_size / 1000
        print(
            f"{package.name}: {size_kb:,.0f} kB, works ({time.monotonic() - began:.0f} s)",
            flush=True,
        )
    _checksums(OUT)


def _verify(package: Path) -> None:
    """Install a package into an environment of its own, far from the sources, and use it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _run([sys.executable, "-m", "venv", str(home / "venv")])
        binaries = home / "venv" / "bin"
        pins = ROOT / "tools" / "constraints.txt"
        _run(
            [
                *(str(binaries / "pip"), "install", "--quiet", "--disable-pip-version-check"),
                *("--constraint", str(pins), f"{package}[simulate]"),
            ]
        )
        shutil.copy2(ROOT / "tests" / "reference" / "office.ics", home)
        environment = {
            "HOME": folder,
            "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
            "LANG": os.environ.get("LANG", "C.UTF-8"),
        }
        for command in FIRST_EVENING:
            _run(command.split(), cwd=home, environment=environment)
        if not (home / "out" / "panel.png").is_file():
            raise PackageError(f"{package.name}: the simulated device left no picture")
        if package.suffix == ".whl":
            bill = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
            file = OUT / f"{package.stem}.cdx.json"
            _run([*bill, "--output-file", str(file), str(binaries / "python")])


def firmware() -> None:
    shutil.rmtree(FIRMWARE, ignore_errors=True)
    FIRMWARE.mkdir(parents=True)
    images = [file for file in IMAGES.glob("*/firmware.*") if file.suffix in (".uf2", ".elf")]
    if not images:
        raise PackageError("there are no images yet: make firmware")
    for image in images:
        shutil.copy2(
            image, FIRMWARE / f"calendarbot-{_version()}-{image.parent.name}{image.suffix}"
        )
    (FIRMWARE / f"calendarbot-{_version()}-firmware.cdx.json").write_text(_bill_of_firmware())
    _checksums(FIRMWARE)


def _bill_of_firmware() -> str:
    """CycloneDX: the sources that images are built from, by Debian's names and versions."""
    packages = tomllib.loads(SOURCES.read_text())
    pinned = {**packages["source"], **packages["binary"]}
    components = [
        Component(name=name, version=version, purl=purl, bom_ref=purl.to_string())
        for name, version in pinned.items()
        for purl in [PackageURL("deb", "debian", name, version, {"distro": packages["release"]})]
    ]
    image = Component(name="calendarbot-firmware", version=_version(), bom_ref="firmware")
    bill = Bom(components=components)
    bill.metadata.component = image
    bill.register_dependency(image, components)
    return str(JsonV1Dot6(bill).output_as_string(indent=1))


def check_version(tag: str) -> None:
    if tag.removeprefix("v") != _version():
        raise PackageError(f"the tag is {tag}, but pyproject.toml says version {_version()}")


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def _checksums(folder: Path) -> None:
    """calendarbot-VERSION-FOLDER.sha256, as `sha256sum --check` takes it.

    A release has the files of all folders side by side, so no two may have one name.
    """
    files = sorted(folder.iterdir())
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (folder / f"calendarbot-{_version()}-{folder.name}.sha256").write_text("".join(lines))
    print("".join(lines), end="", flush=True)


def _run(
    command: list[str], cwd: Path | None = None, environment: dict[str, str] | None = None
) -> None:
    """Raises PackageError with the command and its last lines."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        words = "\n".join(done.stdout.splitlines()[-15:])
        raise PackageError(f"{' '.join(command)} exited with {done.returncode}\n{words}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
