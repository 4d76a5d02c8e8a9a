"""Zones: which one holds a point, and what of a file is refused, and why."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from register.zones import ZoneError, ZoneIndex, ZoneKind, circle, polygon, read_geojson

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


def test_a_point_is_in_the_smallest_zone_that_holds_it() -> None:
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
