"""The answers of address services are read in the shapes that they come in; what is none is left
out."""

from typing import Any

import hypothesis.strategies as st
import numpy as np
import orjson
import pytest
from hypothesis import given

from register.places.addresses import FOUND_MAX, Address, AddressError, read_addresses
from register.zones import grid_metres

TORV = "Lyngby Torv 1, 2800 Kongens Lyngby"
LON, LAT = 12.503, 55.7705
[EAST], [NORTH] = (one.tolist() for one in grid_metres(np.array([LAT]), np.array([LON])))


@pytest.mark.parametrize(
    "one",
    [
        {"betegnelse": TORV, "x": LON, "y": LAT},
        {"tekst": TORV, "adgangsadresse": {"id": "a", "x": LON, "y": LAT}},
        {"adressebetegnelse": TORV, "adgangspunkt": {"koordinater": [LON, LAT]}},
        {
            "adressebetegnelse": TORV,
            "adgangsadresse": {"adgangspunkt": {"koordinater": [LON, LAT]}},
        },
        {"visningstekst": TORV, "geometri": {"type": "MultiPoint", "coordinates": [[LON, LAT]]}},
        {"properties": {"betegnelse": TORV}, "geometry": {"coordinates": [LON, LAT]}},
        {"visningstekst": TORV, "geometri": {"coordinates": [[EAST, NORTH]]}},
        {"betegnelse": TORV, "x": EAST, "y": NORTH},
    ],
)
def test_an_address_is_read_in_each_shape(one: dict[str, Any]) -> None:
    for answer in ([one], {"features": [one, one]}):
        [found] = read_addresses(orjson.dumps(answer))
        assert found.text == TORV
        assert (found.lat, found.lon) == pytest.approx((LAT, LON), abs=1e-5)


def test_what_has_no_text_or_no_place_is_left_out_and_the_rest_is_bounded() -> None:
    bad: list[Any] = [
        {"betegnelse": TORV},
        {"x": LON, "y": LAT},
        {"betegnelse": "", "x": 1, "y": 1},
    ]
    bad += [{"betegnelse": TORV, "x": "12", "y": True}, {"betegnelse": TORV, "x": 1e300, "y": 1}]
    bad += [None, 1, "x", [[]], {"geometri": {"coordinates": [[[]]]}, "tekst": TORV}]
    good = [{"betegnelse": f"{n}\x07" + "x" * 500, "x": LON, "y": LAT} for n in range(30)]
    found = read_addresses(orjson.dumps([*bad, *good]))
    assert len(found) == FOUND_MAX
    assert found[0] == Address("0" + "x" * 199, LAT, LON)


@pytest.mark.parametrize("content", [b"", b"<html>", b"{}", b'"x"', b"3", b"\xff", b"[" * 5_000])
def test_what_is_no_list_is_refused(content: bytes) -> None:
    with pytest.raises(AddressError):
        read_addresses(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["x", "y", "tekst", "adresse", "geometri", "coordinates"]), inner
        )
    ),
    max_leaves=20,
)


@given(st.lists(JSON, max_size=5))
def test_any_list_is_read(answer: list[Any]) -> None:
    for one in read_addresses(orjson.dumps(answer)):
        assert abs(one.lat) <= 90
        assert abs(one.lon) <= 180
        assert 0 < len(one.text) <= 200
