"""Kinds of vehicle follow from the sourced figures."""

from dataclasses import replace

import pytest

from fleet.vehicle import Energy
from simulators.kind import PilotKind
from simulators.municipality import load_municipality

KINDS = load_municipality().kinds()


def test_a_petrol_car_costs_its_fuel_in_real_traffic_and_its_upkeep() -> None:
    """5.0 l per 100 km WLTP, +19.8 %, at 14.49 kr and 2.576 kg per litre, and 0.35 kr upkeep."""
    kind = KINDS["lille benzinbil"]
    assert kind.kr_km == pytest.approx(0.05 * 1.198 * 14.49 + 0.35, abs=0.005)
    assert kind.co2_g_km == pytest.approx(0.05 * 1.198 * 2576, abs=0.05)
    assert kind.range_km is None
    assert kind.charge_km_h is None


def test_an_electric_car_plans_with_its_winter_range() -> None:
    """WLTP 400 km x 0.65, and 11 kW fill 58 kWh in 58 / 11 hours."""
    kind = KINDS["elbil"]
    assert kind.range_km == 260
    assert kind.charge_km_h == pytest.approx(260 / (58 / 11), abs=0.05)
    assert kind.kr_km == pytest.approx(0.18 * 2.10 + 0.30, abs=0.005)
    assert kind.co2_g_km == pytest.approx(0.18 * 37, abs=0.05)


def test_the_source_names_costs_energy_and_emissions() -> None:
    source = KINDS["dieselbil"].source
    assert "kun til demo" in source
    assert "bt.dk" in source
    assert "q8.dk" in source


def test_parking_charges_an_electric_vehicle_up_to_full_and_no_other() -> None:
    electric, petrol = KINDS["lille elbil"], KINDS["lille benzinbil"]
    assert electric.level_after_parking(10.0, 3600) == 21.0
    assert electric.level_after_parking(40.0, 3600) == electric.store
    assert petrol.level_after_parking(10.0, 3600) == 10.0


def test_a_kind_without_figures_is_refused() -> None:
    municipality = load_municipality()
    row = municipality.kind[0]
    with pytest.raises(ValueError, match="'lille benzinbil': no figures for 'hydrogen'"):
        PilotKind.derive(replace(row, energy=Energy.HYDROGEN), municipality.figures)
    with pytest.raises(ValueError, match="needs wltp_range_km"):
        PilotKind.derive(replace(row, energy=Energy.ELECTRIC), municipality.figures)
