"""The views of the pages of a round, its proposals and its studies; see `frame.views`."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from api.pages.choices.list_parts import ListPart, asked_part
from api.pages.frame.views import Choice, Section, ShownPeriod
from api.pages.proposals.round_views import BasisChangesView
from api.pages.proposals.tight_months import TightMonth, tight_months
from api.pages.talk.views import TalkView
from costs.assumptions import Figure
from costs.catalogue import Offer
from fleet.saying import Saying
from optimiser.carried.since_before import ComparedProposal, RoundComparison, Since
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.ledger.stored import LedgerRow
from optimiser.parts.depot_plan import DepotPlan
from optimiser.rounds.decisions import DecisionEntry, Status
from optimiser.rounds.overview import Round, RoundRun
from optimiser.rounds.proposals import (
    InPresentVersion,
    LaterRounds,
    Proposal,
    ProposalSums,
)
from optimiser.rounds.studies import RoundEnds, StudyFailure
from optimiser.studies.backtest import Backtest
from optimiser.studies.budget import Budget
from optimiser.studies.peak_day import PeakDayOutcome, PeakDaySum, sum_peak_days
from optimiser.studies.policies import PolicyStudy
from optimiser.studies.sensitivity import MovedFigure
from optimiser.studies.study import DepotCharging
from optimiser.trial.stored import DepotTrial
from register.vehicles import RulingEntry


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    ROUND_REQUESTED = "round_requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    QUESTION = "question"
    CARRIED_OUT = "carried_out"
    REOPENED = "reopened"
    OTHER_GOES = "other_goes"
    COMMENTED = "commented"
    ANSWERED = "answered"
    VERSION_REQUESTED = "version_requested"
    FLEET_CHOSEN = "fleet_chosen"
    FLEET_OF_RULES = "fleet_of_rules"
    ROUND_CANCELLED = "round_cancelled"
    SEVERAL_ACCEPTED = "several_accepted"
    SEVERAL_REJECTED = "several_rejected"


# Proposals: GET /proposals, POST /proposals/rounds, POST /proposals/versions ----------------------


class VerdictFilter(StrEnum):
    """The verdicts whose proposals the list shows."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class ProposalOrder(StrEnum):
    """The orders of the list of proposals; without one it is by rank."""

    DEPARTMENT = "department"
    DEPOT = "depot"
    SAVING = "saving"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralRefused:
    """What somebody sent who wanted to decide on several proposals, and why nothing was decided:
    for the form as a whole (`errors`), and by the ids of proposals (`reasons`). `newer` are those
    that stand for the superseded ones of them; None: nothing does."""

    values: Mapping[str, str]
    chosen: Set[int] = frozenset()
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    reasons: Mapping[int, str] = field(default_factory=dict[int, str])
    newer: Sequence[int | None] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalsPage:
    """The page of the list of proposals. `run` is the round under way, or the latest one if it
    failed or was cancelled; `round` is the latest one that is done. `part` is of the proposals
    that the filters leave; `total` are the proposals of the round, and `wholes`
    names for each change of theirs the proposal of which it is. `compared` has them
    beside the round before, with those on which somebody decided and which this version does not
    propose; these are in no sum. `several`: a form for several of them was refused. `pending`:
    somebody decided something since the round was calculated. `has_trips` tells whether there are
    trips that a round could take. `studied` of the `parts` have their sensitivity, curve and
    backtest. `shared` of the changes are of departments that the visitor does not see, too, and are
    in no sum. `ends` and `policies` are None until the studies are done. `out_of_date` are figures
    that were too old when the round was calculated, and `offer` is what was on offer then.
    """

    template: ClassVar[str] = "proposals/proposals.html"
    section: ClassVar[Section | None] = Section.PROPOSALS
    #: The proposals that a phone lists before it is asked for the others.
    rows_on_phone: ClassVar[int] = 5

    run: RoundRun | None
    round: Round | None
    has_trips: bool
    period: ShownPeriod | None = None
    part: ListPart[ComparedProposal] | None = None
    total: int = 0
    wholes: Sequence[tuple[DecisionKey, ...]] = ()
    compared: RoundComparison | None = None
    depots: Sequence[Choice] = ()
    departments: Sequence[str] = ()
    depot_id: str | None = None
    department: str | None = None
    action: Action | None = None
    show: VerdictFilter | None = None
    since: Since | None = None
    order: ProposalOrder | None = None
    in_address: str = ""
    several: SeveralRefused | None = None
    accepted: ProposalSums | None = None
    every: ProposalSums | None = None
    shared: int = 0
    pending: bool = False
    parts: int = 0
    studied: int = 0
    failures: Sequence[StudyFailure] = ()
    out_of_date: Sequence[Figure] = ()
    offer: Offer | None = None
    ends: RoundEnds | None = None
    policies: PolicyStudy | None = None
    refused: str | None = None
    notice: Notice | None = None

    @property
    def actions(self) -> Sequence[Action]:
        return tuple(Action)

    @property
    def moves(self) -> bool:
        """Whether a vehicle moves by a proposal of the part that is shown."""
        rows = () if self.part is None else self.part.rows
        return any(Action.MOVE in row.proposal.actions for row in rows)

    @property
    def sinces(self) -> Sequence[Since]:
        return tuple(Since)

    @property
    def orders(self) -> Sequence[ProposalOrder]:
        return tuple(ProposalOrder)


