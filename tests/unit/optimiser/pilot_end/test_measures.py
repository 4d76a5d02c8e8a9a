"""What compares of two periods, and the goals that are held against them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.kind_figures import KindFigures
from costs.own_cost import paid_fixed_kr_year
from fleet.vehicle import Energy
from optimiser.ledger.leakage import HiredMonth, Means, Place
from optimiser.pilot_end.elsewhere import Elsewhere, found_elsewhere
from optimiser.pilot_end.evaluation import Outcome, Untold
from optimiser.pilot_end.figures import Measure, Quantity, compared
from optimiser.pilot_end.goals import GoalError, GoalText, Metric
from optimiser.pilot_end.measures import Doubt, Hired, doubts, hired_in, seasons_differ
from tests.samples.pilot_end import AFTER, BEFORE, SPRING, evaluation, goal

DAY = st.dates(date(2020, 1, 1), date(2030, 12, 31))
LENGTH = st.integers(0, 400).map(lambda days: timedelta(days=days))


def test_a_year_is_the_period_over_and_over() -> None:
    # 12 vehicles drove 1,800 km each in 56 days, at 1.20 kr. and 140 g a km.
    assert BEFORE.days == 56
    assert BEFORE.km_year == pytest.approx(12 * 1_800 * 365 / 56)
    assert BEFORE.driving_kr_year == pytest.approx(12 * 1_800 * 1.2 * 365 / 56)
    assert BEFORE.fleet_kr_year == pytest.approx(12 * 47_000 + 12 * 1_800 * 1.2 * 365 / 56)
    assert BEFORE.co2_t_year == pytest.approx(12 * 1_800 * 140 / 1e6 * 365 / 56)
    assert BEFORE.co2_kr_year == pytest.approx(BEFORE.co2_t_year * 1_500)
    assert BEFORE.days_used_share == pytest.approx(30 / 40)
    # Vehicles of which too little is known are no days without use.
    assert SPRING.known_share == pytest.approx(5 / 11)
    assert SPRING.days_used_share == pytest.approx(30 / 40)


def test_what_is_paid_together_has_taxis_where_both_are_known() -> None:
    found = evaluation(BEFORE, AFTER)
    assert found.paid_kr_year == pytest.approx(
        (BEFORE.fleet_kr_year + 48_000, AFTER.fleet_kr_year + 66_000)
    )
    assert Doubt.HIRED_UNKNOWN not in found.doubts
    without = evaluation(replace(BEFORE, hired=None), AFTER)
    assert without.paid_kr_year == pytest.approx((BEFORE.fleet_kr_year, AFTER.fleet_kr_year))
    assert Doubt.HIRED_UNKNOWN in without.doubts
    paid = next(one for one in compared(without) if one.measure is Measure.PAID)
    assert (paid.before, paid.after) == without.paid_kr_year
    alone = {one.measure: one.before for one in compared(evaluation(BEFORE, None))}
    parts = (Measure.FIXED, Measure.DRIVING, Measure.HIRED)
    assert alone[Measure.HIRED] == pytest.approx(48_000)
    assert alone[Measure.PAID] == pytest.approx(sum(alone[one] or 0.0 for one in parts))


def test_what_was_driven_is_not_compared_where_too_few_are_known() -> None:
    found = evaluation(BEFORE, SPRING)
    assert {Doubt.FEW_KNOWN_AFTER, Doubt.SHORT, Doubt.SEASONS} <= set(found.doubts)
    for one in compared(found):
        assert (one.change is None) == (one.measure.needs_known or one.measure is Measure.HIRED)
    values = {one.goal.metric: one for one in found.goals}
    assert values[Metric.FEWER_VEHICLES].value == pytest.approx(1 / 12)
    assert values[Metric.LOWER_CO2].why is Doubt.FEW_KNOWN_AFTER


def test_goals_are_reached_not_reached_or_cannot_be_told() -> None:
    outcomes = [one.outcome for one in evaluation(BEFORE, AFTER).goals]
    assert outcomes == [
        Outcome.REACHED,  # 12 became 10, and a tenth was the goal
        Outcome.NOT_YET,  # a sixth less CO2e of three tenths, and the day lies ahead
        Outcome.NOT_REACHED,  # its day has passed
        Outcome.NOT_YET,
        Outcome.NOT_YET,
    ]
    alone = evaluation(BEFORE, None).goals
    assert (alone[0].value, alone[0].outcome, alone[0].why) == (
        None,
        Outcome.UNKNOWN,
        Doubt.NO_AFTER,
    )
    assert evaluation(None, None).goals[1].why is Doubt.NO_BEFORE
    for one in evaluation(BEFORE, AFTER, is_whole=False).goals:
        assert (one.value, one.why) == (None, Untold.OF_ALL)


@given(st.floats(0.01, 1), st.sampled_from([one for one in Metric if one.is_share]))
def test_a_goal_is_reached_exactly_from_its_target_on(target: float, metric: Metric) -> None:
    stated = [goal(1, metric, target, date(2026, 1, 1))]
    [found] = evaluation(BEFORE, AFTER, goals=stated).goals
    assert found.value is not None
    assert (found.outcome is Outcome.REACHED) == (found.value >= target)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("target", {"target": 0.0}),
        ("target", {"target": float("nan")}),
        ("target", {"target": 1.01}),
        ("by", {"by": date(2300, 1, 1)}),
        ("source", {"source": "  "}),
    ],
)
def test_an_impossible_goal_names_its_field(field: str, values: dict[str, object]) -> None:
    usual: dict[str, object] = {
        "metric": Metric.USE,
        "target": 0.5,
        "by": date(2027, 1, 1),
        "source": "Budget",
    }
    with pytest.raises(GoalError) as refused:
        GoalText(**(usual | values))  # pyright: ignore[reportArgumentType]
    assert refused.value.field == field


@given(DAY, LENGTH, DAY, LENGTH)
def test_seasons_differ_both_ways_and_never_from_a_period_itself(
    first: date, days: timedelta, other: date, others: timedelta
) -> None:
    one, two = (first, first + days), (other, other + others)
    assert seasons_differ(one, two) == seasons_differ(two, one)
    assert not seasons_differ(one, one)


def test_the_same_weeks_of_two_years_are_one_season() -> None:
    autumn = date(2025, 9, 22), date(2025, 11, 16)
    assert not seasons_differ(autumn, (date(2026, 9, 21), date(2026, 11, 15)))
    assert seasons_differ(autumn, (date(2026, 4, 6), date(2026, 6, 1)))
    # A year holds every season.
    assert not seasons_differ(autumn, (date(2026, 1, 1), date(2026, 12, 31)))


def test_taxis_count_in_whole_months_of_the_pilots_places() -> None:
    def taxi(month: date, kr: float, department: str, depot_id: str | None = None) -> HiredMonth:
        return HiredMonth(
            month=month, means=Means.TAXI, place=Place(department, depot_id), kr=kr, km=1.0
        )

    months = [
        taxi(date(2026, 9, 1), 1.0, "Hjemmepleje"),  # begins before
        taxi(date(2026, 10, 1), 100.0, "Hjemmepleje"),
        taxi(date(2026, 10, 1), 10.0, "", "raadhuset"),
        taxi(date(2026, 10, 1), 1_000.0, "Jobcenter"),
        taxi(date(2026, 10, 1), 1_000.0, "Hjemmepleje", "andetsteds"),
        taxi(date(2026, 11, 1), 1.0, "Hjemmepleje"),  # ends after
    ]
    own = frozenset({"raadhuset"}), frozenset({"Hjemmepleje"})
    found = hired_in(date(2026, 9, 21), date(2026, 11, 15), months, *own)
    assert found is not None
    assert found == Hired(months=1, kr=110.0)
    assert found.kr_year == pytest.approx(1_320)
    assert hired_in(date(2026, 9, 21), date(2026, 10, 30), months, *own) is None


def test_periods_with_days_in_common_are_doubted() -> None:
    last = replace(AFTER, first=BEFORE.last)
    assert Doubt.OVERLAP in doubts(BEFORE, last, 0.8)
    assert Doubt.OVERLAP not in doubts(BEFORE, AFTER, 0.8)
    assert Doubt.BACKWARDS in doubts(AFTER, BEFORE, 0.8)
    assert Doubt.BACKWARDS not in doubts(BEFORE, AFTER, 0.8)


def test_what_an_owned_vehicle_is_worth_is_paid_already() -> None:
    kind = KindFigures(
        kind="car",
        name="Bil",
        energy=Energy.PETROL,
        offers=frozenset(),
        fixed_kr_year=40_000.0,
        kr_km=1.0,
        co2_g_km=100.0,
        range_km=None,
        charge_km_h=None,
        offered=False,
        capital_kr_year=25_000.0,
        price_kr=200_000.0,
        kr_year_of_value=0.275,
    )
    assert paid_fixed_kr_year(kind, None, None, None) == 40_000
    assert paid_fixed_kr_year(kind, 30_000.0, None, None) == pytest.approx(45_000)
    assert paid_fixed_kr_year(kind, None, 50_000.0, None) == pytest.approx(15_000)
    # What is leased is not worth anything to the municipality.
    assert paid_fixed_kr_year(kind, None, 50_000.0, date(2027, 1, 1)) == 40_000


def test_what_others_found_has_a_source_each() -> None:
    rows = found_elsewhere()
    assert {one.key for one in rows} == set(Elsewhere)
    assert all(one.source for one in rows)
    assert {measure.quantity for measure in Measure} == set(Quantity)
