"""What each page shows, as plain values: the handler fills a view, the template draws it.

A view names its template and its place in the navigation. Times are timezone-aware, days are local
(Europe/Copenhagen), shares run from 0 to 1, kr. and tonnes are per year, and None means "not
known", never zero. Ids are those of the database. Names of depots, kinds and milestones are the
municipality's own words; everything else is translated by the template.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from fleet.vehicle import Energy
from ingest.contact import Contact
from ingest.gate import Reason
from optimiser.answer import DepotPlan
from optimiser.decisions import Action, Decision
from optimiser.dispatch import Backtest
from optimiser.sensitivity import Moved
from optimiser.service import Reason as RoundReason
from optimiser.study import DepotCharging
from trips.nights import Sleeps
from trips.zones import Zone


class Section(StrEnum):
    """The entries of the navigation."""

    OVERVIEW = "overview"
    VEHICLES = "vehicles"
    USE = "use"
    PROPOSALS = "proposals"
    ASSUMPTIONS = "assumptions"
    PLAN = "plan"
    INTAKE = "intake"


class Page(Protocol):
    """What `render.page` takes: every `…Page` below."""

    template: ClassVar[str]
    section: ClassVar[Section | None]


class Notice(StrEnum):
    """What the request before this one did, said once at the top of the page (`?done=…`)."""

    ROUND_REQUESTED = "round_requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    QUESTION = "question"
    CARRIED_OUT = "carried_out"
    VERSION_REQUESTED = "version_requested"
    ROUND_CANCELLED = "round_cancelled"
    MILESTONE_SAVED = "milestone_saved"
    RELEASED = "released"
    KEY_REVOKED = "key_revoked"
    PRIVATE_SET = "private_set"
    PRIVATE_ENDED = "private_ended"
    ZONE_SAVED = "zone_saved"
    ZONE_REMOVED = "zone_removed"
    DAY_CLOSED = "day_closed"
    DAY_OPENED = "day_opened"
    FIGURE_SAVED = "figure_saved"
    FIGURE_WITHDRAWN = "figure_withdrawn"
    KIND_SAVED = "kind_saved"
    RULED = "ruled"


class Status(StrEnum):
    """How a vehicle is used. UNKNOWN: its tracker was silent too long to say."""

    IN_USE = "in_use"
    SELDOM = "seldom"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What was decided on a proposal, as the `decision` table names it."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    QUESTION = "question"
    DONE = "done"


class Progress(StrEnum):
    """Where a milestone stands, as the `milestone` table names it."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DELAYED = "delayed"


class RunState(StrEnum):
    """Where a round of the optimiser stands, as the `round` table names it."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


# Shared parts ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to link to or to choose: its id and its name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Period:
    """The data period, both days included, and how many of its days were working days."""

    first: date
    last: date
    working_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFigures:
    """One fleet under the model: today's or the proposed one."""

    vehicles: int
    green_vehicles: int
    cost_kr_year: float
    co2_t_year: float
    fallback_trips_year: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A finished round. `gap` is relative: the proposed fleet is proven to cost at most that
    share more than the cheapest one possible."""

    round_id: int
    number: int
    version: int
    finished_at: datetime
    period: Period
    baseline: FleetFigures
    proposed: FleetFigures
    gap: float
    lower_bound_kr_year: float
    seconds: float
    undecided: int
    without_trips: Sequence[str] = ()

    @property
    def saving_kr_year(self) -> float:
        return self.baseline.cost_kr_year - self.proposed.cost_kr_year

    @property
    def saving_co2_t_year(self) -> float:
        return self.baseline.co2_t_year - self.proposed.co2_t_year


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    milestone_id: str
    title: str
    initiative: str
    year: int
    quarter: int
    progress: Progress
    note: str


# Overview: GET / -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentTracker:
    """A vehicle whose tracker was not heard for 24 hours; `last_ping` None: never."""

    vehicle: Choice
    last_ping: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotUse:
    """The most vehicles of a depot that were out at one moment, and when that was."""

    depot: Choice
    vehicles: int
    peak: int
    peak_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastUsed:
    vehicle: Choice
    kind: str
    depot: str
    days_used_share: float
    km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage:
    """`period` is None before the first trip; `round` before the first finished round.

    `days_used_share` is of the working days of vehicles with known use, `unknown` the others.
    `least_used` holds vehicles with known use only, the least used first.
    """

    template: ClassVar[str] = "overview.html"
    section: ClassVar[Section | None] = Section.OVERVIEW

    as_of: datetime
    vehicles: int
    trackers_heard: int
    silent: Sequence[SilentTracker]
    pings_today: int
    trips_today: int
    trips_period: int
    period: Period | None
    days_used_share: float | None
    unknown: int
    quarantined: int
    round: Round | None
    depots: Sequence[DepotUse]
    least_used: Sequence[LeastUsed]
    milestones: Sequence[Milestone]


# Vehicles: GET /vehicles?depot=…&sort=…&order=asc|desc -----------------------------------------


class VehicleSort(StrEnum):
    """The columns of the list of vehicles, by which it may be sorted."""

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
    vehicle_id: str
    name: str
    kind: str
    department: str
    depot: str
    energy: Energy
    last_ping: datetime | None
    days_used_share: float | None
    km: float
    trips: int
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclesPage:
    """`rows` are those of the chosen depot, in the chosen order (`forms.VehicleQuery`)."""

    template: ClassVar[str] = "vehicles.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    rows: Sequence[VehicleRow]
    total: int
    depots: Sequence[Choice]
    depot_id: str | None
    sort: VehicleSort
    descending: bool
    period: Period | None


# One vehicle: GET /vehicles/{vehicle_id}?day=2026-11-21 ----------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerHealth:
    """`expected_h`: the tracker is usually heard once in so many hours; `covered_share` is the
    share of the period's hours in which it was. None without a period."""

    device: str
    last_ping: datetime | None
    silent: bool
    pings_24h: int
    expected_h: int | None
    covered_share: float | None
    quarantined: int


