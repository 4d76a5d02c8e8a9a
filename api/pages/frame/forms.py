"""Reads forms and queries by pure functions, which return values or raise errors.

An error is an English message, keyed by the field. The template translates the message and shows it
at the field. The typed text is kept, so that nobody writes a comment twice.

The form of a thing that somebody else may change meanwhile sends, besides its fields, what it
showed in them when it was opened. So the page knows which fields the person touched: these stay as
they wrote them, and the others are as they are stored now. Whoever sends such a form once more
reverts nothing that they did not look at.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from api.pages.words.language import mark
from fleet.localtime import EARLIEST_DAY, LATEST_DAY

COMMENT_MAX = 2_000

NAME_MAX = 100

TEXT_TOO_LONG = mark("The text may be at most 2,000 characters")
NAME_TOO_LONG = mark("The name may be at most 100 characters")
DAYS_BACKWARDS = mark("The last day lies before the first")
CONTESTED = mark(
    "Somebody else saved {theirs} here. You have {yours}, and that is saved if you save once more."
)

#: The prefix of the hidden fields that hold what a form showed when it was opened.
SEEN = "seen-"

#: No number here has as many digits; reading one of thousands takes long.
_WHOLE = re.compile(r"[-+]?[0-9]{1,40}")

Member = TypeVar("Member", bound=StrEnum)


class FormError(ValueError):
    """The form is refused. `values` are the fields as they were sent, `errors` the messages by
    field."""

    def __init__(self, values: Mapping[str, str], errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {text}" for name, text in errors.items()))
        self.values = values
        self.errors = errors


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field whose value became another one; `before` is "" where that is not known or empty.
    `typed` is what the person who is told of it wrote there; None: the field has what it became."""

    field: str
    before: str
    after: str
    typed: str | None = None

    def worded(self, say: Callable[[str], str]) -> "FieldChange":
        """The change with its values as pages write them."""
        typed = None if self.typed is None else say(self.typed)
        return FieldChange(self.field, say(self.before), say(self.after), typed)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person saw who sends a form: how many `changes` the thing had (None: the form does not
    say), and the texts of its fields. A field that is absent was empty."""

    changes: int | None
    texts: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "Seen":
        changes = whole_number(field_texts(fields, ("seen",))["seen"], 0, 999_999)
        sent = field_texts(fields, [name for name in fields if name.startswith(SEEN)])
        return cls(changes, {name.removeprefix(SEEN): text for name, text in sent.items()})

    @property
    def fields(self) -> Mapping[str, str]:
        """The hidden fields of the form."""
        counted = {} if self.changes is None else {"seen": str(self.changes)}
        return counted | {SEEN + name: text for name, text in self.texts.items()}


@dataclass(frozen=True, slots=True)
class MergedForm:
    """The fields of a form that holds what two people wrote, and what the other one changed."""

    values: Mapping[str, str]
    meanwhile: Sequence[FieldChange]


def merged_form(
    typed: Mapping[str, str], shown: Mapping[str, str], now: Mapping[str, str]
) -> MergedForm:
    """The form as a person `typed` it, who was `shown` other values than there are `now`."""
    touched = {name: text for name, text in typed.items() if not _same(text, shown.get(name, ""))}
    changes = [
        FieldChange(name, before, after, typed if not _same(typed, after) else None)
        for name in dict.fromkeys((*now, *shown))
        for before, after in [(shown.get(name, ""), now.get(name, ""))]
        for typed in [touched.get(name, after)]
        if not _same(before, after)
    ]
    return MergedForm({**now, **touched}, changes)


def contested(changes: Sequence[FieldChange] | None, say: Callable[[str], str]) -> dict[str, str]:
    """What stands beside each field that two people changed: what either wrote. The values are
    as pages write them, and `say` translates."""
    return {
        one.field: say(CONTESTED).format(theirs=one.after or "–", yours=one.typed or "–")
        for one in changes or ()
        if one.typed is not None
    }


@dataclass(frozen=True, slots=True)
class DaysQuery:
    """The query `?from=…&to=…`: the first and the last day. A day that cannot be read counts as
    absent, since an address may be old or typed. A day too far away becomes the nearest one that
    may be typed. Where the first day lies after the last, both count as absent: `typed` are these
    two, which the page shows with the error at the field of the last."""

    first: date | None
    last: date | None
    typed: tuple[date, date] | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "DaysQuery":
        first, last = _nearest(query.get("from", "")), _nearest(query.get("to", ""))
        if first is not None and last is not None and first > last:
            return cls(None, None, (first, last))
        return cls(first, last)

    @property
    def errors(self) -> Mapping[str, str]:
        """What is wrong with the fields, by their names."""
        return {} if self.typed is None else {"to": DAYS_BACKWARDS}


def field_texts(fields: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """The named fields without surrounding space. A missing field, or a file, counts as empty."""
    sent = {name: fields.get(name) for name in names}
    return {name: text.strip() if isinstance(text, str) else "" for name, text in sent.items()}


def whole_number(text: str, least: int, most: int) -> int | None:
    """The whole number in a text; None where it is not between `least` and `most` (not below 0)."""
    # The length is checked first, for reading a number of thousands of digits takes long.
    if not text.isdecimal() or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if least <= number <= most else None


def signed_number(text: str) -> int | None:
    """The whole number in a text, of either sign and any size, for a reader that tells its bounds;
    None for another text."""
    plain = text.replace("\N{MINUS SIGN}", "-")
    return int(plain) if _WHOLE.fullmatch(plain) else None


def enum_member(kind: type[Member], text: str) -> Member | None:
    return next((member for member in kind if member == text), None)


def day_in(text: str) -> date | None:
    """The day that a text states in ISO 8601; None for another text, and for a day so far away that
    the days around it may not exist."""
    day = _day(text)
    return day if day is not None and EARLIEST_DAY <= day <= LATEST_DAY else None


def _same(one: str, other: str) -> bool:
    """Whether two texts are the same but for the ends of their lines, which a browser changes."""
    return one.strip().splitlines() == other.strip().splitlines()


def _nearest(text: str) -> date | None:
    """The day that a text states, or the nearest one that may be typed."""
    day = _day(text)
    return None if day is None else min(max(day, EARLIEST_DAY), LATEST_DAY)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
