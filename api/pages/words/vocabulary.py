"""The words by which templates show values; each subject brings its own.

The texts are English, and are translated where they are shown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeAlias, TypeVar

from api.pages.words.language import Language, translations

#: A text for each member of some enumerations. The enumeration is the first key, since members of
#: two string enumerations may be equal.
Labels: TypeAlias = Mapping[type[StrEnum], Mapping[StrEnum, str]]


class TemplateFilter(Protocol):
    """A function from a value to its text in a language, which templates use as a filter."""

    def __call__(self, value: Any, /, language: Language) -> str | None: ...


Member = TypeVar("Member", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vocabulary:
    """The words of one subject, or of several joined.

    Attributes:
        labels: the name of each member of an enumeration.
        badges: the class of the DKFDS badge of each member of an enumeration that is shown as a
            badge.
        filters: further functions from values to text, by the name that templates use.
    """

    labels: Labels = field(default_factory=dict[type[StrEnum], Mapping[StrEnum, str]])
    badges: Labels = field(default_factory=dict[type[StrEnum], Mapping[StrEnum, str]])
    filters: Mapping[str, TemplateFilter] = field(default_factory=dict[str, TemplateFilter])

    @classmethod
    def together(cls, vocabularies: Iterable["Vocabulary"]) -> "Vocabulary":
        """Join the words of several subjects.

        Raises:
            ValueError: two of them have words for the same enumeration, or a filter of the same
                name.
        """
        labels: dict[type[StrEnum], Mapping[StrEnum, str]] = {}
        badges: dict[type[StrEnum], Mapping[StrEnum, str]] = {}
        filters: dict[str, TemplateFilter] = {}
        for one in vocabularies:
            twice = labels.keys() & one.labels or badges.keys() & one.badges
            if twice or filters.keys() & one.filters:
                raise ValueError(f"two vocabularies say {twice or filters.keys() & one.filters}")
            labels |= one.labels
            badges |= one.badges
            filters |= one.filters
        return cls(labels=labels, badges=badges, filters=filters)


def filter_of_texts(table: Mapping[Member, str]) -> TemplateFilter:
    """The filter that gives the translated text of a member from a table."""

    def say(member: Member, /, language: Language) -> str:
        return translations(language).gettext(table[member])

    return say
