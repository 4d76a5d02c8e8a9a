"""Compares texts by their words: a rare one says more than a frequent one, and endings little."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from math import log
from typing import Protocol

_WORD = re.compile(r"[^\W_]+")
_YEAR = re.compile(r"20\d\d")
_ENDING = re.compile(r"(?:erne|ernes|ene|enes|ens|ets|else|elsen|ning|ningen|er|en|et|es|e|s)$")
_STEM_CHARS_MIN = 4

#: The rarest words of a text by which texts like it are looked for, and how many of these at most.
_RARE_WORDS = 8
_TEXTS_OF_WORD_MAX = 150

#: The candidates of a text that are compared in full.
CANDIDATES_MAX = 10

#: Texts whose words are less alike are not compared by their letters.
_LIKENESS_MIN = 0.1

Stems = frozenset[str]


def stems(text: str) -> Stems:
    """The words of a text without their endings."""
    return frozenset(_stem(word) for word in plain(text).split())


def plain(text: str) -> str:
    """A text as it is compared as a whole: its words in order, without signs and case. All years
    are one word, for next year's plan has the next year in the same sentence."""
    return " ".join(
        "year" if _YEAR.fullmatch(one) else one for one in _WORD.findall(text.casefold())
    )


def _stem(word: str) -> str:
    cut = _ENDING.sub("", word)
    return cut if len(cut) >= _STEM_CHARS_MIN else word


class Words:
    """The weights of the words of two plans."""

    def __init__(self, texts: Sequence[Stems]) -> None:
        count: Counter[str] = Counter()
        for text in texts:
            count.update(text)
        total = len(texts) + 1
        self._weights = {word: log(1 + total / times) for word, times in count.items()}
        self._totals = {text: self.weight(text) for text in texts}

    def weight(self, words: Iterable[str]) -> float:
        return sum(self._weights[word] for word in words)

    def likeness(self, one: Stems, other: Stems) -> float:
        """How much of the weight of two texts is in both, from 0 to 1."""
        both = self._totals[one] + self._totals[other]
        return 2 * self.weight(one & other) / both if both else 0.0

    def share(self, part: Stems, whole: Stems) -> float:
        """How much of the weight of a text is in another one, from 0 to 1."""
        total = self._totals.get(part) or self.weight(part)
        return self.weight(part & whole) / total if total else 0.0

    def rarest(self, text: Stems) -> list[tuple[str, float]]:
        """The words of a text that say most, with their weights."""
        weighed = [(word, self._weights[word]) for word in text]
        return sorted(weighed, key=lambda one: (-one[1], one[0]))[:_RARE_WORDS]


class Index:
    """Finds the texts that share rare words with one."""

    def __init__(self, words: Words, texts: Sequence[Stems]) -> None:
        self._words = words
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for at, text in enumerate(texts):
            for word in text:
                self._places[word].append(at)

    def candidates(self, text: Stems) -> list[int]:
        """The places of the texts most like one, the likest first; few, whatever the size."""
        found: defaultdict[int, float] = defaultdict(float)
        for word, weight in self._words.rarest(text):
            places = self._places.get(word, ())
            if len(places) <= _TEXTS_OF_WORD_MAX:
                for at in places:
                    found[at] += weight
        return nsmallest(CANDIDATES_MAX, found, key=lambda at: (-found[at], at))


class HasWords(Protocol):
    """A text as it is compared: the words without their endings, and in order."""

    stems: Stems
    plain: str


class Likeness:
    """How alike two texts are, by their words and by their letters."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._threes: dict[str, frozenset[str]] = {}

    def of(self, one: HasWords, other: HasWords) -> float:
        """From 0 (nothing in common) to 1 (the same words)."""
        by_words = self._words.likeness(one.stems, other.stems)
        if by_words < _LIKENESS_MIN:
            return by_words
        first, second = self._threes_of(one.plain), self._threes_of(other.plain)
        by_letters = 2 * len(first & second) / (len(first) + len(second) or 1)
        return 0.65 * by_words + 0.35 * by_letters

    def _threes_of(self, text: str) -> frozenset[str]:
        """Each three letters that follow each other in a text."""
        found = self._threes.get(text)
        if found is None:
            found = frozenset(text[at : at + 3] for at in range(len(text) - 2))
            self._threes[text] = found
        return found
