"""Reads the forms of indicators; see `frame.forms`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.pages.costs.forms import number_text, parse_number
from api.pages.follow_up.forms import NO_NUMBER
from api.pages.frame.forms import (
    NAME_MAX,
    NAME_TOO_LONG,
    FormError,
    day_in,
    enum_member,
    field_texts,
)
from api.pages.plan.forms import DAY_UNREADABLE, NAME_MISSING
from api.pages.words.language import Language, mark
from tracker.indicators import Figure, IndicatorDetails, IndicatorKind

KIND_MISSING = mark("Choose what it tells of")
TARGET_MISSING = mark("Write the target that is to be reached by the day")
SCALE_SHORT = mark("Write two steps or more, one a line, the lowest first")
SCALE_LONG = mark("Write at most 20 steps")
SCALE_OF_FIGURE = mark("A figure of the system is counted, and has no scale")
OFF_SCALE = mark("Write the number of a step of the scale, from 1")
VALUE_REFUSED = mark("Choose a day that is not to come, and a value on the scale")
PROGRAMME_MISSING = mark("Choose the programme that it measures")

#: The fields of the form of an indicator, and of that of a value.
FIELDS = ("name", "kind", "unit", "target", "target_day", "source", "scale", "figure")
VALUE_FIELDS = ("day", "value", "value_source", "quality")

STEPS_MAX = 20


def texts_of(one: IndicatorDetails, language: Language) -> Mapping[str, str]:
    """The texts of the fields of an indicator as it stands."""
    return {
        "name": one.name,
        "kind": one.kind.value,
        "unit": one.unit,
        "target": number_text(one.target, language),
        "target_day": "" if one.target_day is None else one.target_day.isoformat(),
        "source": one.source,
        "scale": "\n".join(one.scale),
        "figure": "" if one.figure is None else one.figure.value,
    }


def read_details(fields: Mapping[str, Any], language: Language) -> IndicatorDetails:
    """The details that a form says.

    Raises FormError.
    """
    values = field_texts(fields, FIELDS)
    errors: dict[str, str] = {}
    if not values["name"]:
        errors["name"] = NAME_MISSING
    for name in ("name", "unit", "source"):
        if len(values[name]) > NAME_MAX:
            errors[name] = NAME_TOO_LONG
    kind, figure = enum_member(IndicatorKind, values["kind"]), enum_member(Figure, values["figure"])
    if kind is None:
        errors["kind"] = KIND_MISSING
    scale = [step.strip() for step in values["scale"].splitlines() if step.strip()]
    if len(scale) == 1:
        errors["scale"] = SCALE_SHORT
    elif len(scale) > STEPS_MAX:
        errors["scale"] = SCALE_LONG
    elif any(len(step) > NAME_MAX for step in scale):
        errors["scale"] = NAME_TOO_LONG
    elif scale and figure is not None:
        errors["scale"] = SCALE_OF_FIGURE
    target = _number(values, "target", errors, language)
    if target is not None and scale and target not in range(1, len(scale) + 1):
        errors["target"] = OFF_SCALE
    day = day_in(values["target_day"])
    if values["target_day"] and day is None:
        errors["target_day"] = DAY_UNREADABLE
    elif day is not None and target is None:
        errors.setdefault("target", TARGET_MISSING)
    if kind is None or errors:
        raise FormError(values, errors)
    return IndicatorDetails(
        name=values["name"],
        kind=kind,
        scale=scale,
        unit=values["unit"],
        target=target,
        target_day=day,
        source=values["source"],
        figure=figure,
    )


@dataclass(frozen=True, slots=True)
class NewForm:
    """The form of an indicator of a programme."""

    programme_id: str
    details: IndicatorDetails

    @classmethod
    def read(cls, fields: Mapping[str, Any], language: Language) -> "NewForm":
        """Raises FormError."""
        of = field_texts(fields, ("programme",))
        missing = {} if of["programme"] else {"programme": PROGRAMME_MISSING}
        try:
            details = read_details(fields, language)
        except FormError as refused:
            raise FormError({**refused.values, **of}, {**missing, **refused.errors}) from None
        if missing:
            raise FormError({**field_texts(fields, FIELDS), **of}, missing)
        return cls(of["programme"], details)


@dataclass(frozen=True, slots=True)
class ValueForm:
    """The form of a value of a day; None: what was said of the day is taken back."""

    day: date
    value: float | None
    source: str
    quality: str

    @classmethod
    def read(cls, fields: Mapping[str, Any], language: Language) -> "ValueForm":
        """Raises FormError."""
        values = field_texts(fields, VALUE_FIELDS)
        errors: dict[str, str] = {}
        value, day = _number(values, "value", errors, language), day_in(values["day"])
        if day is None:
            errors["day"] = DAY_UNREADABLE
        for name in ("value_source", "quality"):
            if len(values[name]) > NAME_MAX:
                errors[name] = NAME_TOO_LONG
        if day is None or errors:
            raise FormError(values, errors)
        return cls(day, value, values["value_source"], values["quality"])


def _number(
    values: Mapping[str, str], name: str, errors: dict[str, str], language: Language
) -> float | None:
    if not values[name]:
        return None
    try:
        value = parse_number(values[name], language)
    except ValueError:
        value = None
    if value is None or abs(value) > 1e12:
        errors[name] = NO_NUMBER
        return None
    return value
