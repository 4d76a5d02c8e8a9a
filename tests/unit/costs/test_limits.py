"""The limits of a kind are told once, and stand beside its other fields where they are kept."""

from datetime import time
from math import inf, nan

import pytest

from costs.catalogue import CatalogueError, CatalogueKind, StatedFigures
from costs.limits import DayWindow, KindLimits, Limit, LimitFault
from fleet.vehicle import Energy
from optimiser.model.check_duty import LIMIT_NUMBERS
from optimiser.model.files import kind_cells
from optimiser.model.problem import Kind, Problem, ProblemError
from tests.unit.optimiser.cases import BICYCLE, RULES, trip

ALL = KindLimits(max_trip_km=8, max_day_km=30, window=DayWindow(time(7), time(15, 30)))


def bicycle(limits: KindLimits) -> CatalogueKind:
    return CatalogueKind(
        kind="bicycle",
        name="Bicycle",
        energy=Energy.BICYCLE,
        figures=StatedFigures(fixed_kr_year=2_000, kr_km=0, co2_g_km=0),
        limits=limits,
        source="an invoice",
        year=2026,
    )


def test_a_kind_is_kept_with_each_limit_under_its_own_name() -> None:
    kept = bicycle(ALL).to_json()
    assert (kept["max_trip_km"], kept["max_day_km"]) == (8, 30)
    assert kept["window"] == ["07:00:00", "15:30:00"]
    assert set(Limit) <= kept.keys()
    assert "limits" not in kept
    assert CatalogueKind.from_json(kept) == bicycle(ALL)
    assert CatalogueKind.from_json(bicycle(KindLimits()).to_json()) == bicycle(KindLimits())


def test_a_fleet_file_has_a_column_for_each_limit_and_the_checker_knows_it() -> None:
    one = trip(1, "2026-03-02T08:00", "2026-03-02T09:00")
    (cells,) = kind_cells(Problem(trips=(one,), kinds=(BICYCLE,), rules=RULES))
    assert set(Limit) == cells.keys() & set(Limit)
    assert {*LIMIT_NUMBERS, "window"} == set(Limit)


def test_a_window_is_read_as_it_was_written() -> None:
    assert str(ALL.window) == "07:00-15:30"
    assert DayWindow.parse("07:00-15:30") == ALL.window
    for wrong in ("", "07:00", "07:00-", "07:00-15:30-16:00", "seven-eight"):
        with pytest.raises(ValueError, match=r"unpack|isoformat"):
            DayWindow.parse(wrong)


@pytest.mark.parametrize(
    ("limits", "limit", "fault"),
    [
        (KindLimits(max_trip_km=0), Limit.MAX_TRIP_KM, LimitFault.ZERO),
        (KindLimits(max_day_km=-1), Limit.MAX_DAY_KM, LimitFault.NEGATIVE),
        (KindLimits(max_day_km=inf), Limit.MAX_DAY_KM, LimitFault.NO_NUMBER),
        (KindLimits(max_trip_km=nan), Limit.MAX_TRIP_KM, LimitFault.NO_NUMBER),
        (
            KindLimits(window=DayWindow(time(8), time(8))),
            Limit.WINDOW,
            LimitFault.ENDS_BEFORE,
        ),
    ],
)
def test_a_limit_that_cannot_be_is_refused_by_catalogue_and_problem(
    limits: KindLimits, limit: Limit, fault: LimitFault
) -> None:
    refusal = limits.refusal()
    assert refusal is not None
    assert (refusal.limit, refusal.fault) == (limit, fault)
    with pytest.raises(CatalogueError) as in_catalogue:
        bicycle(limits)
    assert in_catalogue.value.field == limit
    with pytest.raises(ProblemError, match=limit.value):
        Kind(
            type="bicycle",
            count_now=0,
            min_count=0,
            energy=Energy.BICYCLE,
            fixed_kr_year=2_000,
            kr_km=0,
            co2_g_km=0,
            limits=limits,
        )


def test_limits_that_can_be_are_not_refused() -> None:
    assert ALL.refusal() is None
    assert KindLimits().refusal() is None
