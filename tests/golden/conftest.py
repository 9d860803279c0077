"""Golden pictures: pages that are kept as PNG and compared pixel by pixel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calendarbot.render.preview import difference_png, frame_from_png, png_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from calendarbot.model import Frame

_GOLDEN = Path(__file__).parent
_OUT = _GOLDEN.parents[1] / "out" / "golden"


@pytest.fixture
def matches_golden(request: pytest.FixtureRequest) -> Callable[[str, Frame], None]:
    """Compare a frame with tests/golden/NAME.png, or write that file with --update-golden."""

    def compare(name: str, frame: Frame) -> None:
        golden = _GOLDEN / f"{name}.png"
        if request.config.getoption("--update-golden"):
            if not golden.exists() or frame_from_png(golden.read_bytes()) != frame:
                golden.write_bytes(png_bytes(frame))
            return
        if not golden.exists():
            pytest.fail(f"{golden} is missing; pytest --update-golden writes it", pytrace=False)
        expected = frame_from_png(golden.read_bytes())
        if expected == frame:
            return
        _OUT.mkdir(parents=True, exist_ok=True)
        actual, difference = _OUT / f"{name}-actual.png", _OUT / f"{name}-difference.png"
        actual.write_bytes(png_bytes(frame))
        same_size = (expected.width_px, expected.height_px) == (frame.width_px, frame.height_px)
        if same_size:
            difference.write_bytes(difference_png(expected, frame))
        pytest.fail(
            f"the page {name} has changed\n  expected   {golden}\n  actual     {actual}\n"
            + (f"  difference {difference} (new ink red, lost ink blue)\n" if same_size else "")
            + "  if it should have: pytest tests/golden --update-golden",
            pytrace=False,
        )

    return compare
