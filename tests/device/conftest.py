"""What is shared with the portable tests is imported from their folder; images are built when asked for."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "portable"), str(ROOT)]

from tools.firmware import FirmwareError, image  # noqa: E402  # found by the line above


@cache
def _built(target: str) -> Path | str:
    """An image's path, or why there is none."""
    try:
        return image(target, to_run=True).path
    except FirmwareError as error:
        return str(error)


@pytest.fixture
def firmware_image() -> Callable[[str], Path]:
    """The path of a target's firmware image. Skips the test where that cannot be had."""

    def path(target: str) -> Path:
        built = _built(target)
        if isinstance(built, str):
            pytest.skip(f"no image for {target}: {built}")
        return built

    return path
