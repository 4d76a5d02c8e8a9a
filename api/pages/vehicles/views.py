"""The views of the pages of vehicles; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any, ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.views import BoundedCount, Choice, Section, ShownPeriod
from api.pages.use.views import UseRow
from api.pages.vehicles.trip_class import TripClass
from api.pages.vehicles.year_figures import YearMonth
from costs.measured_range import MeasuredRange
from costs.own_cost import NoSale
from fleet.vehicle import Energy
from optimiser.depot.fate import Fate
from optimiser.depot.green import GreenCheck
from optimiser.rounds.proposals import Proposal
from register.contact import Contact, LastingContact
from register.inventory.details import VehicleDetails
from register.vehicles import RulingEntry
from trips.stored.sleeping import SleepingVehicle
from trips.use.usage import UseStatus


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    PRIVATE_SET = "private_set"
    PRIVATE_ENDED = "private_ended"
    RULED = "ruled"
    TRIP_CLASS_SAVED = "trip_class_saved"


# Vehicles: GET /vehicles?depot=…&sort=…&order=asc|desc -----------------------------------------


class VehicleSort(StrEnum):
    """The columns by which the list of vehicles may be sorted."""

    NAME = "name"
    KIND = "kind"
    DEPOT = "depot"
    ENERGY = "energy"
    LAST_PING = "last_ping"
    DAYS_USED = "days_used_share"
    KM = "km"
    TRIPS = "trips"
    STATUS = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleRow:
    """A vehicle in the list. `contact` is None where it has no tracker. The measure of a machine
    (`by_hours`) is `engine_h`, that of other vehicles `km`; the other value is None."""

    vehicle_id: str
    name: str
    kind: str
    department: str
    depot: str
    energy: Energy
    contact: Contact | LastingContact | None
    last_ping: datetime | None
    days_used_share: float | None
    by_hours: bool
    km: float | None
    engine_h: float | None
    trips: int
    status: UseStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclesPage:
    """The page of the list of vehicles. `part` is of those of the chosen depot, in the chosen order
    (`forms.VehicleQuery`). `no_depot`: the address names a depot that there is not."""

    template: ClassVar[str] = "vehicles/vehicles.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    part: ListPart[VehicleRow]
    total: int
    depots: Sequence[Choice]
    depot_id: str | None
    no_depot: bool
    sort: VehicleSort
    descending: bool
    period: ShownPeriod | None


# One vehicle: GET /vehicles/{vehicle_id}?day=2026-11-21 ----------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerHealth:
    """The health of a tracker. `measured_24h` counts its positions of the last 24 hours by their
    own time. `last_received` is when one came in last, however old it was; None: that is not known.
    `interval_s` is the usual time between two pings, once it is learned. `covered_share` is the
    share of the period's hours in which it was heard; None without a period."""

    device: str
    contact: Contact | LastingContact
    last_ping: datetime | None
    measured_24h: int
    last_received: datetime | None
    interval_s: float | None
    covered_share: float | None
    quarantined: BoundedCount


@dataclass(frozen=True, slots=True)
class DepotOnMap:
    """A depot on the map; degrees, WGS 84."""

    name: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TripRow:
    """A trip and its track, (lon, lat) in degrees, WGS 84, at least two points.

    `start_place` and `end_place` name the zone when the trip starts or ends in one. The tracker was
    silent within the trip (`gap_inside`), or at its ends, so that their moments are concluded
    (`cut_by_silence`).
    """

    start: datetime
    end: datetime
    km: float
    start_place: str | None
    end_place: str | None
    track: Sequence[tuple[float, float]]
    gap_inside: bool = False
    cut_by_silence: bool = False

    @property
    def minutes(self) -> float:
        return (self.end - self.start) / timedelta(minutes=1)


class NoTrips(StrEnum):
    """The reason why a day has no trips."""

    YET_TO_COME = "yet-to-come"
    PRIVATE = "private"
    UNKNOWN = "unknown"
    STOOD = "stood"


