"""Two rounds' bases compared name what differs, and nothing else."""

from dataclasses import replace

from costs.assumptions import FigureKey, shipped_assumptions
from costs.basis_change import figure_changes, kind_changes, rule_changes
from costs.catalogue import starter_catalogue
from costs.measured_range import MeasuredRange, SeasonRange
from costs.ownership import figures_by_kind
from fleet.vehicle import Energy


def test_a_figure_that_moved_is_named_with_both_values() -> None:
    before = shipped_assumptions().at(2026)
    dearer = shipped_assumptions().scaled(FigureKey.PETROL_KR_L, 1.1).at(2026)
    assert figure_changes(before, before) == []
    [change] = figure_changes(before, dearer)
    assert (change.key, change.before) == (FigureKey.PETROL_KR_L, before[FigureKey.PETROL_KR_L])
    assert change.after == dearer[FigureKey.PETROL_KR_L]


def test_kinds_that_came_went_or_are_stated_otherwise_are_named() -> None:
    figures = shipped_assumptions().at(2026)
    first, second, third, *_ = starter_catalogue()
    old = [first, second]
    new = [replace(first, offered=not first.offered), third]
    changes = kind_changes(
        (old, figures_by_kind(old, figures)), (new, figures_by_kind(new, figures))
    )
    assert {change.name: (change.before is None, change.after is None) for change in changes} == {
        first.name: (False, False),
        second.name: (False, True),
        third.name: (True, False),
    }
    same = (old, figures_by_kind(old, figures))
    assert kind_changes(same, same) == []


def test_a_kind_that_only_costs_otherwise_by_an_assumption_is_not_named() -> None:
    kinds = list(starter_catalogue())
    before, after = (
        shipped_assumptions().at(2026),
        shipped_assumptions().scaled(FigureKey.ELECTRICITY_KR_KWH, 2).at(2026),
    )
    assert (
        kind_changes(
            (kinds, figures_by_kind(kinds, before)), (kinds, figures_by_kind(kinds, after))
        )
        == []
    )


def test_rules_are_compared_but_for_the_length_of_the_period() -> None:
    before = {"turnaround_min": 10, "co2_max_t_year": None, "period_days": 56.0}
    after = {"turnaround_min": 10, "co2_max_t_year": 31.5, "period_days": 28.0}
    [change] = rule_changes(before, after)
    assert (change.rule, change.before, change.after) == ("co2_max_t_year", None, 31.5)


def test_a_range_that_the_trips_told_is_said_to_be_measured() -> None:
    """The catalogue's range gives way to 150 km, which the vehicles came in winter."""
    figures = shipped_assumptions().at(2026)
    electric = next(one for one in starter_catalogue() if one.energy is Energy.ELECTRIC)
    winter = SeasonRange(150.0, 900.0, 40)
    measured = replace(electric, measured=MeasuredRange(winter=winter, otherwise=None))
    [change] = kind_changes(
        ([electric], figures_by_kind([electric], figures)),
        ([measured], figures_by_kind([measured], figures)),
    )
    assert (change.measured_before, change.measured_after) == (False, True)
    assert change.after is not None
    assert change.after.range_km == 150.0
