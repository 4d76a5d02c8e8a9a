"""Joins glyphs into the lines of a page, in the order in which a person reads them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

from tracker.importer.pdf.glyphs_on_page import Glyph, Page

#: What is surely a blank, and what a gap between cells, against the height of a glyph.
_BLANK_WIDTH = 0.5
_CELL_GAP = 1.4
#: Glyphs of a line have their middles within this share of their height.
_SAME_LINE = 0.4

#: The share of a page's width, from its left, in which the gap between two columns is.
_GUTTER_FROM, _GUTTER_TO = 0.35, 0.65
_GUTTER_WIDTH_MIN = 6.0
#: The lines that stand side by side before there are columns, and how far they fill them on
#: average: cells of a table are emptier.
_COLUMN_LINES_MIN = 4
_FILLED_MIN = 0.5


@dataclass
class Run:
    """Glyphs beside each other, without a gap as wide as that between cells."""

    glyphs: list[Glyph] = field(default_factory=list[Glyph])

    @property
    def left(self) -> float:
        return self.glyphs[0].left

    @property
    def right(self) -> float:
        return self.glyphs[-1].right

    @property
    def middle(self) -> float:
        return self.glyphs[0].middle

    @cached_property
    def height(self) -> float:
        return median(glyph.height for glyph in self.glyphs)

    @cached_property
    def text(self) -> str:
        shown = ""
        before: Glyph | None = None
        for glyph in self.glyphs:
            gap = 0.0 if before is None else glyph.left - before.right
            if glyph.follows_blank or gap > _BLANK_WIDTH * max(
                glyph.height, before.height if before else 0.0
            ):
                shown += " "
            shown += glyph.text
            before = glyph
        return shown.strip()


@dataclass(slots=True)
class PageLine:
    """A line of a column of a page: runs from left to right."""

    runs: list[Run]
    #: 0: across the whole page; 1 and 2: in the left and the right column.
    column: int = 0
    #: Whether the line is the first of a column that is not the first of its page.
    starts_column: bool = False

    @property
    def left(self) -> float:
        return self.runs[0].left

    @property
    def right(self) -> float:
        return max(run.right for run in self.runs)

    @property
    def middle(self) -> float:
        return self.runs[0].middle

    @property
    def height(self) -> float:
        return max(run.height for run in self.runs)


@dataclass(frozen=True, slots=True)
class Gutter:
    """The gap between two columns."""

    left: float
    right: float

    def is_crossed_by(self, run: Run) -> bool:
        return run.left < self.right and run.right > self.left


def runs_of(page: Page) -> list[Run]:
    """The runs of a page, in the order of the file."""
    runs: list[Run] = []
    for glyph in page.glyphs:
        before = runs[-1].glyphs[-1] if runs else None
        if before is not None and _is_beside(before, glyph):
            runs[-1].glyphs.append(glyph)
        else:
            runs.append(Run([glyph]))
    return runs


def _is_beside(before: Glyph, glyph: Glyph) -> bool:
    height = max(before.height, glyph.height)
    gap = glyph.left - before.right
    is_level = abs(glyph.middle - before.middle) < _SAME_LINE * height
    # The letters of a ligature have one box.
    is_after = gap > -height / 2 or glyph.left >= before.left
    return is_level and is_after and gap < _CELL_GAP * height


def gutter_of(runs: Sequence[Run]) -> Gutter | None:
    """The gap between the two columns of a page; None: it has one column, or a table."""
    if len(runs) < 2 * _COLUMN_LINES_MIN:
        return None
    left, right = min(run.left for run in runs), max(run.right for run in runs)
    width = right - left
    best: tuple[int, float, Gutter] | None = None
    edges = sorted({run.right for run in runs if run.right < left + _GUTTER_TO * width})
    for edge in edges:
        after = min((run.left for run in runs if run.left >= edge), default=None)
        if after is None or after - edge < _GUTTER_WIDTH_MIN:
            continue
        middle = (edge + after) / 2
        if not left + _GUTTER_FROM * width < middle < left + _GUTTER_TO * width:
            continue
        gutter = Gutter(edge, after)
        crossing = sum(gutter.is_crossed_by(run) for run in runs)
        if best is None or (crossing, edge - after) < best[:2]:
            best = (crossing, edge - after, gutter)
    if best is None:
        return None
    gutter = best[2]
    sides = (
        ([run for run in runs if run.right <= gutter.left], left, gutter.left),
        ([run for run in runs if run.left >= gutter.right], gutter.right, right),
    )
    has_columns = all(_is_column(side, start, end) for side, start, end in sides)
    return gutter if has_columns and best[0] < len(runs) / 2 else None


def _is_column(runs: Sequence[Run], start: float, end: float) -> bool:
    """Whether lines fill a column as those of a text do."""
    lines = _rows(runs)
    if len(lines) < _COLUMN_LINES_MIN:
        return False
    filled = sum(sum(run.right - run.left for run in row) for row in lines)
    return filled > _FILLED_MIN * len(lines) * (end - start)


def lines_of(runs: Sequence[Run], gutter: Gutter | None) -> list[PageLine]:
    """The lines of a page from its top: what stands across both columns parts them."""
    if gutter is None:
        return [PageLine(row) for row in _rows(runs)]
    across = [PageLine(row) for row in _rows(run for run in runs if gutter.is_crossed_by(run))]
    rest = [run for run in runs if not gutter.is_crossed_by(run)]
    found: list[PageLine] = []
    for line in [*across, None]:
        above = [run for run in rest if line is None or run.middle > line.middle]
        rest = [run for run in rest if line is not None and run.middle <= line.middle]
        for column, side in enumerate(
            (
                [run for run in above if run.right <= gutter.left],
                [run for run in above if run.left >= gutter.right],
            ),
            1,
        ):
            lines = [PageLine(row, column) for row in _rows(side)]
            if lines:
                lines[0].starts_column = column > 1
            found += lines
        if line is not None:
            found.append(line)
    return found


def _rows(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs as lines from the top, each from left to right."""
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: -run.middle):
        if rows and abs(rows[-1][0].middle - run.middle) < _SAME_LINE * max(
            run.height, rows[-1][0].height
        ):
            rows[-1].append(run)
        else:
            rows.append([run])
    return [sorted(row, key=lambda run: run.left) for row in rows]