# One proposal: GET and POST /proposals/{proposal_id} -------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalPage:
    """The page of one proposal, which people decide on as the `whole` of which it is a part; that
    is itself where it is by itself. `plan` is that of its depot; it is None for the head of a
    department where vehicles of others stand there, too. `outcomes` tell for each moved figure
    whether the decision still stands (None: no fleet keeps the cap on CO2e then); they are None
    until the study is done. `stated` are the kinds whose cost of a km is known only as a whole.
    `no_backtest` says why there was no fleet to test. `year_over_period` is
    that of the round. `present` tells of the latest version of its own round, and `later` of
    later rounds; None: it is the latest. `is_latest`, `newer` and `status` are those of its
    `ProposalCase`.

    `follow_up` is what became of it; None: it is not accepted. `trial` is what the proposed fleet
    would have done at its depot since; None: no day is tried that the visitor sees.
    `talk` is what was said about the decision; None: the visitor takes no part in it.
    `stays` are the names of its vehicles that are to leave, with the rulings since that they stay.

    `values` and `errors` are those of a refused form (`forms.DecisionForm`).
    """

    template: ClassVar[str] = "proposals/proposal.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    row: Proposal
    whole: Proposal
    number: int
    version: int
    present: InPresentVersion
    later: LaterRounds | None
    is_latest: bool
    newer: int | None
    status: Status
    period: ShownPeriod
    year_over_period: float
    plan: DepotPlan | None
    outcomes: Sequence[tuple[MovedFigure, float, bool | None]] | None
    stated: Sequence[str]
    backtest: Backtest | None
    no_backtest: Saying | None
    history: Sequence[DecisionEntry]
    talk: TalkView | None = None
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    follow_up: LedgerRow | None = None
    trial: DepotTrial | None = None
    stays: Sequence[tuple[str, RulingEntry]] = ()
    notice: Notice | None = None

    @property
    def tight_months(self) -> Sequence[TightMonth]:
        """The calendar of its tight days."""
        own = {"", *self.row.decision.departments}
        found = () if self.plan is None else self.plan.tight_days
        return tight_months(
            self.row.decision.tight_days, [one for one in found if one.department in own]
        )

    @property
    def is_decided_here(self) -> bool:
        """Whether people decide on this page: not where a newer proposal is of the same decision,
        and not on what is gone."""
        if self.is_latest:
            return True
        return self.newer is None and (self.row.has_verdict or self.row.asked)


