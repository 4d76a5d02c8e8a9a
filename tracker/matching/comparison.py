"""A comparison of two plans while it is made: what has a counterpart, and what was found."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tracker.matching.compared import Compared
from tracker.matching.difference import Difference, DifferenceKind
from tracker.matching.words import Words


@dataclass(frozen=True, slots=True)
class Found:
    """Milestones of the old plan and what they became, and how sure that is, from 0 to 1."""

    kind: DifferenceKind
    old: Sequence[Compared]
    new: Sequence[Compared]
    confidence: float

    @property
    def difference(self) -> Difference:
        return Difference(
            kind=self.kind,
            old=tuple(one.milestone for one in self.old),
            new=tuple(one.milestone for one in self.new),
            confidence=round(min(1.0, max(0.0, self.confidence)), 3),
        )


@dataclass(slots=True)
class Comparison:
    """The milestones of two plans with the weights of their words, and what was found of them."""

    old: Sequence[Compared]
    new: Sequence[Compared]
    words: Words
    found: list[Found] = field(default_factory=list[Found])

    def tell(
        self,
        kind: DifferenceKind,
        old: Sequence[Compared],
        new: Sequence[Compared],
        confidence: float,
    ) -> None:
        """Tell what became of milestones, which therefore have no other counterpart."""
        for one in (*old, *new):
            one.is_open = False
        self.found.append(Found(kind, old, new, confidence))

    def new_by_old(self) -> dict[int, int]:
        """The place in the new plan of each milestone of the old one that has one there."""
        return {
            one.old[0].place: one.new[0].place
            for one in self.found
            if len(one.old) == len(one.new) == 1
        }
