"""Ranks bullets: which of them are items of a list, and which are items below an item."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

#: A blank or two before a bullet say nothing: page breaks leave them.
_INDENT_STEP = 2

#: A kind of bullet that begins a list this often, against the one that does most, is of the top.
_FIRST_SHARE = 0.2

#: So many lists that begin with a kind of bullet are no accident.
_LISTS_MIN = 2

#: Bullets that convention puts below others, from the top down.
_CONVENTION = "•●■▪◆►▶➢✓*oO○◦▫□·-–—−"


@dataclass(frozen=True, slots=True)
class Bulleted:
    """A line with a bullet, or one without that may have lost it."""

    bullet: str
    indent: int
    #: The level of an automatic list, where the file tells it.
    list_level: int | None
    #: Whether the line above is a heading, or a time above a list.
    is_first: bool
    #: Whether a heading stands between this line and the last one with a bullet.
    starts_block: bool


def levels(lines: Sequence[Bulleted]) -> list[int]:
    """The level of each line from 0 at the top; those without a bullet are of level 0."""
    kinds = _kinds(lines)
    lists = _lists(lines, kinds)
    heads = [one.head if one is not None else None for one in lists]
    rank = _ranks(lines, kinds, heads)
    begins = Counter(one.head for one in _distinct(lists))
    mixed = _mixed(kinds, heads, begins)
    found: list[int] = []
    lowest = 0
    for at, line in enumerate(lines):
        if line.starts_block:
            lowest = _lowest_of_block(lines, kinds, rank, at)
        one = lists[at]
        if not line.bullet:
            found.append(0)
        elif line.list_level is not None:
            found.append(max(0, line.list_level - lowest))
        elif one is not None and len(one.kinds) == 1:
            found.append(0)
        elif one is not None and begins[one.head] >= _LISTS_MIN and mixed & {kinds[at], one.head}:
            found.append(0 if kinds[at] == one.head else 1)
        else:
            found.append(max(0, rank[kinds[at]] - lowest))
    return found


Kind = tuple[str, int]


@dataclass(slots=True, eq=False)
class _List:
    """A list that begins with a bullet below a heading, and the kinds of bullets in it."""

    head: Kind
    kinds: set[Kind] = field(default_factory=set[Kind])


def _lists(lines: Sequence[Bulleted], kinds: Sequence[Kind]) -> list[_List | None]:
    """The list of each line; None: it may begin with an item that lost its bullet."""
    found: list[_List | None] = []
    current: _List | None = None
    for line, kind in zip(lines, kinds, strict=True):
        if line.starts_block:
            current = None
        if line.bullet and line.is_first:
            current = _List(kind)
        if line.bullet and current is not None:
            current.kinds.add(kind)
        found.append(current)
    return found


def _distinct(lists: Sequence[_List | None]) -> list[_List]:
    return list({id(one): one for one in lists if one is not None}.values())


def _mixed(kinds: Sequence[Kind], heads: Sequence[Kind | None], begins: Counter[Kind]) -> set[Kind]:
    """The kinds of bullets that begin some lists, and stand below the first kind in others."""
    below: Counter[Kind] = Counter(
        kind
        for kind, head in zip(kinds, heads, strict=True)
        if kind[0] and head is not None and kind != head and begins[head] >= _LISTS_MIN
    )
    return {kind for kind, count in below.items() if begins[kind] and count >= _LISTS_MIN}


def _kinds(lines: Sequence[Bulleted]) -> list[Kind]:
    """The kind of each line: its bullet, and its indent as far as bullets are told by it."""
    indents: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for line in lines:
        if line.bullet:
            indents[line.bullet][line.indent] += 1
    steps = {bullet: _steps(counts) for bullet, counts in indents.items()}
    return [
        (line.bullet, steps[line.bullet][line.indent]) if line.bullet else ("", 0) for line in lines
    ]


def _steps(counts: Counter[int]) -> dict[int, int]:
    """The indents of a bullet, with those that hardly differ made one."""
    found: dict[int, int] = {}
    step: int | None = None
    last = 0
    for indent in sorted(counts):
        if step is None or indent - last >= _INDENT_STEP:
            step = indent
        found[indent], last = step, indent
    return found


def _ranks(
    lines: Sequence[Bulleted], kinds: Sequence[Kind], heads: Sequence[Kind | None]
) -> dict[Kind, int]:
    """The level of each kind of bullet in the document: of the top is what begins lists often, or
    never stands in a list that another kind begins."""
    below = {kind for kind, head in zip(kinds, heads, strict=True) if head not in (None, kind)}
    total: Counter[Kind] = Counter()
    first: Counter[Kind] = Counter()
    for line, kind in zip(lines, kinds, strict=True):
        if line.bullet and line.list_level is None:
            total[kind] += 1
            first[kind] += line.is_first
    shares = {kind: first[kind] / count for kind, count in total.items()}
    most = max(shares.values(), default=0)
    top = [
        kind
        for kind in total
        if most and shares[kind] and (shares[kind] >= _FIRST_SHARE * most or kind not in below)
    ]
    rank = dict.fromkeys(top, 0)
    rest = sorted((kind for kind in total if kind not in rank), key=_order)
    if not top and rest:
        rank[rest.pop(0)] = 0
    indents = sorted({indent for _, indent in rest})
    for bullet, indent in rest:
        rank[bullet, indent] = 1 + indents.index(indent)
    return rank


def _order(kind: Kind) -> tuple[int, int]:
    bullet, indent = kind
    return indent, _CONVENTION.find(bullet)


def _lowest_of_block(
    lines: Sequence[Bulleted], kinds: Sequence[Kind], rank: dict[Kind, int], start: int
) -> int:
    """The level of the first line of a list, when nothing of the list is above it. A line without a
    bullet may be an item above it that lost its own."""
    lowest: int | None = None
    for at in range(start, len(lines)):
        line = lines[at]
        if at > start and line.starts_block:
            break
        if not line.bullet:
            if lowest is None:
                return 0
            continue
        level = rank[kinds[at]] if line.list_level is None else line.list_level
        lowest = level if lowest is None else min(lowest, level)
    return lowest or 0
