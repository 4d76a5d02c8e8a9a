"""Reads the forms of what-ifs; see `frame.forms`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from multidict import MultiMapping

from api.pages.costs.forms import parse_number
from api.pages.frame.forms import FormError, enum_member, field_texts, whole_number
from api.pages.what_ifs.labels import FAULTS, FIGURE_MISSING, FIGURE_UNCHOSEN, NEED_HALF, NO_NUMBER
from api.pages.words.language import Language
from costs.assumptions import FigureKey
from costs.peak_days import PeakDayName
from db.storable_values import ID_MAX
from optimiser.what_if.changes import (
    CHANGES_MAX,
    MORE_MAX,
    AddedNeed,
    ChangedFigure,
    Changes,
    MoreOfKind,
    ReadyFor,
)
from optimiser.what_if.faults import Fault
from optimiser.what_if.requests import WhatIfRequest

#: How many prices or assumptions a form changes at the most.
FIGURES = 3

_TEXTS = (
    *("round", "name", "depot", "need-vehicle", "need", "peak", "more-trips", "missing"),
    *("kind", "count"),
    *(f"{name}-{number}" for number in range(1, FIGURES + 1) for name in ("figure", "value")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForm:
    """The form of POST /what-ifs/new."""

    asked: WhatIfRequest
    values: Mapping[str, str]

    @property
    def figure_fields(self) -> Sequence[str]:
        """The fields of the values of the changed figures, in the order of these."""
        numbers = range(1, FIGURES + 1)
        return [f"value-{number}" for number in numbers if self.values[f"figure-{number}"]]

    @classmethod
    def read(cls, fields: MultiMapping[Any], language: Language) -> "AskForm":
        """Raises FormError."""
        values = field_texts(fields, _TEXTS)
        errors: dict[str, str] = {}
        figures = _figures(values, language, errors)
        depot_id = values["depot"]
        changes = Changes(
            stay=_ticked(fields, "stay"),
            go=_ticked(fields, "go"),
            figures=figures,
            needs=_needs(values, errors),
            more=_more(values, depot_id, errors),
            peak=_peak(values, language, errors),
        )
        if errors:
            raise FormError(values, errors)
        return cls(
            asked=WhatIfRequest(
                round_id=whole_number(values["round"], 1, ID_MAX) or 0,
                name=values["name"],
                depots=(depot_id,) if depot_id else (),
                changes=changes,
            ),
            values=values,
        )


def ticked(fields: MultiMapping[Any], name: str) -> tuple[str, ...]:
    """The vehicles whose boxes of a name are ticked."""
    return _ticked(fields, name)


def _ticked(fields: MultiMapping[Any], name: str) -> tuple[str, ...]:
    sent = [one for one in fields.getall(name, ()) if isinstance(one, str) and one.strip()]
    return tuple(dict.fromkeys(sent))[: CHANGES_MAX + 1]


def _figures(
    values: Mapping[str, str], language: Language, errors: dict[str, str]
) -> tuple[ChangedFigure, ...]:
    found: list[ChangedFigure] = []
    for number in range(1, FIGURES + 1):
        key = enum_member(FigureKey, values[f"figure-{number}"])
        text = values[f"value-{number}"]
        if key is None and text:
            errors[f"figure-{number}"] = FIGURE_UNCHOSEN
        elif key is not None and not text:
            errors[f"value-{number}"] = FIGURE_MISSING
        elif key is not None:
            value = _number(text, language)
            if value is None:
                errors[f"value-{number}"] = NO_NUMBER
            else:
                found.append(ChangedFigure(key=key, value=value))
    return tuple(found)


def _needs(values: Mapping[str, str], errors: dict[str, str]) -> tuple[AddedNeed, ...]:
    vehicle_id, need = values["need-vehicle"], values["need"]
    if bool(vehicle_id) is not bool(need):
        errors["need"] = NEED_HALF
    if not (vehicle_id and need):
        return ()
    return (AddedNeed(vehicle_id=vehicle_id, capability=need),)


def _more(
    values: Mapping[str, str], depot_id: str, errors: dict[str, str]
) -> tuple[MoreOfKind, ...]:
    if not values["kind"]:
        return ()
    count = whole_number(values["count"] or "1", 1, MORE_MAX)
    if count is None:
        errors["count"] = FAULTS[Fault.MORE_BOUNDS]
        return ()
    return (MoreOfKind(depot_id=depot_id, kind=values["kind"], count=count),)


def _peak(values: Mapping[str, str], language: Language, errors: dict[str, str]) -> ReadyFor | None:
    name = enum_member(PeakDayName, values["peak"])
    if name is None:
        return None
    shares: dict[str, float | None] = {"more-trips": None, "missing": None}
    for field in shares:
        if values[field]:
            shares[field] = _number(values[field], language)
            if shares[field] is None:
                errors[field] = NO_NUMBER
    return ReadyFor(name=name, more_trips_pct=shares["more-trips"], missing_pct=shares["missing"])


def _number(text: str, language: Language) -> float | None:
    try:
        return parse_number(text, language)
    except ValueError:
        return None


class Press(StrEnum):
    """The button by which the form of a what-if was sent."""

    KEEP = "keep"
    SHARE = "share"
    UNSHARE = "unshare"
    THROW = "throw"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class ActForm:
    """The form of POST /what-ifs/{what_if_id}: what is to be done with it."""

    press: Press | None
    seen: int | None

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "ActForm":
        values = field_texts(fields, ("press", "seen"))
        return cls(enum_member(Press, values["press"]), whole_number(values["seen"], 0, 2**31 - 1))
