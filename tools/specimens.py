"""python -m tools.specimens: the pictures of type and icons in docs/images.

The comparison of typefaces needs those that were not chosen:
pip install fontpkg-inter fontpkg-noto-sans fontpkg-ibm-plex-sans fontpkg-source-sans-3 fontpkg-open-sans
fontpkg-roboto fontpkg-pt-sans fontpkg-public-sans fontpkg-fira-sans
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from PIL import Image

from calendarbot.render import Canvas, Type, icons
from calendarbot.render.faces import Face
from calendarbot.render.preview import png_bytes, png_of

_IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
_ICON_SIZES = (12, 16, 24, 32, 48)
_CELL = (288, 56)
_COLUMNS = 3


def icon_sheet() -> bytes:
    """Every icon in five sizes, with its name; a PNG."""
    names = icons.names()
    rows = -(-len(names) // _COLUMNS)
    canvas = Canvas(_COLUMNS * _CELL[0] + 16, rows * _CELL[1] + 24)
    for index, name in enumerate(names):
        x = 16 + index % _COLUMNS * _CELL[0]
        y = 16 + index // _COLUMNS * _CELL[1]
        for size in _ICON_SIZES:
            canvas.icon(x, y + (48 - size) // 2, name, size)
            x += size + 8
        canvas.text(x + 6, y + 30, name, Type(15), max_width=116)
    return png_bytes(canvas.to_frame())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A family that might have set the pages."""

    name: str
    module: str
    regular: str
    bold: str = ""
    """Empty: a variable font."""
    plain_zero: bool = False


CANDIDATES = (
    Candidate(
        "Atkinson Hyperlegible",
        "fontpkg_atkinson_hyperlegible",
        "AtkinsonHyperlegible-Regular.ttf",
        "AtkinsonHyperlegible-Bold.ttf",
        plain_zero=True,
    ),
    Candidate("Inter", "fontpkg_inter", "Inter[opsz,wght].ttf"),
    Candidate("Noto Sans", "fontpkg_noto_sans", "NotoSans[wdth,wght].ttf"),
    Candidate("IBM Plex Sans", "fontpkg_ibm_plex_sans", "IBMPlexSans[wdth,wght].ttf"),
    Candidate("Source Sans 3", "fontpkg_source_sans_3", "SourceSans3[wght].ttf"),
    Candidate("Open Sans", "fontpkg_open_sans", "OpenSans[wdth,wght].ttf"),
    Candidate("Roboto", "fontpkg_roboto", "Roboto[wdth,wght].ttf"),
    Candidate("PT Sans", "fontpkg_pt_sans", "PT_Sans-Web-Regular.ttf", "PT_Sans-Web-Bold.ttf"),
    Candidate("Public Sans", "fontpkg_public_sans", "PublicSans[wght].ttf"),
    Candidate("Fira Sans", "fontpkg_fira_sans", "FiraSans-Regular.ttf", "FiraSans-Bold.ttf"),
)
_TYPE_SIZES = (12, 13, 14, 16, 18, 20, 24)
_SPECIMENS = ("09:00 Team lunch, Il1 O0 Straße", "10:30 Quarterly 2026")


def type_comparison() -> bytes:
    """Every candidate in small sizes, regular and bold, as a panel shows it; a PNG."""
    block = sum(size + 5 for size in _TYPE_SIZES) + 28
    rows = -(-len(CANDIDATES) // 2)
    sheet = Image.new("1", (2 * 760, rows * block + 8), 1)
    for index, candidate in enumerate(CANDIDATES):
        left, y = index // rows * 760 + 12, index % rows * block + 18
        label = Canvas(700, 22)
        label.text(0, 15, candidate.name, Type(15, bold=True))
        sheet.paste(label.image().convert("1"), (left, y - 15))
        for size in _TYPE_SIZES:
            y += size + 5
            for x, text, weight in zip((0, 400), _SPECIMENS, (400, 700), strict=True):
                _print(sheet, _face(candidate, weight), (left + x, y), text, size)
    return png_of(sheet)


def _face(candidate: Candidate, weight: int) -> Face:
    folder = Path(str(import_module(candidate.module).__file__)).parent / "files"
    own_bold = weight == 700 and candidate.bold
    return Face(
        folder / (candidate.bold if own_bold else candidate.regular),
        index=0,
        weight=weight,
        has_weight=True,
        hinting="font",
        plain_zero=candidate.plain_zero,
    )


def _print(sheet: Image.Image, face: Face, start: tuple[int, int], text: str, size_px: int) -> None:
    pen, baseline = start
    codes = [ord(char) for char in text]
    for item in face.shape(
        codes, 0, len(codes), size_px=size_px, rtl=False, language="en", tabular=True
    ):
        glyph, advance = face.glyph(item.glyph, size_px)
        if glyph.mask:
            sheet.paste(0, (pen + glyph.left, baseline - glyph.top), glyph.mask)
        pen += advance + ((item.advance - item.nominal_advance + 32) >> 6)


if __name__ == "__main__":
    _IMAGES.joinpath("icons.png").write_bytes(icon_sheet())
    _IMAGES.joinpath("type-comparison.png").write_bytes(type_comparison())