class TracksShown(StrEnum):
    """Whether the page shows the vehicle's trips to this visitor."""

    SHOWN = "shown"
    #: Not before the visitor said why they look.
    ASKS_WHY = "asks-why"
    #: Their role sees figures only.
    FIGURES_ONLY = "figures-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclePage:
    """The page of one vehicle.

    `week_use` has 7 weekdays (Monday first) by 24 local hours: the share of that time in the period
    in which the vehicle was out; None before any trip.

    `trips` are those of `day`, or the latest ones when no day is chosen, newest first.
    From `retired_at` on it is no longer in the fleet (`is_in_fleet`: today it still is).
    `no_trips` says why there are none on an asked day. `earlier` and `later` are the nearest other
    days with trips. `own` are its details in the register, and `kr_year` what it costs a year
    beside driving, without charge points; `own_kr_year` is the part of it that its own figures
    give (None: it costs what its kind does). `range_km` is what
    plans count with for its kind, and `measured` how far it came itself. `logged`: a driving
    log stands in for a tracker. `asleep` is None before any trip of the fleet. `proposal` is what
    the latest round, which has the number `round_number`, proposes for it; `values` and `errors`
    are those of a refused form.
    """

    template: ClassVar[str] = "vehicles/vehicle.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    row: VehicleRow
    days_known: int
    range_km: float | None
    measured: MeasuredRange | None
    contract_end: date | None
    own: VehicleDetails | None
    kr_year: float
    own_kr_year: float | None
    no_sale: NoSale | None
    period: ShownPeriod | None
    tracker: TrackerHealth | None
    logged: bool
    week_use: Sequence[Sequence[float]] | None
    day: date | None
    earlier: date | None
    later: date | None
    trips: Sequence[TripRow]
    depots: Sequence[DepotOnMap]
    tiles_url: str | None
    trip_class: TripClass
    tracks: TracksShown
    asleep: SleepingVehicle | None
    no_trips: NoTrips | None = None
    private_now: bool = False
    retired_at: date | None = None
    is_in_fleet: bool = True
    round_number: int | None = None
    proposal: Proposal | None = None
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None

    @property
    def map(self) -> dict[str, Any]:
        """The data that `static/map.js` draws; trips are numbered as in the table, from 1."""
        return {
            "tiles": self.tiles_url,
            "depots": [{"name": d.name, "lon": d.lon, "lat": d.lat} for d in self.depots],
            "trips": [{"track": [list(point) for point in t.track]} for t in self.trips],
        }


# Private driving: GET and POST /vehicles/{vehicle_id}/private -------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateEntry:
    """A private period. `ends` None: it lasts until somebody ends it. Duty hours are local; without
    them the whole period is private. `deleted` is the number of positions that had been stored of
    it."""

    private_id: int
    begins: datetime
    ends: datetime | None
    duty_weekdays: Sequence[int] | None
    duty_begins: time | None
    duty_ends: time | None
    duty_on_holidays: bool
    note: str
    set_by: str
    set_at: datetime
    deleted: int
    removed_trips: int = 0
    removed_refused: int = 0
    ended_by: str | None
    ended_at: datetime | None
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivatePage:
    """The page of a vehicle's private periods. `dropped` is the number of positions that were
    dropped within 30 days; `values` and `errors` are those of a refused form. `at_stake` trips are
    stored of the time that the form asks for."""

    template: ClassVar[str] = "vehicles/private.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    vehicle: Choice
    private_now: bool
    part: ListPart[PrivateEntry]
    dropped: int
    at_stake: int = 0
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None


# A vehicle's future: GET and POST /vehicles/{vehicle_id}/future ----------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FuturePage:
    """The page of GET and POST /vehicles/{vehicle_id}/future.

    `offers` and `needs` are names of capabilities. `fate` is what the optimiser may do with the
    vehicle; `green` is None before any data. `known_share` is the share of the working days that is
    known; a vehicle that may go has at least `coverage_min`. `leaving` is the proposal by which it
    was accepted that it leaves; None: that is not accepted.
    """

    template: ClassVar[str] = "vehicles/future.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    vehicle_id: str
    name: str
    kind: str
    kind_name: str
    department: str
    depot: str
    period: ShownPeriod | None
    fate: Fate
    contract_end: date | None
    keep_until: date | None
    known_share: float
    coverage_min: float
    mileage_km: float | None
    offers: Sequence[str]
    needs: Sequence[str] | None
    green: GreenCheck | None
    leaving: int | None
    history: Sequence[RulingEntry]
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None


# A vehicle's year: GET /vehicles/{vehicle_id}/year?to=2026-11-21 --------------------------------


@dataclass(frozen=True, slots=True)
class YearDay:
    """A day of the calendar. `level` is 0 to 5 by the hours away (or of engine work); None: the
    tracker was silent. `works`: the day is a working day."""

    day: date
    level: int | None
    hours: float
    km: float
    works: bool

    @property
    def week(self) -> int:
        """The row of its month in which the day stands, from 0; weeks begin on Monday."""
        return (self.day.day - 1 + self.day.replace(day=1).weekday()) // 7


@dataclass(frozen=True, slots=True)
class LongDay:
    """A day of long use; `hours` are those of engine work of a machine, and hours away of other
    vehicles."""

    day: date
    km: float
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class YearPage:
    """The page of a vehicle's year. Who sees no single trips sees no `days`, and months of
    whole weeks. `earlier` and `later` are the last days of the years before and after, where there
    is data; `has_data`: there is some at all.
    """

    template: ClassVar[str] = "vehicles/year.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    row: UseRow
    period: ShownPeriod | None
    by_day: bool
    has_data: bool
    days: Sequence[YearDay]
    months: Sequence[YearMonth]
    longest: Sequence[LongDay]
    earlier: date | None
    later: date | None

    @property
    def calendar(self) -> Sequence[tuple[date, Sequence[YearDay]]]:
        """The days by month, with the first day of each month."""
        months = groupby(self.days, key=lambda day: day.day.replace(day=1))
        return [(first, list(days)) for first, days in months]
