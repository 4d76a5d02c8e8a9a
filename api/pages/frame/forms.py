"""Reads forms and queries by pure functions, which return values or raise errors.

An error is an English message, keyed by the field. The template translates the message and shows it
at the field. The typed text is kept, so that nobody writes a comment twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from api.pages.words.language import mark
from fleet.localtime import EARLIEST_DAY, LATEST_DAY

COMMENT_MAX = 2_000

NAME_MAX = 100

TEXT_TOO_LONG = mark("The text may be at most 2,000 characters")
NAME_TOO_LONG = mark("The name may be at most 100 characters")
#: Somebody else changed a thing after the form for it was opened (`fleet.errors`).
CHANGED_MEANWHILE = mark(
    "Somebody else changed this after you opened the page, so nothing is saved. The page shows it"
    " as it is now: send the form once more if yours still holds."
)
DAYS_BACKWARDS = mark("The first day lies after the last. The latest weeks are shown instead.")

Member = TypeVar("Member", bound=StrEnum)


class FormError(ValueError):
    """The form is refused. `values` are the fields as they were sent, `errors` the messages by
    field."""

    def __init__(self, values: Mapping[str, str], errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {text}" for name, text in errors.items()))
        self.values = values
        self.errors = errors


@dataclass(frozen=True, slots=True)
class DaysQuery:
    """The query `?from=…&to=…`: the first and the last day. A day that cannot be read counts as
    absent, since an address may be old or typed. A day too far away becomes the nearest one that
    may be typed. `wrong` tells that the first day lies after the last."""

    first: date | None
    last: date | None
    wrong: str | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "DaysQuery":
        first, last = _nearest(query.get("from", "")), _nearest(query.get("to", ""))
        if first is not None and last is not None and first > last:
            return cls(None, None, DAYS_BACKWARDS)
        return cls(first, last, None)


def field_texts(fields: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """The named fields without surrounding space. A missing field, or a file, counts as empty."""
    sent = {name: fields.get(name) for name in names}
    return {name: text.strip() if isinstance(text, str) else "" for name, text in sent.items()}


def seen_in(fields: Mapping[str, Any]) -> int | None:
    """How many changes of a thing the person saw who sends its form; None: the form does not
    say."""
    return whole_number(field_texts(fields, ("seen",))["seen"], 0, 999_999)


def whole_number(text: str, least: int, most: int) -> int | None:
    """The whole number in a text; None where it is not between `least` and `most` (not below 0)."""
    # The length is checked first, for reading a number of thousands of digits takes long.
    if not text.isdecimal() or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if least <= number <= most else None


def enum_member(kind: type[Member], text: str) -> Member | None:
    return next((member for member in kind if member == text), None)


def day_in(text: str) -> date | None:
    """The day that a text states in ISO 8601; None for another text, and for a day so far away that
    the days around it may not exist."""
    day = _day(text)
    return day if day is not None and EARLIEST_DAY <= day <= LATEST_DAY else None


def _nearest(text: str) -> date | None:
    """The day that a text states, or the nearest one that may be typed."""
    day = _day(text)
    return None if day is None else min(max(day, EARLIEST_DAY), LATEST_DAY)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
