"""Figures hold from their year on, have a source, and can be changed without touching others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.assumptions import (
    ENERGY_PRICES,
    AssumptionError,
    Assumptions,
    Figure,
    FigureGroup,
    FigureKey,
    is_out_of_date,
    quantities,
    shipped_assumptions,
)


def test_every_key_has_a_shipped_figure_with_a_source_and_a_unit():
    assert set(quantities()) == set(FigureKey)
    for key in FigureKey:
        assert shipped_assumptions().at(2026).figure(key).source
        assert quantities()[key].unit


def test_the_grid_follows_the_published_years():
    grid = {
        year: shipped_assumptions().at(year)[FigureKey.GRID_G_KWH] for year in range(2023, 2033)
    }
    assert [grid[year] for year in range(2024, 2031)] == [50, 42, 37, 32, 13, 12, 12]
    assert (grid[2023], grid[2032]) == (50, 12)


def test_rates_of_two_years_are_both_kept():
    assert shipped_assumptions().at(2025)[FigureKey.MILEAGE_HIGH_KR_KM] == 3.81
    assert shipped_assumptions().at(2026)[FigureKey.MILEAGE_HIGH_KR_KM] == 3.94


@given(factor=st.floats(0.5, 1.5), year=st.integers(2020, 2040))
def test_scaling_moves_the_chosen_keys_and_no_other(factor: float, year: int):
    moved = shipped_assumptions().scaled(ENERGY_PRICES, factor).at(year)
    for key in FigureKey:
        expected = shipped_assumptions().at(year)[key] * (factor if key in ENERGY_PRICES else 1)
        assert moved[key] == pytest.approx(expected)


def test_a_figure_of_ones_own_takes_the_place_of_the_same_year_only():
    own = Figure(key=FigureKey.GRID_G_KWH, valid_from=2026, value=30, source="Energinet")
    changed = shipped_assumptions().overlaid([own])
    assert [changed.at(y)[FigureKey.GRID_G_KWH] for y in (2025, 2026, 2027)] == [42, 30, 32]
    assert changed.at(2026).figure(FigureKey.GRID_G_KWH).source == "Energinet"


def test_a_round_of_before_a_key_was_known_has_the_shipped_figure():
    kept = [one for one in shipped_assumptions().to_json() if one["key"] != "year_over_period"]
    read = Assumptions.from_json(kept).at(2026)
    assert read[FigureKey.YEAR_OVER_PERIOD] == 1


def test_what_a_round_keeps_is_read_again_as_it_was():
    assert Assumptions.from_json(shipped_assumptions().to_json()) == shipped_assumptions()


@pytest.mark.parametrize(
    ("key", "value", "year", "source", "word"),
    [
        (FigureKey.DISCOUNT_RATE, -0.01, 2026, "x", "discount_rate"),
        (FigureKey.DISCOUNT_RATE, 4, 2026, "x", "between"),
        (FigureKey.PERIOD_YEARS, 0, 2026, "x", "between"),
        (FigureKey.PETROL_KR_L, float("nan"), 2026, "x", "not a number"),
        (FigureKey.WELL_TO_WHEEL, 0.5, 2026, "x", "neither"),
        (FigureKey.NOTICE_MONTHS, 2.5, 2026, "x", "whole"),
        (FigureKey.PETROL_KR_L, 15, 26, "x", "no year"),
        (FigureKey.PETROL_KR_L, 15, 2026, " ", "source"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_by_name(
    key: FigureKey, value: float, year: int, source: str, word: str
):
    with pytest.raises(AssumptionError, match=word):
        Figure(key=key, valid_from=year, value=value, source=source)


def test_two_figures_of_one_key_and_year_contradict_each_other():
    figure = Figure(key=FigureKey.PETROL_KR_L, valid_from=2026, value=15, source="x")
    with pytest.raises(AssumptionError, match="same year"):
        Assumptions((figure, figure))


def test_a_key_without_a_figure_is_named():
    few = Assumptions(
        tuple(f for f in shipped_assumptions().figures if f.key is not FigureKey.HVO_KR_L)
    )
    with pytest.raises(AssumptionError, match="hvo_kr_l"):
        few.at(2026)


def test_figures_are_grouped_for_people():
    assert {quantity.group for quantity in quantities().values()} == set(FigureGroup)


@pytest.mark.parametrize(("year", "old"), [(2023, False), (2024, True), (2026, True)])
def test_a_price_of_2023_is_out_of_date_from_2024_on(year: int, old: bool):
    petrol = shipped_assumptions().at(year).figure(FigureKey.PETROL_KR_L)
    assert petrol.valid_from == 2023
    assert is_out_of_date(petrol, year) is old


def test_those_out_of_date_are_told_the_oldest_first_and_a_new_figure_ends_it():
    shipped = shipped_assumptions()
    old = shipped.at(2026).out_of_date
    assert [figure.valid_from for figure in old] == sorted(figure.valid_from for figure in old)
    assert FigureKey.HVO_KR_L in {figure.key for figure in old}
    assert FigureKey.PERIOD_YEARS not in {figure.key for figure in old}  # a choice does not age
    own = Figure(key=FigureKey.HVO_KR_L, valid_from=2026, value=18.0, source="Egen aftale")
    left = shipped.overlaid([own]).at(2026).out_of_date
    assert left == [figure for figure in old if figure.key is not FigureKey.HVO_KR_L]
