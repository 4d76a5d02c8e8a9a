"""Nothing but what is on a list is kept, of positions and of what is refused."""

from datetime import UTC, datetime

import orjson
import pytest

from ingest.protocols import flespi, osmand, positions
from ingest.protocols.attributes import KeptAttributes
from ingest.watch.metrics import Metrics

NOW = datetime(2026, 11, 28, tzinfo=UTC)
ONE = {"device": "d1", "ts": 1_795_255_200, "lat": 55.77, "lon": 12.5}


@pytest.mark.parametrize(
    ("attrs", "kept", "dropped"),
    [
        ({"movement": True, "hdop": 1.2}, {"movement": True, "hdop": 1.2}, {}),
        ({"driver": "A", "cpr": "1", "hdop": 1}, {"hdop": 1}, {"driver": 1, "cpr": 1}),
        ({"cpr": "010170-1234"}, None, {"cpr": 1}),
        ({"hdop": {"driver": "A"}, "door": ["A"]}, None, {"hdop": 1, "door": 1}),
        ({"door": "A" * 65}, None, {"door": 1}),
        ({"pressure_bar": 2}, {"pressure_bar": 2}, {}),
    ],
)
def test_attributes_are_those_on_the_list(
    attrs: dict[str, object], kept: object, dropped: dict[str, int]
) -> None:
    read = positions.decode(orjson.dumps([{**ONE, "attrs": attrs}, ONE])).positions
    found, counted = KeptAttributes(["pressure_bar"]).kept(read)
    first, second = found.attrs
    assert (None if first is None else orjson.loads(first), second) == (kept, None)
    assert counted == dropped


def test_of_an_osmand_query_only_known_parameters_are_kept() -> None:
    query = b"id=d1&lat=55&lon=12&driverUniqueId=00AB&name=A+B&key=secret&%6eame=C&batt=80&speed=3"
    message = osmand.decode(query, NOW)
    assert message.original(0) == b"id=d1&lat=55&lon=12&batt=80&speed=3"
    assert message.dropped == {"driverUniqueId": 1, "name": 1}
    assert osmand.known_query(b"id=d1&driverUniqueId=1&lat=x") == b"id=d1&lat=x"


def test_of_osmand_json_only_known_members_are_kept() -> None:
    location = {
        "timestamp": "2026-11-28T10:00:00Z",
        "coords": {"latitude": 55, "longitude": 12, "speed": 3, "owner": "A"},
        "battery": {"level": 0.5, "is_charging": False},
        "extras": {"driver": "A"},
    }
    sent = {"device_id": "d1", "location": location, "name": "A"}
    message = osmand.decode_json(orjson.dumps(sent))
    assert orjson.loads(message.original(0)) == {
        "device_id": "d1",
        "location": {
            "timestamp": "2026-11-28T10:00:00Z",
            "coords": {"latitude": 55, "longitude": 12, "speed": 3},
            "battery": {"level": 0.5},
        },
    }
    again = osmand.decode_json(message.original(0))
    assert list(again.positions) == list(message.positions)
    assert message.dropped.keys() == {
        *("name", "location.extras", "location.coords.owner", "location.battery.is_charging")
    }


def test_of_flespi_what_is_not_read_is_counted() -> None:
    one = {"ident": "d1", "timestamp": 1, "driver.code": "A"}
    assert flespi.decode(orjson.dumps([one, one])).dropped == {"driver.code": 2}
    assert flespi.decode(orjson.dumps(one)).dropped == {"driver.code": 1}


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({**ONE, "driver": "A"}, ONE),
        ([{**ONE, "attrs": {"driver": "A"}, "lat": None}, "A"], [{**ONE, "lat": None}, None]),
        ({"driver": "A"}, {}),
        ("A", None),
        ({**ONE, "device": {"name": "A"}}, {k: v for k, v in ONE.items() if k != "device"}),
    ],
)
def test_of_json_that_is_no_position_the_known_fields_are_kept(body: object, kept: object) -> None:
    assert orjson.loads(positions.known_fields(orjson.dumps(body))) == kept


def test_of_what_is_no_json_its_length_is_kept() -> None:
    assert positions.known_fields(b'{"driver": "A"') == b"14 bytes that are not JSON"


def test_names_that_are_dropped_are_counted_up_to_a_bound() -> None:
    metrics = Metrics()
    metrics.note_dropped("positions", {"driver": 3, "a b\n": 1, "x" * 41: 1})
    for number in range(1_000):
        metrics.note_dropped("positions", {f"name{number}": 1})
    found = {
        sample.labels["name"]: sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "flaade_attributes_dropped_total"
    }
    assert found["driver"] == 3
    assert len(found) == 200
    assert found["other"] == 1_000 - 198 + 2
