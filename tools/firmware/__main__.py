"""python -m tools.firmware [TARGET…]: all images, or those named."""

from __future__ import annotations

import sys
from functools import partial

from tools.firmware import IMAGES, FirmwareError, image
from tools.firmware.cache import ROOT


def main(names: list[str]) -> int:
    failed = 0
    for name in names or IMAGES:
        try:
            made = image(name, partial(_say, name))
        except FirmwareError as error:
            print(f"error: {name}: {error.message}", file=sys.stderr)
            if error.hint:
                print(f"hint: {error.hint}", file=sys.stderr)
            failed += 1
            continue
        took = f"built in {made.seconds:.0f} s" if made.seconds else "as it was"
        size = made.path.stat().st_size
        print(f"{name}: {made.path.relative_to(ROOT)}, {size:,} bytes, {took}", flush=True)
    return 1 if failed else 0


def _say(name: str, line: str) -> None:
    print(f"{name}: {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
