"""python -m tools.image [--offline] [--scan]: the server's container image, `localhost/calendarbot`.

Built with buildah from deploy/Dockerfile. With --offline no registry is asked: the two bases are made of
Debian's packages with mmdebstrap, and the wheels are collected beforehand with this machine's own pip. That
needs root; it is what the test uses.

With --scan it is then searched with Grype (the program that GRYPE names, or `grype`), which fetches its
database. A known vulnerability that is high or critical and has been mended elsewhere is an error.

Exit codes: 0 the image is there, 1 a command failed (its last words are printed), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
NAME: Final = "localhost/calendarbot"
WORK: Final = ROOT / ".cache" / "image"
ARCHIVE: Final = ROOT / "out" / "image.tar"
EXTRAS: Final = "caldav,pictures"
# As the public bases have them: a Debian with Python, and a Python with next to nothing.
_BUILD_PACKAGES: Final = "python3-minimal,python3-venv,ca-certificates"
_RUN_PACKAGES: Final = (
    "base-files,netbase,python3-minimal,python3.11-minimal,libpython3.11-stdlib,libstdc++6"
)


class ImageError(Exception):
    """Which command failed, and its last words."""


def build(*, offline: bool) -> str:
    """The image's name. Raises ImageError."""
    # `docker` images can hold a health check, OCI's cannot. chroot needs no namespaces of its own.
    command = ["buildah", "bud", "--format", "docker", "--isolation", "chroot", "--tag", NAME]
    if offline:
        wheels = _wheels()
        command += [f"--volume={wheels}:/wheels:ro", "--pull-never"]
        command += ["--build-arg=PIP_NO_INDEX=1", "--build-arg=PIP_FIND_LINKS=/wheels"]
        build_base = _base("build", "minbase", _BUILD_PACKAGES)
        run_base = _base("run", "extract", _RUN_PACKAGES)
        command += [f"--build-arg=BUILD_BASE={build_base}", f"--build-arg=RUN_BASE={run_base}"]
    _run([*command, "--file", "deploy/Dockerfile", "."])
    return NAME


def size_bytes() -> int:
    """Of the image's layers, unpacked."""
    return int(_run(["podman", "image", "inspect", "--format", "{{.Size}}", NAME]))


def scan() -> None:
    """Raises ImageError with what was found, FileNotFoundError without Grype."""
    grype = os.environ.get("GRYPE", "grype")
    _run([grype, "version"])
    ARCHIVE.parent.mkdir(exist_ok=True)
    try:
        _run(["podman", "save", "--output", str(ARCHIVE), NAME])
        _run([grype, "--quiet", "--only-fixed", "--fail-on", "high", f"docker-archive:{ARCHIVE}"])
    finally:
        ARCHIVE.unlink(missing_ok=True)  # podman would add to an archive that is there


def _wheels() -> Path:
    """Everything that is installed in the image, and what builds the package, as wheels."""
    folder = WORK / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    pins = ["--constraint", "tools/constraints.txt"]
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "wheel"]
    _run([*pip, *pins, "--wheel-dir", str(folder), "--find-links", str(folder), f".[{EXTRAS}]"])
    _run([*pip, "--wheel-dir", str(folder), "--find-links", str(folder), "hatchling"])
    return folder


def _base(kind: str, variant: str, packages: str) -> str:
    """A base made of Debian's packages; made once."""
    name = f"localhost/calendarbot-{kind}-base"
    if not subprocess.run(["podman", "image", "exists", name], check=False).returncode:
        return name
    archive = WORK / f"{kind}.tar"
    quiet = ("--quiet", f"--variant={variant}", f"--include={packages}")
    _run(["mmdebstrap", *quiet, "bookworm", str(archive)])
    _run(["podman", "import", str(archive), name])
    archive.unlink()
    return name


def _run(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True)
    if done.returncode:
        words = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise ImageError(f"{' '.join(command)} exited with {done.returncode}\n{words}")
    return done.stdout.strip()


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.image", description=__doc__)
    parser.add_argument("--offline", action="store_true", help="bases from Debian's packages")
    parser.add_argument("--scan", action="store_true", help="search it for known vulnerabilities")
    arguments = parser.parse_args(given)
    try:
        name = build(offline=arguments.offline)
        print(f"{name}: {size_bytes() / 1e6:.0f} MB")
        if arguments.scan:
            scan()
            print(f"{name}: no known vulnerability that has been mended elsewhere")
    except FileNotFoundError as error:
        print(f"error: {error.filename} is not installed", file=sys.stderr)
        return 1
    except ImageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