@dataclass(frozen=True, slots=True)
class Site:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclePage:
    """`week_use` is 7 weekdays (Monday first) by 24 local hours: the share of that time in the
    period in which the vehicle was out; None before any trip.

    `trips` are those of `day`, or the latest ones when no day is chosen, newest first.
    `earlier` and `later` are the nearest other days with trips.
    """

    template: ClassVar[str] = "vehicle.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    row: VehicleRow
    range_km: float | None
    contract_end: date | None
    period: Period | None
    engine_hours: float | None
    tracker: TrackerHealth | None
    week_use: Sequence[Sequence[float]] | None
    day: date | None
    earlier: date | None
    later: date | None
    trips: Sequence[TripRow]
    depots: Sequence[Site]
    tiles_url: str | None
    private_now: bool = False

    @property
    def map(self) -> dict[str, Any]:
        """What `static/map.js` draws; trips are numbered as in the table, from 1."""
        return {
            "tiles": self.tiles_url,
            "depots": [{"name": d.name, "lon": d.lon, "lat": d.lat} for d in self.depots],
            "trips": [{"track": [list(point) for point in t.track]} for t in self.trips],
        }


# Private driving: GET and POST /vehicles/{vehicle_id}/private -------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateEntry:
    """A period, `ends` None: until it is ended. The duty hours are local; None: all of it is
    private. `deleted` positions had been stored of it."""

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
    ended_by: str | None
    ended_at: datetime | None
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivatePage:
    """`dropped` positions within 30 days; `values` and `errors` are those of a refused form."""

    template: ClassVar[str] = "private.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    vehicle: Choice
    private_now: bool
    periods: Sequence[PrivateEntry]
    dropped: int
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None


# Proposals: GET /proposals, POST /proposals/rounds, POST /proposals/versions ----------------------


