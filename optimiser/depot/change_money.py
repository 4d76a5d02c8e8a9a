"""The money of a change of the fleet: what a budget is made of, and which figures are lacking."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from costs.budget import MoneyTerms
from costs.kind_figures import KindFigures
from costs.own_cost import unpaid_kr_year
from optimiser.depot.charge_points import ChargePoints
from optimiser.depot.decision_key import Action
from optimiser.depot.fleet_changes import FleetChange


class LackingFigure(StrEnum):
    """A figure that would tell the money of a decision, and that is not known."""

    #: What the vehicle costs a year: its kind's figure holds.
    YEARLY = "yearly"
    #: What the sale of a vehicle brings that has no contract: nothing is counted.
    SALE = "sale"
    #: What leaving its contract costs: the vehicle stays until the contract ends.
    EXIT = "exit"
    #: What a new vehicle costs, or whether it is bought: its kind's yearly cost holds.
    PRICE = "price"


class ChangeMoney(NamedTuple):
    """The terms of a change, the figures that are lacking, and what is to be paid first in kr.;
    None: that is not known."""

    terms: MoneyTerms
    lacks: tuple[LackingFigure, ...]
    upfront_kr: float | None


def change_money(
    change: FleetChange,
    kinds: Mapping[str, KindFigures],
    points: ChargePoints,
    built: int,
    saving_kr_year: float,
    co2_value_kr_year: float,
) -> ChangeMoney:
    """The money of a change that saves `saving_kr_year`, `co2_value_kr_year` of it the value of
    CO2e, and for which `built` charge points must be built."""
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
    price_kr, sale_kr = 0.0, 0.0
    contract_end = exit_kr = None
    vehicle = change.leaving
    if vehicle is not None:
        kind = kinds[vehicle.kind]
        contract_end, exit_kr = vehicle.contract_end, vehicle.exit_cost_kr
        sale_kr = vehicle.sale_value_kr or 0.0
        unpaid += unpaid_kr_year(kind, vehicle.cost_kr_year, vehicle.sale_value_kr) or 0.0
        if kind.own_of is None:
            lacks.append(LackingFigure.YEARLY)
        if vehicle.sale_value_kr is None and contract_end is None:
            lacks.append(LackingFigure.SALE)
        if exit_kr is None and contract_end is not None:
            lacks.append(LackingFigure.EXIT)
    if change.new_kind is not None:
        new = kinds[change.new_kind]
        if new.capital_kr_year is None:
            lacks.append(LackingFigure.PRICE)
        elif new.price_kr is not None:
            price_kr = new.price_kr * change.count
            unpaid -= new.capital_kr_year * change.count
    terms = MoneyTerms(
        saving_kr_year=saving_kr_year,
        unpaid_kr_year=unpaid,
        contract_end=contract_end,
        exit_kr=exit_kr,
        sale_kr=sale_kr,
        price_kr=price_kr,
        charge_points_kr=built * points.kr,
    )
    upfront = None if LackingFigure.PRICE in lacks else price_kr + terms.charge_points_kr
    return ChangeMoney(terms, tuple(lacks), upfront)
