"""The catalogue: kinds of vehicle, each with the municipality's own figures or a specification.

A kind has one source of its figures: either `StatedFigures` (cost per year and km, as the
municipality knows them) or a `Specification` (price, consumption, range), from which
`costs.ownership` computes the same figures. `catalogue.toml` is the starter catalogue that the
product ships.
"""

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, ConfigDict, PlainSerializer, TypeAdapter

from costs.limits import LIMIT_NUMBERS, KindLimits, Limit, LimitFault
from costs.measured_range import MeasuredRange
from fleet.vehicle import GREEN_MOTOR_ENERGIES, Energy

STARTER_FILE = Path(__file__).parent / "catalogue.toml"

#: The greatest value that a form or file may give a figure: above it a digit or a unit is wrong.
FIGURES_MAX: Mapping[str, float] = {
    "price_kr": 1e8,
    "residual_share": 1,
    **dict.fromkeys(
        (
            *("fixed_kr_year", "yearly_kr", "tax_kr_year"),
            *("insurance_kr_year", "service_kr_year"),
        ),
        1e7,
    ),
    **dict.fromkeys(("kr_km", "service_kr_km"), 1e4),
    "co2_g_km": 1e5,
    **dict.fromkeys(("wltp_use_100km", "real_use_100km"), 1e4),
    **dict.fromkeys(("range_km", "wltp_range_km"), 1e5),
    "charge_km_h": 1e5,
    **dict.fromkeys(("battery_kwh", "charge_kw"), 1e5),
    "charge_points": 100,
    **{limit: quantity.most for limit, quantity in LIMIT_NUMBERS.items()},
}

_LIMIT_FAULTS: Mapping[LimitFault, str] = {
    LimitFault.NO_NUMBER: "{} is not a number",
    LimitFault.NEGATIVE: "{:g} is negative",
    LimitFault.ZERO: "0 allows no trip; empty means no limit",
    LimitFault.ENDS_BEFORE: "does not end after it starts",
}


