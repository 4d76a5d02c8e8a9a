"""Reads the forms of purchases and disposals; see `frame.forms`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from multidict import MultiMapping

from api.pages.costs.forms import number_text, parse_number
from api.pages.frame.forms import (
    FormError,
    day_in,
    enum_member,
    field_texts,
    signed_number,
    whole_number,
)
from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from fleet.vehicle import Energy
from optimiser.purchases.answers import Answer
from optimiser.purchases.faults import Fault, FieldFault
from optimiser.purchases.principles import Principle, PrincipleRow
from optimiser.purchases.purchases import NewPurchase, Purchase
from optimiser.purchases.requests import NewRequest, RequestState

NO_DAY = mark("Enter a day from 1990 on")
NO_NUMBER = mark("Enter a number")
NO_YEAR = mark("Enter a year in four digits")
CHOOSE = mark("Choose one of the list")
ANSWERED_MEANWHILE = mark("Somebody answered or withdrew the request meanwhile: look at it again")
CHANGED_MEANWHILE = mark("Somebody changed this meanwhile: look at it again")
OFFER_GONE = mark("The vehicle has left the fleet meanwhile, or leaves it: choose another one")
OFFER_TAKEN = mark("The vehicle was offered to somebody else meanwhile: choose another one")
VEHICLE_TAKEN = mark("Another purchase is of that vehicle already")
NOT_APPROVED = mark("The request was not approved, or a purchase is recorded of it already")

#: The words of each reason for which a value is refused.
FAULTS: Mapping[Fault, str] = {
    Fault.EMPTY: mark("Write something here"),
    Fault.UNKNOWN: mark("There is none of that name any more, or you do not see it: choose again"),
    Fault.TOO_LONG: mark("The text may be at most {most} characters"),
    Fault.OUT_OF_BOUNDS: mark("Enter a number from {least} to {most}"),
    Fault.DAY_PAST: mark("That day is over: write today or a later day"),
    Fault.DAY_AHEAD: mark("That day lies ahead: write today or an earlier day"),
    Fault.DAY_FAR: mark("That day is too far away"),
    Fault.CLOSED: mark("The depot is closed on the day from which the vehicle is wanted"),
    Fault.ENERGY_DIFFERS: mark("The kind that is chosen runs on another energy"),
    Fault.KIND_DIFFERS: mark("The register has the vehicle as another kind"),
    Fault.ONE_AMOUNT: mark("Enter either a price or an annual rental, not both"),
    Fault.SAY_WHY_NOT_GREEN: mark("Write why nothing green is possible"),
    Fault.REPLACED: mark("That is the vehicle which is to be replaced"),
    Fault.CONTRACT_OVER: mark("The contract of that vehicle is over"),
}

REVISION_MAX = 2**31 - 1

_Member = TypeVar("_Member", bound=StrEnum)

_REQUEST_FIELDS = (
    *("department", "depot_id", "kind", "energy", "wanted_from", "days_week", "reason"),
    "replaces",
)
_PURCHASE_FIELDS = (
    *("bought_on", "vehicle_id", "kind", "department", "price_kr", "lease_kr_year"),
    *("principle", "reason", "not_green"),
)


def fault_texts(faults: Sequence[FieldFault], language: Language) -> dict[str, str]:
    """The errors of a form by field, in the reader's language."""
    say, formats = translations(language).gettext, Formats(language)
    return {
        one.field: say(FAULTS[one.fault]).format(
            least=_bound(one.field, one.least, formats), most=_bound(one.field, one.most, formats)
        )
        for one in reversed(faults)
    }


def _bound(field: str, value: float, formats: Formats) -> str:
    # A year has no sign that parts thousands.
    return f"{value:.0f}" if field == "from_year" else formats.figure(value)


def read_request(fields: MultiMapping[Any], language: Language) -> NewRequest:
    """Read the form by which a vehicle is asked for. Raises FormError."""
    texts = request_texts(fields)
    errors: dict[str, str] = {}
    energy = _member(Energy, texts, "energy", errors)
    day = _day(texts, "wanted_from", errors)
    days_week = _number(texts, "days_week", language, errors, needed=True)
    for name in ("department", "depot_id"):
        if not texts[name]:
            errors[name] = CHOOSE
    if errors or energy is None or day is None or days_week is None:
        raise FormError(texts, errors)
    return NewRequest(
        department=texts["department"],
        depot_id=texts["depot_id"],
        kind=texts["kind"] or None,
        needs=frozenset() if texts["kind"] else chosen_needs(fields),
        energy=energy,
        wanted_from=day,
        days_week=days_week,
        reason=texts["reason"],
        replaces=texts["replaces"] or None,
    )


