"""Flespi-style JSON, as a gateway forwards it."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.moments import NO_MOMENT
from ingest.protocols.flespi import decode
from ingest.protocols.unreadable import Unreadable

GOOD: dict[str, Any] = {
    "ident": "d1",
    "timestamp": 1795255200,
    "position.latitude": 55.77,
    "position.longitude": 12.5,
}
FULL: dict[str, Any] = {
    **GOOD,
    "position.speed": 50,
    "position.direction": 90,
    "position.altitude": 20,
    "position.satellites": 9,
    "position.valid": True,
    "position.hdop": 0.8,
    "engine.ignition.status": True,
    "movement.status": True,
    "external.powersource.voltage": 12.6,
    "battery.level": 90,
    "can.fuel.level": 40,
    "vehicle.mileage": 12_345.6,
}


def test_every_parameter_becomes_its_field() -> None:
    [position] = decode(orjson.dumps([FULL])).positions
    assert position.ts.isoformat() == "2026-11-21T10:00:00+00:00"
    assert (position.device, position.lat, position.lon) == ("d1", 55.77, 12.5)
    assert (position.speed_kmh, position.heading_deg, position.altitude_m) == (50, 90, 20)
    assert (position.satellites, position.ignition, position.battery_v) == (9, True, 12.6)
    assert (position.fuel_pct, position.odometer_km, position.soc_pct) == (40, 12_345.6, None)
    assert orjson.loads(position.attrs or b"") == {
        "hdop": 0.8,
        "movement": True,
        "tracker_battery_pct": 90,
    }


def test_a_gateway_that_says_there_is_no_fix_is_believed() -> None:
    [position] = decode(orjson.dumps([{**FULL, "position.valid": False}])).positions
    assert position.satellites == 0


def test_other_parameters_are_neither_read_nor_kept() -> None:
    message = decode(orjson.dumps([GOOD, {**FULL, "ibutton.code": "0123", "soc_pct": 5}]))
    assert message.positions[1] == decode(orjson.dumps(FULL)).positions[0]
    assert orjson.loads(message.original(1)) == FULL


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ident": ""}, "ident"),
        ({"ident": 7}, "ident"),
        ({"timestamp": ["soon"]}, "timestamp"),
        ({"position.latitude": {"north": 1}}, "position.latitude"),
    ],
)
def test_a_wrong_parameter_is_named_with_its_element(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Unreadable) as caught:
        decode(orjson.dumps([GOOD, {**GOOD, **change}]))
    assert [(error.index, error.field) for error in caught.value.errors] == [(1, field)]


@pytest.mark.parametrize("timestamp", ["soon", "", None, True, 1e300, -1e17])
def test_a_time_that_cannot_be_read_costs_its_own_message(timestamp: object) -> None:
    message = decode(orjson.dumps([GOOD, {**GOOD, "timestamp": timestamp, "ibutton.code": "0123"}]))
    assert [one.ts.year for one in message.positions] == [2026, NO_MOMENT.year]
    assert orjson.loads(message.original(1)) == {**GOOD, "timestamp": timestamp}


def test_an_optional_parameter_of_the_wrong_type_costs_itself() -> None:
    message = decode(orjson.dumps([{**FULL, "position.altitude": "12,5"}]))
    assert message.positions[0].altitude_m is None
    assert (message.positions[0].speed_kmh, message.left_out) == (50, ["altitude_m"])


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(Unreadable, match=r"\[0\].timestamp: Field required"):
        decode(orjson.dumps([{name: GOOD[name] for name in GOOD if name != "timestamp"}]))


@pytest.mark.parametrize("change", [{"position.latitude": None}, {"position.valid": False}])
def test_an_element_without_a_place_has_no_fix_and_the_others_are_read(
    change: dict[str, Any],
) -> None:
    placed, unplaced = decode(orjson.dumps([FULL, {**FULL, **change}])).positions
    assert (placed.satellites, placed.lat) == (9, 55.77)
    assert unplaced.satellites == 0


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        decode(body)
    except Unreadable as error:
        assert error.errors
