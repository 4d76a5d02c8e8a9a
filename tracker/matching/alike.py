"""Pairs milestones of like texts, and tells what has no counterpart."""

from collections import defaultdict
from collections.abc import Sequence

from tracker.matching.compared import Compared, still_open
from tracker.matching.comparison import Comparison
from tracker.matching.difference import DifferenceKind
from tracker.matching.words import Index, Likeness

#: Texts that are less alike are not the same milestone.
_ALIKE_MIN = 0.4

#: In the same place among the same neighbours, so much is enough to ask a person.
_ALIKE_IN_PLACE = 0.12

#: Elsewhere, two that are left and so alike are asked about.
_ALIKE_ELSEWHERE = 0.3

#: The most that is said of what a person is asked about.
_ASKED_MAX = 0.75


def alike(comparison: Comparison) -> None:
    """Pair what is alike, the likest first, and then what stands between the same neighbours."""
    olds, news = still_open(comparison.old), still_open(comparison.new)
    likeness = Likeness(comparison.words)
    index = Index(comparison.words, [one.stems for one in olds])
    scores: list[tuple[float, int, int]] = []
    for at, one in enumerate(news):
        for candidate in index.candidates(one.stems):
            scores.append((likeness.of(olds[candidate], one), candidate, at))
    best_of_old: defaultdict[int, list[float]] = defaultdict(list)
    best_of_new: defaultdict[int, list[float]] = defaultdict(list)
    for score, before, after in scores:
        best_of_old[before].append(score)
        best_of_new[after].append(score)
    # Of two that are as alike, the one in the same place is the same.
    scores.sort(key=lambda one: (-one[0] - _bonus(olds[one[1]], news[one[2]]), one[1], one[2]))
    for score, before, after in scores:
        old, new = olds[before], news[after]
        if score < _ALIKE_MIN or not (old.is_open and new.is_open):
            continue
        rival = max(_second(best_of_old[before], score), _second(best_of_new[after], score))
        in_place = old.slot == new.slot
        kind = DifferenceKind.REWORDED if in_place else DifferenceKind.MOVED
        confidence = _confidence(score, rival, in_place=in_place)
        if old.milestone.level != new.milestone.level:
            confidence = min(confidence, _ASKED_MAX)
        comparison.tell(kind, [old], [new], confidence)
    _between_neighbours(comparison, likeness)


def _bonus(old: Compared, new: Compared) -> float:
    return 0.1 * (old.slot == new.slot) + 0.1 * (old.slot[0] == new.slot[0])


def _second(scores: Sequence[float], own: float) -> float:
    """The best of the other scores."""
    rest = sorted(scores, reverse=True)
    rest.remove(own)
    return rest[0] if rest else 0.0


def _confidence(alike: float, rival: float, *, in_place: bool) -> float:
    """The confidence in a pair, by how alike it is and by how much less alike the next one is."""
    base = 0.45 + 0.6 * alike if in_place else 0.2 + 0.7 * alike
    return min(0.97, base) - max(0.0, 0.5 * (rival - alike + 0.2))


def _between_neighbours(comparison: Comparison, likeness: Likeness) -> None:
    """Pair what is hardly alike, and stands between the same neighbours; a person is asked."""
    old_by_new = {new: old for old, new in comparison.new_by_old().items()}
    for new in still_open(comparison.new):
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
        score = likeness.of(old, new)
        if score >= _ALIKE_IN_PLACE:
            confidence = min(_ASKED_MAX, 0.4 + 0.6 * score)
            comparison.tell(DifferenceKind.REWORDED, [old], [new], confidence)
            old_by_new[new.place] = old.place


def left(comparison: Comparison) -> None:
    """Milestones without a counterpart are new or gone; the more like it something left is, the
    less sure."""
    olds, news = still_open(comparison.old), still_open(comparison.new)
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
                score = likeness.of(one, other)
                least = _ALIKE_IN_PLACE if other.slot == one.slot else _ALIKE_ELSEWHERE
                if score >= least:
                    confidence = min(confidence, 0.75 - 0.5 * (score - least))
            if kind is DifferenceKind.GONE:
                comparison.tell(kind, [one], [], confidence)
            else:
                comparison.tell(kind, [], [one], confidence)
