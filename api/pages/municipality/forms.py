"""Reads the forms of the pages of the municipality; see `frame.forms`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.pages.frame.forms import (
    COMMENT_MAX,
    NAME_MAX,
    NAME_TOO_LONG,
    TEXT_TOO_LONG,
    FormError,
    day_in,
    field_texts,
)
from api.pages.words.language import mark
from fleet.localtime import is_working_day
from register.municipality.own_name import NAME_MAX as MUNICIPALITY_NAME_MAX

MUNICIPALITY_MISSING = mark("Write what the municipality is called")
MUNICIPALITY_TOO_LONG = mark("The name of the municipality may have at most 60 characters")
DAY_WRONG = mark("Choose a day")
CLOSED_ALREADY = mark("That day counts as closed already: it is a weekend or a public holiday")
DAY_TAKEN = mark("That day is a closing day already, by another name or source: remove it first")
NAME_MISSING = mark("Write what the day is called")
SOURCE_MISSING = mark("Write where it is decided, such as a circular or an agreement")


@dataclass(frozen=True, slots=True)
class NameForm:
    """The form of POST /municipality/name."""

    name: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "NameForm":
        """Raises FormError."""
        values = field_texts(fields, ("name",))
        name = " ".join(values["name"].split())
        if not name:
            raise FormError(values, {"name": MUNICIPALITY_MISSING})
        if len(name) > MUNICIPALITY_NAME_MAX:
            raise FormError(values, {"name": MUNICIPALITY_TOO_LONG})
        return cls(name)


@dataclass(frozen=True, slots=True)
class ClosingDayForm:
    """The form of POST /municipality/closing-days: a day on which the municipality is closed."""

    day: date
    name: str
    source: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "ClosingDayForm":
        """Raises FormError."""
        values = field_texts(fields, ("day", "day_name", "source"))
        day = day_in(values["day"])
        errors: dict[str, str] = {}
        if day is None:
            errors["day"] = DAY_WRONG
        elif not is_working_day(day):
            errors["day"] = CLOSED_ALREADY
        if not values["day_name"]:
            errors["day_name"] = NAME_MISSING
        elif len(values["day_name"]) > NAME_MAX:
            errors["day_name"] = NAME_TOO_LONG
        if not values["source"]:
            errors["source"] = SOURCE_MISSING
        elif len(values["source"]) > COMMENT_MAX:
            errors["source"] = TEXT_TOO_LONG
        if day is None or errors:
            raise FormError(values, errors)
        return cls(day, values["day_name"], values["source"])

    def taken(self) -> FormError:
        """The form refused, as the day is one already by another name or source."""
        values = {"day": self.day.isoformat(), "day_name": self.name, "source": self.source}
        return FormError(values, {"day": DAY_TAKEN})
