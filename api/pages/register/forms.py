"""Reads the forms and queries of the register; see `frame.forms`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from multidict import MultiMapping

from api.pages.frame.forms import FormError, enum_member, field_texts, whole_number
from api.pages.register.fault_words import fault_text
from api.pages.register.views import (
    BY_NAME,
    DAY_FIELDS,
    DEFAULT_COLUMNS,
    RegisterChoice,
    RegisterColumn,
    RegisterState,
)
from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from fleet.files.notation import AmbiguousNumberError, DecimalSign
from fleet.localtime import local_now
from fleet.vehicle import Energy
from register.inventory.cell_values import day_in, number_in
from register.inventory.details import (
    KR_FIELDS,
    REQUIRED,
    SHARED_FIELDS,
    FieldFault,
    VehicleDetails,
    VehicleField,
    faults,
    plain_plate,
    plain_text,
    shown_plate,
)
from register.inventory.list_rows import BadReason

NOTHING_CHOSEN = mark("Choose at least one vehicle")
NOTHING_TO_CHANGE = mark("Choose what to change for the vehicles")
TOO_MANY_CHOSEN = mark("At most 400 vehicles can be changed at once; choose fewer")

#: Vehicles that are changed at once, so that a form holds them.
CHOSEN_MAX = 400

#: The details that are amounts.
AMOUNT_FIELDS = (
    *(VehicleField.CONTRACT_KM, VehicleField.COST_KR_YEAR, VehicleField.SALE_VALUE_KR),
    *(VehicleField.EXIT_COST_KR, VehicleField.MILEAGE_KM),
)
_NUMBER_FIELDS = (VehicleField.MODEL_YEAR, *AMOUNT_FIELDS)
_PAST_DAYS = (VehicleField.FIRST_REGISTERED, VehicleField.MILEAGE_DAY)


def read_choice(query: MultiMapping[str]) -> RegisterChoice:
    """Read the query of GET /register. An unknown value means the default, since an address may be
    old or typed."""
    texts = field_texts(query, ("q", "department", "depot", "kind", "energy", "state", "sort"))
    columns = tuple(one for one in RegisterColumn if one in query.getall("column", []))
    sort = texts["sort"]
    return RegisterChoice(
        text=texts["q"],
        department=texts["department"],
        depot=texts["depot"],
        kind=texts["kind"],
        energy=enum_member(Energy, texts["energy"]) or "",
        state=enum_member(RegisterState, texts["state"]) or RegisterState.PRESENT,
        sort=sort if sort in tuple(RegisterColumn) else BY_NAME,
        descending=query.get("order") == "desc",
        columns=columns or DEFAULT_COLUMNS,
    )


def detail_texts(details: VehicleDetails, language: Language) -> dict[str, str]:
    """The details of a vehicle as the fields of the form show them."""
    return {field.value: _shown(details.of(field), field, language) for field in VehicleField}


def _shown(value: Any, field: VehicleField, language: Language) -> str:
    if value is None:
        return ""
    if field is VehicleField.PLATE:
        return shown_plate(value)
    if isinstance(value, date):
        return value.isoformat()
    if field is VehicleField.MODEL_YEAR:
        return str(value)
    if isinstance(value, float):
        formats = Formats(language)
        written = formats.grouped(formats.with_sign(f"{value:.12g}"))
        return formats.with_ore(written) if field in KR_FIELDS else written
    return str(value)


@dataclass(frozen=True, slots=True)
class EntryForm:
    """The form of a vehicle's entry. `errors` tell of each field what is wrong with it; what cannot
    be read is absent in the details."""

    details: VehicleDetails
    revision: int
    errors: Mapping[str, str]

    @classmethod
    def read(cls, fields: Mapping[str, Any], language: Language) -> "EntryForm":
        texts = entry_texts(fields)
        errors: dict[str, str] = {}
        values = {
            field: _value(field, texts[field.value], language, errors) for field in VehicleField
        }
        empty = VehicleDetails(name="", kind="", department="", depot_id="")
        details = empty.with_values(values)
        found = fault_errors(faults(details, local_now().date()), language)
        revision = whole_number(field_texts(fields, ("revision",))["revision"], 0, 2**31 - 1) or 0
        return cls(details, revision, found | errors)


def entry_texts(fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the form of an entry as they were sent."""
    texts = field_texts(fields, [field.value for field in VehicleField])
    return texts | {"measured_in": texts["measured_in"] or "km"}


def read_shared(fields: Mapping[str, Any], language: Language) -> dict[VehicleField, Any]:
    """Read the values that many vehicles get; an empty field leaves them as they are. Raises
    FormError."""
    texts = field_texts(fields, [field.value for field in SHARED_FIELDS])
    errors: dict[str, str] = {}
    values = {
        field: _value(field, texts[field.value], language, errors)
        for field in SHARED_FIELDS
        if texts[field.value]
    }
    if not values and not errors:
        errors["department"] = NOTHING_TO_CHANGE
    if errors:
        raise FormError(texts, errors)
    return values


def read_day(text: str) -> date | None:
    """The day in a field, as browsers send it or as people write it."""
    return day_in(text) if text else None


def fault_errors(found: list[FieldFault], language: Language) -> dict[str, str]:
    """The errors of a form by field, in the reader's language."""
    return {
        one.field.value: fault_text(one.fault, {"least": one.least, "most": one.most}, language)
        for one in found
    }


def _value(field: VehicleField, text: str, language: Language, errors: dict[str, str]) -> Any:
    """The value of a field; None where it is empty, or wrong and noted in `errors`."""
    plain = plain_text(text)
    if field in DAY_FIELDS:
        latest = local_now().date() if field in _PAST_DAYS else None
        day = day_in(plain, latest=latest) if plain else None
        if plain and day is None:
            errors[field.value] = fault_text(BadReason.NO_DAY, {}, language)
        return day
    if field in _NUMBER_FIELDS:
        return _number(field, plain, language, errors)
    if field is VehicleField.PLATE:
        return plain_plate(plain) or None
    return plain if field in REQUIRED else plain or None


def _number(
    field: VehicleField, text: str, language: Language, errors: dict[str, str]
) -> float | int | None:
    if not text:
        return None
    sign = "," if language is Language.DANISH else "."
    try:
        number = number_in(text, DecimalSign(sign))
    except AmbiguousNumberError:
        errors[field.value] = fault_text(BadReason.AMBIGUOUS, {}, language)
        return None
    if number is None:
        errors[field.value] = fault_text(BadReason.NO_NUMBER, {}, language)
        return None
    if field is not VehicleField.MODEL_YEAR:
        return number
    if not number.is_integer():
        errors[field.value] = fault_text(BadReason.NO_WHOLE_NUMBER, {}, language)
        return None
    return int(number)


def said(language: Language, text: str) -> str:
    """A message in the reader's language."""
    return translations(language).gettext(text)
