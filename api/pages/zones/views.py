"""The views of the page of zones; see `frame.views`."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from api.pages.frame.views import Section, ShownPeriod
from register.zones import Zone, ZoneCounts
from trips.detect.nights import SleepingPlace
from trips.stored.sleeping import SleepingVehicle


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    ZONE_SAVED = "zone_saved"
    ZONE_REMOVED = "zone_removed"


# Zones: GET and POST /zones ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedZone:
    """A place where vehicles sleep that is no depot yet. `number` names it on the map. `near` are
    the depots that it may be a part of, the nearest first, with their distance in metres."""

    number: int
    lat: float
    lon: float
    radius_m: float
    vehicles: int
    nights: int
    near: Sequence[tuple[str, float]]

    @property
    def form(self) -> dict[str, str]:
        """The fields of the form by which the place becomes a depot."""
        shape = {"type": "Point", "coordinates": [round(self.lon, 6), round(self.lat, 6)]}
        return {"shape": json.dumps(shape), "radius_m": f"{self.radius_m:g}", "kind": "depot"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonesPage:
    """The page of zones. `asleep` has every vehicle, none before the first trip. `waiting` is the
    number of devices whose round trips are still to be found anew after a change. `values` and
    `errors` are those of the form. `file_counts` are those of the file that was just imported."""

    template: ClassVar[str] = "zones/zones.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    zones: Sequence[Zone]
    proposed: Sequence[ProposedZone]
    asleep: Sequence[SleepingVehicle]
    waiting: int
    period: ShownPeriod | None
    tiles_url: str | None
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None
    file_counts: ZoneCounts | None = None

    @property
    def counts(self) -> Sequence[tuple[SleepingPlace, int]]:
        """The number of vehicles in each sort of sleeping place."""
        found = Counter(row.sleeps for row in self.asleep)
        return [(sleeps, found[sleeps]) for sleeps in SleepingPlace if found[sleeps]]

    @property
    def map(self) -> dict[str, Any]:
        """The data that `static/zones.js` draws."""
        return {
            "tiles": self.tiles_url,
            "zones": [
                {"name": z.name, "geometry": z.geometry, "radius_m": z.radius_m, "kind": z.kind}
                for z in self.zones
            ],
            "proposed": [
                {"lon": p.lon, "lat": p.lat, "radius_m": p.radius_m, "name": str(p.number)}
                for p in self.proposed
            ],
        }
