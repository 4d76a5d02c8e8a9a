"""Sentences that are stored or printed in English and said again in a reader's language.

Logs, commands and interfaces have a sentence as it stands. The pages find it and its values in the
text again (`Sentence.read`) and say it in the language of the visitor.
"""

import re
from enum import StrEnum
from functools import cache
from typing import Self


class Sentence(StrEnum):
    """Base of the sentences about one thing, with the names of their values in braces."""

    def text(self, **values: object) -> str:
        """The sentence in English."""
        return self.value.format(**values)

    @classmethod
    def read(cls, text: str) -> tuple[Self, dict[str, str]] | None:
        """The sentence that a text is, and its values; None for one in other words."""
        for sentence in cls:
            found = _pattern(sentence.value).fullmatch(text)
            if found is not None:
                return sentence, found.groupdict()
        return None


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(sentence)))
