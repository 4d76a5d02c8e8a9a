"""Reading what the pages of use are asked for; the rules of `forms` hold here too."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.pages.frame.forms import COMMENT_MAX, TEXT_TOO_LONG, FormError, texts, who_errors
from api.pages.use.views import Chosen
from api.pages.words.language import mark

NAME_MAX = 100

#: What a typed day is within, so that those around it are days too.
EARLIEST, LATEST = date(1990, 1, 1), date(2200, 1, 1)

DAYS_BACKWARDS = mark("The first day lies after the last. The latest weeks are shown instead.")
DAY_WRONG = mark("Choose a day")
NAME_MISSING = mark("Write what the day is called")
NAME_TOO_LONG = mark("The name may be at most 100 characters")
SOURCE_MISSING = mark("Write where it is decided, such as a circular or an agreement")


@dataclass(frozen=True, slots=True)
class UseQuery:
    """GET /use: which vehicles, and which days. A value that cannot be read is as none, since an
    address may be old or typed; a day too far away is the nearest that may be typed; days the
    wrong way round are told."""

    chosen: Chosen
    first: date | None
    last: date | None
    wrong: str | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "UseQuery":
        first, last = _nearest(query.get("from", "")), _nearest(query.get("to", ""))
        chosen = Chosen(*(query.get(name) or None for name in ("department", "depot", "kind")))
        if first is not None and last is not None and first > last:
            return cls(chosen, None, None, DAYS_BACKWARDS)
        return cls(chosen, first, last, None)


@dataclass(frozen=True, slots=True)
class ClosingDayForm:
    """POST /use/closing-days: a day on which the municipality is closed."""

    day: date
    name: str
    source: str
    who: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "ClosingDayForm":
        """Raises FormError."""
        values = texts(fields, ("day", "name", "source", "who"))
        day = day_in(values["day"])
        errors: dict[str, str] = {}
        if day is None:
            errors["day"] = DAY_WRONG
        if not values["name"]:
            errors["name"] = NAME_MISSING
        elif len(values["name"]) > NAME_MAX:
            errors["name"] = NAME_TOO_LONG
        if not values["source"]:
            errors["source"] = SOURCE_MISSING
        elif len(values["source"]) > COMMENT_MAX:
            errors["source"] = TEXT_TOO_LONG
        errors |= who_errors(values)
        if day is None or errors:
            raise FormError(values, errors)
        return cls(day, values["name"], values["source"], values["who"])


def day_in(text: str) -> date | None:
    """The day that a text states as ISO 8601; None for another text, and for a day so far away that
    those around it may be none."""
    day = _day(text)
    return day if day is not None and EARLIEST <= day <= LATEST else None


def _nearest(text: str) -> date | None:
    """The day that a text states, or the one nearest to it that may be typed."""
    day = _day(text)
    return None if day is None else min(max(day, EARLIEST), LATEST)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
