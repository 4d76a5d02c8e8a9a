"""Reads the forms of assumptions and kinds; see `frame.forms`."""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from babel.numbers import NumberFormatError, format_decimal, parse_decimal

from api.pages.costs.views import Origin
from api.pages.frame.forms import (
    COMMENT_MAX,
    NAME_MAX,
    NAME_TOO_LONG,
    TEXT_TOO_LONG,
    FormError,
    enum_member,
    field_texts,
    whole_number,
)
from api.pages.words.language import Language, mark
from costs.assumptions import (
    SWITCH_KEYS,
    WHOLE_KEYS,
    YEAR_MAX,
    YEAR_MIN,
    AssumptionError,
    Figure,
    FigureKey,
    quantities,
)
from costs.catalogue import FIGURES_MAX, CatalogueError, CatalogueKind, Specification, StatedFigures
from costs.limits import LIMIT_NUMBERS, DayWindow, KindLimits, Limit
from fleet.vehicle import Energy

NO_NUMBER = mark("Enter a number, as 1,234.5")
OUT_OF_BOUNDS = mark("The figure is outside what it can be; the limits are stated at the field")
NOT_WHOLE = mark("Enter a whole number")
NO_YEAR = mark("Enter a year from 2000 to 2100")
SOURCE_MISSING = mark("Write where the figure is from, so that others can check it")
REASON_MISSING = mark("Write why the figure is taken back")
CHOICE_MISSING = mark("Choose one of the two")
NAME_MISSING = mark("Enter a name")
ENERGY_MISSING = mark("Choose an energy")
ORIGIN_MISSING = mark("Choose where the figures are from")
TOO_MUCH = mark("The figure is more than it can be")
NEGATIVE = mark("The figure cannot be below 0")
WINDOW_WRONG = mark("Enter two times of day, the first one earlier, as 07:00-18:00")
LENGTH_WRONG = mark("Enter a length above 0, or leave the field empty for no limit")
KIND_EXISTS = mark("There is a kind of that name already")

#: The most characters of a number; no figure of ours has as many.
NUMBER_MAX = 40

#: The messages for which a kind is refused beyond those on numbers, by field.
KIND_REFUSALS: Mapping[str, str] = {
    "price_kr": mark("Enter either a price or a yearly amount, not both"),
    "wltp_use_100km": mark("Enter either the maker's or a measured consumption, not both"),
    "residual_share": mark("Enter a share of the price, from 0 to 1"),
    "battery_kwh": mark("Enter the size of the battery; charging is computed from it"),
    "wltp_range_km": mark("Enter the range of the electric vehicle, above 0"),
    "charge_kw": mark("Enter a power above 0, or leave the field empty"),
    "range_km": mark("Enter a range above 0, or leave the field empty for no limit"),
    **dict.fromkeys(LIMIT_NUMBERS, LENGTH_WRONG),
    Limit.WINDOW: WINDOW_WRONG,
    "name": NAME_MISSING,
    "source": SOURCE_MISSING,
}

SPECIFICATION_FIELDS: tuple[str, ...] = tuple(one.name for one in fields(Specification))
STATED_FIELDS: tuple[str, ...] = tuple(one.name for one in fields(StatedFigures))
#: The fields of the form of a kind.
KIND_FIELDS: tuple[str, ...] = (
    *("name", "energy", "offers", "offered", "origin", "source", "year", "note"),
    *(*Limit, *SPECIFICATION_FIELDS, *STATED_FIELDS),
)
_NEEDED = frozenset({"fixed_kr_year", "kr_km", "co2_g_km"})


def number_text(value: float | None, language: Language) -> str:
    """The text of a number as people write it in a field, with all its digits."""
    if value is None:
        return ""
    return format_decimal(value, format="#,##0.########", locale=language.locale)


def parse_number(text: str, language: Language) -> float:
    """The number that a person wrote. Raises ValueError.

    A point separates thousands in Danish: `2.066` is refused rather than read as one or the other.
    """
    # Only digits and their signs are read: an exponent would be written out with all its zeros.
    if len(text) > NUMBER_MAX or re.fullmatch(r"[-+]?[\d.,\s]*", text) is None:
        raise ValueError(text)
    try:
        value = float(parse_decimal(text.replace(" ", ""), locale=language.locale, strict=True))
    except NumberFormatError:
        raise ValueError(text) from None
    if not math.isfinite(value):
        raise ValueError(text)
    return value


@dataclass(frozen=True, slots=True)
class FigureForm:
    """The form of POST /assumptions/{key}: a figure of the municipality's own."""

    figure: Figure

    @classmethod
    def read(cls, key: FigureKey, fields_: Mapping[str, Any], language: Language) -> "FigureForm":
        """Raises FormError."""
        values = field_texts(fields_, ("value", "valid_from", "source", "note"))
        errors: dict[str, str] = {}
        value = None
        try:
            value = parse_number(values["value"], language)
            if key in WHOLE_KEYS and value != int(value):
                errors["value"] = NOT_WHOLE
            elif quantities()[key].refusal(value) is not None:
                errors["value"] = OUT_OF_BOUNDS
        except ValueError:
            errors["value"] = CHOICE_MISSING if key in SWITCH_KEYS else NO_NUMBER
        valid_from = whole_number(values["valid_from"], YEAR_MIN, YEAR_MAX)
        if valid_from is None:
            errors["valid_from"] = NO_YEAR
        if not values["source"]:
            errors["source"] = SOURCE_MISSING
        errors |= _long(values, ("source", "note"))
        if errors or value is None or valid_from is None:
            raise FormError(values, errors)
        try:
            figure = Figure(
                key=key,
                valid_from=valid_from,
                value=value,
                source=values["source"],
                note=values["note"],
            )
        except AssumptionError:
            raise FormError(values, {"value": OUT_OF_BOUNDS}) from None
        return cls(figure)


