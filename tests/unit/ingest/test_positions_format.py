"""`/v1/positions`: what is read, and what a sender is told about what is not."""

from datetime import UTC, datetime, timedelta
from math import isnan
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.moments import NO_MOMENT
from fleet.position import SENSOR_BOUNDS, Position
from ingest.gate.plausibility import PlausibleLimits, all_plausible, implausible
from ingest.protocols.json_elements import parse_ts
from ingest.protocols.message import Extremes
from ingest.protocols.positions import decode, decode_lines
from ingest.protocols.unreadable import Unreadable

GOOD = {"device": "d1", "ts": "2026-11-21T10:00:00Z", "lat": 55.77, "lon": 12.5}
AT_TEN = datetime(2026, 11, 21, 10, tzinfo=UTC)


def refused(body: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        decode(body)
    return caught.value


def test_one_object_and_an_array_are_read_alike() -> None:
    expected = Position(device="d1", ts=AT_TEN, lat=55.77, lon=12.5)
    assert list(decode(orjson.dumps(GOOD)).positions) == [expected]
    assert list(decode(orjson.dumps([GOOD])).positions) == [expected]


def test_lines_are_read_and_empty_ones_skipped() -> None:
    body = orjson.dumps(GOOD) + b"\n\n" + orjson.dumps({**GOOD, "soc_pct": 80}) + b"\n"
    assert [p.soc_pct for p in decode_lines(body).positions] == [None, 80.0]


@pytest.mark.parametrize(
    "ts",
    [
        "2026-11-21T10:00:00Z",
        "2026-11-21T11:00:00+01:00",
        "2026-11-21T10:00:00",
        1795255200,
        1795255200000,
        1795255200.0,
        1795255200000000,
    ],
)
def test_a_moment_may_be_text_or_seconds_or_parts_of_them(ts: object) -> None:
    assert parse_ts(ts) == AT_TEN


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lat": []}, "lat"),
        ({"lat": "north" * 20}, "lat"),
        ({"ts": {}}, "ts"),
        ({"ts": "yesterday" * 20}, "ts"),
        ({"device": ""}, "device"),
        ({"device": "a\0b"}, "device"),
        ({"device": "x" * 129}, "device"),
        ({"speed": 12}, "speed"),
    ],
)
def test_a_wrong_field_is_named_with_its_element(change: dict[str, Any], field: str) -> None:
    error = refused(orjson.dumps([GOOD, {**GOOD, **change}]))
    assert [(e.index, e.field) for e in error.errors] == [(1, field)]


@pytest.mark.parametrize("ts", ["yesterday", "", "2026-13-01T00:00:00Z", 1e300, -1e17, True, None])
def test_a_moment_that_cannot_be_read_costs_its_own_position(ts: object) -> None:
    wrong = orjson.dumps({**GOOD, "ts": ts})
    for message in (
        decode(b"[%b,%b]" % (orjson.dumps(GOOD), wrong)),
        decode_lines(orjson.dumps(GOOD) + b"\n" + wrong),
    ):
        assert [position.ts for position in message.positions] == [AT_TEN, NO_MOMENT]
        assert message.original(1) == wrong


@pytest.mark.parametrize("change", [{"lat": "north"}, {"lon": "12,5"}, {"lat": True}])
def test_a_coordinate_that_cannot_be_read_costs_its_own_position(change: dict[str, Any]) -> None:
    read = decode(orjson.dumps([GOOD, {**GOOD, **change}])).positions
    assert (read[0].lat, read[0].lon) == (GOOD["lat"], GOOD["lon"])
    assert isnan(read[1].lat) or isnan(read[1].lon)
    assert read[1].satellites is None  # heard without a fix it would be believed


def test_a_body_that_is_refused_names_also_what_would_cost_its_position_only() -> None:
    error = refused(orjson.dumps([{"device": "d1", "ts": "soon", "lat": 1}]))
    assert {one.field for one in error.errors} == {"ts", "lon"}


@pytest.mark.parametrize(
    "change",
    [
        {"satellites": 4.5},
        {"satellites": "many"},
        {"altitude_m": "12,5"},
        {"ignition": "perhaps"},
        {"speed_kmh": [1]},
        {"attrs": {"a": "\0"}},
        {"attrs": 5},
    ],
)
def test_an_optional_value_of_the_wrong_type_costs_itself(change: dict[str, Any]) -> None:
    for message in (
        decode(orjson.dumps([GOOD, {**GOOD, **change}])),
        decode_lines(orjson.dumps(GOOD) + b"\n" + orjson.dumps({**GOOD, **change})),
    ):
        assert message.positions[1] == message.positions[0]
        assert list(message.left_out) == [*change]