class Show(StrEnum):
    """Which verdicts the list of proposals shows."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """A decision that can be taken by itself. `changed_by` are the moves of a price or of demand
    under which it would not be proposed; None as long as that is not worked out, which will not
    come when `study_failed`."""

    proposal_id: int
    depot: str
    decision: Decision
    verdict: Verdict | None
    changed_by: Sequence[tuple[Moved, float]] | None
    study_failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFailure:
    """Why the sensitivity, charging, backtest and curve of some depots could not be worked out."""

    depot_ids: Sequence[str]
    depots: Sequence[str]
    reason: RoundReason
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What some decisions add up to; `unpriced` of them have no known price."""

    decisions: int
    saving_kr_year: float
    saving_co2_t_year: float
    upfront_kr: float
    unpriced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A round that is not done. `reason` and `message` say why it failed."""

    round_id: int
    number: int
    version: int
    state: RunState
    requested_at: datetime
    requested_by: str
    reason: RoundReason | None
    message: str
    parts: int
    answered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalsPage:
    """`run` is the round under way, or the latest one if it failed or was cancelled; `round` the
    latest done. `rows` are those that the filters leave; `pending`: something was decided since
    the round was calculated. `studied` of `parts` have their sensitivity, curve and backtest.
    """

    template: ClassVar[str] = "proposals.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    run: Run | None
    round: Round | None
    rows: Sequence[ProposalRow] = ()
    total: int = 0
    depots: Sequence[Choice] = ()
    depot_id: str | None = None
    action: Action | None = None
    show: Show | None = None
    accepted: Sums | None = None
    every: Sums | None = None
    pending: bool = False
    parts: int = 0
    studied: int = 0
    failures: Sequence[StudyFailure] = ()
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None

    @property
    def actions(self) -> Sequence[Action]:
        return tuple(Action)


# One proposal: GET and POST /proposals/{proposal_id} -------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionEntry:
    verdict: Verdict
    comment: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalPage:
    """`plan` is the depot's; `outcomes` say for each move whether the decision stands, None before
    that is worked out. `newer` is the same decision in the latest version of the round.

    `values` and `errors` are those of the form (`forms.DecisionForm`) when it was refused.
    """

    template: ClassVar[str] = "proposal.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    row: ProposalRow
    number: int
    version: int
    period: Period
    plan: DepotPlan
    outcomes: Sequence[tuple[Moved, float, bool]] | None
    backtest: Backtest | None
    history: Sequence[DecisionEntry]
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None


# Cost against CO2e: GET /proposals/curve -------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A fleet on the curve; kr. without a price of CO2e. `fleet` are kinds with their counts."""

    cost_kr_year: float
    co2_t_year: float
    lower_bound_kr_year: float
    gap: float
    vehicles: int
    green_vehicles: int
    fleet: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePage:
    """`points` go from the least cost to the least CO2e; none as long as they are worked out.
    `today` and `proposed` are cost without a price of CO2e, and tonnes."""

    template: ClassVar[str] = "curve.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    round: Round | None
    points: Sequence[CurvePoint]
    today: tuple[float, float] | None
    proposed: tuple[float, float] | None
    price_max_kr_t: float
    parts: int
    studied: int
    failures: Sequence[StudyFailure] = ()


# Depots: GET /proposals/depots -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotRow:
    """A depot in the plan; `charging` and `backtest` are None before they are worked out, and a
    backtest also of a period that is too short."""

    name: str
    plan: DepotPlan
    charging: DepotCharging | None
    backtest: Backtest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotsPage:
    template: ClassVar[str] = "depots.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    round: Round | None
    rows: Sequence[DepotRow]
    parts: int
    studied: int
    failures: Sequence[StudyFailure] = ()


# Rounds compared: GET /proposals/rounds --------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRow:
    """A round in its latest version, and what was decided in all its versions."""

    round: Round
    requested_by: str
    proposed: Sums
    accepted: Sums
    done: Sums
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRound:
    """A round that failed or was cancelled."""

    number: int
    version: int
    state: RunState
    requested_at: datetime
    requested_by: str
    reason: RoundReason | None
    message: str
    cancelled_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundsPage:
    template: ClassVar[str] = "rounds.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    rows: Sequence[RoundRow]
    ended: Sequence[EndedRound]


# Report for print: GET /proposals/report -------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    template: ClassVar[str] = "report.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    as_of: datetime
    round: Round | None
    rows: Sequence[ProposalRow]
    accepted: Sums
    every: Sums
    depots: Sequence[DepotRow]
    points: Sequence[CurvePoint]


# Plan: GET /plan, GET and POST /plan/milestones/{milestone_id} ---------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    year: int
    quarter: int
    current: bool
    milestones: Sequence[Milestone]


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    name: str
    purpose: str
    quarters: Sequence[Quarter]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    template: ClassVar[str] = "plan.html"
    section: ClassVar[Section | None] = Section.PLAN

    programmes: Sequence[Programme]
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneChange:
    progress: Progress
    note: str
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestonePage:
    """`values` and `errors` are those of the form (`forms.MilestoneForm`) when it was refused."""

    template: ClassVar[str] = "milestone.html"
    section: ClassVar[Section | None] = Section.PLAN

    milestone: Milestone
    programme: str
    history: Sequence[MilestoneChange]
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


