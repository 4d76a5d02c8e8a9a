"""The views of the page of zones; see `frame.views`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from api.pages.choices.list_parts import ListPart, asked_part
from api.pages.frame.forms import FieldChange, Seen
from api.pages.frame.views import Section
from register.places.waiting import WaitingDepot
from register.zones import RADIUS_MAX_M, Zone, ZoneCounts
from register.zones_stored import RemovedZone
from trips.detect.nights import NightRules, SleepingPlace
from trips.files.export import ExportedTable
from trips.stored.sleeping import SleepingVehicle


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    ZONE_SAVED = "zone_saved"
    ZONE_REMOVED = "zone_removed"
    DEPOT_DROPPED = "depot_dropped"
    ZONE_RESTORED = "zone_restored"


# Zones: GET and POST /zones ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedZone:
    """A place where vehicles sleep that is no depot yet. `number` names it on the map. `near` are
    the depots that it may be a part of, the nearest first, with their distance in metres: it is
    offered to make the nearest larger."""

    number: int
    lat: float
    lon: float
    radius_m: float
    vehicles: int
    nights: int
    near: Sequence[tuple[Zone, float]]

    @property
    def form(self) -> dict[str, str]:
        """The fields of the form by which the place becomes a depot."""
        centre = f"{self.lat:.6f}, {self.lon:.6f}"
        return {"centre": centre, "radius_m": f"{self.radius_m:g}", "kind": "depot"}

    @property
    def enlarging(self) -> dict[str, str]:
        """The query of the form by which the nearest depot becomes larger."""
        [depot, _] = self.near[0]
        return {"zone": depot.zone_id, "beside": f"{self.lat:.6f};{self.lon:.6f};{self.radius_m:g}"}


@dataclass(frozen=True, slots=True)
class FoundAddress:
    """An address that the service found, and the query of the form with its place."""

    text: str
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonesPage:
    """The page of zones. `asleep` has every vehicle, none before the first trip, by the nights that
    `rules` names up to `last_day`. `waiting` is the
    number of devices whose round trips are still to be found anew after a change. `start` is where
    the map begins while it has nothing to show. `address_host` is the service that is asked for
    addresses, where there is one; `found` are those that it found just now, None where it was not
    asked. `removed` are zones that can be taken back. `values` and `errors` are those of the form.
    `file_counts` are those of the file that was just imported. `placeless` are the depots that wait
    for their place. `query` says which parts of the
    lists are asked for."""

    template: ClassVar[str] = "zones/zones.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    zones: Sequence[Zone]
    proposed: Sequence[ProposedZone]
    asleep: Sequence[SleepingVehicle]
    waiting: int
    rules: NightRules
    last_day: date | None
    tiles_url: str | None
    start: tuple[float, float] | None
    address_host: str | None
    removed: Sequence[RemovedZone]
    found: Sequence[FoundAddress] | None = None
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    meanwhile: Sequence[FieldChange] | None = None
    notice: Notice | None = None
    file_counts: ZoneCounts | None = None
    placeless: Sequence[WaitingDepot] = ()
    query: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def seen(self) -> Seen:
        """What the sender of the form saw."""
        return Seen.read(self.values)

    @property
    def part(self) -> ListPart[Zone]:
        """The part of the zones that is asked for."""
        return asked_part(self.zones, self.query, "/zones")

    @property
    def proposed_part(self) -> ListPart[ProposedZone]:
        """The part of the proposed depots that is asked for."""
        return asked_part(self.proposed, self.query, "/zones", name="proposed")

    @property
    def elsewhere(self) -> ListPart[SleepingVehicle]:
        """The part that is asked for of the vehicles that sleep elsewhere than at their depot."""
        known = (SleepingPlace.OWN_DEPOT, SleepingPlace.UNKNOWN)
        rows = [row for row in self.asleep if row.sleeps not in known]
        return asked_part(rows, self.query, "/zones", name="elsewhere")

    @property
    def counts(self) -> Sequence[tuple[SleepingPlace, int]]:
        """The number of vehicles in each sort of sleeping place."""
        found = Counter(row.sleeps for row in self.asleep)
        return [(sleeps, found[sleeps]) for sleeps in SleepingPlace if found[sleeps]]

    @property
    def nights_known(self) -> bool:
        """Whether it is known of any vehicle where it stood at night."""
        return any(row.nights for row in self.asleep)

    @property
    def map(self) -> dict[str, Any]:
        """The data that `static/zones.js` draws."""
        return {
            "tiles": self.tiles_url,
            "radius_max_m": RADIUS_MAX_M,
            "start": self.start,
            "zones": [
                {"name": z.name, "geometry": z.geometry, "radius_m": z.radius_m, "kind": z.kind}
                for z in self.zones
            ],
            "proposed": [
                {"lon": p.lon, "lat": p.lat, "radius_m": p.radius_m, "name": str(p.number)}
                for p in self.proposed
            ],
        }


# Removing a zone: GET and POST /zones/{zone_id}/remove -------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveZonePage:
    """The page that asks before a zone is removed; `vehicles` belong to it, and hold it. `refused`:
    it was to be removed, and something belongs to it."""

    template: ClassVar[str] = "zones/remove_zone.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    zone: Zone | WaitingDepot
    vehicles: int
    refused: bool = False

    @property
    def has_place(self) -> bool:
        return isinstance(self.zone, Zone)


# Trips as a file: GET and POST /export/{what} ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExportReasonPage:
    """The page that asks why somebody takes trips as a file, which stands at `address`."""

    template: ClassVar[str] = "zones/export_reason.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    what: ExportedTable
    address: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
