"""Finds milestones that became two or more, and two or more that became one."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from tracker.matching.compared import Compared, still_open
from tracker.matching.comparison import Comparison
from tracker.matching.difference import DifferenceKind
from tracker.matching.sections import Section
from tracker.matching.words import Index, Stems, Words

#: The words that may stand between two texts that became one.
_BETWEEN = frozenset({"og", "samt", "men", "herunder", "inkl", "inklusive", "hvorefter"})

#: How sure it is that two texts which together are a third to the last word are its parts, and that
#: they are where there are other ways.
_WHOLE, _ONE_OF_WAYS = 0.95, 0.7

#: A part has this share of its words in the whole, and the parts cover this share of the whole.
_PART_SHARE, _WHOLE_SHARE = 0.7, 0.7

#: A further part adds at least so much of the whole to what the others cover: less, where it stands
#: in the same quarter of the same section.
_PART_ADDS_IN_PLACE, _PART_ADDS = 0.08, 0.15

#: Words in another order are never so alike that no person is asked.
_ALIKE_MAX = 0.78


def composed(comparison: Comparison, kind: DifferenceKind) -> None:
    """Find what became two, or two that became one, word for word, in the same section: those of
    the same quarter first, and the others are asked about. Where several ways are open, which of
    them it went is a question."""
    wholes, parts = _sides(comparison, kind)
    by_section: defaultdict[Section, dict[str, list[Compared]]] = defaultdict(dict)
    for one in parts:
        by_section[one.slot[0]].setdefault(one.plain, []).append(one)
    ways = [(one, _pairs(one.plain, by_section.get(one.slot[0], {}))) for one in wholes]
    # How many wholes have such a part.
    wanted = Counter(
        text
        for whole, pairs in ways
        for text in {(whole.slot[0], one.plain) for pair in pairs for one in pair}
    )
    for in_place in (True, False):
        for whole, pairs in ways:
            left = [
                pair
                for pair in pairs
                if whole.is_open
                and all(one.is_open and (one.slot == whole.slot or not in_place) for one in pair)
            ]
            if left:
                is_clear = (
                    in_place
                    and len(left) == 1
                    and all(wanted[one.slot[0], one.plain] == 1 for one in left[0])
                )
                _tell(comparison, kind, whole, left[0], _WHOLE if is_clear else _ONE_OF_WAYS)


def _pairs(text: str, parts: dict[str, list[Compared]]) -> list[tuple[Compared, Compared]]:
    """The pairs of parts that together are a text: one begins it, and the other ends it."""
    words = text.split()
    found: list[tuple[Compared, Compared]] = []
    for end in range(1, len(words)):
        first = parts.get(" ".join(words[:end]), ())
        if not first:
            continue
        starts = [end, end + 1] if words[end] in _BETWEEN else [end]
        for start in starts:
            second = parts.get(" ".join(words[start:]), ())
            found += [(one, other) for one in first for other in second if one is not other]
    return found


def divided(comparison: Comparison, kind: DifferenceKind, *, in_place: bool) -> None:
    """Find milestones that became two or more, or two or more that became one, by their words: in
    the same quarter of the same section (`in_place`), or in the section."""
    wholes, parts = _sides(comparison, kind)
    for whole, candidates in _candidates(comparison.words, wholes, parts):
        if in_place:
            inside = [one for one in candidates if one.slot == whole.slot]
        else:
            inside = [one for one in candidates if one.slot[0] == whole.slot[0]]
        chosen = _parts_of(comparison.words, whole, inside)
        chosen = _parts_of(comparison.words, whole, inside)
        if len(chosen) < 2:
            continue
        covered = comparison.words.share(
            whole.stems, frozenset[str]().union(*(one.stems for one in chosen))
        )
        within = min(comparison.words.share(one.stems, whole.stems) for one in chosen)
        sure = (covered + within) / 2 * (0.95 if in_place else 0.75)
        _tell(comparison, kind, whole, chosen, min(_ALIKE_MAX, sure))


def _sides(comparison: Comparison, kind: DifferenceKind) -> tuple[list[Compared], list[Compared]]:
    """The milestones that may be wholes, and those that may be parts."""
    old, new = still_open(comparison.old), still_open(comparison.new)
    return (old, new) if kind is DifferenceKind.SPLIT else (new, old)


def _tell(
    comparison: Comparison,
    kind: DifferenceKind,
    whole: Compared,
    parts: Iterable[Compared],
    confidence: float,
) -> None:
    many = sorted(parts, key=lambda one: one.place)
    if kind is DifferenceKind.SPLIT:
        comparison.tell(kind, [whole], many, confidence)
    else:
        comparison.tell(kind, many, [whole], confidence)


def _candidates(
    words: Words, wholes: Sequence[Compared], parts: Sequence[Compared]
) -> Iterable[tuple[Compared, Sequence[Compared]]]:
    """The open parts that share rare words with each whole, but for those that are liker to a whole
    in their own place. A short part may be among the likest of none of its words, so that the
    wholes which are like it are looked for, too."""
    index = Index(words, [one.stems for one in parts])
    of_parts = Index(words, [one.stems for one in wholes])
    found: list[dict[int, None]] = [dict.fromkeys(index.candidates(one.stems)) for one in wholes]
    in_place: list[float] = []
    for at, part in enumerate(parts):
        like = of_parts.candidates(part.stems)
        for whole in like:
            found[whole][at] = None
        own = [wholes[whole] for whole in like if wholes[whole].slot == part.slot]
        in_place.append(max((words.likeness(part.stems, one.stems) for one in own), default=0.0))
    for whole, places in zip(wholes, found, strict=True):
        if whole.is_open:
            yield (
                whole,
                [
                    parts[at]
                    for at in places
                    if parts[at].is_open
                    and (
                        parts[at].slot == whole.slot
                        or words.likeness(parts[at].stems, whole.stems) >= in_place[at]
                    )
                ],
            )


def _parts_of(words: Words, whole: Compared, candidates: Sequence[Compared]) -> list[Compared]:
    """The candidates that together are the whole; empty: one of them alone is nearly so, or they
    cover too little."""
    inside = [one for one in candidates if words.share(one.stems, whole.stems) >= _PART_SHARE]
    chosen: list[Compared] = []
    covered: Stems = frozenset()
    inside.sort(key=lambda one: -words.weight(one.stems & whole.stems))
    for one in inside:
        more = (one.stems & whole.stems) - covered
        adds = _PART_ADDS_IN_PLACE if one.slot == whole.slot else _PART_ADDS
        if words.weight(more) >= adds * words.weight(whole.stems):
            chosen.append(one)
            covered |= one.stems
    if len(chosen) > 1 and words.share(whole.stems, covered) >= _WHOLE_SHARE:
        return chosen
    return []
