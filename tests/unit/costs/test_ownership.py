"""What a vehicle costs and emits a year: identities that always hold, and cases done by hand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from costs.assumptions import (
    ENERGY_PRICES,
    Assumptions,
    Figure,
    FigureKey,
    YearFigures,
    shipped_assumptions,
)
from costs.basis import Basis
from costs.catalogue import (
    CatalogueError,
    CatalogueKind,
    Specification,
    StatedFigures,
    replaceable_by_green,
    starter_catalogue,
)
from costs.ownership import (
    LineKey,
    Ownership,
    annuity,
    assumed_rules,
    figures_by_kind,
    kind_figures,
    ownership,
)
from fleet.vehicle import Energy
from optimiser.model.problem import Kind, Rules

FIGURES = shipped_assumptions().at(2026)


def under(**values: float) -> YearFigures:
    """The shipped figures with some values of the test's own."""
    own = [
        Figure(key=FigureKey(key), valid_from=2026, value=value, source="test")
        for key, value in values.items()
    ]
    return shipped_assumptions().overlaid(own).at(2026)


def kind(
    figures: Specification | StatedFigures,
    energy: Energy = Energy.PETROL,
    offers: frozenset[str] = frozenset(),
) -> CatalogueKind:
    return CatalogueKind(
        kind="k",
        name="K",
        energy=energy,
        offers=offers,
        figures=figures,
        source="test",
        year=2026,
    )


PETROL = kind(Specification(price_kr=200_000, residual_share=0.5, wltp_use_100km=5.0))

amounts = st.floats(0, 1e6)


@st.composite
def specifications(draw: st.DrawFn) -> Specification:
    bought = draw(st.booleans())
    return Specification(
        price_kr=draw(amounts) if bought else None,
        residual_share=draw(st.floats(0, 1)),
        yearly_kr=None if bought else draw(amounts),
        tax_kr_year=draw(amounts),
        insurance_kr_year=draw(amounts),
        service_kr_year=draw(amounts),
        service_kr_km=draw(st.floats(0, 50)),
        wltp_use_100km=draw(st.floats(0, 200)),
        wltp_range_km=draw(st.floats(1, 1000)),
        battery_kwh=draw(st.floats(1, 1000)),
        charge_points=draw(st.floats(0, 3)),
    )


kinds = st.builds(kind, specifications(), st.sampled_from(Energy)) | st.builds(
    kind,
    st.builds(
        StatedFigures, fixed_kr_year=amounts, kr_km=st.floats(0, 50), co2_g_km=st.floats(0, 1000)
    ),
    st.sampled_from(Energy),
)
figures_of_a_year = st.builds(
    lambda year, rate, years: (
        shipped_assumptions()
        .overlaid(
            [
                Figure(key=FigureKey.DISCOUNT_RATE, valid_from=year, value=rate, source="test"),
                Figure(key=FigureKey.PERIOD_YEARS, valid_from=year, value=years, source="test"),
            ]
        )
        .at(year)
    ),
    st.integers(2024, 2030),
    st.floats(0, 0.5),
    st.integers(1, 30),
)


def line(cost: Ownership, key: LineKey) -> float:
    return sum(found.kr_year for found in cost.lines if found.key is key)


@given(kinds, figures_of_a_year, st.floats(0, 1e5))
def test_the_lines_are_the_models_cost_and_no_line_is_negative(
    one: CatalogueKind, figures: YearFigures, km: float
):
    """Sum of lines = yearly cost + km cost x km, which is what the optimiser pays."""
    cost = ownership(one, figures, km)
    assert cost.kr_year == pytest.approx(cost.fixed_kr_year + cost.kr_km * km)
    fixed = sum(found.kr_year for found in cost.lines if not found.per_km)
    assert fixed == pytest.approx(cost.fixed_kr_year)
    # Interest is a difference of two large amounts, true to a billionth of the price.
    assert all(found.kr_year >= -1e-3 for found in cost.lines)
    found = kind_figures(one, figures)
    assert (found.fixed_kr_year, found.kr_km) == pytest.approx((cost.fixed_kr_year, cost.kr_km))