@pytest.mark.parametrize("change", [{"lat": None}, {"lon": None}, {"lat": None, "lon": None}])
def test_without_a_place_it_was_heard(change: dict[str, Any]) -> None:
    for message in (
        decode(orjson.dumps([GOOD | change])),
        decode_lines(orjson.dumps(GOOD | change)),
    ):
        [position] = message.positions
        assert (position.device, position.ts, position.satellites) == (GOOD["device"], AT_TEN, 0)


def test_a_missing_field_is_named() -> None:
    body = orjson.dumps({name: value for name, value in GOOD.items() if name != "lon"})
    [error] = refused(body).errors
    assert (error.index, error.field, error.reason) == (0, "lon", "Field required")


@pytest.mark.parametrize("between", [b"", b" ", b"\n", b"\n\n", b"\r\n"])
def test_the_original_of_each_line_is_its_own_object(between: bytes) -> None:
    ones = [orjson.dumps({**GOOD, "lat": lat}) for lat in (55, 56)]
    message = decode_lines(between.join(ones))
    assert [message.original(index) for index in (0, 1)] == ones


@pytest.mark.parametrize("number", ["-1e400", "1E999", "9" * 400])
def test_an_attribute_that_no_float_can_hold_is_refused(number: str) -> None:
    one = orjson.dumps({**GOOD, "attrs": {"a": 1}}).replace(
        b'{"a":1}', b'{"a":%b}' % number.encode()
    )
    assert "body" in str(refused(one))
    with pytest.raises(Unreadable):
        decode_lines(orjson.dumps(GOOD) + b"\n" + one)


def test_nan_is_no_json_and_the_message_says_so() -> None:
    [error] = refused(b'{"device":"d1","ts":0,"lat":NaN,"lon":12.5}').errors
    assert error.field == "body"
    assert "NaN and Infinity are not JSON numbers" in error.reason


def test_a_broken_line_is_numbered() -> None:
    with pytest.raises(Unreadable) as caught:
        decode_lines(orjson.dumps(GOOD) + b"\n{")
    assert (caught.value.errors[0].index, caught.value.errors[0].field) == (1, "line")


def test_an_element_that_is_no_object_is_refused() -> None:
    assert refused(b"[1]").errors[0].field == "position"


def test_the_original_of_an_element_decodes_to_the_same_position() -> None:
    message = decode(orjson.dumps([GOOD, {**GOOD, "device": "d2"}]))
    assert decode(message.original(1)).positions[0] == message.positions[1]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for decoder in (decode, decode_lines):
        try:
            decoder(body)
        except Unreadable as error:
            assert error.errors


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(
    st.dictionaries(
        st.sampled_from([*Position.__struct_fields__, "other"]), JSON, min_size=1, max_size=8
    )
)
def test_any_object_is_read_or_refused_with_a_field(element: dict[str, Any]) -> None:
    try:
        message = decode(orjson.dumps([element]))
    except Unreadable as error:
        assert all(e.index == 0 and e.field for e in error.errors)
    else:
        assert message.positions[0].ts.tzinfo is not None


NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-400, 30_000)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "device": st.just("d1"),
                "ts": st.datetimes(timezones=st.just(UTC)),
                "lat": st.floats(-100, 100) | st.just(0),
                "lon": st.floats(-200, 200) | st.just(0),
            },
            optional=dict.fromkeys(
                (name for name in SENSOR_BOUNDS if name not in ("lat", "lon", "satellites")),
                NUMBERS,
            )
            | {"satellites": st.integers(-1, 300) | st.just(0)},
        ),
        min_size=1,
        max_size=3,
    )
)
def test_what_the_decoder_vouches_for_is_plausible_one_by_one(
    elements: list[dict[str, Any]],
) -> None:
    message = decode(orjson.dumps(elements))
    if message.extremes is not None:
        first, last, fastest_kmh = message.extremes
        limits = PlausibleLimits(first, timedelta(0), fastest_kmh)
        assert all_plausible(message.extremes, limits, last)
        assert [implausible(one, limits, last) for one in message.positions] == [None] * len(
            elements
        )


def test_the_decoder_vouches_for_what_trackers_usually_send() -> None:
    usual = {**GOOD, "speed_kmh": 43.5, "satellites": 9, "attrs": {"door": "open"}}
    assert decode(orjson.dumps([usual, GOOD])).extremes == Extremes(AT_TEN, AT_TEN, 43.5)
    assert decode(orjson.dumps({**usual, "soc_pct": 101})).extremes is None
    assert decode(orjson.dumps({**usual, "satellites": 0})).extremes is None
