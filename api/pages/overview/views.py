"""The views of the overview; see `frame.views`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from api.pages.frame.views import BoundedCount, Choice, PeriodChoice, Section, ShownPeriod
from api.pages.municipality.views import ShownChecklist
from api.pages.plan.views import MilestoneRow
from optimiser.depot.decision_key import DecisionKey
from optimiser.ledger.stored import OwnTask
from optimiser.rounds.overview import Round
from optimiser.rounds.studies import RoundEnds
from optimiser.trial.stored import Trial
from register.contact import Contact, LastingContact
from trips.use.usage import VehicleFigures

# Overview: GET / -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NotHeard:
    """A tracker that is silent or was never heard; `vehicle` None: it sits in none."""

    device: str
    vehicle: Choice | None
    contact: Contact | LastingContact
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
    figures: VehicleFigures
    by_hours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedPart:
    """A part of the server that failed lately: whether it runs again, the kind and the moment of
    its last failure, and the number of its failures since the start. `title` is set where the name
    is none of `PartName`."""

    name: str
    title: str | None = None
    up: bool
    kind: str
    failed_at: datetime
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The positions that came in today, however old they were, and what waits in quarantine."""

    received_today: int
    quarantined: BoundedCount


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage:
    """The page of the overview. `checklist` are the steps to the first proposals, which are shown
    until all are taken. `period` and `days` are None before the first trip; `has_data`
    tells whether anything was heard in the period. `round` is None before the first finished round;
    `ends` are the cheapest and the greenest fleet near it, None until its studies are done, and
    `pending`: somebody decided something since it was calculated. `round_works`: a round waits for
    its turn or is being calculated.

    `intake` is of the whole municipality, and None for the head of a department.
    `trips_begun_today` counts trips by when they began. Both are None for who sees no single trips:
    they change when a vehicle sets off.
    `not_heard` are the first of the `not_heard_total` trackers that are not heard; with the
    `trackers_heard` they are all enrolled ones; `without_tracker` counts
    the vehicles that have none. `days_used_share` is of the working days of vehicles with known
    use, `unknown` the others.
    `late` are the first of the `late_total` milestones that are late, `milestones` what is next;
    `plan_waits`: there is a programme that nobody has taken.
    `trial` is what the proposed fleet would have done on the days since; None: nothing is proposed.
    `late_proposals` name for each change that was accepted, and is not carried out by its day, the
    proposal of which it is. So many
    proposals and questions wait for the visitor's answer (`waits`), `waits_late` of them are late.
    `tasks` are the first of the `tasks_total` that the visitor is to do.
    `requests_wait`: so many requests for vehicles wait for an answer of the visitor's.
    `least_used` holds vehicles with known use only, the least used first.
    """

    template: ClassVar[str] = "overview/overview.html"
    section: ClassVar[Section | None] = Section.OVERVIEW

    as_of: datetime
    checklist: ShownChecklist
    failed_parts: Sequence[FailedPart]
    vehicles: int
    trackers_heard: int
    not_heard: Sequence[NotHeard]
    not_heard_total: int
    without_tracker: int
    intake: Intake | None
    trips_begun_today: int | None
    trips_period: int
    period: ShownPeriod | None
    days: PeriodChoice | None
    has_data: bool
    days_used_share: float | None
    unknown: int
    round: Round | None
    ends: RoundEnds | None
    pending: bool
    round_works: bool
    depots: Sequence[DepotUse]
    least_used: Sequence[LeastUsed]
    late: Sequence[MilestoneRow]
    late_total: int
    milestones: Sequence[MilestoneRow]
    plan_waits: bool
    late_proposals: Sequence[tuple[DecisionKey, ...]]
    trial: Trial | None = None
    waits: int = 0
    waits_late: int = 0
    requests_wait: int = 0
    tasks: Sequence[OwnTask] = ()
    tasks_total: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing yet that figures could be of."""
        trackers = self.trackers_heard + self.not_heard_total
        came = self.intake and (self.intake.received_today or self.intake.quarantined.number)
        return not (self.vehicles or trackers or came)
