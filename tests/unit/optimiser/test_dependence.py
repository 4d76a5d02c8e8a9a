"""How much the answer depends on a figure: by hand, and against the model computed again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from costs.assumptions import FigureKey, shipped_assumptions
from costs.basis import Basis
from costs.catalogue import CatalogueKind, Specification
from fleet.vehicle import Energy
from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import DrivenTrip, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.parts.fleet_use import FleetUse, KindUse
from optimiser.parts.part_plan import PartInput, PartPlan, plan_part
from optimiser.studies.dependence import (
    FigureDependence,
    dependences,
    kind_dependences,
    moves_an_offer,
)
from tests.unit.optimiser import depots
from tests.unit.optimiser.depots import pool_vehicle

YEAR = 2026
MONDAY = datetime(2026, 11, 16, 7, tzinfo=UTC)


def kind(name: str, energy: Energy, figures: Specification) -> CatalogueKind:
    return CatalogueKind(
        kind=name, name=name, energy=energy, offered=True, figures=figures, source="test", year=YEAR
    )


BASIS = Basis(
    shipped_assumptions(),
    [
        kind("car", Energy.PETROL, Specification(yearly_kr=30_000, real_use_100km=5.0)),
        kind(
            "ecar",
            Energy.ELECTRIC,
            Specification(
                yearly_kr=40_000,
                real_use_100km=15.0,
                wltp_range_km=300,
                battery_kwh=50,
                charge_points=1.0,
            ),
        ),
    ],
    YEAR,
)
RULES = BASIS.rules | {"co2_kr_t": 0.0}


def use(car: tuple[int, float], ecar: tuple[int, float], taxi_km: float, built: int) -> FleetUse:
    return FleetUse(
        kinds=(
            KindUse(kind="car", vehicles=car[0], km_year=car[1]),
            KindUse(kind="ecar", vehicles=ecar[0], km_year=ecar[1]),
        ),
        fallback_trips_year=0.0,
        fallback_km_year=taxi_km,
        built=built,
    )


TODAY = use((2, 20_000), (1, 8_000), 0, 0)
PROPOSED = use((1, 6_000), (2, 21_000), 1_000, 1)


def by_key(rules: dict[str, float]) -> dict[FigureKey, FigureDependence]:
    return {one.key: one for one in dependences(BASIS, rules, [TODAY], [PROPOSED])}


def test_what_a_tenth_on_the_yearly_cost_of_each_kind_moves_by_hand() -> None:
    """An electric car costs 40,000 kr. a year and its charge point, which counts apart; there is
    one more of them at each of two depots, and of the petrol cars one less."""
    found = kind_dependences(BASIS, [TODAY, TODAY], [PROPOSED, PROPOSED])
    assert [(one.kind, one.now, one.then) for one in found] == [("ecar", 2, 4), ("car", 4, 2)]
    assert [(one.cost_kr_year, one.saving_kr_year) for one in found] == [
        pytest.approx((16_000, -8_000)),
        pytest.approx((6_000, 6_000)),
    ]


def test_what_a_tenth_on_each_figure_moves_by_hand() -> None:
    """Petrol: 6,000 km at 5 l/100 km are 300 l, today 1,000 l. Power: 21,000 km at 15 kWh/100 km
    are 3,150 kWh, today 1,200. The taxi drives 1,000 km. One charge point is built."""
    found = by_key(RULES)
    value = BASIS.figures
    petrol, power = value[FigureKey.PETROL_KR_L], value[FigureKey.ELECTRICITY_KR_KWH]
    taxi = value[FigureKey.MILEAGE_HIGH_KR_KM]
    point = BASIS.kinds["ecar"].charge_point_kr_year
    expected = {
        FigureKey.PETROL_KR_L: (30 * petrol, 100 * petrol - 30 * petrol),
        FigureKey.ELECTRICITY_KR_KWH: (315 * power, 120 * power - 315 * power),
        FigureKey.MILEAGE_HIGH_KR_KM: (100 * taxi, -100 * taxi),
        FigureKey.CHARGE_POINT_KR: (point / 10, -point / 10),
    }
    for key, (cost, saving) in expected.items():
        assert (found[key].cost_kr_year, found[key].saving_kr_year) == pytest.approx((cost, saving))
    # Nothing runs on diesel, the price of CO2e is the round's own, and range is no cost.
    assert not {
        FigureKey.DIESEL_KR_L,
        FigureKey.CO2_KR_T,
        FigureKey.PETROL_WTW_KG_L,
        FigureKey.WINTER_RANGE_OVER_WLTP,
    } & set(found)


def test_a_tenth_more_trips_in_a_year_are_driven_by_the_same_fleet() -> None:
    """Each km that is driven, and each that goes by taxi, is driven 1.1 times."""
    found = by_key(RULES)[FigureKey.YEAR_OVER_PERIOD]
    car, ecar = BASIS.kinds["car"].kr_km, BASIS.kinds["ecar"].kr_km
    proposed = 6_000 * car + 21_000 * ecar + 1_000 * RULES["fallback_kr_km"]
    today = 20_000 * car + 8_000 * ecar
    assert found.cost_kr_year == pytest.approx(proposed / 10)
    assert found.saving_kr_year == pytest.approx((today - proposed) / 10)


def test_the_value_of_co2_moves_where_it_is_that_of_the_assumptions() -> None:
    """Well to wheel, 300 l of petrol and 3,150 kWh emit what the figures say, and so does the
    taxi."""
    found = by_key(BASIS.rules)[FigureKey.CO2_KR_T]
    kinds, rules = BASIS.kinds, BASIS.rules
    grams = 6_000 * kinds["car"].co2_g_km + 21_000 * kinds["ecar"].co2_g_km
    grams += 1_000 * rules["fallback_co2_g_km"]
    assert found.cost_kr_year == pytest.approx(grams / 1e6 * rules["co2_kr_t"] / 10)


def test_the_vehicles_with_costs_of_their_own_do_not_move_with_their_kind() -> None:
    """A kind that is bought: its depreciation moves with the evaluation period."""
    bought = kind(
        "car", Energy.PETROL, Specification(price_kr=200_000, residual_share=0.5, real_use_100km=5)
    )
    basis = replace(BASIS, catalogue=[bought, BASIS.catalogue[1]])
    by_kind, own = use((1, 6_000), (0, 0), 0, 0), use((0, 6_000), (0, 0), 0, 0)
    moved = {one.key for one in dependences(basis, RULES, [by_kind], [by_kind])}
    assert FigureKey.PERIOD_YEARS in moved
    moved = {one.key for one in dependences(basis, RULES, [own], [own])}
    assert FigureKey.PERIOD_YEARS not in moved
    assert FigureKey.PETROL_KR_L in moved


@pytest.mark.parametrize(
    "key", [FigureKey.PETROL_KR_L, FigureKey.CO2_KR_T, FigureKey.PETROL_WTW_KG_L]
)
def test_a_figure_moves_a_plan_that_has_no_choice_as_the_model_says(key: FigureKey) -> None:
    """Two cars that must stay, one of them of a silent tracker, drive what they drove: the plan is
    made again with the figure a tenth higher."""
    cars = [
        replace(pool_vehicle(1, "car", Fate.CONTRACT), cost_kr_year=33_000.0),
        pool_vehicle(2, "car", Fate.UNKNOWN),
    ]
    trips = [
        DrivenTrip(
            trip_id=f"{car} {day}",
            vehicle_id=f"v{car}",
            start=MONDAY + timedelta(days=day),
            end=MONDAY + timedelta(days=day, hours=2),
            km=10.0 * car,
        )
        for car in (1, 2)
        for day in range(7)
    ]

    def planned(basis: Basis) -> PartPlan:
        part_input = PartInput(
            depots=(VehiclePool("d", cars, trips),),
            kinds={"car": basis.kinds["car"]},
            rules=replace(
                depots.RULES,
                co2_kr_t=basis.rules["co2_kr_t"],
                fallback_kr_trip=5_000.0,
                fallback_kr_km=basis.rules["fallback_kr_km"],
                fallback_co2_g_km=basis.rules["fallback_co2_g_km"],
            ),
            verdicts=Verdicts(),
            first=MONDAY,
            last=MONDAY + timedelta(days=7),
        )
        return plan_part(lambda: False, part_input, seconds_max=10, gap=0)

    plan, moved = planned(BASIS), planned(BASIS.scaled(key, 1.1))
    uses = plan.depots[0].uses
    assert uses is not None
    rules = BASIS.rules | {"fallback_kr_trip": 5_000.0}
    found = {one.key: one for one in dependences(BASIS, rules, uses[:1], uses[1:])}
    assert found[key].cost_kr_year == pytest.approx(moved.cost_kr_year - plan.cost_kr_year)
    assert found[key].saving_kr_year == pytest.approx(0)


def test_a_figure_of_a_kind_that_nobody_is_offered_moves_no_offer() -> None:
    hvo = kind("hvo", Energy.HVO, Specification(yearly_kr=50_000, real_use_100km=7.0))
    offered = replace(BASIS, catalogue=[*BASIS.catalogue, hvo])
    fleet_only = replace(BASIS, catalogue=[*BASIS.catalogue, replace(hvo, offered=False)])
    assert moves_an_offer(offered, FigureKey.HVO_KR_L)
    assert not moves_an_offer(fleet_only, FigureKey.HVO_KR_L)
    assert moves_an_offer(fleet_only, FigureKey.PETROL_KR_L)
    # A charge point counts where one must be built, which the fleets tell.
    assert not moves_an_offer(offered, FigureKey.CHARGE_POINT_KR)
    unbuilt, built = (use((1, 1_000.0), (2, 2_000.0), 0.0, built) for built in (0, 2))
    keys = [FigureKey.CHARGE_POINT_KR, FigureKey.HVO_KR_L]
    assert dependences(offered, RULES, [unbuilt], [unbuilt], keys) == []
    [one] = dependences(offered, RULES, [unbuilt], [built], keys)
    assert one.key is FigureKey.CHARGE_POINT_KR