@dataclass(frozen=True, slots=True)
class WithdrawalForm:
    """The form of POST /assumptions/{key}/withdraw, which withdraws the municipality's own figure
    of a year."""

    valid_from: int
    reason: str

    @classmethod
    def read(cls, fields_: Mapping[str, Any]) -> "WithdrawalForm":
        """Raises FormError."""
        values = field_texts(fields_, ("withdrawn", "reason"))
        errors: dict[str, str] = {}
        valid_from = whole_number(values["withdrawn"], YEAR_MIN, YEAR_MAX)
        if valid_from is None:
            errors["withdrawn"] = NO_YEAR
        if not values["reason"]:
            errors["reason"] = REASON_MISSING
        errors |= _long(values, ("reason",))
        if errors or valid_from is None:
            raise FormError(values, errors)
        return cls(valid_from, values["reason"])


@dataclass(frozen=True, slots=True)
class KindForm:
    """The form of POST /catalogue/{kind}: a kind as it is to be stored."""

    kind: CatalogueKind

    @classmethod
    def read(
        cls,
        kind: str | None,
        fields_: Mapping[str, Any],
        language: Language,
        offers: Callable[[str], frozenset[str]],
        taken: Collection[str] = (),
    ) -> "KindForm":
        """Read the form. `kind` is None for a new kind, whose id is made of its name and is none of
        `taken`. `offers` gives the codes of the capabilities in a field.

        Raises FormError.
        """
        values = field_texts(fields_, KIND_FIELDS)
        energy, origin = (
            enum_member(Energy, values["energy"]),
            enum_member(Origin, values["origin"]),
        )
        errors: dict[str, str] = {}
        if energy is None:
            errors["energy"] = ENERGY_MISSING
        if origin is None:
            errors["origin"] = ORIGIN_MISSING
        year = whole_number(values["year"], YEAR_MIN, YEAR_MAX)
        if year is None:
            errors["year"] = NO_YEAR
        if not values["name"]:
            errors["name"] = NAME_MISSING
        elif len(values["name"]) > NAME_MAX:
            errors["name"] = NAME_TOO_LONG
        names = STATED_FIELDS if origin is Origin.STATED else SPECIFICATION_FIELDS
        numbers = _numbers(values, (*names, *LIMIT_NUMBERS), language, errors)
        window = _window(values[Limit.WINDOW], errors)
        errors |= _long(values, ("source", "note", "offers"))
        if errors or energy is None or origin is None or year is None:
            raise FormError(values, errors)
        given = {name: number for name, number in numbers.items() if number is not None}
        own = {name: given[name] for name in names if name in given}
        try:
            made = CatalogueKind(
                kind=kind or "-".join(values["name"].lower().split()),
                name=values["name"],
                energy=energy,
                offers=offers(values["offers"]),
                offered=values["offered"] == "yes",
                figures=StatedFigures(**own) if origin is Origin.STATED else Specification(**own),
                limits=KindLimits(
                    **{limit: numbers[limit] for limit in LIMIT_NUMBERS}, window=window
                ),
                source=values["source"],
                year=year,
                note=values["note"],
            )
        except CatalogueError as error:
            refusal = (
                NEGATIVE
                if "negative" in error.reason
                else KIND_REFUSALS.get(error.field, NO_NUMBER)
            )
            raise FormError(values, {error.field: refusal}) from None
        if made.kind in taken:
            raise FormError(values, {"name": KIND_EXISTS})
        return cls(made)


def kind_values(kind: CatalogueKind, language: Language, offers: str) -> dict[str, str]:
    """The fields of the form of a kind, with `offers` as people write them."""
    figures = kind.figures
    origin = Origin.STATED if isinstance(figures, StatedFigures) else Origin.COMPUTED
    values = {
        "name": kind.name,
        "energy": kind.energy.value,
        "offers": offers,
        "offered": "yes" if kind.offered else "no",
        "origin": origin.value,
        "source": kind.source,
        "year": str(kind.year),
        "note": kind.note,
        Limit.WINDOW: "" if kind.limits.window is None else str(kind.limits.window),
        **{limit: number_text(kind.limits.number(limit), language) for limit in LIMIT_NUMBERS},
    }
    names = STATED_FIELDS if isinstance(figures, StatedFigures) else SPECIFICATION_FIELDS
    return values | {name: number_text(getattr(figures, name), language) for name in names}


def _numbers(
    values: Mapping[str, str], names: Sequence[str], language: Language, errors: dict[str, str]
) -> dict[str, float | None]:
    numbers: dict[str, float | None] = dict.fromkeys(names)
    for name in names:
        if not values[name]:
            if name in _NEEDED:
                errors[name] = NO_NUMBER
            continue
        try:
            numbers[name] = number = parse_number(values[name], language)
            if number > FIGURES_MAX[name]:
                errors[name] = TOO_MUCH
        except ValueError:
            errors[name] = NO_NUMBER
    return numbers


def _window(text: str, errors: dict[str, str]) -> DayWindow | None:
    if not text:
        return None
    try:
        return DayWindow.parse(text)
    except ValueError:
        errors[Limit.WINDOW] = WINDOW_WRONG
        return None


def _long(values: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: TEXT_TOO_LONG for name in names if len(values[name]) > COMMENT_MAX}
