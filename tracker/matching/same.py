"""Pairs milestones of the same text: in the same quarter of the same section, and elsewhere."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable

from tracker.matching.compared import Compared, Slot, still_open
from tracker.matching.comparison import Comparison
from tracker.matching.difference import DifferenceKind

#: The text by which milestones are the same: `exact` or `plain`.
Text = Callable[[Compared], str]

#: How sure it is that the one text that stands elsewhere moved, that one of several did, and that
#: it is one of several of another section.
_ONE, _OF_SEVERAL, _OF_FAR = 0.95, 0.7, 0.5

#: The distance between milestones of two sections.
_FAR = 10


def same_place(comparison: Comparison, text: Text) -> None:
    """Pair equal texts in the same quarter of the same section, those below the same one first."""
    _same_by(comparison, lambda one: (one.slot, text(one), one.parent))
    _same_by(comparison, lambda one: (one.slot, text(one)))


def _same_by(comparison: Comparison, key: Callable[[Compared], Hashable]) -> None:
    places: defaultdict[Hashable, list[Compared]] = defaultdict(list)
    for one in still_open(comparison.new):
        places[key(one)].append(one)
    for one in still_open(comparison.old):
        same = places[key(one)]
        if same:
            comparison.tell(DifferenceKind.GOES_ON, [one], [same.pop(0)], 1.0)


def same_signs_elsewhere(comparison: Comparison) -> None:
    """Pair texts that are equal to the last sign and stand elsewhere, where each plan has one of
    them only. Where another has the same words in the place of one of them, it is a question which
    moved."""
    olds, news = _by(comparison.old, _exact), _by(comparison.new, _exact)
    old_places = _places(still_open(comparison.old))
    new_places = _places(still_open(comparison.new))
    for text, old in olds.items():
        new = news.get(text, [])
        if len(old) != 1 or len(new) != 1:
            continue
        is_other = (old[0].slot, old[0].plain) in new_places or (
            new[0].slot,
            new[0].plain,
        ) in old_places
        comparison.tell(DifferenceKind.MOVED, old, new, _OF_SEVERAL if is_other else _ONE)


def _places(ones: list[Compared]) -> set[tuple[Slot, str]]:
    return {(one.slot, one.plain) for one in ones}


def _exact(one: Compared) -> str:
    return one.exact


def _plain(one: Compared) -> str:
    return one.plain


def _by(ones: Iterable[Compared], text: Text) -> dict[str, list[Compared]]:
    found: defaultdict[str, list[Compared]] = defaultdict(list)
    for one in still_open(ones):
        found[text(one)].append(one)
    return found


def same_elsewhere(comparison: Comparison) -> None:
    """Pair equal words in another quarter or section, the nearest first. Where there are more of
    them in one plan than in the other, which of them moved is a question."""
    olds, news = _by(comparison.old, _plain), _by(comparison.new, _plain)
    for text, old in olds.items():
        new = news.get(text, [])
        pairs = sorted(
            (_distance(before, after), before.place, after.place) for before in old for after in new
        )
        is_clear = len(old) == len(new) == 1
        for distance, before, after in pairs:
            first, second = comparison.old[before], comparison.new[after]
            if first.is_open and second.is_open:
                confidence = _ONE if is_clear else _OF_SEVERAL if distance < _FAR else _OF_FAR
                comparison.tell(DifferenceKind.MOVED, [first], [second], confidence)


def _distance(old: Compared, new: Compared) -> int:
    quarters = abs((old.slot[1] or 0) - (new.slot[1] or 0)) + abs(
        (old.slot[2] or 0) - (new.slot[2] or 0)
    )
    return quarters + (0 if old.slot[0] == new.slot[0] else _FAR)