# Cost against CO2e: GET /proposals/curve -------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A fleet on the curve. Its costs are without a price of CO2e; `fleet` has the kinds with their
    counts. `key` names it where somebody chooses it."""

    cost_kr_year: float
    co2_t_year: float
    lower_bound_kr_year: float
    gap: float
    vehicles: int
    green_vehicles: int
    fleet: Sequence[tuple[str, int]]
    key: str


class FleetName(StrEnum):
    """The fleets between which a person chooses, in the picture of cost against CO2e."""

    TODAY = "today"
    PROPOSED = "proposed"
    CHEAPEST = "cheapest"
    GREENEST = "greenest"
    FREE = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetChoice:
    """One of these fleets; its cost is without a price of CO2e. `key` names it where somebody
    chooses it; None: it is none on the curve."""

    name: FleetName
    cost_kr_year: float
    co2_t_year: float
    vehicles: int
    green_vehicles: int
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The curve of cost against CO2e. `points` go from the least cost to the least CO2e, and
    `choices` are fleets to choose from. `cap_t` is the cap on the tonnes of the plan; the curve
    goes on beyond it, to a price of `price_max_kr_t`. `ends` is None where none keeps the cap.
    `chosen` is the key of the fleet that the round proposes, if somebody chose it here, and
    `proposed` that of the fleet with the figures of the proposed one, if it is known."""

    points: Sequence[CurvePoint]
    choices: Sequence[FleetChoice]
    ends: RoundEnds | None
    policies: PolicyStudy | None
    cap_t: float | None
    price_max_kr_t: float
    chosen: str | None = None
    proposed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePage:
    """The page of the curve, which is None until the study is done; `refused` says why a fleet that
    was chosen is none."""

    template: ClassVar[str] = "proposals/curve.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    round: Round | None
    curve: Curve | None
    parts: int
    studied: int
    failures: Sequence[StudyFailure] = ()
    refused: str | None = None


# Depots: GET /proposals/depots -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotRow:
    """A depot in the plan. `charging` and `backtest` are None until they are done. There is no
    backtest of a period that is too short, or where no fleet keeps the cap on CO2e; `no_backtest`
    says so then. `budget` is what the decisions there save in each year. `peaks` are the peak days,
    none until they are worked out. `going` and `coming` are the names of vehicles that move."""

    name: str
    plan: DepotPlan
    charging: DepotCharging | None
    backtest: Backtest | None
    no_backtest: Saying | None = None
    budget: Budget
    peaks: Sequence[PeakDayOutcome] = ()
    going: Sequence[str] = ()
    coming: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotsPage:
    """The page of the depots of a plan; `query` says which part of the depots is asked for."""

    template: ClassVar[str] = "proposals/depots.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    round: Round | None
    rows: Sequence[DepotRow]
    parts: int
    studied: int
    period: ShownPeriod | None = None
    failures: Sequence[StudyFailure] = ()
    query: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def part(self) -> ListPart[DepotRow]:
        """The part of the depots that is asked for."""
        return asked_part(self.rows, self.query, "/proposals/depots")

    @property
    def is_being_studied(self) -> bool:
        """Whether studies are under way, without which no figure is of all depots."""
        return self.studied + len(self.failures) < self.parts

    @property
    def peaks(self) -> Sequence[PeakDaySum]:
        """The peak days over all depots that are shown."""
        return sum_peak_days(one for row in self.rows for one in row.peaks)


# Rounds compared: GET /proposals/rounds --------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRow:
    """A round in its latest version, with the decisions on what that proposes. `rejected` are also
    those of earlier versions and rounds. `changes` are those of its basis since the round before;
    None for the first. `earlier` are its versions before, by id and number of the version."""

    round: Round
    requested_by: str
    proposed: ProposalSums
    accepted: ProposalSums
    done: ProposalSums
    rejected: int
    changes: BasisChangesView | None = None
    earlier: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundsPage:
    template: ClassVar[str] = "proposals/rounds.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    part: ListPart[RoundRow]
    ended: Sequence[RoundRun]
