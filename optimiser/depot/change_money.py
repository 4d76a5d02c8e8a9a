"""The money of a change of the fleet: what a budget is made of, and which figures are lacking."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from costs.budget import MoneyTerms
from costs.kind_figures import KindFigures, LikePrice
from costs.own_cost import NoSale, no_sale, unpaid_kr_year
from optimiser.depot.charge_points import ChargePoints
from optimiser.depot.decision_key import Action
from optimiser.depot.fleet_changes import FleetChange


class LackingFigure(StrEnum):
    """A figure that would tell the money of a decision, and that is not known."""

    #: What the vehicle costs a year: its kind's figure holds.
    YEARLY = "yearly"
    #: What the sale of an owned vehicle brings: nothing is counted.
    SALE = "sale"
    #: The contract of a leased vehicle, and what leaving it costs: it goes after notice, and
    #: nothing is counted for leaving.
    CONTRACT = "contract"
    #: What leaving its contract costs: the vehicle stays until the contract ends.
    EXIT = "exit"
    #: What a new vehicle costs, or whether it is bought: its kind's yearly cost holds.
    PRICE = "price"


@dataclass(frozen=True, slots=True, kw_only=True)
class UncountedSale:
    """The sale of a vehicle that goes, which is not counted; the register says that it brings `kr`;
    None: it says nothing."""

    reason: NoSale
    kr: float | None


class PriceHolder(StrEnum):
    """Where one-off costs of a new vehicle are taken to be paid."""

    #: Its kind's yearly cost is taken as a lease of it.
    LEASE = "lease"
    #: Its kind's cost is stated as a whole, so nobody knows.
    STATED = "stated"
    #: Its kind's price is taken to hold its charge point.
    PRICE = "price"


@dataclass(frozen=True, slots=True, kw_only=True)
class UncountedPurchase:
    """One-off costs of `count` new vehicles that are not counted beside what `held_by` says. `like`
    is about the price of one; None: its price is counted, or nothing is known that is like it. They
    bring `points` charge points beyond those that exist, at `point_kr` each, which are not counted
    either."""

    held_by: PriceHolder
    count: int
    like: LikePrice | None
    points: int
    point_kr: float

    @property
    def about_kr(self) -> float:
        """About what all of them cost once, as far as that is known."""
        each = 0.0 if self.like is None else self.like.price_kr
        return each * self.count + self.points * self.point_kr


class ChangeMoney(NamedTuple):
    """The terms of a change, the figures that are lacking, what is to be paid first in kr. (None:
    that is not known), and the sale and the purchase that are not counted."""

    terms: MoneyTerms
    lacks: tuple[LackingFigure, ...]
    upfront_kr: float | None
    uncounted_sale: UncountedSale | None = None
    uncounted_purchase: UncountedPurchase | None = None


def change_money(
    change: FleetChange,
    kinds: Mapping[str, KindFigures],
    points: ChargePoints,
    built: int,
    held: int,
    saving_kr_year: float,
    co2_value_kr_year: float,
) -> ChangeMoney:
    """The money of a change that saves `saving_kr_year`, `co2_value_kr_year` of it the value of
    CO2e, and for which `built` charge points must be built and new vehicles bring `held`."""
    if change.action is Action.MOVE:
        # The vehicle is paid for before and after: neither sold nor bought, and its contract runs.
        points_kr = built * points.kr
        terms = MoneyTerms(
            saving_kr_year=saving_kr_year,
            unpaid_kr_year=co2_value_kr_year - built * points.kr_year,
            charge_points_kr=points_kr,
        )
        return ChangeMoney(terms, (), points_kr)
    lacks: list[LackingFigure] = []
    unpaid = co2_value_kr_year - built * points.kr_year
    price_kr, sale_kr, notice_months = 0.0, 0.0, 0
    contract_end = exit_kr = uncounted_sale = uncounted_purchase = None
    vehicle = change.leaving
    if vehicle is not None:
        kind = kinds[vehicle.kind]
        contract_end, exit_kr = vehicle.contract_end, vehicle.exit_cost_kr
        payment, value_kr = vehicle.cost_kr_year, vehicle.sale_value_kr
        unpaid += unpaid_kr_year(kind, payment, value_kr, contract_end) or 0.0
        if kind.own_of is None:
            lacks.append(LackingFigure.YEARLY)
        bar = no_sale(kind, payment, contract_end)
        if bar is None:
            sale_kr = value_kr or 0.0
            if value_kr is None:
                lacks.append(LackingFigure.SALE)
        # Without a contract and a payment nobody knows whether a vehicle is leased: that is told.
        elif value_kr is not None or bar is NoSale.KIND:
            uncounted_sale = UncountedSale(reason=bar, kr=value_kr)
        if bar is not None and contract_end is None:
            notice_months = kind.notice_months
            lacks.append(LackingFigure.CONTRACT)
        if exit_kr is None and contract_end is not None:
            lacks.append(LackingFigure.EXIT)
    if change.new_kind is not None:
        new = kinds[change.new_kind]
        uncounted_purchase = _uncounted_purchase(new, change.count, max(0, held), points.kr)
        if new.capital_kr_year is None:
            lacks.append(LackingFigure.PRICE)
        elif new.price_kr is not None:
            price_kr = new.price_kr * change.count
            unpaid -= new.capital_kr_year * change.count
    terms = MoneyTerms(
        saving_kr_year=saving_kr_year,
        unpaid_kr_year=unpaid,
        contract_end=contract_end,
        notice_months=notice_months,
        exit_kr=exit_kr,
        sale_kr=sale_kr,
        price_kr=price_kr,
        charge_points_kr=built * points.kr,
    )
    upfront = None if LackingFigure.PRICE in lacks else price_kr + terms.charge_points_kr
    return ChangeMoney(terms, tuple(lacks), upfront, uncounted_sale, uncounted_purchase)


def _uncounted_purchase(
    kind: KindFigures, count: int, held: int, point_kr: float
) -> UncountedPurchase | None:
    """What is not counted of the purchase of `count` vehicles of a kind that bring `held` charge
    points; None: all is."""
    if kind.capital_kr_year is None:
        held_by = PriceHolder.STATED
    elif kind.price_kr is None:
        held_by = PriceHolder.LEASE
    elif kind.brings_points and held:
        held_by = PriceHolder.PRICE
    else:
        return None
    return UncountedPurchase(
        held_by=held_by,
        count=count,
        like=kind.like if kind.price_kr is None else None,
        points=held if kind.brings_points else 0,
        point_kr=point_kr,
    )
