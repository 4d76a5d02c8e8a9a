"""Zones: which one holds a point, and what of a file is refused, and why."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from register.zones import (
    Zone,
    ZoneError,
    ZoneIndex,
    ZoneKind,
    circle,
    grid_metres,
    grid_shape,
    polygon,
    read_geojson,
)

DAY = date(2026, 11, 20)
#: A yard of some 125 m by 111 m.
YARD = [[12.500, 55.770], [12.502, 55.770], [12.502, 55.771], [12.500, 55.771]]
BOW_TIE = [[12.500, 55.770], [12.502, 55.771], [12.502, 55.770], [12.500, 55.771]]


def feature(shape: dict[str, Any], **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "geometry": shape, "properties": properties}


def collection(*features: dict[str, Any]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def name_at(index: ZoneIndex, lat: float, lon: float, day: date = DAY) -> str | None:
    [zone] = index.at(np.array([lat]), np.array([lon]), [day])
    return None if zone is None else zone.name


def test_where_two_depots_overlap_the_nearer_middle_counts_whatever_their_size() -> None:
    """The middles are 251 m apart from west to east, and the radii 150 m and 200 m."""
    small = circle("small", "Small", ZoneKind.DEPOT, 55.77, 12.500, 150)
    large = circle("large", "Large", ZoneKind.DEPOT, 55.77, 12.504, 200)
    for zones in ([small, large], [large, small]):
        index = ZoneIndex(zones)
        assert name_at(index, 55.77, 12.5019) == "Small"  # 119 m and 132 m
        assert name_at(index, 55.77, 12.5021) == "Large"  # 132 m and 119 m
        assert name_at(index, 55.77, 12.4990) == "Small"
        assert name_at(index, 55.77, 12.5060) == "Large"
        # The nearer one does not count on days when it is not there.
        gone = ZoneIndex([small, replace(large, active_to=date(2026, 1, 1))])
        assert name_at(gone, 55.77, 12.5021) == "Small"


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 6)), min_size=1, max_size=5
    ),
    st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), min_size=1, max_size=20),
)
def test_the_zone_around_each_point_is_an_innermost_one_with_the_nearest_middle(
    circles: list[tuple[int, int, int]], points: list[tuple[int, int]]
) -> None:
    """Against all circles one by one; a step of the grid is about 100 m."""
    zones = [
        circle(str(at), str(at), ZoneKind.DEPOT, 55.77 + y / 1000, 12.5 + x / 600, 100.0 * size)
        for at, (x, y, size) in enumerate(circles)
    ]
    shapes = {zone.zone_id: grid_shape(zone) for zone in zones}
    lat = np.array([55.77 + y / 10_000 for _, y in points])
    lon = np.array([12.5 + x / 6_000 for x, _ in points])
    found = ZoneIndex(zones).at(lat, lon, [DAY] * len(points))
    for one_lat, one_lon, zone in zip(lat, lon, found, strict=True):
        [east], [north] = grid_metres(np.array([one_lat]), np.array([one_lon]))
        point = shapely.Point(east, north)
        around = [one for one in zones if shapes[one.zone_id].intersects(point)]
        if zone is None:
            assert around == []
            continue
        mine = shapes[zone.zone_id]
        assert not any(
            mine.contains(shapes[one.zone_id]) and not mine.equals(shapes[one.zone_id])
            for one in around
        )
        nearer = [one for one in around if away(one, point) < away(zone, point) - 1e-6]
        # Whatever is nearer holds another one of them.
        for one in nearer:
            assert any(
                shapes[one.zone_id].contains(shapes[other.zone_id])
                for other in around
                if other is not one
            )


def away(zone: Zone, point: shapely.Point) -> float:
    [east], [north] = grid_metres(np.array([zone.lat]), np.array([zone.lon]))
    return point.distance(shapely.Point(east, north))


def test_a_point_is_in_the_zone_that_lies_within_another_one() -> None:
    index = ZoneIndex(
        [
            circle("town", "Town", ZoneKind.OTHER, 55.77, 12.50, 2_000),
            polygon("yard", "Yard", ZoneKind.DEPOT, [YARD]),
        ]
    )
    assert name_at(index, 55.7705, 12.501) == "Yard"
    assert name_at(index, 55.7715, 12.501) == "Town"
    assert name_at(index, 55.80, 12.50) is None


@pytest.mark.parametrize(("metres", "inside"), [(148, True), (152, False)])
def test_a_circle_is_as_wide_in_metres_as_it_says(metres: float, inside: bool) -> None:
    index = ZoneIndex([circle("c", "C", ZoneKind.DEPOT, 55.77, 12.50, 150)])
    north = name_at(index, 55.77 + metres / 111_340, 12.50)
    east = name_at(index, 55.77, 12.50 + metres / 62_750)
    assert (north == "C", east == "C") == (inside, inside)


def test_a_zone_holds_nothing_on_days_when_it_is_not_in_use() -> None:
    closed = read_geojson(collection(feature({"type": "Polygon", "coordinates": [YARD]}, name="Y")))
    index = ZoneIndex([replace(closed[0], active_to=date(2026, 11, 19))])
    assert name_at(index, 55.7705, 12.501, date(2026, 11, 19)) == "Y"
    assert name_at(index, 55.7705, 12.501, date(2026, 11, 20)) is None


def test_a_file_of_circles_and_polygons_is_read() -> None:
    zones = read_geojson(
        collection(
            feature(
                {"type": "Polygon", "coordinates": [YARD]},
                name="Vej og Park",
                id="vp",
                charge_points=4.0,
            ),
            feature(
                {"type": "Point", "coordinates": [12.5, 55.77]},
                name="Skolen på Åen",
                radius_m=80,
                kind="other",
            ),
        )
    )
    assert [(z.zone_id, z.kind, z.radius_m) for z in zones] == [
        ("vp", ZoneKind.DEPOT, None),
        ("skolen-paa-aaen", ZoneKind.OTHER, 80),
    ]
    assert [z.charge_points for z in zones] == [4, None]
    assert 12.5 < zones[0].lon < 12.502
    assert zones[0].polygon is not None
    assert zones[0].polygon[0][0] == zones[0].polygon[0][-1]


def test_an_outline_that_crosses_itself_is_refused_with_where() -> None:
    with pytest.raises(ZoneError, match=r"Yard: .* itself at 55\.77050, 12\.50100"):
        polygon("yard", "Yard", ZoneKind.DEPOT, [BOW_TIE])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "line 1, character 2 cannot be read"),
        ("[]", 'it has no "type"'),
        (collection(), "no zones"),
        (collection(feature({"type": "Point", "coordinates": [12.5, 55.8]})), "no name"),
        (collection(feature({"type": "Point", "coordinates": [12.5, 55.8]}, name="A")), "radius"),
        (collection(feature({"type": "LineString", "coordinates": YARD}, name="A")), "Polygon"),
        (collection(feature({"type": "Polygon", "coordinates": [YARD[:2]]}, name="A")), "corners"),
        (collection(feature({"type": "Polygon", "coordinates": [[1, 2, 3]]}, name="A")), "Polygon"),
        (
            collection(
                feature(
                    {"type": "Polygon", "coordinates": [[[y, x] for x, y in YARD]]},
                    name="A",
                    kind="garage",
                )
            ),
            "kind",
        ),
        (
            collection(
                feature({"type": "Point", "coordinates": [12.5, 155]}, name="A", radius_m=5)
            ),
            "longitude comes before latitude",
        ),
        (
            collection(
                feature({"type": "Polygon", "coordinates": [YARD]}, name="A", charge_points="3,5")
            ),
            "charge points",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ZoneError, match=reason):
        read_geojson(text)