# Intake: GET /intake, POST /intake/release -----------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PingRow:
    device: str
    vehicle: Choice | None
    ts: datetime
    received_at: datetime
    lat: float
    lon: float
    speed_kmh: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineGroup:
    """What one device has in quarantine for one reason.

    `detail` is that of the latest. `releasable`: releasing it now can succeed, for example because
    the device has been enrolled since.
    """

    device: str
    reason: Reason
    detail: str
    messages: int
    first_received: datetime
    last_received: datetime
    releasable: bool


@dataclass(frozen=True, slots=True)
class Evicted:
    """Messages that had to make room in a full quarantine."""

    protocol: str
    reason: Reason
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakePage:
    """`evicted` is what had to make room within 30 days."""

    template: ClassVar[str] = "intake.html"
    section: ClassVar[Section | None] = Section.INTAKE

    pings_24h: int
    devices_24h: int
    latest: Sequence[PingRow]
    quarantine: Sequence[QuarantineGroup]
    evicted: Sequence[Evicted] = ()
    notice: Notice | None = None


# Keys: GET and POST /intake/keys ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A key of a device or of a gateway; never the key itself."""

    key_id: int
    device: str | None
    gateway: str | None
    label: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysPage:
    """`made` is the key that was made just now; `values` and `errors` are of a refused form."""

    template: ClassVar[str] = "keys.html"
    section: ClassVar[Section | None] = Section.INTAKE

    keys: Sequence[KeyRow]
    made: str | None = None
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None


# Last pings: GET /intake/live?show=late ---------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRow:
    """`interval_s` is how often the device usually sends, `silence_s` how long ago it did last."""

    device: str
    vehicle: Choice | None
    contact: Contact
    last_ping: datetime | None
    silence_s: float | None
    interval_s: float | None
    protocol: str | None
    soc_pct: float | None
    charging: bool | None
    battery_v: float | None
    tracker_battery_pct: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePage:
    """`rows` are those of the state `shown` (None: all), `counts` those of every state."""

    template: ClassVar[str] = "live.html"
    section: ClassVar[Section | None] = Section.INTAKE

    rows: Sequence[LiveRow]
    counts: Mapping[Contact, int]
    shown: Contact | None
    as_of: datetime


# Zones: GET and POST /zones ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Asleep:
    """Where a vehicle spends its nights; `depot` names it when it is one."""

    vehicle: Choice
    own_depot: str
    sleeps: Sleeps
    depot: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedZone:
    """A place where vehicles sleep that is no depot yet."""

    lat: float
    lon: float
    radius_m: float
    vehicles: int
    nights: int

    @property
    def form(self) -> dict[str, str]:
        """The fields of the form that makes it a depot."""
        shape = {"type": "Point", "coordinates": [round(self.lon, 6), round(self.lat, 6)]}
        return {"shape": json.dumps(shape), "radius_m": f"{self.radius_m:g}", "kind": "depot"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonesPage:
    """`asleep` are the vehicles of which nights are known; `waiting` the devices whose round trips
    are still to be found anew after a change; `values` and `errors` those of the form."""

    template: ClassVar[str] = "zones.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    zones: Sequence[Zone]
    proposed: Sequence[ProposedZone]
    asleep: Sequence[Asleep]
    nights: int
    waiting: int
    period: Period | None
    tiles_url: str | None
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None

    @property
    def counts(self) -> Sequence[tuple[Sleeps, int]]:
        """How many vehicles sleep in each way."""
        found = Counter(row.sleeps for row in self.asleep)
        return [(sleeps, found[sleeps]) for sleeps in Sleeps if found[sleeps]]

    @property
    def map(self) -> dict[str, Any]:
        """What `static/zones.js` draws."""
        return {
            "tiles": self.tiles_url,
            "zones": [
                {"name": z.name, "geometry": z.geometry, "radius_m": z.radius_m, "kind": z.kind}
                for z in self.zones
            ],
            "proposed": [
                {"lon": p.lon, "lat": p.lat, "radius_m": p.radius_m} for p in self.proposed
            ],
        }


# Errors ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A page that could not be shown; `status` is the HTTP status."""

    template: ClassVar[str] = "error.html"
    section: ClassVar[Section | None] = None

    status: int
