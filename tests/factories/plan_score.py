"""Measures a reader: which milestones it found right, and of what class each miss is.

A milestone is right when its text (to the letter), section, first and last quarter and level are.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.factories.plan_blocks import ExpectedMilestone

Key = tuple[object, object, object, object, object]


@dataclass(frozen=True, slots=True)
class Miss:
    """One that was to be found and is not right, one that was found and is not, or such a pair.

    `kind` is the class: "section", "quarter" or "level" (only that differs), "place" (several of
    these), "glued" (found with more text), "cut" (with less), "hyphen", "blanks" or "case" (only
    that differs in the text), "text" (half of the words are the same), "missing" (nothing is like
    it) or "invented" (it is like nothing).
    `lost` is what got lost in the text at the milestone.
    """

    kind: str
    expected: ExpectedMilestone | None
    found: Mapping[str, object] | None

    @property
    def lost(self) -> str:
        return self.expected.lost if self.expected else ""


@dataclass(frozen=True, slots=True)
class Score:
    """How many milestones were to be found, were found, and are right, and the misses."""

    expected: int
    found: int
    right: int
    misses: tuple[Miss, ...]

    @property
    def recall(self) -> float:
        """The share of those to be found that are right; 1 where there are none."""
        return self.right / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        """The share of those found that are right; 1 where none was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def classes(self) -> Counter[str]:
        """The number of misses of each class, with what got lost: 'glued, next mark'."""
        return Counter(
            f"{miss.kind}, {miss.lost}" if miss.lost else miss.kind for miss in self.misses
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """The scores of many documents: means, the worst and which they are, all classes of misses."""

    documents: int
    recall: float
    precision: float
    recall_worst: float
    precision_worst: float
    worst_of_recall: str
    worst_of_precision: str
    classes: Counter[str]

    def __str__(self) -> str:
        classes = ", ".join(f"{number} {kind}" for kind, number in self.classes.most_common())
        return (
            f"{self.documents} documents: recall {self.recall:.4f}, worst {self.recall_worst:.4f} "
            f"({self.worst_of_recall}); precision {self.precision:.4f}, worst "
            f"{self.precision_worst:.4f} ({self.worst_of_precision}); misses: {classes or 'none'}"
        )


def key_of(milestone: ExpectedMilestone) -> Key:
    return (
        milestone.text,
        milestone.section,
        milestone.quarter_from,
        milestone.quarter_to,
        milestone.level,
    )


def key_found(milestone: Mapping[str, object]) -> Key:
    return (
        milestone["text"],
        milestone["section"],
        milestone["quarter_from"],
        milestone["quarter_to"],
        milestone["level"],
    )


def score(expected: Sequence[ExpectedMilestone], found: Iterable[Mapping[str, object]]) -> Score:
    """Compares what a reader found, as the milestones of a plan's file, with what is expected."""
    by_key: dict[Key, list[Mapping[str, object]]] = {}
    for one in found:
        by_key.setdefault(key_found(one), []).append(one)
    count = sum(map(len, by_key.values()))
    missed: list[ExpectedMilestone] = []
    for milestone in expected:
        same = by_key.get(key_of(milestone))
        if same:
            same.pop()
        else:
            missed.append(milestone)
    left = [one for same in by_key.values() for one in same]
    right = len(expected) - len(missed)
    return Score(len(expected), count, right, tuple(misses(missed, left)))


def misses(missed: Sequence[ExpectedMilestone], left: Sequence[Mapping[str, object]]) -> list[Miss]:
    """Pairs each one missed with the most alike of those that are left, if one is alike."""
    open_left, pending = list(left), list(missed)
    classed: list[Miss] = []
    for kind, alike in LIKENESS.items():
        still: list[ExpectedMilestone] = []
        for milestone in pending:
            index = next((i for i, one in enumerate(open_left) if alike(milestone, one)), None)
            if index is None:
                still.append(milestone)
            else:
                classed.append(Miss(kind, milestone, open_left.pop(index)))
        pending = still
    classed += [Miss("missing", milestone, None) for milestone in pending]
    return classed + [Miss("invented", None, one) for one in open_left]


def differs_in(*places: int) -> Callable[[ExpectedMilestone, Mapping[str, object]], bool]:
    def alike(milestone: ExpectedMilestone, found: Mapping[str, object]) -> bool:
        one, other = key_of(milestone), key_found(found)
        return all(one[i] == other[i] for i in range(5) if i not in places)

    return alike


def same_text_after(
    change: Callable[[str], str],
) -> Callable[[ExpectedMilestone, Mapping[str, object]], bool]:
    return lambda milestone, found: change(milestone.text) == change(str(found["text"]))


def is_glued(milestone: ExpectedMilestone, found: Mapping[str, object]) -> bool:
    return str(found["text"]).startswith(f"{milestone.text} ")


def is_cut(milestone: ExpectedMilestone, found: Mapping[str, object]) -> bool:
    text = str(found["text"])
    return bool(text) and milestone.text.startswith(text)


def shares_words(milestone: ExpectedMilestone, found: Mapping[str, object]) -> bool:
    words, other = set(milestone.text.split()), set(str(found["text"]).split())
    return 2 * len(words & other) > max(len(words), len(other))


#: The classes of misses, from the most to the least alike.
LIKENESS: dict[str, Callable[[ExpectedMilestone, Mapping[str, object]], bool]] = {
    "quarter": differs_in(2, 3),
    "section": differs_in(1),
    "level": differs_in(4),
    "place": differs_in(1, 2, 3, 4),
    "blanks": same_text_after(lambda text: re.sub(r"\s", "", text)),
    "hyphen": same_text_after(lambda text: re.sub(r"[\s\u00ad-]", "", text)),
    "case": same_text_after(str.casefold),
    "glued": is_glued,
    "cut": is_cut,
    "text": shares_words,
}


def summary(scores: Mapping[str, Score]) -> Summary:
    """The scores of documents by name, taken together."""
    worst_recall = min(scores, key=lambda name: scores[name].recall)
    worst_precision = min(scores, key=lambda name: scores[name].precision)
    classes: Counter[str] = Counter()
    for one in scores.values():
        classes += one.classes
    return Summary(
        documents=len(scores),
        recall=sum(one.recall for one in scores.values()) / len(scores),
        precision=sum(one.precision for one in scores.values()) / len(scores),
        recall_worst=scores[worst_recall].recall,
        precision_worst=scores[worst_precision].precision,
        worst_of_recall=worst_recall,
        worst_of_precision=worst_precision,
        classes=classes,
    )
