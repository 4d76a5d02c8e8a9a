"""Finds the row of headings in the rows of a file: people put a title, a period or the name of a
department above it."""

from collections import Counter
from collections.abc import Sequence

from fleet.moments import clock_of, day_of

#: The note on a file that has rows above its headings.
NOTE_ROWS_ABOVE = "The rows above the headings are left out"

#: How many rows that are not empty are looked at.
_LOOKED_AT = 30


def heading_at(rows: Sequence[Sequence[object]]) -> int | None:
    """The place of the headings: of the rows above the first row of numbers and times the first one
    that is about as wide as the widest of them. Where no row stands above that, it is the first row
    that is not empty.

    Returns:
        None: all rows are empty.
    """
    filled = [at for at, row in enumerate(rows) if any(map(_text, row))]
    if not filled:
        return None
    looked_at = filled[:_LOOKED_AT]
    width = max(_filled(rows[at]) for at in looked_at)
    above: list[int] = []
    for at in looked_at:
        if 2 * _filled(rows[at]) > width and any(map(_is_value, rows[at])):
            break
        above.append(at)
    widest = max((_filled(rows[at]) for at in above), default=0)
    return next((at for at in above if 4 * _filled(rows[at]) >= 3 * widest), filled[0])


def headings_of(rows: Sequence[Sequence[object]], at: int) -> list[str]:
    """The headings in the row `at`, each only once: `Kl.` under `Afgang` and under `Hjemkomst` are
    `Afgang Kl.` and `Hjemkomst Kl.`, and where that tells nothing the second has a number."""
    headings = [_text(cell) for cell in rows[at]]
    times = Counter(headings)
    groups = _groups(rows[at - 1], len(headings)) if at else [""] * len(headings)
    named = [
        f"{group} {heading}" if heading and group and times[heading] > 1 else heading
        for group, heading in zip(groups, headings, strict=True)
    ]
    seen: Counter[str] = Counter()
    unique: list[str] = []
    for heading in named:
        seen[heading] += 1
        is_again = heading and seen[heading] > 1
        unique.append(f"{heading} ({seen[heading]})" if is_again else heading)
    return unique


def _groups(row: Sequence[object], width: int) -> list[str]:
    """The heading of a group of columns stands above the first of them."""
    groups: list[str] = []
    for at in range(width):
        own = _text(row[at]) if at < len(row) else ""
        groups.append(own or (groups[-1] if groups else ""))
    return groups if len(set(groups) - {""}) > 1 else [""] * width


def _filled(row: Sequence[object]) -> int:
    return sum(1 for cell in row if _text(cell))


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _is_value(cell: object) -> bool:
    """Whether a cell is a number, a day or a time, which no heading is."""
    if isinstance(cell, bool | int | float):
        return True
    text = _text(cell)
    is_number = text.replace(",", "").replace(".", "").removeprefix("-").isdigit()
    return is_number or day_of(text) is not None or clock_of(text) is not None
