"""The figures of a kind of vehicle under one year's assumptions, as the optimiser uses them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from costs.limits import KindLimits
from fleet.vehicle import Energy


@dataclass(frozen=True, slots=True, kw_only=True)
class LikePrice:
    """The price of a kind that the product ships, with its name, its source and the year of that:
    about what a vehicle costs that is like it."""

    name: str
    price_kr: float
    source: str
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFigures:
    """A kind of vehicle under one year's assumptions; units as in `Kind`.

    `kwh_km` is the energy that it takes from the charge point per km in real traffic, and
    `charge_kw` the power at which it charges. `upfront_kr` is the price of one vehicle with its
    share of a charge point. Each is None where it is not known.

    `capital_kr_year` is the part of `fixed_kr_year` that pays for the vehicle itself: its rent, or
    the depreciation and interest of a bought one, whose price is `price_kr`; None where the
    municipality states the cost as a whole. `charge_points` are those that a new vehicle needs;
    each costs `charge_point_kr` to build and `charge_point_kr_year` a year, which `fixed_kr_year`
    holds. 0 for an electric kind: nothing is paid beside its yearly cost or price.
    `kr_year_of_value` is what it costs a year to own a value of 1 kr. that is used up within the
    evaluation period. A leased vehicle goes after `notice_months` of notice where its contract is
    not known. `like` is about what a vehicle costs of a kind without a price; None: no
    shipped kind is like it. `own_of` is set for a kind of vehicles that differ from the
    catalogue's kind of that id by their own cost alone.
    """

    kind: str
    name: str
    energy: Energy
    offers: frozenset[str]
    fixed_kr_year: float
    kr_km: float
    co2_g_km: float
    range_km: float | None
    charge_km_h: float | None
    offered: bool
    limits: KindLimits = field(default_factory=KindLimits)
    kwh_km: float | None = None
    charge_kw: float | None = None
    upfront_kr: float | None = None
    capital_kr_year: float | None = None
    price_kr: float | None = None
    charge_points: float = 0.0
    charge_point_kr: float = 0.0
    charge_point_kr_year: float = 0.0
    kr_year_of_value: float = 0.0
    notice_months: int = 0
    like: LikePrice | None = None
    own_of: str | None = None

    @property
    def catalogue_kind(self) -> str:
        """The id of the kind in the catalogue."""
        return self.own_of or self.kind

    @property
    def points_taken(self) -> float:
        """The charge points that a vehicle takes where it stands. An electric one takes one where
        its kind's figures name none, as it is charged all the same."""
        if self.charge_points or self.energy is not Energy.ELECTRIC:
            return self.charge_points
        return 1.0

    @property
    def brings_points(self) -> bool:
        """Whether a new vehicle takes a charge point that nothing is paid for beside its yearly
        cost or price."""
        return self.points_taken > self.charge_points

    @property
    def all_charge_points_kr_year(self) -> float:
        """The part of `fixed_kr_year` that pays for the charge points of one vehicle."""
        return self.charge_points * self.charge_point_kr_year


_G_PER_T = 1e6


class Driveable(Protocol):
    """What has the figures of a kind for driving."""

    @property
    def kr_km(self) -> float: ...

    @property
    def co2_g_km(self) -> float: ...


class Driving(NamedTuple):
    """What driving costs, and the CO2e that it emits."""

    kr: float
    co2_t: float


def driving(driven: Iterable[tuple[Driveable, float]]) -> Driving:
    """What driving comes to that was done: the km of each vehicle, by the figures of the kind that
    drove them. Rounds and the evaluation of the pilot mean this by what was really driven."""
    pairs = list(driven)
    return Driving(
        kr=sum(km * kind.kr_km for kind, km in pairs),
        co2_t=sum(km * kind.co2_g_km for kind, km in pairs) / _G_PER_T,
    )
