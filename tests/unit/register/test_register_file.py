"""A register file is read, or refused with every vehicle and field that is wrong."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from register.register_file import ERRORS_SHOWN_MAX, RegisterError, read_register

DEPOT: dict[str, Any] = {"id": "mg", "name": "Gården", "lat": 55.77, "lon": 12.5, "radius_m": 100}
FIGURES: dict[str, Any] = {
    "energy": "diesel",
    "offers": "cargo",
    "fixed_kr_year": 40_000,
    "kr_km": 1.5,
    "co2_g_km": 150,
    "range_km": None,
    "charge_km_h": None,
    "source": "the books",
}
VEHICLE: dict[str, Any] = FIGURES | {
    "vehicle_id": "LTK-1",
    "device": "chip-1",
    "name": "Lille hvide",
    "kind": "van",
    "department": "Vej",
    "pool": "mg",
    "contract_end": "2028-04-30",
    "unit": "km",
    "mileage_km": 84_200,
}


def file_of(directory: Path, vehicles: Any, **others: Any) -> Path:
    file = directory / "register.json"
    content = {"depots": [DEPOT], "catalogue": [], "vehicles": vehicles} | others
    file.write_text(json.dumps(content))  # says 1e300 and Infinity as they are
    return file


def refusal(file: Path) -> str:
    with pytest.raises(RegisterError) as refused:
        read_register(file)
    return str(refused.value)


def test_what_can_be_is_read(tmp_path: Path) -> None:
    last = VEHICLE | {"vehicle_id": "LTK-2", "contract_end": "2199-12-31", "mileage_km": 4e6}
    register = read_register(file_of(tmp_path, [VEHICLE, last | {"contract_end": None}, last]))
    assert [one.contract_end for one in register.vehicles] == [
        *(date(2028, 4, 30), None, date(2199, 12, 31)),
    ]
    assert [one.mileage_km for one in register.vehicles] == [84_200, 4e6, 4e6]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contract_end", "0001-01-01"),
        ("contract_end", "1969-12-31"),
        ("contract_end", "2200-01-01"),
        ("contract_end", "9999-12-31"),
        ("contract_end", "soon"),
        ("contract_end", 0),
        ("contract_end", 1e300),
        ("mileage_km", 1e300),
        ("mileage_km", 10_000_000),
        ("mileage_km", -1),
        ("mileage_km", float("nan")),
        ("fixed_kr_year", 1e300),
        ("kr_km", 10_000_000),
        ("co2_g_km", 10_000_000),
        ("range_km", 10_000_000),
        ("range_km", 0),
        ("charge_km_h", 1e300),
        ("use_km", 10_000_000),
        ("upkeep_kr_km", float("inf")),
        ("store", 10_000_000),
        ("charge_kw", 10_000_000),
        ("wltp_range_km", 1e300),
        ("unit", "miles"),
    ],
)
def test_what_cannot_be_is_refused_with_its_vehicle_and_field(
    tmp_path: Path, field: str, value: object
) -> None:
    wrong = VEHICLE | {"vehicle_id": "LTK-2", field: value}
    told = refusal(file_of(tmp_path, [VEHICLE, wrong]))
    assert "nothing is loaded: vehicle LTK-2: " + field + ": " in told
    assert "LTK-1" not in told
    assert repr(value) in told


@pytest.mark.parametrize(
    ("table", "row", "name"),
    [
        ("catalogue", FIGURES | {"type": "van", "kr_km": 1e300}, "kind van: kr_km: "),
        ("depots", DEPOT | {"radius_m": 1e300}, "depot mg: radius_m: "),
        ("depots", DEPOT | {"lat": float("nan")}, "depot mg: lat: "),
        ("depots", {"name": "Gården"}, "depot 1: id: Field required"),
    ],
)
def test_a_kind_and_a_depot_are_named_likewise(
    tmp_path: Path, table: str, row: dict[str, Any], name: str
) -> None:
    assert name in refusal(file_of(tmp_path, [], **{table: [row]}))


def test_every_wrong_field_is_named_until_there_are_too_many(tmp_path: Path) -> None:
    wrong = VEHICLE | {"contract_end": "0001-01-01", "mileage_km": 1e300}
    told = refusal(file_of(tmp_path, [wrong]))
    assert told.count("vehicle LTK-1: ") == 2
    told = refusal(file_of(tmp_path, [wrong] * ERRORS_SHOWN_MAX))
    assert told.count("vehicle LTK-1: ") == ERRORS_SHOWN_MAX
    assert told.endswith(f"and {ERRORS_SHOWN_MAX} more")


@pytest.mark.parametrize("vehicles", ["many", [7], [[]], {"LTK-1": VEHICLE}])
def test_what_is_no_list_of_vehicles_is_refused(tmp_path: Path, vehicles: object) -> None:
    assert "vehicle" in refusal(file_of(tmp_path, vehicles))


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "\x00"])
def test_what_is_no_register_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "register.json"
    file.write_text(content)
    assert str(file) in refusal(file)
