"""Leaves out what a page has around its text: page numbers, running heads and footers."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from tracker.importer.layout.marks import marked_text
from tracker.importer.parts import part_of_heading
from tracker.importer.quarters import written_time
from tracker.importer.source import SourceLine, SourceTable


@dataclass(frozen=True, slots=True)
class ContentLine:
    """A line that belongs to the text of a document."""

    source: SourceLine
    #: The blank lines above; None: a page may have ended between this line and the one before.
    gap: int | None
    #: Whether a table stands between this line and the one before.
    follows_table: bool = False


_PAGE_WORD = r"(?:side|page|s\.|p\.|sidenr\.?|sidetal)"
_PAGE_NUMBER = re.compile(
    rf"{_PAGE_WORD}\s*:?\s*[-–]?\s*\d{{1,4}}(?:\s*(?:/|af|of|[|]|-)\s*\d{{1,4}})?\.?"
    rf"|[-–—|]\s*(?:{_PAGE_WORD}\s*)?\d{{1,4}}\s*[-–—|]"
    r"|\[?\d{1,3}\s*(?:/|af|of|[|])\s*\d{1,4}\]?",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"\d{1,3}")
_DIGITS = re.compile(r"\d+")

#: The lines at the top and at the foot of a page among which its head and footer are looked for.
_EDGE_LINES = 3

#: A running head recurs at least so often where nothing tells the pages, over this share of them.
_TIMES_MIN = 3
_COVER_MIN = 0.5
_LENGTH_MAX = 120

#: The share of the pages on which a line at their edge recurs before it is furniture.
_PAGES_MIN = 0.25


def content_lines(parts: Sequence[SourceLine | SourceTable]) -> list[ContentLine]:
    """The lines outside of tables with text that are no furniture, each with the gap above it."""
    lines = [part for part in parts if isinstance(part, SourceLine)]
    furniture = _furniture([line for line in lines if not line.is_blank])
    found: list[ContentLine] = []
    gap, is_break = 0, False
    page: int | None = None
    follows_table = False
    for line in parts:
        if isinstance(line, SourceTable):
            follows_table = True
            continue
        is_break = is_break or line.starts_page or (page is not None and line.page != page)
        page = line.page
        if line.number in furniture:
            is_break = True
        elif line.is_blank:
            gap += 1
        else:
            found.append(ContentLine(line, None if is_break else gap, follows_table))
            gap, is_break, follows_table = 0, False, False
    return found


def _furniture(lines: Sequence[SourceLine]) -> set[int]:
    """The numbers of the lines that are furniture. Pages are told by the file, by page numbers, or
    by heads that recur."""
    texts = [" ".join(line.text.split()) for line in lines]
    numbers = {at for at, text in enumerate(texts) if _PAGE_NUMBER.fullmatch(text)}
    numbers |= _counted(lines, texts, numbers)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, line in enumerate(lines):
        if at not in numbers and (key := _key(line, texts[at])):
            places[key].append(at)
    edges = _edges(lines)
    found = set(numbers)
    for _ in range(_EDGE_LINES):  # a head of several lines is found from the edge inwards
        more: set[int] = set()
        for at_lines in places.values():
            if at_lines[0] not in found and _recurs(at_lines, found, edges, lines, texts):
                more.update(at_lines)
        if not more:
            break
        found |= more
    return {lines[at].number for at in found}


def _key(line: SourceLine, text: str) -> str:
    """A line with its digits made equal; empty: it cannot be furniture."""
    marked = marked_text(line)
    if marked.bullet and not re.match(r"[-–—]", marked.bullet):
        return ""
    if len(text) > _LENGTH_MAX or written_time(text) or part_of_heading(text):
        return ""
    if line.heading_level is not None:
        return ""
    number = f"{marked.number} " if marked.depth > 1 else ""  # of the section, not of the page
    return number + _DIGITS.sub("#", text.casefold())


def _recurs(
    at_lines: list[int],
    found: set[int],
    edges: set[int],
    lines: Sequence[SourceLine],
    texts: Sequence[str],
) -> bool:
    """Whether a line that recurs is the head or footer of pages."""
    if len(at_lines) < 2:
        return False
    at_edge = sum(1 for at in at_lines if at in edges or at - 1 in found or at + 1 in found)
    pages = max(len(edges) // (2 * _EDGE_LINES), len(found) // _EDGE_LINES)
    if at_edge >= max(2, _PAGES_MIN * pages) and at_edge >= 0.6 * len(at_lines):
        return True
    if len(at_lines) < _TIMES_MIN or at_lines[-1] - at_lines[0] < _COVER_MIN * len(lines):
        return False
    gaps = [after - before for before, after in pairwise(at_lines)]
    if max(gaps) > 3 * median(gaps) or min(gaps) * 3 < median(gaps):
        return False
    return any(_interrupts(at, texts) for at in at_lines)


def _interrupts(at: int, texts: Sequence[str]) -> bool:
    """Whether a line stands in the middle of a sentence, where no heading can stand."""
    if not 0 < at < len(texts) - 1:
        return False
    return (
        texts[at + 1][0].islower() and texts[at + 1][1:2] != " " and not texts[at - 1].endswith(".")
    )


def _edges(lines: Sequence[SourceLine]) -> set[int]:
    """The places of the lines at the top and the foot of pages, as far as the file tells pages."""
    starts = [
        at
        for at, (before, line) in enumerate(pairwise(lines), 1)
        if line.starts_page or (line.page is not None and line.page != before.page)
    ]
    if not starts:
        return set()
    found: set[int] = set()
    for start, end in pairwise([0, *starts, len(lines)]):
        found.update(range(start, min(start + _EDGE_LINES, end)))
        found.update(range(max(start, end - _EDGE_LINES), end))
    return found


def _counted(lines: Sequence[SourceLine], texts: Sequence[str], pages: set[int]) -> set[int]:
    """The places of lines of a bare number that count pages: each a little more than the last, or
    at the edge of a page."""
    bare = [at for at, text in enumerate(texts) if _BARE_NUMBER.fullmatch(text)]
    edges = _edges(lines)
    found = {at for at in bare if at in edges or at + 1 in pages or at - 1 in pages}
    for before, after in pairwise(bare):
        if 1 <= int(texts[after]) - int(texts[before]) <= 2 and after - before > _EDGE_LINES:
            found |= {before, after}
    return found