@given(kinds, figures_of_a_year, st.floats(0, 1e5), st.floats(0, 1e5))
def test_more_km_are_never_cheaper_nor_cleaner(
    one: CatalogueKind, figures: YearFigures, km: float, more: float
):
    less, most = ownership(one, figures, km), ownership(one, figures, km + more)
    assert most.kr_year >= less.kr_year - 1e-6
    assert most.co2_t_year >= less.co2_t_year


@given(specifications(), st.integers(1, 30))
def test_at_no_discount_having_it_is_the_plain_sum_over_the_period(spec: Specification, years: int):
    figures = under(discount_rate=0, period_years=years)
    cost = ownership(kind(spec, Energy.ELECTRIC), figures, 0)
    lost = (spec.price_kr or 0) * (1 - spec.residual_share) + (spec.yearly_kr or 0) * years
    other = spec.tax_kr_year + spec.insurance_kr_year + spec.service_kr_year
    points = spec.charge_points * 40_000 / 10
    # What is lost is a small difference of large amounts where nearly all of the price is left.
    terms = (spec.price_kr or 0) + (spec.yearly_kr or 0) * years + (other + points) * years
    assert cost.kr_year * years == pytest.approx(
        lost + (other + points) * years, rel=1e-6, abs=1e-12 * terms
    )
    assert line(cost, LineKey.INTEREST) == pytest.approx(0, abs=1e-6)


@given(specifications(), st.floats(0.001, 0.5), st.integers(1, 30))
def test_the_yearly_amounts_are_worth_the_price_less_what_is_left(
    spec: Specification, rate: float, years: int
):
    """Present value: what an investment calculation in a spreadsheet would find."""
    figures = under(discount_rate=rate, period_years=years)
    cost = ownership(kind(spec), figures, 0)
    yearly = line(cost, LineKey.DEPRECIATION) + line(cost, LineKey.INTEREST)
    worth = sum(yearly / (1 + rate) ** year for year in range(1, years + 1))
    price = spec.price_kr or 0.0
    left = price * spec.residual_share / (1 + rate) ** years
    assert worth == pytest.approx(price - left, rel=1e-6, abs=1e-3)


@given(st.floats(1, 1e7), st.floats(1e-4, 0.5), st.integers(1, 40))
def test_an_annuity_costs_more_than_its_share_and_less_than_interest_on_all(
    capital: float, rate: float, years: int
):
    yearly = annuity(capital, rate, years)
    assert capital / years < yearly <= (capital / years + capital * rate) * (1 + 1e-9)


def test_a_petrol_car_by_hand():
    """200,000 kr, half of it left after 4 years at 4 %: PV of the rest 85,480.42, so 114,519.58
    over the annuity factor 3.629895 = 31,549.00 a year. 5 l/100 km x 1.198 x 14.49 kr = 0.86795
    kr/km; CO2e 0.0599 l/km x 2.576 kg = 154.30 g/km, or x 2.066 = 123.75 at the vehicle."""
    cost = ownership(PETROL, FIGURES, 15_000)
    assert cost.fixed_kr_year == pytest.approx(31_549.00, abs=0.01)
    assert line(cost, LineKey.DEPRECIATION) == 25_000
    assert line(cost, LineKey.INTEREST) == pytest.approx(6_549.00, abs=0.01)
    assert cost.kr_km == pytest.approx(0.867951)
    assert line(cost, LineKey.ENERGY) == pytest.approx(13_019.27, abs=0.01)
    assert cost.co2_wtw_g_km == pytest.approx(154.3024)
    assert cost.co2_ttw_g_km == pytest.approx(123.7534)
    # 2.3145 t x 1,500 kr, beside the sum and not in it.
    assert cost.co2_kr_year == pytest.approx(3_471.80, abs=0.01)
    assert cost.kr_year == pytest.approx(31_549.00 + 13_019.27, abs=0.02)


