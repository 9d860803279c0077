"""The main job on the built-in example: an office's calendar, one working day, a device without hardware."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = Path("out")
EXAMPLE = [
    "--calendar=tests/reference/office.ics",
    "--panel=waveshare_7in5_v2",
    "--layout=agenda",
    "--tz=Europe/Berlin",
    "--locale=en_GB",
    "--at=2026-11-24T06:00",
    "--hours=18",
    f"--out={OUT}",
]

NEXT = """
Look at       {out}/panel.png             what the panel shows at the end of the day
              {out}/panel/                the panel after every wake
              {out}/display/previews/     every frame as it was drawn
Your own      {host} build-frames --calendar my.ics --out out     (an .ics file of yours)
              {host} init                                         (a configuration to keep)
              {host} serve                                        (hand it out to devices)
"""


def host(*arguments: str) -> None:
    """Run the command line as a user does."""
    subprocess.run([sys.executable, "-m", "calendarbot", *arguments], cwd=ROOT, check=True)


def main() -> int:
    try:
        print("Building the frames of 24 November 2026 …", flush=True)
        host("build-frames", *EXAMPLE)
        print("\nA device lives through that day …", flush=True)
        host("simulate", *EXAMPLE)
    except subprocess.CalledProcessError as error:
        return error.returncode
    print(NEXT.format(out=OUT, host=Path(sys.executable).with_name("host").relative_to(ROOT)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
