"""A depot that is enlarged holds all that it held, and the place beside it, and is no larger."""

from dataclasses import replace
from datetime import date

import hypothesis.strategies as st
import pytest
import shapely
from hypothesis import given

from register.places.enlarging import enlarged
from register.zones import Zone, ZoneError, ZoneKind, circle, grid_shape, polygon

CORNERS = [(12.50, 55.77), (12.503, 55.77), (12.503, 55.772), (12.50, 55.772)]
YARD = circle("yard", "Yard", ZoneKind.DEPOT, 55.77, 12.50, 150)
FIELD = polygon("field", "Field", ZoneKind.DEPOT, [CORNERS])


def covers(zone: Zone, other: Zone) -> bool:
    # A circle is drawn with corners that lie on it, and places are rounded to a decimetre.
    return bool(shapely.covers(grid_shape(zone).buffer(1.5), grid_shape(other)))


@given(
    st.floats(-400, 400), st.floats(-400, 400), st.floats(10, 500), st.sampled_from([YARD, FIELD])
)
def test_it_holds_both(north_m: float, east_m: float, radius_m: float, zone: Zone) -> None:
    lat, lon = 55.77 + north_m / 111_195, 12.50 + east_m / 62_500
    larger = enlarged(zone, lat, lon, radius_m)
    beside = circle("x", "x", ZoneKind.DEPOT, lat, lon, radius_m)
    assert covers(larger, zone)
    assert covers(larger, beside)
    if zone is YARD:
        assert (larger.radius_m or 0) <= (500 * 2 + 150 + radius_m)
    assert (larger.zone_id, larger.name, larger.kind) == (zone.zone_id, zone.name, zone.kind)


def test_a_place_inside_changes_nothing_and_days_stay() -> None:
    zone = replace(YARD, active_from=date(2026, 1, 1), active_to=date(2026, 12, 31))
    assert enlarged(zone, 55.7702, 12.5002, 50) == zone
    larger = enlarged(zone, 55.773, 12.50, 50)
    assert (larger.active_from, larger.active_to) == (zone.active_from, zone.active_to)


def test_a_depot_does_not_grow_without_bounds() -> None:
    with pytest.raises(ZoneError):
        enlarged(YARD, 56.5, 12.50, 150)
