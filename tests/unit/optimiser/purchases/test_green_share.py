"""The share of green purchases by year, and by which principle a vehicle left."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.vehicle import Energy
from optimiser.purchases.disposals import Basis, basis_of
from optimiser.purchases.green_share import GoalState, green_shares
from optimiser.purchases.principles import Principle, shipped_principles

SHIPPED = shipped_principles()
CONTRACT = SHIPPED.of(Principle.CONTRACT_END)


@dataclass(frozen=True)
class Bought:
    bought_on: date
    energy: Energy
    counts: bool = True


def bought(year: int, *energies: Energy) -> list[Bought]:
    return [Bought(date(year, 6, 1), one) for one in energies]


def test_each_year_is_held_against_the_goal_and_bicycles_stand_apart() -> None:
    all_bought = [
        *bought(2023, Energy.DIESEL),
        *bought(2024, Energy.ELECTRIC, Energy.BIOGAS, Energy.HVO, Energy.BICYCLE),
        *bought(2025, Energy.HYDROGEN, Energy.ELECTRIC),
        Bought(date(2025, 12, 31), Energy.PETROL, counts=False),
    ]
    found = green_shares(all_bought, SHIPPED, 2026)
    assert [(one.year, one.motor, one.green, one.bicycles, one.state) for one in found] == [
        (2026, 0, 0, 0, GoalState.NOTHING_BOUGHT),
        (2025, 2, 2, 0, GoalState.MET),
        (2024, 3, 2, 1, GoalState.MISSED),
        (2023, 1, 0, 0, GoalState.NO_GOAL),
    ]
    assert [one.share for one in found] == [None, 1.0, pytest.approx(2 / 3), 0.0]
    assert [one.goal for one in found] == [1.0, 1.0, 1.0, None]


def test_a_goal_of_two_thirds_is_met_by_two_of_three() -> None:
    rules = SHIPPED.overlaid([replace(SHIPPED.of(Principle.GREEN), figure=200 / 3)])
    [year] = green_shares(
        bought(2026, Energy.ELECTRIC, Energy.ELECTRIC, Energy.DIESEL), rules, 2026
    )
    assert year.state is GoalState.MET


@given(
    st.lists(
        st.builds(
            Bought,
            bought_on=st.dates(date(2022, 1, 1), date(2027, 12, 31)),
            energy=st.sampled_from(Energy),
            counts=st.booleans(),
        ),
        max_size=30,
    ),
    st.integers(0, 100),
)
def test_every_purchase_that_counts_is_in_one_year(all_bought: list[Bought], goal: int) -> None:
    rules = SHIPPED.overlaid([replace(SHIPPED.of(Principle.GREEN), figure=float(goal))])
    found = green_shares(all_bought, rules, 2026)
    assert sum(one.motor + one.bicycles for one in found) == sum(one.counts for one in all_bought)
    assert [one.year for one in found] == sorted({one.year for one in found}, reverse=True)
    for one in found:
        counted = [
            each.energy for each in all_bought if each.counts and each.bought_on.year == one.year
        ]
        motor = [each for each in counted if each != "bicycle"]
        green = [each for each in motor if each in ("electric", "biogas", "hydrogen")]
        assert (one.motor, one.green, one.not_green) == (
            len(motor),
            len(green),
            len(motor) - len(green),
        )
        if one.state in (GoalState.MET, GoalState.MISSED):
            met = Fraction(len(green), len(motor)) >= Fraction(goal, 100)
            assert (one.state is GoalState.MET) == met


def test_a_disposal_has_the_principle_that_was_stated_or_that_its_papers_tell() -> None:
    end = date(2027, 6, 30)

    def of(
        *,
        stated: Principle | None = None,
        proposal_id: int | None = None,
        requested: Principle | None = None,
        contract_end: date | None = end,
        day: date = end,
    ) -> tuple[Basis, Principle | None]:
        return basis_of(
            stated=stated,
            proposal_id=proposal_id,
            requested=requested,
            contract_end=contract_end,
            day=day,
            contract=CONTRACT,
        )

    least, ends = Principle.LEAST_USE, Principle.CONTRACT_END
    assert of(stated=least, proposal_id=1) == (Basis.STATED, least)
    assert of(proposal_id=1, requested=least) == (Basis.PROPOSAL, None)
    assert of(requested=least) == (Basis.REQUEST, least)
    assert of() == (Basis.CONTRACT, ends)
    assert of(day=end - timedelta(days=30)) == (Basis.CONTRACT, ends)
    assert of(day=end - timedelta(days=31)) == (Basis.UNSAID, None)
    assert of(day=end + timedelta(days=500)) == (Basis.CONTRACT, ends)
    assert of(contract_end=None) == (Basis.UNSAID, None)
    # Before the principle held, nobody left by it.
    assert of(contract_end=date(2020, 1, 1), day=date(2020, 1, 1)) == (Basis.UNSAID, None)