class CatalogueError(ValueError):
    """A kind is impossible. `field` names the field, and the message says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


#: What is stored of a set of words is in the order of the alphabet: that of the set itself depends
#: on how it was made, so that what was read and stored again would seem to differ.
InOrder = PlainSerializer(sorted, return_type=list[str], when_used="json")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedFigures:
    """Figures that the municipality gives itself; units as in `optimiser.model.problem.Kind`."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    fixed_kr_year: float
    kr_km: float
    co2_g_km: float
    range_km: float | None = None
    charge_km_h: float | None = None

    def __post_init__(self) -> None:
        _refuse_negative(self)
        if self.range_km == 0:
            raise CatalogueError("range_km", "must be above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """The specification from which `costs.ownership` computes figures.

    The cost of having the vehicle is either `price_kr` with `residual_share` (of the price, after
    the evaluation period) or `yearly_kr` (a lease or an internal charge). The consumption is the
    maker's (`wltp_use_100km`) or measured (`real_use_100km`), in litres, kWh or kg by the kind's
    energy. `charge_points` is the number of charge points for each vehicle. `charge_kw` is the
    power at which it charges, where that is not the power of the usual charge point.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    price_kr: float | None = None
    residual_share: float = 0.0
    yearly_kr: float | None = None
    tax_kr_year: float = 0.0
    insurance_kr_year: float = 0.0
    service_kr_year: float = 0.0
    service_kr_km: float = 0.0
    wltp_use_100km: float | None = None
    real_use_100km: float | None = None
    wltp_range_km: float | None = None
    battery_kwh: float | None = None
    charge_kw: float | None = None
    charge_points: float = 0.0

    def __post_init__(self) -> None:
        _refuse_negative(self)
        if (self.price_kr is None) == (self.yearly_kr is None):
            raise CatalogueError("price_kr", "either a price or a yearly amount, not both")
        if (self.wltp_use_100km is None) == (self.real_use_100km is None):
            raise CatalogueError("wltp_use_100km", "either the maker's or a measured consumption")
        if self.residual_share > 1:
            raise CatalogueError("residual_share", "is a share of the price, at most 1")
        for name in ("wltp_range_km", "battery_kwh", "charge_kw"):
            if getattr(self, name) == 0:
                raise CatalogueError(name, "must be above 0")
        if self.wltp_range_km is not None and self.battery_kwh is None:
            raise CatalogueError("battery_kwh", "is needed with a range, for charging")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueKind:
    """A kind of vehicle. `offers` are capabilities, `offered` says whether more may be bought.

    `measured` is the range that its vehicles had, in a basis that plans with it.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: str
    name: str
    energy: Energy
    offers: Annotated[frozenset[str], InOrder] = field(default_factory=frozenset[str])
    offered: bool = False
    figures: StatedFigures | Specification
    limits: KindLimits = field(default_factory=KindLimits)
    source: str
    year: int
    note: str = ""
    measured: MeasuredRange | None = None

    def __post_init__(self) -> None:
        for name in ("kind", "name", "source"):
            if not getattr(self, name).strip():
                raise CatalogueError(name, "must not be empty")
        _refuse_negative(self)
        refusal = self.limits.refusal()
        if refusal is not None:
            reason = _LIMIT_FAULTS[refusal.fault].format(refusal.value)
            raise CatalogueError(refusal.limit, reason)
        if (
            self.energy is Energy.ELECTRIC
            and isinstance(self.figures, Specification)
            and self.figures.wltp_range_km is None
        ):
            raise CatalogueError("wltp_range_km", "an electric kind needs its range")

    def to_json(self) -> dict[str, Any]:
        """The kind as JSON, as it is stored. Its limits stand beside its other fields."""
        content = _KIND.dump_python(self, mode="json")
        limits = content.pop("limits")
        if self.measured is None:  # as in the catalogue, whose kinds have their figures alone
            del content["measured"]
        return content | limits

    @classmethod
    def from_json(cls, content: object) -> "CatalogueKind":
        """The kind in the JSON of `to_json`."""
        return _KIND.validate_python(content)


def _with_limits_together(content: object) -> object:
    """The stored content of a kind, with its limits under one key as `CatalogueKind` has them."""
    if not isinstance(content, dict):
        return content
    others = dict(cast(dict[str, object], content))
    limits = {limit.value: others.pop(limit) for limit in Limit if limit in others}
    return {**others, "limits": limits}


_StoredKind = Annotated[CatalogueKind, BeforeValidator(_with_limits_together)]
_KIND = TypeAdapter[CatalogueKind](_StoredKind)
_STARTER = TypeAdapter(dict[str, tuple[_StoredKind, ...]])


@cache
def starter_catalogue() -> Sequence[CatalogueKind]:
    """The kinds that the product ships."""
    content = tomllib.loads(STARTER_FILE.read_text(encoding="utf-8"))
    return _STARTER.validate_python(content)["kind"]


class Offer(StrEnum):
    """What a catalogue has on offer, by what a round can propose of it."""

    NOTHING = "nothing"
    #: Kinds are on offer, and no green motor vehicle is among them.
    NO_GREEN = "no_green"
    GREEN = "green"


def offer_of(kinds: Iterable[CatalogueKind]) -> Offer:
    """What the catalogue of these `kinds` has on offer."""
    energies = {kind.energy for kind in kinds if kind.offered}
    if not energies:
        return Offer.NOTHING
    return Offer.GREEN if energies & GREEN_MOTOR_ENERGIES else Offer.NO_GREEN


def replaceable_by_green(
    fossil: Sequence[CatalogueKind], offered: Sequence[CatalogueKind]
) -> list[CatalogueKind]:
    """The `fossil` kinds that some green kind of `offered` could replace.

    A green kind can replace another one if it offers the same capabilities and is no bicycle.
    """
    green = [kind.offers for kind in offered if kind.energy in GREEN_MOTOR_ENERGIES]
    return [kind for kind in fossil if any(kind.offers <= offers for offers in green)]


def _refuse_negative(row: Any) -> None:
    for field_ in fields(row):
        value = getattr(row, field_.name)
        if isinstance(value, float | int) and not isinstance(value, bool):
            if not math.isfinite(value):
                raise CatalogueError(field_.name, f"{value} is not a number")
            if value < 0:
                raise CatalogueError(field_.name, f"{value:g} is negative")