def request_texts(fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the form of a request as they were sent."""
    return field_texts(fields, _REQUEST_FIELDS)


def chosen_needs(fields: MultiMapping[Any]) -> frozenset[str]:
    """The capabilities that are ticked."""
    return frozenset(one for one in fields.getall("needs", []) if isinstance(one, str) and one)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForm:
    """The form by which a request is answered. `seen` is the revision that it was written for."""

    answer: Answer
    seen: int
    values: Mapping[str, str]

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "AnswerForm":
        """Raises FormError."""
        names = ("state", "reason", "principle", "energy", "not_green", "vehicle_id", "seen")
        texts = field_texts(fields, names)
        errors: dict[str, str] = {}
        state = _member(RequestState, texts, "state", errors)
        principle = _member(Principle, texts, "principle", errors)
        if errors or state is None or principle is None:
            raise FormError(texts, errors)
        answer = Answer(
            state=state,
            reason=texts["reason"],
            principle=principle,
            energy=enum_member(Energy, texts["energy"]),
            not_green=texts["not_green"],
            vehicle_id=texts["vehicle_id"] or None,
        )
        return cls(answer=answer, seen=seen_revision(fields), values=texts)


def read_purchase(fields: Mapping[str, Any], language: Language) -> NewPurchase:
    """Read the form of a purchase. Raises FormError."""
    texts = purchase_texts(fields)
    errors: dict[str, str] = {}
    day = _day(texts, "bought_on", errors)
    principle = _member(Principle, texts, "principle", errors)
    price, lease = (
        _number(texts, name, language, errors) for name in ("price_kr", "lease_kr_year")
    )
    for name in ("kind", "department"):
        if not texts[name]:
            errors[name] = CHOOSE
    if errors or day is None or principle is None:
        raise FormError(texts, errors)
    return NewPurchase(
        bought_on=day,
        kind=texts["kind"],
        department=texts["department"],
        price_kr=price,
        lease_kr_year=lease,
        principle=principle,
        reason=texts["reason"],
        not_green=texts["not_green"],
        vehicle_id=texts["vehicle_id"] or None,
    )


def purchase_texts(fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the form of a purchase as they were sent."""
    return field_texts(fields, _PURCHASE_FIELDS)


def texts_of_purchase(one: Purchase, language: Language) -> dict[str, str]:
    """A purchase as the fields of its form show it."""
    return {
        "bought_on": one.bought_on.isoformat(),
        "vehicle_id": one.vehicle_name or one.vehicle_id or "",
        "kind": one.kind,
        "department": one.department,
        "price_kr": number_text(one.price_kr, language),
        "lease_kr_year": number_text(one.lease_kr_year, language),
        "principle": one.principle.value,
        "reason": one.reason,
        "not_green": one.not_green,
    }


def read_principle(
    fields: Mapping[str, Any], principle: Principle, language: Language
) -> PrincipleRow:
    """Read the form of a principle. Raises FormError."""
    texts = principle_texts(fields)
    errors: dict[str, str] = {}
    figure = _number(texts, "figure", language, errors, needed=True)
    # The act says which years there are.
    year = signed_number(texts["from_year"])
    if year is None:
        errors["from_year"] = NO_YEAR
    if errors or figure is None or year is None:
        raise FormError(texts, errors)
    return PrincipleRow(
        principle=principle,
        text_da=texts["text_da"],
        text_en=texts["text_en"],
        figure=figure,
        from_year=year,
        source=texts["source"],
        in_force=texts["in_force"] == "1",
    )


def principle_texts(fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the form of a principle as they were sent."""
    return field_texts(fields, ("text_da", "text_en", "figure", "from_year", "source", "in_force"))


def texts_of_principle(row: PrincipleRow, language: Language) -> dict[str, str]:
    """A principle as the fields of its form show it."""
    return {
        "text_da": row.text_da,
        "text_en": row.text_en,
        "figure": number_text(row.figure, language),
        "from_year": str(row.from_year),
        "source": row.source,
        "in_force": "1" if row.in_force else "",
    }


@dataclass(frozen=True, slots=True)
class ReasonForm:
    """The form that says by which principle a vehicle left."""

    principle: Principle
    reason: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "ReasonForm":
        """Raises FormError."""
        texts = field_texts(fields, ("principle", "reason"))
        errors: dict[str, str] = {}
        principle = _member(Principle, texts, "principle", errors)
        if principle is None:
            raise FormError(texts, errors)
        return cls(principle, texts["reason"])


def seen_revision(fields: Mapping[str, Any]) -> int:
    """The revision for which a form was written; 0: it does not say."""
    return whole_number(field_texts(fields, ("seen",))["seen"], 0, REVISION_MAX) or 0


def _member(
    kind: type[_Member], texts: Mapping[str, str], name: str, errors: dict[str, str]
) -> _Member | None:
    found = enum_member(kind, texts[name])
    if found is None:
        errors[name] = CHOOSE
    return found


def _day(texts: Mapping[str, str], name: str, errors: dict[str, str]) -> date | None:
    day = day_in(texts[name])
    if day is None:
        errors[name] = NO_DAY
    return day


def _number(
    texts: Mapping[str, str],
    name: str,
    language: Language,
    errors: dict[str, str],
    *,
    needed: bool = False,
) -> float | None:
    if not texts[name] and not needed:
        return None
    try:
        return parse_number(texts[name], language)
    except ValueError:
        errors[name] = NO_NUMBER
        return None
