"""How far a municipality has come from an empty system to its first proposals, decided from
facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from fleet.actor import Permission


class Step(StrEnum):
    """The steps to the first proposals, in the order in which they are best taken."""

    NAME = "name"
    CLOSING_DAYS = "closing_days"
    DEPOTS = "depots"
    VEHICLES = "vehicles"
    #: What tells of the vehicles: trackers or driving logs.
    SOURCES = "sources"
    DATA = "data"
    PROPOSALS = "proposals"


class Finding(StrEnum):
    """What is so of a step: what is missing of it, or that it is done."""

    NO_NAME = "no name"
    NAMED = "named"
    NO_CLOSING_DAYS = "no closing days"
    CLOSING_DAYS_KNOWN = "closing days known"
    NO_DEPOTS = "no depots"
    #: Depots that vehicles belong to wait for their place on the map.
    DEPOTS_WAIT = "depots wait"
    DEPOTS_THERE = "depots there"
    NO_VEHICLES = "no vehicles"
    VEHICLES_THERE = "vehicles there"
    NO_SOURCES = "no sources"
    #: Trackers are enrolled, and none of them sits in a vehicle.
    TRACKERS_IN_NO_VEHICLE = "trackers in no vehicle"
    #: A driving log was uploaded, and nobody has said what its columns are.
    LOG_WAITS = "log waits"
    SOURCES_OF_SOME = "sources of some"
    SOURCES_OF_ALL = "sources of all"
    NOTHING_TO_COME = "nothing to come"
    NOTHING_HEARD = "nothing heard"
    #: What came was refused, and nothing else came.
    ALL_REFUSED = "all refused"
    NO_TRIPS = "no trips"
    TRIPS_THERE = "trips there"
    NO_TRIPS_TO_COUNT = "no trips to count"
    #: There are trips and no round, which could propose no vehicle.
    NO_KIND_ON_OFFER = "no kind on offer"
    NO_ROUND = "no round"
    ROUND_WORKS = "round works"
    ROUND_FAILED = "round failed"
    PROPOSALS_THERE = "proposals there"


#: The findings of steps that are done.
DONE = frozenset(
    {
        *(Finding.NAMED, Finding.CLOSING_DAYS_KNOWN, Finding.DEPOTS_THERE),
        *(Finding.VEHICLES_THERE, Finding.SOURCES_OF_SOME, Finding.SOURCES_OF_ALL),
        *(Finding.TRIPS_THERE, Finding.PROPOSALS_THERE),
    }
)

#: What somebody needs to take each step; any of them is enough.
STEP_NEEDS: dict[Step, tuple[Permission, ...]] = {
    Step.NAME: (Permission.REGISTER_CHANGE,),
    Step.CLOSING_DAYS: (Permission.REGISTER_CHANGE,),
    Step.DEPOTS: (Permission.REGISTER_CHANGE,),
    Step.VEHICLES: (Permission.REGISTER_CHANGE,),
    Step.SOURCES: (Permission.TELEMETRY_MANAGE, Permission.LOGS_IMPORT),
    Step.DATA: (Permission.TELEMETRY_MANAGE,),
    Step.PROPOSALS: (Permission.ROUNDS_REQUEST,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRunFacts:
    """What is there of a system.

    Attributes:
        depots_waiting: the depots that wait for their place.
        vehicles_told_of: the vehicles of the fleet that have a tracker or a driving log.
        trackers: the trackers that are enrolled, in a vehicle or not.
        log_waits: whether a driving log waits for somebody to say what its columns are.
        has_positions: whether positions of an enrolled tracker were stored.
        has_refused: whether messages wait in quarantine.
        kinds_on_offer: whether a round may propose any kind of the catalogue.
        latest_round: the state of the latest round of proposals; None: there is none.
        has_proposals: whether a round was finished.
    """

    is_named: bool
    closing_days_known: bool
    depots: int
    depots_waiting: int
    vehicles: int
    vehicles_told_of: int
    trackers: int
    log_waits: bool
    has_positions: bool
    has_refused: bool
    has_trips: bool
    kinds_on_offer: bool
    latest_round: str | None
    has_proposals: bool

    @property
    def round_works(self) -> bool:
        """Whether a round waits for its turn or is being calculated."""
        return self.latest_round in ("queued", "running")


@dataclass(frozen=True, slots=True)
class StepState:
    """A step with what is so of it. `number` of `whole` is what the finding counts."""

    step: Step
    finding: Finding
    number: int = 0
    whole: int = 0

    @property
    def is_done(self) -> bool:
        return self.finding in DONE

    @property
    def needs(self) -> tuple[Permission, ...]:
        """What somebody needs to take the step; any of them is enough."""
        return STEP_NEEDS[self.step]


@dataclass(frozen=True, slots=True)
class Checklist:
    """All steps in their order."""

    steps: tuple[StepState, ...]

    @property
    def is_done(self) -> bool:
        return all(one.is_done for one in self.steps)

    @property
    def next(self) -> StepState | None:
        """The first step that is not done; None: all are."""
        return next((one for one in self.steps if not one.is_done), None)


def checklist(facts: FirstRunFacts) -> Checklist:
    """The steps by what is there."""
    return Checklist(tuple(_states(facts)))


def _states(facts: FirstRunFacts) -> Iterator[StepState]:
    yield StepState(Step.NAME, Finding.NAMED if facts.is_named else Finding.NO_NAME)
    known = facts.closing_days_known
    closing = Finding.CLOSING_DAYS_KNOWN if known else Finding.NO_CLOSING_DAYS
    yield StepState(Step.CLOSING_DAYS, closing)
    yield _depots(facts)
    vehicles = Finding.VEHICLES_THERE if facts.vehicles else Finding.NO_VEHICLES
    yield StepState(Step.VEHICLES, vehicles, facts.vehicles)
    yield StepState(Step.SOURCES, _sources(facts), facts.vehicles_told_of, facts.vehicles)
    yield StepState(Step.DATA, _data(facts), facts.trackers)
    yield StepState(Step.PROPOSALS, _proposals(facts))


def _depots(facts: FirstRunFacts) -> StepState:
    if facts.depots_waiting:
        return StepState(Step.DEPOTS, Finding.DEPOTS_WAIT, facts.depots_waiting, facts.depots)
    found = Finding.DEPOTS_THERE if facts.depots else Finding.NO_DEPOTS
    return StepState(Step.DEPOTS, found, facts.depots)


def _sources(facts: FirstRunFacts) -> Finding:
    if facts.vehicles_told_of:
        is_all = facts.vehicles_told_of == facts.vehicles
        return Finding.SOURCES_OF_ALL if is_all else Finding.SOURCES_OF_SOME
    if facts.log_waits:
        return Finding.LOG_WAITS
    return Finding.TRACKERS_IN_NO_VEHICLE if facts.trackers else Finding.NO_SOURCES


def _data(facts: FirstRunFacts) -> Finding:
    if facts.has_trips:
        return Finding.TRIPS_THERE
    if facts.has_positions:
        return Finding.NO_TRIPS
    if facts.has_refused:
        return Finding.ALL_REFUSED
    return Finding.NOTHING_HEARD if facts.trackers else Finding.NOTHING_TO_COME


def _proposals(facts: FirstRunFacts) -> Finding:
    if facts.has_proposals:
        return Finding.PROPOSALS_THERE
    if facts.round_works:
        return Finding.ROUND_WORKS
    if facts.latest_round == "failed":
        return Finding.ROUND_FAILED
    if not facts.has_trips:
        return Finding.NO_TRIPS_TO_COUNT
    return Finding.NO_ROUND if facts.kinds_on_offer else Finding.NO_KIND_ON_OFFER
