"""Vehicles by their own cost, and charge points that exist: what the plan makes of them."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from costs.budget import Leaving, MoneyTerms
from costs.kind_figures import LikePrice
from costs.own_cost import NoSale
from fleet.vehicle import Energy
from optimiser.depot.change_money import LackingFigure, PriceHolder, UncountedSale
from optimiser.depot.charge_points import charge_points, points_kr_year, solve_with_points
from optimiser.depot.decision_key import Action
from optimiser.depot.decisions import Decision
from optimiser.depot.fate import Fate
from optimiser.depot.own_kinds import GROUPS_MAX, with_own_kinds
from optimiser.depot.pool_cost import cost_function
from optimiser.depot.pool_problem import fleet_problem
from optimiser.depot.vehicle_pool import DrivenTrip, PoolVehicle, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.parts.part_plan import (
    PartInput,
    PartPlan,
    counted_input,
    part_points,
    part_problem,
    plan_part,
)
from optimiser.solve import solve
from optimiser.studies.budget import Budget, budget_together, decision_budget
from optimiser.studies.curve import best_at_price
from tests.unit.optimiser import depots
from tests.unit.optimiser.depots import kind, pool_vehicle

MONDAY = datetime(2026, 11, 16, 7, tzinfo=UTC)
RULES = replace(depots.RULES, period_days=7.0, green_only_new=False, co2_kr_t=0)

#: One charge point for each electric vehicle, at 18,000 kr. or 2,400 a year.
POINT = {"charge_points": 1.0, "charge_point_kr": 18_000.0, "charge_point_kr_year": 2_400.0}

KINDS = {
    "car": replace(
        kind("car", Energy.PETROL, fixed=50_000, kr_km=2.0),
        capital_kr_year=38_000.0,
        price_kr=190_000.0,
        kr_year_of_value=0.15,
    ),
    "ecar": replace(
        kind("ecar", Energy.ELECTRIC, fixed=46_400, kr_km=0.5, offered=True),
        capital_kr_year=34_000.0,
        **POINT,
    ),
}


def saved_together(decisions: Iterable[Decision], begins: date) -> Budget:
    return budget_together([(one, decision_budget(one, begins)) for one in decisions], begins)


def together(out: int, vehicles: list[PoolVehicle], points: int | None = None) -> VehiclePool:
    """A depot whose vehicles drove 10 km every day of a week, `out` of them at a time."""
    trips = [
        DrivenTrip(
            trip_id=f"{one.vehicle_id} {day}",
            vehicle_id=one.vehicle_id,
            start=MONDAY + timedelta(days=day, hours=3 * (number // out)),
            end=MONDAY + timedelta(days=day, hours=3 * (number // out) + 2),
            km=10.0,
        )
        for day in range(7)
        for number, one in enumerate(vehicles)
    ]
    return VehiclePool("d", vehicles, trips, points)


def input_of(depot: VehiclePool) -> PartInput:
    return PartInput(
        depots=(depot,),
        kinds=KINDS,
        rules=RULES,
        verdicts=Verdicts(),
        first=MONDAY,
        last=MONDAY + timedelta(days=7),
    )


def plan_of(depot: VehiclePool) -> PartPlan:
    return plan_part(lambda: False, input_of(depot), seconds_max=10, gap=0)


def changes_of(plan: PartPlan) -> list[Decision]:
    return [one for one in plan.decisions if one.action is not Action.KEEP]


def test_the_vehicle_goes_that_costs_most_by_its_own_figures_and_saves_its_own_cost() -> None:
    """One of three is needed at a time. Rents of 30,000 and 60,000, each with 50,000 - 38,000 =
    12,000 of tax, insurance and service; the third costs its kind's 50,000. The one for 42,000
    must stay, and the trips of all cost as much by one car as by another."""
    cars = [
        replace(pool_vehicle(1, "car", Fate.CONTRACT), cost_kr_year=30_000.0),
        replace(
            pool_vehicle(2, "car"),
            cost_kr_year=60_000.0,
            contract_end=date(2027, 6, 30),
            exit_cost_kr=5_000.0,
        ),
        pool_vehicle(3, "car"),
    ]
    plan = plan_of(together(1, cars))
    gone = {one.vehicle_id: one for one in changes_of(plan)}
    assert {key: round(one.saving_kr_year) for key, one in gone.items()} == {
        "v2": 72_000,
        "v3": 50_000,
    }
    money = gone["v2"].money
    assert money is not None
    assert replace(money, saving_kr_year=72_000) == MoneyTerms(
        saving_kr_year=72_000, contract_end=date(2027, 6, 30), exit_kr=5_000.0
    )
    assert gone["v2"].lacks == ()
    assert gone["v3"].lacks == (LackingFigure.YEARLY, LackingFigure.SALE)
    # People read of one kind of car.
    assert [(c.count_now, c.count) for c in plan.depots[0].changes] == [(3, 1)]
    assert {one.kind for one in plan.decisions} == {"Car"}
    assert plan.lower_bound_kr_year == pytest.approx(plan.cost_kr_year)


def test_the_charge_point_that_exists_is_not_saved_when_its_car_goes() -> None:
    """46,400 a year hold 2,400 of a charge point: letting one of two go saves 44,000."""
    plan = plan_of(together(1, [pool_vehicle(1, "ecar"), pool_vehicle(2, "ecar")]))
    [gone] = changes_of(plan)
    assert gone.saving_kr_year == pytest.approx(44_000)
    need = plan.depots[0].charge_points
    assert need is not None
    assert (need.existing, need.today, need.proposed, need.to_build) == (2, 2, 1, 0)


def test_a_vehicle_is_sold_or_its_lease_is_saved_and_never_both() -> None:
    """Of four cars one is needed at a time, the one for 12,000 + 5,000 of rent. v1 is of a kind
    that is leased for 72,000, v2 has a rent of 60,000 and v3 is owned: 40,000 * 0.15 = 6,000 beside
    12,000. Each would bring 90,000 or 40,000 by the register. In 2026 one month is left, and the
    contracts of the leased ones are not known: they go after three months of notice, in March."""
    every = {
        **KINDS,
        "leased": replace(
            kind("leased", Energy.PETROL, fixed=72_000, kr_km=2.0), capital_kr_year=72_000.0
        ),
    }
    kinds = {name: replace(one, notice_months=3) for name, one in every.items()}
    cars = [
        replace(pool_vehicle(1, "leased"), sale_value_kr=90_000.0),
        replace(pool_vehicle(2, "car"), sale_value_kr=90_000.0, cost_kr_year=60_000.0),
        replace(pool_vehicle(3, "car"), sale_value_kr=40_000.0),
        replace(pool_vehicle(4, "car", Fate.CONTRACT), cost_kr_year=5_000.0),
    ]
    asked = replace(input_of(together(1, cars)), kinds=kinds)
    plan = plan_part(lambda: False, asked, seconds_max=10, gap=0)
    gone = {one.vehicle_id: one for one in changes_of(plan)}
    assert {name: round(one.saving_kr_year) for name, one in gone.items()} == {
        "v1": 72_000,
        "v2": 72_000,
        "v3": 18_000,
    }
    assert {name: one.uncounted_sale for name, one in gone.items()} == {
        "v1": UncountedSale(reason=NoSale.KIND, kr=90_000.0),
        "v2": UncountedSale(reason=NoSale.PAYMENT, kr=90_000.0),
        "v3": None,
    }
    years = {
        name: [round(year.total_kr) for year in decision_budget(one, date(2026, 12, 1)).years]
        for name, one in gone.items()
    }
    assert years == {
        "v1": [0, 60_000, 72_000, 72_000, 72_000],
        "v2": [0, 60_000, 72_000, 72_000, 72_000],
        "v3": [41_000, 12_000, 12_000, 12_000, 12_000],
    }
    together_kr = saved_together(gone.values(), date(2026, 12, 1))
    assert together_kr.uncounted_sales == {NoSale.KIND: 1, NoSale.PAYMENT: 1}
    assert together_kr.uncounted_sale_kr == 180_000
    assert LackingFigure.SALE not in together_kr.lacking
    assert together_kr.lacking[LackingFigure.CONTRACT] == 2
    assert together_kr.leaving == {Leaving.NOTICE: 2, Leaving.AT_ONCE: 1}
    assert {name: LackingFigure.CONTRACT in one.lacks for name, one in gone.items()} == {
        "v1": True,
        "v2": True,
        "v3": False,
    }


LIKE = LikePrice(name="Elbil, lille", price_kr=210_000.0, source="skøn", year=2026)


@pytest.mark.parametrize(
    ("figures", "held_by", "upfront_kr", "about_kr"),
    [
        # Leased for 40,000 with its charge point: bought, 210,000 and 18,000 for each of two.
        ({"capital_kr_year": 40_000.0, "like": LIKE}, PriceHolder.LEASE, 0, 2 * 228_000),
        # The same, where the kind names a charge point: that is counted, and to be built.
        (
            {"capital_kr_year": 37_600.0, "like": LIKE, "charge_points": 1.0},
            PriceHolder.LEASE,
            36_000,
            420_000,
        ),
        # Leased, and nothing that is shipped is like it: the charge points are known.
        ({"capital_kr_year": 40_000.0}, PriceHolder.LEASE, 0, 36_000),
        # 40,000 as a whole: nobody knows what is in it.
        ({"like": LIKE}, PriceHolder.STATED, None, 2 * 228_000),
        # Bought, with no charge point named.
        ({"capital_kr_year": 30_000.0, "price_kr": 200_000.0}, PriceHolder.PRICE, 400_000, 36_000),
        # Bought, with its charge point: all is counted.
        (
            {"capital_kr_year": 30_000.0, "price_kr": 200_000.0, "charge_points": 1.0},
            None,
            400_000 + 36_000,
            None,
        ),
    ],
)
def test_one_off_costs_of_a_new_vehicle_are_counted_or_named_with_about_how_much_they_are(
    figures: dict[str, Any],
    held_by: PriceHolder | None,
    upfront_kr: float | None,
    about_kr: float | None,
) -> None:
    """Two petrol cars of 50,000 give way to two electric ones of 40,000 a year. What each decision
    says is to be paid first is what its budget pays in its year, and what their sums say."""
    new = kind("new", Energy.ELECTRIC, fixed=40_000, kr_km=0.5, offered=True)
    kinds = {
        "car": KINDS["car"],
        "new": replace(new, charge_point_kr=18_000.0, charge_point_kr_year=2_400.0, **figures),
    }
    depot = together(2, [pool_vehicle(1, "car"), pool_vehicle(2, "car")])
    plan = plan_part(lambda: False, replace(input_of(depot), kinds=kinds), seconds_max=10, gap=0)
    changes = changes_of(plan)
    assert [one.action for one in changes] == [Action.REPLACE] * 2
    bought = [one.uncounted_purchase for one in changes]
    if held_by is None:
        assert bought == [None, None]
    else:
        assert {one.held_by for one in bought if one is not None} == {held_by}
        assert sum(one.about_kr for one in bought if one is not None) == about_kr
    each = [one.upfront_kr for one in changes]
    assert (None if None in each else sum(kr or 0 for kr in each)) == upfront_kr
    money = saved_together(changes, date(2026, 12, 1))
    paid = -sum(year.price_kr + year.charge_points_kr for year in money.years)
    assert paid == (upfront_kr or 0)
    assert money.uncounted_purchases == (0 if held_by is None else 2)
    assert money.uncounted_purchase_kr == (about_kr or 0)


@pytest.mark.parametrize(("points", "to_build"), [(None, 2), (0, 2), (1, 1), (5, 0)])
def test_a_new_electric_car_pays_for_a_charge_point_beyond_those_that_exist(
    points: int | None, to_build: int
) -> None:
    """Two petrol cars of 50,000 + 7 * 10 km * 52.14 weeks * 2.0 kr. give way to electric ones of
    44,000, at 0.5 kr. a km, and 2,400 more for each charge point that is built."""
    plan = plan_of(together(2, [pool_vehicle(1, "car"), pool_vehicle(2, "car")], points))
    changes = changes_of(plan)
    assert {one.action for one in changes} == {Action.REPLACE}
    km = 70 * 365 / 7
    total = 2 * (50_000 - 44_000 + km * 1.5) - to_build * 2_400
    assert sum(one.saving_kr_year for one in changes) == pytest.approx(total)
    assert sum(one.charge_points for one in changes) == to_build
    assert sum(one.upfront_kr or 0 for one in changes) == to_build * 18_000
    # The new cars are rented; of their cost a budget pays all but the charge points' 2,400 a year.
    money = [one.money for one in changes if one.money]
    assert sum(one.unpaid_kr_year for one in money) == pytest.approx(-to_build * 2_400)
    need = plan.depots[0].charge_points
    assert need is not None
    assert (need.to_build, need.kr, need.is_known) == (
        to_build,
        to_build * 18_000,
        points is not None,
    )
    assert plan.lower_bound_kr_year == pytest.approx(plan.cost_kr_year)


#: An electric car for a yearly amount that holds its charge point, as nothing is said of one.
LEASED = replace(kind("lease", Energy.ELECTRIC, fixed=52_000, kr_km=0.5), capital_kr_year=52_000.0)


def test_the_charge_point_of_an_electric_car_is_there_for_the_one_that_replaces_it() -> None:
    """Three leased electric cars for 52,000 give way to rented ones for 44,000, beside a charge
    point each; those of the leased ones stand there: 3 x 8,000 are saved, and nothing is built."""
    kinds = {**KINDS, "lease": LEASED}
    depot = together(3, [pool_vehicle(n, "lease") for n in range(3)])
    plan = plan_part(lambda: False, replace(input_of(depot), kinds=kinds), seconds_max=10, gap=0)
    changes = changes_of(plan)
    assert [one.action for one in changes] == [Action.REPLACE] * 3
    assert sum(one.saving_kr_year for one in changes) == pytest.approx(3 * 8_000)
    assert [(one.charge_points, one.upfront_kr) for one in changes] == [(0, 0)] * 3
    need = plan.depots[0].charge_points
    assert need is not None
    assert (need.existing, need.today, need.proposed, need.to_build) == (3, 3, 3, 0)
    assert plan.lower_bound_kr_year == pytest.approx(plan.cost_kr_year)


@pytest.mark.parametrize(
    ("lease", "ecar", "registered", "built", "held"),
    [
        (2, 0, None, 0, 0),  # as today
        (0, 2, None, 0, 0),  # those of the leased cars that go are free
        (0, 3, None, 1, 0),  # one more than stood there
        (2, 1, None, 1, 0),  # the leased cars keep theirs
        (3, 0, None, 0, 1),  # a new leased car brings its own
        (3, 2, None, 2, 1),  # and leaves none for others
        (2, 1, 3, 0, 0),  # a third one is registered
        (0, 0, 3, 0, 0),
    ],
)
def test_leased_cars_take_the_points_that_stand_and_bring_those_beyond(
    lease: int, ecar: int, registered: int | None, built: int, held: int
) -> None:
    """Two leased electric cars stand there, whose kind names no charge point and is on offer."""
    kinds = {"lease": replace(LEASED, offered=True), "ecar": KINDS["ecar"]}
    depot = together(2, [pool_vehicle(n, "lease") for n in range(2)], registered)
    points = charge_points(depot, [depot], kinds)["d"]
    counts = {"lease": lease, "ecar": ecar}
    assert (points.built(counts), points.held(counts)) == (built, held)
    assert points.cost_kr_year(counts) == built * 2_400
    # A third leased car that came from another pool left its charge point there.
    came = points.with_arrivals({"lease": 1})
    assert came.built(counts) == built + held


@pytest.mark.parametrize("seed", range(6))
def test_the_plan_and_its_bound_are_right_for_every_fleet_with_its_charge_points(seed: int) -> None:
    """All counts of three electric kinds, one of which brings its charge points, and a petrol one
    are tried by themselves."""
    rng = random.Random(seed)
    kinds = {
        "car": kind(
            "car", Energy.PETROL, fixed=rng.uniform(8_000, 14_000), kr_km=2.0, offered=True
        ),
        "ecar": replace(
            kind(
                "ecar", Energy.ELECTRIC, fixed=rng.uniform(10_000, 15_000), kr_km=0.5, offered=True
            ),
            **POINT,
        ),
        "evan": replace(
            kind(
                "evan", Energy.ELECTRIC, fixed=rng.uniform(10_000, 15_000), kr_km=0.7, offered=True
            ),
            **(POINT | {"charge_points": 0.5}),
        ),
        "lease": kind(
            "lease", Energy.ELECTRIC, fixed=rng.uniform(11_000, 17_000), kr_km=0.6, offered=True
        ),
    }
    cars = [pool_vehicle(n, rng.choice(["car", "ecar", "lease"])) for n in range(4)]
    depot = together(rng.randint(2, 4), cars, rng.choice([None, 1, 2, 3]))
    problem = fleet_problem([depot], kinds, RULES)
    points = charge_points(depot, [depot], kinds)
    found = solve_with_points(problem, points, seconds_max=10, gap=0)
    assert found.plan.best.cost_kr_year is not None
    assert found.lower_bound_kr_year is not None
    evaluate = cost_function(problem, found.plan, "d", seconds_max=10, gap=0)
    least = min(
        evaluate(counts).cost_kr_year + points["d"].cost_kr_year(counts)
        for numbers in product(range(5), repeat=4)
        for counts in [dict(zip(kinds, numbers, strict=True))]
    )
    assert found.plan.best.cost_kr_year + points_kr_year(found.plan.best, points) == pytest.approx(
        least, abs=1
    )
    assert found.lower_bound_kr_year <= least + 1


def test_a_depot_has_few_costs_of_a_kind_however_many_rents_there_are() -> None:
    """Up to eight rents are exact; thirty that lie close together are rounded."""
    few = [replace(pool_vehicle(n, "car"), cost_kr_year=30_001.0 + 777 * n) for n in range(8)]
    _, kinds = with_own_kinds([together(1, few)], KINDS)
    own = [one.fixed_kr_year for one in kinds.values() if one.own_of == "car"]
    assert own == [42_001.0 + 777 * n for n in range(8)]
    many = [replace(pool_vehicle(n, "car"), cost_kr_year=30_000.0 + 333 * n) for n in range(30)]
    [depot], kinds = with_own_kinds([together(1, many)], KINDS)
    own = [one for one in kinds.values() if one.own_of == "car"]
    assert 4 <= len(own) <= GROUPS_MAX
    for vehicle, priced in zip(many, depot.vehicles, strict=True):
        cost = kinds[priced.kind].fixed_kr_year
        assert cost == pytest.approx(12_000 + (vehicle.cost_kr_year or 0), abs=1_000)
    again, kinds_again = with_own_kinds([depot], kinds)
    assert (list(again), kinds_again) == ([depot], kinds)


def test_counts_of_kinds_alike_cost_what_each_of_them_costs_by_itself() -> None:
    """Kinds that differ by their yearly cost alone are solved as one, and counted as they are."""
    cars = [
        replace(pool_vehicle(n, "car"), cost_kr_year=cost)
        for n, cost in enumerate((20_000.0, 31_000.0, None, 45_000.0))
    ]
    [depot], kinds = with_own_kinds([together(2, cars)], KINDS)
    problem = fleet_problem([depot], kinds, RULES)
    plan = solve(problem, seconds_max=10, gap=0)
    evaluate = cost_function(problem, plan, "d", seconds_max=10, gap=0)
    own = [kind.type for kind in problem.kinds if kind.type.startswith("car")]
    assert len(own) == 4
    for numbers in product((0, 1), repeat=4):
        counts = {"ecar": 0} | dict(zip(own, numbers, strict=True))
        exact = tuple(
            replace(k, count_now=counts[k.type], min_count=counts[k.type], max_count=counts[k.type])
            for k in problem.kinds
        )
        found = solve(replace(problem, kinds=exact), seconds_max=10, gap=0).best.cost_kr_year
        assert evaluate(counts).cost_kr_year == pytest.approx(found)


def test_the_curve_begins_at_the_plan_with_the_charge_points_that_it_builds() -> None:
    """CO2e has no price in these rules, so the cheapest fleet of the curve is that of the plan."""
    depot = together(2, [pool_vehicle(1, "car"), pool_vehicle(2, "car")], 1)
    asked = counted_input(input_of(depot))
    points = part_points(asked)
    first = best_at_price(part_problem(asked).problem, points, 0.0, seconds_max=10, gap=0)
    plan = plan_of(depot)
    assert plan.depots[0].charge_points is not None
    assert plan.depots[0].charge_points.to_build == 1
    assert first.cost_kr_year == pytest.approx(plan.cost_kr_year)
    assert first.bound_kr_year == pytest.approx(plan.lower_bound_kr_year)


def test_no_charge_point_is_said_to_be_held_where_one_that_exists_is_free() -> None:
    """An electric car for 60,000 gives way to a leased one for 52,000, and its point is there."""
    kinds = {
        "dear": kind("dear", Energy.ELECTRIC, fixed=60_000, kr_km=0.5),
        "lease": replace(LEASED, offered=True, like=LIKE),
    }
    depot = together(1, [pool_vehicle(1, "dear")])
    plan = plan_part(lambda: False, replace(input_of(depot), kinds=kinds), seconds_max=10, gap=0)
    [change] = changes_of(plan)
    assert change.uncounted_purchase is not None
    assert (change.uncounted_purchase.points, change.uncounted_purchase.about_kr) == (0, 210_000)
    need = plan.depots[0].charge_points
    assert need is not None
    assert (need.existing, need.proposed, need.to_build, need.held) == (1, 1, 0, 0)
