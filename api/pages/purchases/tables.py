"""The register of purchases and disposals, and the requests, as tables to hand over."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import pyarrow as pa

from api.pages.costs.capabilities import Capabilities
from api.pages.purchases.labels import LABELS
from api.pages.purchases.views import RegisterRow
from api.pages.vehicles.labels import LABELS as VEHICLE_LABELS
from api.pages.words.language import Language, mark, translations
from fleet.vehicle import Energy
from optimiser.purchases.disposals import Basis, Disposal
from optimiser.purchases.purchases import Purchase
from optimiser.purchases.requests import Request

REGISTER_SHEET_NAME = mark("Purchases and disposals")
REQUESTS_SHEET_NAME = mark("Requests for vehicles")

BOUGHT, LEFT = mark("bought or leased"), mark("left")
STILL_THERE = mark("handed over, still in the register")

#: The columns of the register, with their headings.
REGISTER_HEADINGS: Mapping[str, str] = {
    "day": mark("Day"),
    "what": mark("What"),
    "vehicle_id": mark("Id"),
    "vehicle": mark("Vehicle"),
    "kind": mark("Kind"),
    "energy": mark("Energy"),
    "department": mark("Department"),
    "price_kr": mark("Price, DKK"),
    "lease_kr_year": mark("Annual rental, DKK"),
    "sale_value_kr": mark("Expected sale value, DKK"),
    "contract_end": mark("Contract ends"),
    "principle": mark("Decided by the principle"),
    "told_by": mark("Known from"),
    "reason": mark("Reason"),
    "not_green": mark("Why it is not green"),
    "withdrawn": mark("Why it counts no more"),
    "request_id": mark("Request"),
    "proposal_id": mark("Proposal"),
}

REQUEST_HEADINGS: Mapping[str, str] = {
    "request_id": mark("Request"),
    "asked_at": mark("Asked"),
    "asked_by": mark("Asked by"),
    "department": mark("Department"),
    "depot": mark("Depot"),
    "kind": mark("Kind"),
    "needs": mark("Needs"),
    "energy": mark("Energy"),
    "wanted_from": mark("Wanted from"),
    "days_week": mark("Days of use a week"),
    "replaces": mark("Replaces"),
    "reason": mark("Reason"),
    "state": mark("State"),
    "principle": mark("Decided by the principle"),
    "answer": mark("Answer"),
    "not_green": mark("Why it is not green"),
    "offered": mark("Offered vehicle"),
    "answered_by": mark("Answered by"),
    "answered_at": mark("Answered"),
}

_MOMENT = pa.timestamp("us", tz="UTC")
_TYPES: Mapping[str, pa.DataType] = {
    **dict.fromkeys(("day", "contract_end", "wanted_from"), pa.date32()),
    **dict.fromkeys(("request_id", "proposal_id"), pa.int64()),
    **dict.fromkeys(("price_kr", "lease_kr_year", "sale_value_kr", "days_week"), pa.float64()),
    **dict.fromkeys(("asked_at", "answered_at"), _MOMENT),
}


class _Words:
    """The words of members: those of people, or as programs name them."""

    def __init__(self, language: Language, *, for_people: bool) -> None:
        self._say = translations(language).gettext if for_people else None

    def __call__(self, member: StrEnum | None) -> str | None:
        if member is None:
            return None
        if self._say is None:
            return member.value
        labels = VEHICLE_LABELS if isinstance(member, Energy) else LABELS
        return self._say(labels[type(member)][member])

    def text(self, marked: str, plain: str) -> str:
        return plain if self._say is None else self._say(marked)

    def headings(self, headings: Mapping[str, str]) -> list[str]:
        return [self.text(text, name) for name, text in headings.items()]


def register_table(
    rows: Sequence[RegisterRow], language: Language, *, for_people: bool
) -> pa.Table:
    """The table of the register, with a row for each purchase and each disposal."""
    words = _Words(language, for_people=for_people)
    found = [
        _bought(row.purchase, words)
        if row.purchase is not None
        else _left(row.disposal, words)
        if row.disposal is not None
        else {}
        for row in rows
    ]
    return _table(found, REGISTER_HEADINGS, words)


def requests_table(
    found: Sequence[Request], language: Language, known: Capabilities | None
) -> pa.Table:
    """The table of the requests, with a row for each. `known` has the names of needs for people;
    None: it is for programs, which know them by their codes."""
    words = _Words(language, for_people=known is not None)
    rows: list[dict[str, object]] = [
        {
            "request_id": one.request_id,
            "asked_at": one.asked_at,
            "asked_by": one.asked_by,
            "department": one.department,
            "depot": one.depot_name,
            "kind": one.kind_name,
            "needs": ", ".join(sorted(one.needs) if known is None else known.named(one.needs))
            or None,
            "energy": words(one.energy),
            "wanted_from": one.wanted_from,
            "days_week": one.days_week,
            "replaces": one.replaces_name,
            "reason": one.reason,
            "state": words(one.state),
            "principle": words(one.principle),
            "answer": one.answer or None,
            "not_green": one.not_green or None,
            "offered": one.offered_name or None,
            "answered_by": one.answered_by,
            "answered_at": one.answered_at,
        }
        for one in found
    ]
    return _table(rows, REQUEST_HEADINGS, words)


def _table(
    rows: Sequence[Mapping[str, object]], headings: Mapping[str, str], words: _Words
) -> pa.Table:
    schema = pa.schema([pa.field(name, _TYPES.get(name, pa.string())) for name in headings])
    table = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    return table.rename_columns(words.headings(headings))


def _bought(one: Purchase, words: _Words) -> dict[str, object]:
    return {
        "day": one.bought_on,
        "what": words.text(BOUGHT, "purchase"),
        "vehicle_id": one.vehicle_id,
        "vehicle": one.vehicle_name,
        "kind": one.kind_name,
        "energy": words(one.energy),
        "department": one.department,
        "price_kr": one.price_kr,
        "lease_kr_year": one.lease_kr_year,
        "principle": words(one.principle),
        "told_by": words(Basis.STATED if one.request_id is None else Basis.REQUEST),
        "reason": one.reason,
        "not_green": one.not_green or None,
        "withdrawn": one.withdrawn or None,
        "request_id": one.request_id,
    }


def _left(one: Disposal, words: _Words) -> dict[str, object]:
    return {
        "day": one.day,
        "what": words.text(STILL_THERE if one.left_on is None else LEFT, "disposal"),
        "vehicle_id": one.vehicle_id,
        "vehicle": one.name,
        "kind": one.kind_name,
        "energy": words(one.energy),
        "department": one.department,
        "sale_value_kr": one.sale_value_kr,
        "contract_end": one.contract_end,
        "principle": words(one.principle),
        "told_by": words(one.basis),
        "reason": one.said or None,
        "request_id": one.request_id,
        "proposal_id": one.proposal_id,
    }
