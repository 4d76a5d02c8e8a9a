"""Tells the numbers of items from those of headings."""

from collections import defaultdict
from collections.abc import Sequence, Set

from tracker.importer.layout.marks import MarkedText
from tracker.importer.layout.rows import Kind

#: How a paragraph begins, and what marks it.
Start = tuple[Kind, MarkedText]

#: So many headings with numbers of several parts, and single numbers count items below them.
_HEADINGS_MIN = 2

#: As many items in a row may have lost their numbers.
_LOST_MAX = 2


def numbered_items(starts: Sequence[Start], after_tables: Set[int] = frozenset()) -> set[int]:
    """The places of the paragraphs whose numbers count items: they follow each other with nothing
    between, or they begin with one or count on, below a time or in a document whose headings have
    numbers of several parts. Lists may count through from one to the next. `after_tables` are the
    places below a table."""
    items = _adjacent(starts, after_tables)
    parted = sum(kind is Kind.NUMBERED and marked.depth > 1 for kind, marked in starts)
    has_parts = parted >= _HEADINGS_MIN
    chapters = _chapters(starts)
    last: defaultdict[str, int] = defaultdict(int)
    above = Kind.TEXT
    is_after_prose = False
    for at, (kind, marked) in enumerate(starts):
        if at in chapters or not _is_single(starts[at]):
            if kind in (Kind.TIME, Kind.PART, Kind.NUMBERED, Kind.STYLED):
                above, is_after_prose = kind, False
            elif kind is Kind.TEXT and above is Kind.PART:
                is_after_prose = True
            continue
        number, before = int(marked.number), last[marked.number_end]
        counts_on = before < number <= before + (_LOST_MAX + 1 if before else 1)
        is_below = has_parts or above is Kind.TIME
        if at in items or (is_below and (number == 1 or (counts_on and not is_after_prose))):
            items.add(at)
            last[marked.number_end] = number
            is_after_prose = False
        else:
            last.clear()
            above = kind
    return items


def _adjacent(starts: Sequence[Start], after_tables: Set[int]) -> set[int]:
    """The places of numbers that follow each other with nothing between."""
    found: set[int] = set()
    for at in range(len(starts) - 1):
        if at + 1 in after_tables:
            continue
        if _is_single(starts[at]) and _is_single(starts[at + 1]):
            one, after = starts[at][1], starts[at + 1][1]
            if int(after.number) == int(one.number) + 1 and after.number_end == one.number_end:
                found |= {at, at + 1}
    return found


def _chapters(starts: Sequence[Start]) -> set[int]:
    """The places of the single numbers that are those of chapters: the `2.` above `2.1`, with
    neither items nor times between. A number that counts on from an item is none."""
    found: set[int] = set()
    place_by_number: dict[str, int] = {}
    last = 0
    for at, (kind, marked) in enumerate(starts):
        if _is_single(starts[at]):
            number = int(marked.number)
            if number != last + 1 or number == 1:
                place_by_number[marked.number] = at
            last = number
        elif kind is Kind.NUMBERED:
            chapter, _, rest = marked.number.partition(".")
            place = place_by_number.get(chapter)
            if place is not None and rest in ("1", "1.1"):
                found.add(place)
            place_by_number.clear()
            last = 0
        elif kind in (Kind.TIME, Kind.BULLET):
            place_by_number.clear()
            last = 0 if kind is Kind.TIME else last
        elif kind is Kind.PART:
            last = 0
    return found


def _is_single(start: Start) -> bool:
    kind, marked = start
    return kind is Kind.NUMBERED and marked.depth == 1
