"""Pages as pictures: a change of even one pixel is seen before it is on a wall.

Every layout that there is, in every size of SIZES, on every palette that a panel of that size has,
for the reference calendars, an empty and an overfull one, at three moments.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import contact_sheets as sheets
import pytest
from reference_pages import MOMENTS, SIZES, colour_panels, draw_cell

from calendarbot import layouts
from calendarbot.boards import load_panel
from calendarbot.render.pixels import BLACK_WHITE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contact_sheets import Cell
    from PIL import Image

    from calendarbot.render.pixels import Colour

_GOLDEN = Path(__file__).parent
_OUT = _GOLDEN.parents[1] / "out" / "golden"


class _Case(NamedTuple):
    layout: str
    size: tuple[int, int]
    panel: str = ""

    @property
    def name(self) -> str:
        width, height = self.size
        return f"{self.layout}/{width}x{height}" + (f"-{self.panel}" if self.panel else "")

    @property
    def file(self) -> Path:
        return _GOLDEN / f"{self.name}.png"

    @property
    def sheet(self) -> sheets.Sheet:
        return sheets.Sheet(self.size, SIZES[self.size], list(MOMENTS))

    @property
    def in_black_and_white(self) -> _Case:
        return self._replace(panel="")

    @property
    def palette(self) -> Sequence[Colour]:
        return load_panel(self.panel).palette if self.panel else BLACK_WHITE

    def draw(self) -> tuple[dict[Cell, Image.Image], list[str]]:
        pages, faults = {}, []
        panel = load_panel(self.panel) if self.panel else None
        for cell in self.sheet.cells:
            pages[cell], wrong = draw_cell(self.layout, self.size, *cell, panel)
            faults += [f"{self.name}, {' at '.join(cell)}: {fault}" for fault in wrong]
        return pages, faults

    def expected(self) -> dict[Cell, Image.Image]:
        if not self.panel:
            return self.sheet.cut(sheets.black_white_indices(self.file))
        base = sheets.black_white_indices(self.in_black_and_white.file)
        return self.sheet.cut(sheets.colours_indices(self.file, base, self.palette))

    def write(self, pages: dict[Cell, Image.Image]) -> None:
        """Write the sheet if it is another than there was."""
        whole = self.sheet.joined(pages)
        if self.panel:
            base, _ = self.in_black_and_white.draw()
            data = sheets.colours_png(whole, self.sheet.joined(base), self.palette)
        else:
            data = sheets.black_white_png(whole)
        if not self.file.exists() or self.file.read_bytes() != data:
            self.file.parent.mkdir(exist_ok=True)
            self.file.write_bytes(data)


def _cases() -> list[_Case]:
    return [
        _Case(layout, size, panel)
        for layout in layouts.names()
        for size in SIZES
        if all(has >= least for has, least in zip(size, _least(layout), strict=True))
        for panel in ("", *colour_panels(size))
    ]


def _least(layout: str) -> tuple[int, int]:
    return layouts.load(layout).MIN_SIZE_PX


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case.name)
def test_every_page_looks_as_approved(case: _Case, request: pytest.FixtureRequest) -> None:
    pages, faults = case.draw()
    assert not faults, "\n".join(faults)
    if request.config.getoption("--update-golden"):
        case.write(pages)
        return
    for file in {case.file, case.in_black_and_white.file}:
        if not file.exists():
            pytest.fail(f"{file} is missing; `make golden` draws it", pytrace=False)
    expected = case.expected()
    changed = [cell for cell in pages if pages[cell].tobytes() != expected[cell].tobytes()]
    if changed:
        report = "\n".join(_report(case, cell, expected[cell], pages[cell]) for cell in changed)
        pytest.fail(
            f"{len(changed)} of {len(pages)} pages have changed\n{report}\n"
            "if they should have: `make golden`, then look at the sheets",
            pytrace=False,
        )


def _report(case: _Case, cell: Cell, expected: Image.Image, actual: Image.Image) -> str:
    """Write what was expected, what came, and the difference as pictures; say where."""
    _OUT.mkdir(parents=True, exist_ok=True)
    name = "-".join((case.name.replace("/", "-"), *cell))
    pictures = {"expected": expected, "actual": actual}
    for what, indices in pictures.items():
        sheets.picture(indices, case.palette).save(_OUT / f"{name}-{what}.png")
    changed = _OUT / f"{name}-difference.png"
    sheets.difference(expected, actual, case.palette).save(changed)
    return f"  {case.name}, {' at '.join(cell)}: {changed} (and -expected, -actual)"


def test_no_sheet_is_left_of_what_there_is_no_more() -> None:
    known = {case.file for case in _cases()}
    assert set(_GOLDEN.rglob("*.png")) <= known


def test_a_sheet_with_colours_gives_back_every_pixel(tmp_path: Path) -> None:
    case = _Case("agenda", (800, 480), next(iter(colour_panels((800, 480)))))
    base = case.in_black_and_white.draw()[0]
    whole = case.sheet.joined(base)
    coloured = whole.copy()
    coloured.paste(2, (5, 5, 90, 30))
    file = tmp_path / "sheet.png"
    file.write_bytes(sheets.colours_png(coloured, whole, case.palette))
    assert sheets.colours_indices(file, whole, case.palette).tobytes() == coloured.tobytes()
