"""Takes back the certainty of what may be another way: a text whose words are in one of the other
plan that has no certain counterpart either, or that has such a one's words."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracker.matching.compared import Compared
from tracker.matching.comparison import Comparison, Found
from tracker.matching.difference import SURE_FROM, DifferenceKind
from tracker.matching.words import Index, Words

#: A person is asked about what is doubted.
_DOUBTED = 0.75

#: So much of the words of one in another one is enough to doubt, in the section and elsewhere.
_SHARE, _SHARE_ELSEWHERE = 0.5, 0.8

#: Another text that has so much of its words in what a pair does not have in common may be a part.
_LEFT_OVER = 0.4


class _Loose:
    """The milestones of a plan that have no certain counterpart of the same words."""

    def __init__(self, words: Words, ones: Sequence[Compared]) -> None:
        self._words = words
        self._ones = ones
        self._index = Index(words, [one.stems for one in ones])

    def has_words_of(self, one: Compared) -> bool:
        """Whether one of them has the words of one without a counterpart, or all its own from
        it."""
        for other in self._like(one):
            shares = (
                self._words.share(one.stems, other.stems),
                self._words.share(other.stems, one.stems),
            )
            if max(shares) >= (_SHARE if other.slot[0] == one.slot[0] else _SHARE_ELSEWHERE):
                return True
        return False

    def has_part(self, whole: Compared, rest: Compared) -> bool:
        """Whether one of them may be a part of a text of which the `rest` is another one."""
        left_over = whole.stems - rest.stems
        return any(
            other is not rest
            and self._words.share(other.stems, whole.stems) >= _SHARE
            and self._words.share(other.stems, left_over) >= _LEFT_OVER
            for other in self._like(whole)
        )

    def has_whole(self, part: Compared) -> bool:
        """Whether one of them in the same place contains a text word for word."""
        return any(
            other.slot == part.slot and part.plain in other.plain for other in self._like(part)
        )

    def _like(self, one: Compared) -> Iterator[Compared]:
        return (self._ones[at] for at in self._index.candidates(one.stems))


def doubt(comparison: Comparison) -> None:
    """Ask about what was sure, where it may be another way. What is asked about may be the other
    way of more."""
    while True:
        loose = [one for one in comparison.found if not _is_settled(one)]
        olds = _Loose(comparison.words, [old for one in loose for old in one.old])
        news = _Loose(comparison.words, [new for one in loose for new in one.new])
        doubtful = {
            at
            for at, one in enumerate(comparison.found)
            if one.confidence >= SURE_FROM and _is_doubtful(one, olds, news)
        }
        if not doubtful:
            return
        comparison.found = [
            replace(one, confidence=_DOUBTED) if at in doubtful else one
            for at, one in enumerate(comparison.found)
        ]


def _is_settled(one: Found) -> bool:
    """Whether the same words stand on both sides, for sure."""
    if one.confidence < SURE_FROM or not one.old or not one.new:
        return False
    if one.kind in (DifferenceKind.SPLIT, DifferenceKind.MERGED):
        return True
    return one.old[0].plain == one.new[0].plain


def _is_doubtful(one: Found, olds: _Loose, news: _Loose) -> bool:
    match one.kind:
        case DifferenceKind.GONE:
            return news.has_words_of(one.old[0])
        case DifferenceKind.NEW:
            return olds.has_words_of(one.new[0])
        case DifferenceKind.MOVED | DifferenceKind.REWORDED:
            old, new = one.old[0], one.new[0]
            if old.plain == new.plain:
                return olds.has_whole(new) or news.has_whole(old)
            return olds.has_part(new, old) or news.has_part(old, new)
        case _:
            return False