def test_an_electric_van_by_hand():
    """Range 300 km x 0.65 = 195 km in winter; 11 kW into 45 kWh regains 195 x 11/45 = 47.67 km an
    hour. A charge point of 40,000 kr over 10 years at 4 %: 40,000 / 8.110896 = 4,931.64 kr. 19
    kWh/100 km x 1.15 = 0.2185 kWh/km, at 2.10 kr = 0.45885 kr/km and 37 g = 8.0845 g/km."""
    van = kind(
        Specification(
            yearly_kr=50_000,
            wltp_use_100km=19,
            wltp_range_km=300,
            battery_kwh=45,
            charge_points=1,
        ),
        Energy.ELECTRIC,
        frozenset({"cargo"}),
    )
    found = kind_figures(van, FIGURES)
    assert found.range_km == pytest.approx(195)
    assert found.charge_km_h == pytest.approx(47.6667, abs=1e-4)
    assert found.fixed_kr_year == pytest.approx(54_931.64, abs=0.01)
    assert found.kr_km == pytest.approx(0.45885)
    assert found.co2_g_km == pytest.approx(8.0845)
    assert (found.kwh_km, found.charge_kw) == (pytest.approx(0.2185), 11)
    at_the_vehicle = kind_figures(van, under(well_to_wheel=0))
    assert at_the_vehicle.co2_g_km == 0


def test_a_lease_with_a_bought_successor_compares_in_one_currency():
    """OS2fleetoptimiser's demo amounts pass through as they are: 61,000 and 47,000 kr a year."""
    for yearly in (61_000, 47_000):
        leased = kind(Specification(yearly_kr=yearly, real_use_100km=6))
        assert ownership(leased, FIGURES, 0).kr_year == yearly


def test_the_clean_grid_of_later_years_shows():
    van = next(k for k in starter_catalogue() if k.kind == "elvarebil-stor")
    by_year = [
        kind_figures(van, shipped_assumptions().at(year)).co2_g_km for year in range(2024, 2031)
    ]
    assert by_year == sorted(by_year, reverse=True)
    assert by_year[0] / by_year[-1] == pytest.approx(50 / 12)


def test_stated_figures_go_through_untouched_whatever_prices_do():
    own = StatedFigures(fixed_kr_year=48_000, kr_km=1.2, co2_g_km=110, range_km=None)
    dear: Assumptions = shipped_assumptions().scaled(ENERGY_PRICES, 2)
    for figures in (FIGURES, dear.at(2026)):
        found = kind_figures(kind(own), figures)
        assert (found.fixed_kr_year, found.kr_km, found.co2_g_km) == (48_000, 1.2, 110)
    assert ownership(kind(own), FIGURES, 1_000).co2_wtw_g_km is None


def test_every_line_names_its_sources():
    for one in starter_catalogue():
        for found in ownership(one, FIGURES, 10_000).lines:
            assert found.inputs
            assert all(value.source or value.what == "km_year" for value in found.inputs)


def test_the_starter_catalogue_is_accepted_by_the_problem_and_names_its_estimates():
    found = figures_by_kind(starter_catalogue(), FIGURES)
    assert len(found) == len(starter_catalogue()) >= 18
    assert {one.energy for one in found.values()} >= set(Energy) - {Energy.HYDROGEN}
    for one in found.values():
        Kind(
            type=one.kind,
            count_now=0,
            min_count=0,
            energy=one.energy,
            fixed_kr_year=one.fixed_kr_year,
            kr_km=one.kr_km,
            co2_g_km=one.co2_g_km,
            range_km=one.range_km,
            charge_km_h=one.charge_km_h,
            limits=one.limits,
        )
    assert all("skøn" in one.source for one in starter_catalogue())


def test_a_kind_is_kept_and_read_as_it_was():
    for one in (*starter_catalogue(), kind(StatedFigures(fixed_kr_year=1, kr_km=2, co2_g_km=3))):
        assert CatalogueKind.from_json(one.to_json()) == one


