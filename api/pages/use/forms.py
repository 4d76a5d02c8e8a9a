"""Reads the forms and queries of the use of the fleet; see `frame.forms`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.pages.frame.forms import (
    COMMENT_MAX,
    NAME_MAX,
    NAME_TOO_LONG,
    TEXT_TOO_LONG,
    DaysQuery,
    FormError,
    day_in,
    field_texts,
)
from api.pages.use.views import VehicleChoice
from api.pages.words.language import mark

DAY_WRONG = mark("Choose a day")
NAME_MISSING = mark("Write what the day is called")
SOURCE_MISSING = mark("Write where it is decided, such as a circular or an agreement")


@dataclass(frozen=True, slots=True)
class UseQuery:
    """The query of GET /use: the vehicles and the days. A value that cannot be read counts as
    absent, since an address may be old or typed."""

    chosen: VehicleChoice
    days: DaysQuery

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "UseQuery":
        chosen = VehicleChoice(
            *(query.get(name) or None for name in ("department", "depot", "kind"))
        )
        return cls(chosen, DaysQuery.read(query))


@dataclass(frozen=True, slots=True)
class ClosingDayForm:
    """The form of POST /use/closing-days: a day on which the municipality is closed."""

    day: date
    name: str
    source: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "ClosingDayForm":
        """Raises FormError."""
        values = field_texts(fields, ("day", "name", "source"))
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
        if day is None or errors:
            raise FormError(values, errors)
        return cls(day, values["name"], values["source"])
