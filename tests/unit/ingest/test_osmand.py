"""The OsmAnd protocol: query, form and JSON."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.position import SpeedUnit
from ingest.protocols.osmand import decode_json, decode_query, names_device_and_time
from ingest.protocols.unreadable import Unreadable

RECEIVED = datetime(2026, 11, 21, 10, tzinfo=UTC)


def test_a_query_with_everything() -> None:
    query = (
        b"id=d1&lat=55.77&lon=12.5&timestamp=1795255200&speed=10&bearing=90&altitude=20"
        b"&accuracy=5&hdop=1.5&batt=80&charge=true&valid=true"
    )
    [position] = decode_query(query, RECEIVED).positions
    assert position.ts == RECEIVED
    assert position.speed_kmh == pytest.approx(18.52)
    assert (position.heading_deg, position.altitude_m, position.accuracy_m) == (90, 20, 5)
    assert orjson.loads(position.attrs or b"") == {
        "hdop": 1.5,
        "phone_battery_pct": 80,
        "phone_charging": True,
    }


def test_the_phones_battery_is_not_the_vehicles() -> None:
    [position] = decode_query(b"id=d1&lat=1&lon=2&batt=80&charge=1", RECEIVED).positions
    assert position.soc_pct is None
    assert position.charging is None


@pytest.mark.parametrize(
    "timestamp",
    [b"1795255200", b"1795255200000", b"2026-11-21T10:00:00Z", b"2026-11-21%2010:00:00"],
)
def test_a_timestamp_in_every_form(timestamp: bytes) -> None:
    query = b"deviceid=d1&location=55.77,12.5&timestamp=" + timestamp
    [position] = decode_query(query, datetime(2000, 1, 1, tzinfo=UTC)).positions
    assert (position.ts, position.lat, position.lon) == (RECEIVED, 55.77, 12.5)


def test_without_a_timestamp_it_is_the_time_of_receipt() -> None:
    assert decode_query(b"id=d&lat=1&lon=2", RECEIVED).positions[0].ts == RECEIVED


@pytest.mark.parametrize("name", ["odometer_km", "odometer", "ignition", "soc_pct", "attrs"])
def test_a_sender_cannot_set_what_the_protocol_does_not_have(name: str) -> None:
    query = f"id=d1&lat=1&lon=2&{name}=1".encode()
    assert (
        decode_query(query, RECEIVED).positions
        == decode_query(b"id=d1&lat=1&lon=2", RECEIVED).positions
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (b"lat=1&lon=2", "id"),
        (b"id=d1&lon=2", "lat"),
        (b"id=d1&location=5", "lon"),
        (b"id=d1&lat=NaN&lon=2", "lat"),
        (b"id=d1&lat=1&lon=Infinity", "lon"),
        (b"id=d1&lat=1&lon=2&timestamp=soon", "timestamp"),
        (b"id=d1&lat=1&lon=2&timestamp=99999999999999999", "timestamp"),
        (b"", "id"),
    ],
)
def test_what_cannot_be_read_names_the_field(query: bytes, field: str) -> None:
    with pytest.raises(Unreadable) as caught:
        decode_query(query, RECEIVED)
    assert caught.value.errors[0].field == field


@pytest.mark.parametrize("value", ["NaN", "12,5", "Infinity", "high"])
@pytest.mark.parametrize("name", ["altitude", "speed", "bearing", "accuracy", "hdop", "batt"])
def test_an_optional_value_that_is_no_number_costs_itself(name: str, value: str) -> None:
    message = decode_query(f"id=d1&lat=1&lon=2&{name}={value}".encode(), RECEIVED)
    assert message.positions == decode_query(b"id=d1&lat=1&lon=2", RECEIVED).positions
    assert message.left_out == [name]


@pytest.mark.parametrize(
    ("timestamp", "seconds"),
    [
        ("2026-11-27%2012:00:00.500", 0.5),
        ("1795780800.5", 0.5),
        ("1795780800500", 0.5),
        ("1795780800,5", 0.5),
        ("1795780800500000", 0.5),
        ("2026-11-27T12:00:00,500Z", 0.5),
        ("2026-11-27T13:00:00.250+01:00", 0.25),
        ("2026-11-27T13:00:00.250%2B01:00", 0.25),
        ("2026-11-27T13:00:00+0100", 0),
    ],
)
def test_a_moment_with_fractions_and_with_an_offset_that_was_a_plus(
    timestamp: str, seconds: float
) -> None:
    query = f"id=d1&lat=1&lon=2&timestamp={timestamp}".encode()
    [position] = decode_query(query, RECEIVED).positions
    noon = datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert (position.ts - noon).total_seconds() == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("parameters", "kmh"),
    [
        ("hdop=5.0&altitude=39.0&speed=20.0&bearing=90", 72),
        ("altitude=39.0&speed=20.0&bearing=90&accuracy=5&batt=80", 37.04),
        ("hdop=1&speed=20.0&batt=80", 37.04),
        ("speed=20.0", 37.04),
    ],
)
def test_speed_is_in_the_unit_of_the_sender_where_none_is_set(parameters: str, kmh: float) -> None:
    query = f"id=d1&lat=1&lon=2&{parameters}".encode()
    for units in ({}, {"d2": SpeedUnit.KM_H}):
        [position] = decode_query(query, RECEIVED, units).positions
        assert position.speed_kmh == pytest.approx(kmh)
    for unit, is_kmh in ((SpeedUnit.KNOTS, 37.04), (SpeedUnit.M_S, 72), (SpeedUnit.KM_H, 20)):
        [position] = decode_query(query, RECEIVED, {"d1": unit}).positions
        assert position.speed_kmh == pytest.approx(is_kmh)


def test_a_heartbeat_has_no_fix() -> None:
    location = {"timestamp": "2026-11-21T10:00:00.000Z", "battery": {"level": 0.5}}
    body = orjson.dumps({"device_id": "d1", "location": location})
    placeless = [
        orjson.dumps({"device_id": "d1", "location": {**location, "coords": coords}})
        for coords in (
            {},
            None,
            {"latitude": None, "longitude": None},
            {"latitude": None, "longitude": 10.9},
            {"accuracy": 5},
        )
    ]
    for one in placeless:
        [position] = decode_json(one).positions
        assert (position.device, position.ts, position.satellites) == ("d1", RECEIVED, 0)
    for message in (
        decode_json(body),
        decode_query(b"id=d1&lat=null&lon=null&timestamp=1795255200&batt=50", RECEIVED),
        decode_query(b"id=d1&timestamp=1795255200&batt=50", RECEIVED),
        decode_query(b"id=d1&lat=1&lon=2&timestamp=1795255200&batt=50&valid=false", RECEIVED),
    ):
        [position] = message.positions
        assert (position.device, position.ts, position.satellites) == ("d1", RECEIVED, 0)
        assert orjson.loads(position.attrs or b"") == {"phone_battery_pct": 50}


@pytest.mark.parametrize(
    ("payload", "device"),
    [
        (b"id=d1&lat=north&lon=2&timestamp=1795255200", "d1"),
        (b"id=d1&lat=north&lon=2", None),
        (b"lat=north&timestamp=1795255200", None),
        (b'{"device_id":"d1","location":{"timestamp":1795255200,"coords":5}}', "d1"),
        (b'{"device_id":"d1","location":{"coords":5}}', None),
        (b"id=d1&lat=1&lon=2&timestamp=soon", "d1"),
        (b"id=d1&lat=1&lon=2&timestamp=null", "d1"),
        (b'{"device_id":"d1","location":{"timestamp":null,"coords":{"latitude":1}}}', "d1"),
        (b"{", None),
    ],
)
def test_what_says_of_whom_and_when_it_is(payload: bytes, device: str | None) -> None:
    assert names_device_and_time(payload) == device


def test_the_json_variant() -> None:
    body = orjson.dumps(
        {
            "device_id": "d1",
            "location": {
                "timestamp": "2026-11-21T10:00:00.000Z",
                "coords": {
                    "latitude": 55.77,
                    "longitude": 12.5,
                    "speed": 10,
                    "heading": -1,
                    "accuracy": 5,
                    "altitude": -3,
                },
                "odometer": 12_000,
                "battery": {"level": 0.5, "is_charging": True},
            },
        }
    )
    [position] = decode_json(body).positions
    assert (position.ts, position.speed_kmh, position.heading_deg) == (RECEIVED, 36, None)
    assert position.altitude_m == -3
    assert position.odometer_km is None
    assert orjson.loads(position.attrs or b"") == {"phone_odometer_km": 12, "phone_battery_pct": 50}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"device_id":"d","location":{}}'])
def test_json_that_is_no_position_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        decode_json(body)


@given(st.binary(max_size=120))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for read in (lambda: decode_query(body, RECEIVED), lambda: decode_json(body)):
        try:
            read()
        except Unreadable as error:
            assert error.errors


@given(
    st.dictionaries(
        st.sampled_from(["id", "lat", "lon", "timestamp", "speed", "location", "valid"]),
        st.text(max_size=12) | st.floats().map(str) | st.integers().map(str),
    )
)
def test_any_parameters_are_read_or_refused(values: dict[str, str]) -> None:
    from urllib.parse import urlencode

    try:
        [position] = decode_query(urlencode(values).encode(), RECEIVED).positions
    except Unreadable:
        return
    assert position.ts.tzinfo is not None
    assert position.device == values["id"]