def test_the_rules_that_are_assumptions():
    """16 km a litre of E10, well to wheel: 2,576 / 16 = 161 g/km; at the vehicle 129.1."""
    rules = assumed_rules(FIGURES)
    assert rules == pytest.approx(
        {
            "co2_kr_t": 1500,
            "fallback_kr_trip": 500,
            "fallback_kr_km": 3.94,
            "fallback_co2_g_km": 161,
        }
    )
    assert assumed_rules(under(well_to_wheel=0))["fallback_co2_g_km"] == pytest.approx(129.125)
    own = {"count_most": 10_000, "turnaround_min": 10, "green_only_new": True, "seed": 1}
    assert TypeAdapter(Rules).validate_python(own | rules).fallback_kr_trip == 500


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"price_kr": None}, "price_kr"),
        ({"yearly_kr": 1.0}, "price_kr"),
        ({"wltp_use_100km": None}, "wltp_use_100km"),
        ({"tax_kr_year": -1.0}, "tax_kr_year"),
        ({"residual_share": 1.5}, "residual_share"),
        ({"battery_kwh": 0.0}, "battery_kwh"),
        ({"wltp_range_km": 300.0}, "battery_kwh"),
        ({"service_kr_km": float("inf")}, "service_kr_km"),
    ],
)
def test_a_specification_that_cannot_be_names_its_field(change: dict[str, float], field: str):
    assert isinstance(PETROL.figures, Specification)
    with pytest.raises(CatalogueError) as refused:
        replace(PETROL.figures, **change)
    assert refused.value.field == field


def test_an_electric_kind_needs_a_range_and_a_kind_a_source():
    with pytest.raises(CatalogueError, match="wltp_range_km"):
        replace(PETROL, energy=Energy.ELECTRIC)
    with pytest.raises(CatalogueError, match="source"):
        replace(PETROL, source=" ")


@pytest.mark.parametrize(
    ("offers", "yearly_kr", "like"),
    [
        # A small electric car costs 52,223 a year as it is shipped, a middle one 66,561.
        ((), 46_000, ("Elbil, lille", 210_000)),
        ((), 61_000, ("Elbil, mellem", 290_000)),
        (("cargo",), 66_000, ("Elvarebil, lille", 240_000)),
        (("crane",), 300_000, None),
    ],
)
def test_a_kind_without_a_price_is_likened_to_the_shipped_one_of_the_nearest_yearly_cost(
    offers: tuple[str, ...], yearly_kr: float, like: tuple[str, float] | None
) -> None:
    leased = CatalogueKind(
        kind="own",
        name="Own",
        energy=Energy.ELECTRIC,
        offers=frozenset(offers),
        figures=StatedFigures(fixed_kr_year=yearly_kr, kr_km=1.0, co2_g_km=0.0),
        source="a contract",
        year=2026,
    )
    bought = next(one for one in starter_catalogue() if one.kind == "elbil-lille")
    kinds = Basis(shipped_assumptions(), [leased, bought], 2026).kinds
    found = kinds["own"].like
    assert (None if found is None else (found.name, found.price_kr)) == like
    assert found is None or (found.source, found.year) == ("skøn", 2026)
    assert kinds["elbil-lille"].like is None


def test_a_green_kind_follows_a_fossil_one_only_when_it_offers_as_much_and_is_no_bicycle():
    def one(name: str, energy: Energy, *offers: str) -> CatalogueKind:
        figures = StatedFigures(fixed_kr_year=1, kr_km=1, co2_g_km=1)
        capabilities = frozenset(offers)
        return CatalogueKind(
            kind=name,
            name=name,
            energy=energy,
            offers=capabilities,
            figures=figures,
            source="s",
            year=2026,
        )

    plain, cargo = one("a", Energy.PETROL), one("b", Energy.DIESEL, "cargo")
    electric, bicycle = one("c", Energy.ELECTRIC), one("d", Energy.BICYCLE, "cargo")
    assert replaceable_by_green([plain, cargo], [electric]) == [plain]
    assert replaceable_by_green([plain, cargo], [bicycle]) == []
    assert replaceable_by_green([plain], [cargo]) == []
    assert replaceable_by_green([cargo], [one("e", Energy.ELECTRIC, "cargo", "lift")]) == [cargo]
