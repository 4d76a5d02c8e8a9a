"""Compares two plans: each milestone of the old one with what it became in the new one.

What is the same in the same place is found first, then what is the same elsewhere, then what was
split or merged, and at last what is alike. Each step leaves less to the next, and the last compares
a text with few others only, so that plans of 20,000 milestones take seconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tracker.importer.plan_file import Milestone, PlanFile
from tracker.matching.difference import Difference, DifferenceKind
from tracker.matching.sections import Section, section_by_old
from tracker.matching.words import Index, Likeness, Stems, Words, plain, stems

#: Texts that are less alike are not the same milestone.
_ALIKE_MIN = 0.4

#: In the same place among the same neighbours, so much is enough to ask a person.
_ALIKE_IN_PLACE = 0.12

#: Elsewhere, two that are left and so alike are asked about.
_ALIKE_ELSEWHERE = 0.3

#: A part has this share of its words in the whole, and the parts cover this share of the whole.
_PART_SHARE, _WHOLE_SHARE = 0.7, 0.7

#: A further part adds at least so much of the whole to what the others cover: less, where it stands
#: in the same quarter of the same section.
_PART_ADDS_IN_PLACE, _PART_ADDS = 0.08, 0.15

Slot = tuple[Section, int | None, int | None]


@dataclass(slots=True)
class _One:
    """A milestone with what it is compared by."""

    milestone: Milestone
    place: int
    slot: Slot
    plain: str
    stems: Stems
    parent: str
    is_open: bool = True


@dataclass(slots=True)
class _Comparison:
    old: list[_One]
    new: list[_One]
    words: Words
    found: list[Difference] = field(default_factory=list[Difference])
    #: The place in the new plan of each milestone of the old one that has one.
    new_by_old: dict[int, int] = field(default_factory=dict[int, int])


def compare(old: PlanFile, new: PlanFile) -> list[Difference]:
    """The fate of each milestone, in the order of the new plan; what is gone comes last."""
    comparison = _comparison(old, new)
    _same_place(comparison, with_parent=True)
    _same_place(comparison, with_parent=False)
    _same_elsewhere(comparison)
    for in_place in (True, False):
        _divided(comparison, DifferenceKind.SPLIT, in_place=in_place)
        _divided(comparison, DifferenceKind.MERGED, in_place=in_place)
    _alike(comparison)
    _left(comparison)
    order = {one.milestone.id: one.place for one in comparison.new}
    last = len(comparison.new)
    return sorted(comparison.found, key=lambda one: order[one.new[0].id] if one.new else last)


def _comparison(old: PlanFile, new: PlanFile) -> _Comparison:
    old_texts = {one.id: plain(one.text) for one in old.milestones}
    new_texts = {one.id: plain(one.text) for one in new.milestones}
    sections = section_by_old(old, new, old_texts, new_texts)
    olds = _ones(old, old_texts, sections)
    news = _ones(new, new_texts, {})
    return _Comparison(olds, news, Words([one.stems for one in (*olds, *news)]))


def _ones(plan: PlanFile, texts: dict[str, str], sections: dict[Section, Section]) -> list[_One]:
    return [
        _One(
            milestone=one,
            place=place,
            slot=(sections.get(one.section, one.section), one.quarter_from, one.quarter_to),
            plain=texts[one.id],
            stems=stems(one.text),
            parent=texts.get(one.parent or "", ""),
        )
        for place, one in enumerate(plan.milestones)
    ]


def _pair(
    comparison: _Comparison, old: _One, new: _One, kind: DifferenceKind, confidence: float
) -> None:
    old.is_open = new.is_open = False
    comparison.new_by_old[old.place] = new.place
    comparison.found.append(
        Difference(
            kind=kind,
            old=(old.milestone,),
            new=(new.milestone,),
            confidence=round(min(1.0, max(0.0, confidence)), 3),
        )
    )


def _open(ones: Iterable[_One]) -> list[_One]:
    return [one for one in ones if one.is_open]


def _same_place(comparison: _Comparison, *, with_parent: bool) -> None:
    """Pair equal texts in the same quarter of the same section."""
    places: defaultdict[tuple[Slot, str, str], list[_One]] = defaultdict(list)
    for one in _open(comparison.new):
        places[one.slot, one.plain, one.parent if with_parent else ""].append(one)
    for one in _open(comparison.old):
        same = places[one.slot, one.plain, one.parent if with_parent else ""]
        if same:
            _pair(comparison, one, same.pop(0), DifferenceKind.GOES_ON, 1.0)


def _same_elsewhere(comparison: _Comparison) -> None:
    """Pair equal texts in another quarter or section, the nearest first. Where there are more of
    them in one plan than in the other, which of them moved is a question."""
    olds: defaultdict[str, list[_One]] = defaultdict(list)
    news: defaultdict[str, list[_One]] = defaultdict(list)
    for one in _open(comparison.old):
        olds[one.plain].append(one)
    for one in _open(comparison.new):
        news[one.plain].append(one)
    for text, old in olds.items():
        new = news.get(text, [])
        pairs = sorted(
            (_distance(before, after), before.place, after.place) for before in old for after in new
        )
        is_clear = len(old) == len(new) == 1
        for distance, before, after in pairs:
            first, second = comparison.old[before], comparison.new[after]
            if first.is_open and second.is_open:
                confidence = 0.95 if is_clear else 0.7 if distance < _FAR else 0.5
                _pair(comparison, first, second, DifferenceKind.MOVED, confidence)


#: The distance between milestones of two sections.
_FAR = 10


def _distance(old: _One, new: _One) -> int:
    quarters = abs((old.slot[1] or 0) - (new.slot[1] or 0)) + abs(
        (old.slot[2] or 0) - (new.slot[2] or 0)
    )
    return quarters + (0 if old.slot[0] == new.slot[0] else _FAR)


def _divided(comparison: _Comparison, kind: DifferenceKind, *, in_place: bool) -> None:
    """Find milestones that became two or more, or two or more that became one: in the same quarter
    first."""
    is_split = kind is DifferenceKind.SPLIT
    wholes = _open(comparison.old if is_split else comparison.new)
    parts = _open(comparison.new if is_split else comparison.old)
    index = Index(comparison.words, [one.stems for one in parts])
    for whole in wholes:
        candidates = [parts[at] for at in index.candidates(whole.stems)]
        inside = [
            one
            for one in candidates
            if one.is_open
            and one.slot[0] == whole.slot[0]
            and (one.slot == whole.slot or not in_place)
        ]
        chosen = _parts_of(comparison.words, whole, inside)
        if len(chosen) < 2:
            continue
        covered = comparison.words.share(
            whole.stems, frozenset[str]().union(*(one.stems for one in chosen))
        )
        within = min(comparison.words.share(one.stems, whole.stems) for one in chosen)
        whole.is_open = False
        for one in chosen:
            one.is_open = False
        many = tuple(one.milestone for one in sorted(chosen, key=lambda one: one.place))
        comparison.found.append(
            Difference(
                kind=kind,
                old=(whole.milestone,) if is_split else many,
                new=many if is_split else (whole.milestone,),
                confidence=round((covered + within) / 2 * (0.95 if in_place else 0.75), 3),
            )
        )


def _parts_of(words: Words, whole: _One, candidates: Sequence[_One]) -> list[_One]:
    """The candidates that together are the whole; empty: one of them alone is nearly so, or they
    cover too little."""
    inside = [one for one in candidates if words.share(one.stems, whole.stems) >= _PART_SHARE]
    chosen: list[_One] = []
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


def _alike(comparison: _Comparison) -> None:
    """Pair what is alike, the likest first."""
    olds, news = _open(comparison.old), _open(comparison.new)
    likeness = Likeness(comparison.words)
    index = Index(comparison.words, [one.stems for one in olds])
    scores: list[tuple[float, int, int]] = []
    for at, one in enumerate(news):
        for candidate in index.candidates(one.stems):
            old = olds[candidate]
            alike = likeness.of((old.stems, old.plain), (one.stems, one.plain))
            scores.append((alike, candidate, at))
    best_of_old: defaultdict[int, list[float]] = defaultdict(list)
    best_of_new: defaultdict[int, list[float]] = defaultdict(list)
    for alike, before, after in scores:
        best_of_old[before].append(alike)
        best_of_new[after].append(alike)
    # Of two that are as alike, the one in the same place is the same.
    scores.sort(key=lambda one: (-one[0] - _bonus(olds[one[1]], news[one[2]]), one[1], one[2]))
    for alike, before, after in scores:
        old, new = olds[before], news[after]
        if alike < _ALIKE_MIN or not (old.is_open and new.is_open):
            continue
        rival = max(_second(best_of_old[before], alike), _second(best_of_new[after], alike))
        kind = DifferenceKind.REWORDED if old.slot == new.slot else DifferenceKind.MOVED
        _pair(comparison, old, new, kind, _confidence(alike, rival, in_place=old.slot == new.slot))
    _in_place(comparison, likeness)


def _bonus(old: _One, new: _One) -> float:
    return 0.1 * (old.slot == new.slot) + 0.1 * (old.slot[0] == new.slot[0])


def _second(scores: Sequence[float], own: float) -> float:
    """The best of the other scores."""
    rest = sorted(scores, reverse=True)
    rest.remove(own)
    return rest[0] if rest else 0.0


def _confidence(alike: float, rival: float, *, in_place: bool) -> float:
    """How sure a pair is: by how alike it is, and by how much less alike the next one is."""
    base = 0.45 + 0.6 * alike if in_place else 0.3 + 0.7 * alike
    return min(0.97, base) - max(0.0, 0.5 * (rival - alike + 0.2))


def _in_place(comparison: _Comparison, likeness: Likeness) -> None:
    """Pair what is hardly alike, and stands between the same neighbours; a person is asked."""
    old_by_new = {new: old for old, new in comparison.new_by_old.items()}
    for new in _open(comparison.new):
        before = old_by_new.get(new.place - 1)
        after = old_by_new.get(new.place + 1)
        place = before + 1 if before is not None else after - 1 if after is not None else None
        if place is None or not 0 <= place < len(comparison.old):
            continue
        old = comparison.old[place]
        if not old.is_open or old.slot != new.slot:
            continue
        if before is not None and after is not None and after - before != 2:
            continue
        alike = likeness.of((old.stems, old.plain), (new.stems, new.plain))
        if alike >= _ALIKE_IN_PLACE:
            confidence = min(0.75, 0.4 + 0.6 * alike)
            _pair(comparison, old, new, DifferenceKind.REWORDED, confidence)


def _left(comparison: _Comparison) -> None:
    """Milestones without a counterpart are new or gone; the more like it something left is, the
    less sure."""
    olds, news = _open(comparison.old), _open(comparison.new)
    likeness = Likeness(comparison.words)
    for ones, others, kind in (
        (olds, news, DifferenceKind.GONE),
        (news, olds, DifferenceKind.NEW),
    ):
        index = Index(comparison.words, [one.stems for one in others])
        for one in ones:
            confidence = 0.95
            for at in index.candidates(one.stems):
                other = others[at]
                alike = likeness.of((one.stems, one.plain), (other.stems, other.plain))
                least = _ALIKE_IN_PLACE if other.slot == one.slot else _ALIKE_ELSEWHERE
                if alike >= least:
                    confidence = min(confidence, 0.75 - 0.5 * (alike - least))
            milestone = (one.milestone,)
            comparison.found.append(
                Difference(
                    kind=kind,
                    old=milestone if kind is DifferenceKind.GONE else (),
                    new=milestone if kind is DifferenceKind.NEW else (),
                    confidence=round(confidence, 3),
                )
            )
