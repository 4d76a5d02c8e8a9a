"""Where a place is, as programs send it and are told of it."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator, model_validator

from api.rest.frame.bodies import Day, Name, RequestBody, ResponseBody
from register.zones import CORNERS_MAX, RADIUS_MAX_M, Zone, ZoneKind, circle, polygon

Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Corner = Annotated[list[Degrees], Field(min_length=2, max_length=2)]
Ring = Annotated[list[Corner], Field(min_length=4, max_length=CORNERS_MAX)]
Polygon = Annotated[list[Ring], Field(min_length=1, max_length=100)]


class PlaceShape(RequestBody):
    """The name of a place, and where and when it is."""

    name: Name
    lat: Latitude | None = None
    lon: Degrees | None = None
    radius_m: Annotated[float, Field(gt=0, le=RADIUS_MAX_M)] | None = None
    polygon: Polygon | None = None
    active_from: Day | None = None
    active_to: Day | None = None
    confirmed: bool = False

    @model_validator(mode="after")
    def _is_somewhere(self) -> "PlaceShape":
        circle = self.lat, self.lon, self.radius_m
        if self.polygon is None and None in circle and any(one is not None for one in circle):
            raise ValueError("give lat, lon and radius_m, or a polygon, or none of these")
        if self.polygon is not None and self.radius_m is not None:
            raise ValueError("a polygon has no radius_m")
        return self

    @field_validator("active_to")
    @classmethod
    def _ends_after_it_begins(cls, last: date | None, known: ValidationInfo) -> date | None:
        first: date | None = known.data.get("active_from")
        if first is not None and last is not None and last < first:
            raise ValueError("is before `active_from`")
        return last

    @property
    def has_no_place(self) -> bool:
        return self.polygon is None and self.lat is None

    def placed(self, zone_id: str, kind: ZoneKind) -> Zone:
        """The zone of this id and kind at this place.

        Raises:
            ZoneError: its shape is none.
        """
        if self.polygon is not None:
            zone = polygon(zone_id, self.name, kind, self.polygon)
        else:
            assert self.lat is not None
            assert self.lon is not None
            assert self.radius_m is not None
            zone = circle(zone_id, self.name, kind, self.lat, self.lon, self.radius_m)
        return replace(zone, active_from=self.active_from, active_to=self.active_to)


class Place(ResponseBody):
    """A place, around or with (lat, lon) in it; a polygon has no radius but an outline."""

    id: str
    name: str
    lat: float | None
    lon: float | None
    radius_m: float | None
    polygon: list[list[Corner]] | None
    active_from: date | None
    active_to: date | None
    revision: int


def outline(zone: Zone) -> list[list[Corner]] | None:
    """The corners of a polygon as GeoJSON has them; None: the zone is a circle."""
    if zone.polygon is None:
        return None
    return [[[lon, lat] for lon, lat in ring] for ring in zone.polygon]
