"""Joins lines that a wrap parted, with the document's own words as evidence for its hyphens."""

import re
from collections import Counter
from collections.abc import Iterable

#: Words after which a hyphen stands for the rest of a compound: `by- og havnekontor`.
_CONJUNCTIONS = re.compile(r"(?:og|eller|samt|såvel|hhv|henholdsvis|and|or|til)")

#: First parts of compounds that Danish writes with a hyphen, and loanwords that keep theirs.
_KEEPS_HYPHEN = re.compile(r"(?:ikke|non|e)")
_KEPT_WHOLE = re.compile(
    r"take-away|cost-benefit|follow-up|know-how|check-in|on-line|off-line|start-up|læs-let|let-læs"
    r"|do-it|face-to|one-stop|win-win"
)
_WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.:;!?”\"»•]\s+|[–-]\s+)$")
_LAST_WORD = re.compile(r"([^\s(\"”’/]+)[-\u00ad\u2010]$")
_FIRST_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


class Vocabulary:
    """The words of a document: which of them occur, and which are written with a capital inside a
    sentence."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._words: Counter[str] = Counter()
        self._lower: set[str] = set()
        self._inside: Counter[str] = Counter()
        self._starts: set[str] = set()
        for text in texts:
            found = list(_WORD.finditer(text))
            for at, word in enumerate(found):
                # The halves of a word at the edges of a line are no words.
                if at == len(found) - 1 and text[word.end() :].startswith("-"):
                    continue
                shown = word[0]
                self._words[shown.casefold()] += 1
                if shown[0].islower():
                    self._lower.add(shown.casefold())
                elif at and not _SENTENCE_START.search(text, 0, word.start()):
                    self._inside[shown.casefold()] += 1
                elif at and text[: word.start()].rstrip().endswith("."):
                    self._starts.add(shown)

    def is_name(self, word: str) -> bool:
        """Whether a word is written with a capital inside sentences, and never without."""
        key = word.casefold()
        is_abbreviation = len(word) > 1 and word.isupper()
        return key not in self._lower and (self._inside[key] > 0 or is_abbreviation)

    def is_common(self, word: str) -> bool:
        """Whether the document writes a word without a capital, too."""
        return word.casefold() in self._lower

    def begins_sentences(self, word: str) -> bool:
        """Whether a sentence in the middle of a line begins with a word."""
        return word in self._starts

    def joined(self, before: str, after: str) -> str:
        """Two lines of one sentence as one: a hyphen of a wrap is undone, one of a name stays."""
        if before.endswith("\u00ad"):
            return before[:-1] + after
        last = _LAST_WORD.search(before)
        first = _FIRST_WORD.match(after)
        if last is None or first is None:
            return f"{before} {after}"
        is_word = self._words[(last[1] + first[0]).casefold()] > 0
        if _CONJUNCTIONS.fullmatch(first[0].casefold()) and not is_word:
            return f"{before} {after}"
        return before + after if self._keeps(last[1], first[0]) else before[:-1] + after

    def _keeps(self, last: str, first: str) -> bool:
        """Whether the hyphen between two halves is part of the word."""
        whole, hyphened = (last + first).casefold(), f"{last}-{first}".casefold()
        if self._words[whole] or self._words[hyphened]:
            return self._words[hyphened] > self._words[whole]
        if not first[0].islower() or _KEPT_WHOLE.fullmatch(hyphened):
            return True
        half = last.rpartition("-")[2]
        capitals = sum(letter.isupper() for letter in half)
        if any(letter.isdigit() for letter in half) or (capitals > 1 and half.upper() == half):
            return True
        return _KEEPS_HYPHEN.fullmatch(last.casefold()) is not None
