"""Takes the glyphs of each page out of a PDF file, with their places.

PDFium reads the file: it stands up to damaged files, is fast, and tells the place
of each glyph. It is a library in C++, and a small file can make it take much memory, so that this
runs in a process of its own.
"""

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import pypdfium2  # pyright: ignore[reportMissingTypeStubs]
import pypdfium2.raw  # pyright: ignore[reportMissingTypeStubs]

from fleet.files import refusal
from fleet.files.refusal import FileRefusedError
from tracker.importer.glyphs import in_symbols, is_symbol_font

TOO_MANY_PAGES = "The file has {pages} pages, and at most {most} are read"

#: Pages of a plan, at most.
PAGES_MAX = 2_000

#: PDFium names nothing with types.
_pdfium = cast(Any, pypdfium2.raw)

#: What PDFium puts for a hyphen at the end of a line.
_HYPHEN = 0x02
#: A hyphen and a soft one are often one glyph, whose name is that of the latter.
_HYPHENS = {_HYPHEN, 0xAD, 0x2010, 0x2011, 0xFFFE}
#: The lean of a glyph in radians beyond which it belongs to no line.
_ANGLE_MAX = 0.2
_BREAKS = {0x0A, 0x0D, 0x00}


class Glyph(NamedTuple):
    """A glyph and its box in points, from the lower left corner of an upright page."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    #: Whether a blank stands before it, of the file or as wide as one.
    follows_blank: bool = False

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2

    @property
    def height(self) -> float:
        return self.top - self.bottom


@dataclass(frozen=True, slots=True)
class Page:
    """The glyphs of a page in the order of the file, from page 1."""

    number: int
    glyphs: list[Glyph]


def pages_of(content: bytes) -> Iterator[Page]:
    """The pages of a PDF file. A page that is damaged has no glyphs.

    Raises:
        FileRefusedError: it is protected, damaged, or has too many pages.
    """
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        code = cast(Any, error).err_code
        reason = refusal.PROTECTED if code == _pdfium.FPDF_ERR_PASSWORD else refusal.UNREADABLE
        raise FileRefusedError(reason) from None
    try:
        if len(document) > PAGES_MAX:
            raise FileRefusedError(TOO_MANY_PAGES, pages=len(document), most=PAGES_MAX)
        for number in range(1, len(document) + 1):
            yield Page(number, _glyphs_of(document, number - 1))
    finally:
        document.close()


def _glyphs_of(document: pypdfium2.PdfDocument, index: int) -> list[Glyph]:
    try:
        page = document[index]
        text = page.get_textpage()
    except pypdfium2.PdfiumError:
        return []
    turns, size = page.get_rotation() // 90, page.get_size()
    raw: Any = text.raw
    box: Any = _pdfium.FS_RECTF()
    place = ctypes.byref(box)
    found: list[Glyph] = []
    is_blank = False
    for at in range(_pdfium.FPDFText_CountChars(raw)):
        code = _pdfium.FPDFText_GetUnicode(raw, at)
        if code in _BREAKS or chr(code).isspace():
            is_blank = True
            continue
        if not _pdfium.FPDFText_GetLooseCharBox(raw, at, place):
            continue
        shown = "-" if code in _HYPHENS else chr(code)
        glyph = Glyph(shown, box.left, box.bottom, box.right, box.top, is_blank)
        is_blank = False
        if turns:
            glyph = _upright(glyph, turns, *size)
        if not found or _begins_line(found[-1], glyph):
            if _is_turned(raw, at, turns):
                continue
            font = _font_of(raw, at)
            if is_symbol_font(font):
                glyph = glyph._replace(text=in_symbols(shown, font))
        found.append(glyph)
    text.close()
    page.close()
    return found


def _begins_line(before: Glyph, glyph: Glyph) -> bool:
    """Whether a glyph is not beside the one before it."""
    is_beside = abs(glyph.middle - before.middle) < before.height / 2
    return not (is_beside and glyph.left >= before.left)


def _is_turned(raw: Any, at: int, turns: int) -> bool:
    """Whether a glyph does not stand upright, as those of a watermark across the page."""
    angle = _pdfium.FPDFText_GetCharAngle(raw, at)
    return angle >= 0 and abs(math.remainder(angle + turns * math.pi / 2, math.tau)) > _ANGLE_MAX


def _font_of(raw: Any, at: int) -> str:
    name = ctypes.create_string_buffer(200)
    flags = ctypes.c_int()
    length = _pdfium.FPDFText_GetFontInfo(raw, at, name, len(name), ctypes.byref(flags))
    return name.raw[: max(0, min(length, len(name)) - 1)].decode(errors="replace")


def _upright(glyph: Glyph, turns: int, width: float, height: float) -> Glyph:
    """A glyph on a page that is shown turned clockwise by so many quarters."""
    corners = [(glyph.left, glyph.bottom), (glyph.right, glyph.top)]
    for _ in range(turns % 4):
        corners = [(y, -x) for x, y in corners]
    shift_x = width if turns in (2, 3) else 0
    shift_y = height if turns in (1, 2) else 0
    (x1, y1), (x2, y2) = corners
    left, right = sorted((x1 + shift_x, x2 + shift_x))
    bottom, top = sorted((y1 + shift_y, y2 + shift_y))
    return Glyph(glyph.text, left, bottom, right, top, glyph.follows_blank)
