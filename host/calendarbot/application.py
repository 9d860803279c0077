"""What a board holds: the application's files, as `firmware/package.json` lists them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import inkframe

CONFIG_FILE: Final = "config.json"
BOARD_FILE: Final = "board.json"
"""How the board is wired: what a configuration that comes over the air is added to."""


def application_files() -> dict[str, bytes]:
    """Path on the device → content, `main.py` last: the file that starts the others is never alone."""
    firmware, portable = _firmware_dir(), Path(inkframe.__file__).parents[1]
    files = {}
    listed = json.loads((firmware / "package.json").read_text(encoding="utf-8"))["urls"]
    for target, source in sorted(listed, key=lambda urls: (urls[0] == "main.py", urls[0])):
        folder = portable if source.startswith("inkframe/") else firmware
        files[target] = (folder / source).read_bytes()
    return files


def _firmware_dir() -> Path:
    """In a checkout, `firmware/` at its top; installed, the copy inside the package."""
    package = Path(__file__).parent
    installed = package / "_firmware"
    return installed if installed.is_dir() else package.parents[1] / "firmware"
