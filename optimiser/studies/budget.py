"""The savings of decisions in each year, as a budget has them, and what is not known for that.

Pages, the report and the interface show what is computed here.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from costs.budget import (
    BudgetYear,
    Departure,
    Leaving,
    MoneyTerms,
    budget,
    departure,
    next_month,
    summed,
)
from costs.own_cost import NoSale
from fleet.localtime import local_day
from optimiser.depot.change_money import LackingFigure, UncountedPurchase, UncountedSale
from optimiser.depot.decisions import Decision

#: The decisions whose budget is remembered: those of a few rounds of a large municipality.
DECISIONS_KEPT = 4_096

#: The rounds of which the month after them is remembered.
ROUNDS_KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionBudget:
    """What one decision saves in each year, when it takes hold, and what is not known of it. Of a
    bundle the sale and the purchase that are not counted are those of its first such part."""

    terms: MoneyTerms
    departure: Departure
    years: Sequence[BudgetYear]
    lacks: Sequence[LackingFigure]
    uncounted_sale: UncountedSale | None
    uncounted_purchase: UncountedPurchase | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What some decisions save together in each year, from the month `begins` on.

    `paid_kr_year` of `saving_kr_year`, the saving of a full year, is what a budget sees once all is
    in place. `leaving` counts decisions by when they take hold. `lacking` counts those for which a
    figure is not known, and `kind_kr_year` is what those save together that rest on the yearly cost
    of a kind, as the register has none of the vehicle. It may be more than `saving_kr_year`, as
    others may cost something. `uncounted_sales` counts the sales that are not
    counted, of which the register says that they bring `uncounted_sale_kr`. New vehicles of
    `uncounted_purchases` have one-off costs that are not counted: about `uncounted_purchase_kr`.
    """

    begins: date
    years: Sequence[BudgetYear]
    saving_kr_year: float
    paid_kr_year: float
    leaving: Mapping[Leaving, int]
    lacking: Mapping[LackingFigure, int]
    kind_kr_year: float
    charge_points: int
    uncounted_sales: Mapping[NoSale, int]
    uncounted_sale_kr: float
    uncounted_purchases: int
    uncounted_purchase_kr: float


@lru_cache(ROUNDS_KEPT)
def begins_after(finished_at: datetime) -> date:
    """The month in which the decisions of a round that finished then may take hold. Each of its
    hundreds of proposals asks."""
    return next_month(local_day(finished_at))


@lru_cache(DECISIONS_KEPT)
def decision_budget(decision: Decision, begins: date) -> DecisionBudget:
    """What a decision saves in each year, if it may take hold in the month `begins`. It is worked
    out once, as each page of a round sums it over hundreds of decisions."""
    terms = _terms(decision)
    found = departure(terms, begins)
    return DecisionBudget(
        terms=terms,
        departure=found,
        years=budget(terms, begins),
        lacks=[
            lack
            for lack in _lacks(decision)
            # Where no contract runs any more, nothing is paid for leaving it.
            if lack is not LackingFigure.EXIT or found.leaving is Leaving.CONTRACT_END
        ],
        uncounted_sale=decision.uncounted_sale,
        uncounted_purchase=decision.uncounted_purchase,
    )


def joint_budget(
    parts: Sequence[DecisionBudget], terms: Sequence[MoneyTerms], begins: date
) -> DecisionBudget:
    """What a bundle saves in each year, where `terms` are those of all its parts; what is not known
    is that of `parts`. It takes hold with the last of them."""
    last = max(terms, key=lambda one: departure(one, begins).day)
    whole = last
    for one in terms:
        whole = whole if one is last else whole.plus(one)
    return DecisionBudget(
        terms=whole,
        departure=departure(last, begins),
        years=summed((budget(one, begins) for one in terms), begins),
        lacks=list(dict.fromkeys(lack for one in parts for lack in one.lacks)),
        uncounted_sale=next((one.uncounted_sale for one in parts if one.uncounted_sale), None),
        uncounted_purchase=next(
            (one.uncounted_purchase for one in parts if one.uncounted_purchase), None
        ),
    )


def budget_together(found: Sequence[tuple[Decision, DecisionBudget]], begins: date) -> Budget:
    """What decisions save together in each year, each with what it saves by itself."""
    each = [one for _, one in found]
    bought = [one.uncounted_purchase for one in each if one.uncounted_purchase is not None]
    unsold = [one.uncounted_sale for one in each if one.uncounted_sale is not None]
    return Budget(
        begins=begins,
        years=summed((one.years for one in each), begins),
        saving_kr_year=sum(one.terms.saving_kr_year for one in each),
        paid_kr_year=sum(one.terms.paid_kr_year for one in each),
        leaving=Counter(one.departure.leaving for one in each),
        lacking=Counter(lack for one in each for lack in one.lacks),
        kind_kr_year=sum(
            one.terms.saving_kr_year for one in each if LackingFigure.YEARLY in one.lacks
        ),
        charge_points=sum(one.charge_points for one, _ in found),
        uncounted_sales=Counter(one.reason for one in unsold),
        uncounted_sale_kr=sum(one.kr or 0.0 for one in unsold),
        uncounted_purchases=len(bought),
        uncounted_purchase_kr=sum(one.about_kr for one in bought),
    )


def _terms(decision: Decision) -> MoneyTerms:
    """The terms of a decision; of a round of earlier software, those that it tells."""
    if decision.money is not None:
        return decision.money
    return MoneyTerms(saving_kr_year=decision.saving_kr_year, contract_end=decision.contract_end)


def _lacks(decision: Decision) -> Sequence[LackingFigure]:
    if decision.money is not None or decision.vehicle_id is None:
        return decision.lacks
    return (LackingFigure.YEARLY,)
