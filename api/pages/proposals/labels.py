"""The words for rounds and proposals; see `words.vocabulary`."""

from api.pages.proposals.remarks import say_remark
from api.pages.proposals.round_views import RoundRule
from api.pages.proposals.views import FleetName, Notice, ProposalOrder, VerdictFilter
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from costs.peak_days import PeakDayName
from optimiser.carried.no_room import Unfit
from optimiser.carried.since_before import Since
from optimiser.depot.alike import FirstBy
from optimiser.depot.decision_key import Action
from optimiser.depot.decisions import StayReason
from optimiser.rounds.decisions import Status, Verdict
from optimiser.rounds.failure import FailureReason
from optimiser.rounds.overview import RoundState
from optimiser.studies.policies import Policy
from optimiser.studies.sensitivity import MovedFigure
from register.inventory.since_round import VehicleChange

LABELS: Labels = {
    Verdict: {
        Verdict.ACCEPTED: mark("Accepted"),
        Verdict.REJECTED: mark("Rejected"),
        Verdict.QUESTION: mark("Question asked"),
        Verdict.DONE: mark("Carried out"),
        Verdict.REOPENED: mark("Undecided again"),
    },
    RoundState: {
        RoundState.QUEUED: mark("A round is waiting to start"),
        RoundState.RUNNING: mark("A round is being calculated"),
        RoundState.DONE: mark("The round is done"),
        RoundState.FAILED: mark("The latest round failed"),
        RoundState.CANCELLED: mark("The latest round was cancelled"),
    },
    FailureReason: {
        FailureReason.NO_TRIPS: mark("No vehicle of the register did a round trip in the period."),
        FailureReason.TOO_LITTLE_KNOWN: mark(
            "Too little is known of every vehicle that did a round trip in the period."
        ),
        FailureReason.TRIPS_BEHIND: mark(
            "The trips of many positions are still to be found. Start the round again when no "
            "tracker waits for its trips."
        ),
        FailureReason.REFUSED: mark("The data or the rules cannot be:"),
        FailureReason.INTERRUPTED: mark("The calculation was interrupted. Start it again."),
        FailureReason.WORKER_DIED: mark(
            "The machine that calculated stopped several times. Tell those who run the system."
        ),
        FailureReason.PROCESS_DIED: mark(
            "The process that calculated ended twice, as when memory runs out. Tell those who run "
            "the system."
        ),
        FailureReason.UNEXPECTED: mark(
            "An error ended the calculation each time. Tell those who run the system."
        ),
    },
    Action: {
        Action.POOL: mark("Share vehicles"),
        Action.DISPOSE: mark("Dispose of"),
        Action.REPLACE: mark("Replace"),
        Action.MOVE: mark("Move"),
        Action.BUY: mark("Buy"),
        Action.KEEP: mark("Keep"),
    },
    FirstBy: {
        FirstBy.RULED: mark("Of the vehicles alike it was decided of this one that it may go."),
        FirstBy.CONTRACT: mark("Of the vehicles alike its contract ends first."),
        FirstBy.AGE: mark("Of the vehicles alike it is the oldest that could go."),
        FirstBy.MILEAGE: mark("Of the vehicles alike that could go it has driven furthest."),
        FirstBy.DAYS: mark(
            "Of the vehicles alike that could go it was out on the fewest days of the period."
        ),
        FirstBy.KM: mark(
            "Of the vehicles alike that could go it was out on the fewest days of the period, and"
            " of those with as many it drove least."
        ),
        FirstBy.OTHERS_BOUND: mark(
            "The contracts of those alike run longer, beyond the time to which the proposals look."
        ),
        FirstBy.OTHERS_STAY: mark(
            "None of those alike may go: its contract runs longer, too little is known of it, or "
            "it was decided that it stays."
        ),
        FirstBy.COST: mark(
            "Others of its type that could go cost less a year: by the register's figure, or by "
            "that of their type where the register has none."
        ),
        FirstBy.EQUAL: mark(
            "Nothing that is known tells it from those alike: neither contract, age, km nor use."
        ),
    },
    StayReason: {
        StayReason.CONTRACT: mark("Its contract runs on beyond the horizon."),
        StayReason.UNKNOWN: mark("Too little is known of its use to say that it is not needed."),
        StayReason.REJECTED: mark("It was decided that it stays."),
        StayReason.NEED: mark(
            "No other kind on offer can do its trips, and nobody hires one out by the hour."
        ),
        StayReason.TRIPS: mark(
            "It is needed: without it trips that may not go by taxi would have no vehicle."
        ),
        StayReason.RESERVE: mark(
            "It is needed for the reserve: without any one of the vehicles that stay for this"
            " reason too few would be spare for the workshop."
        ),
        StayReason.WORKSHOP: mark(
            "It is kept for the workshop: without it more trips than today could lack a vehicle "
            "while one is there for the whole period."
        ),
        StayReason.WORKSHOP_ALIKE: mark(
            "Of those alike some are kept for the workshop: without any one of them more trips "
            "than today could lack a vehicle while one is there for the whole period."
        ),
        StayReason.SMALL: mark(
            "To let it go would save less than a proposal has to, or the CO₂e that was asked for "
            "needs it."
        ),
        StayReason.GREEN: mark(
            "It is green: no green vehicle is disposed of while a fossil one is left at the depot,"
            " or at another one if vehicles may move."
        ),
        StayReason.WORTH: mark("It is worth its cost: without it the trips would cost more."),
    },
    MovedFigure: {
        MovedFigure.ENERGY_PRICE: mark("Energy price"),
        MovedFigure.CO2_PRICE: mark("Price of CO₂e"),
        MovedFigure.DEMAND: mark("Trips"),
    },
    PeakDayName: {
        PeakDayName.SNOW: mark("Snow"),
        PeakDayName.ELECTION: mark("Election"),
        PeakDayName.ILLNESS: mark("Illness"),
    },
    VerdictFilter: {
        VerdictFilter.OPEN: mark("Awaiting a decision"),
        VerdictFilter.ACCEPTED: mark("Accepted"),
        VerdictFilter.REJECTED: mark("Rejected"),
    },
    Since: {
        Since.CARRIED: mark("Carried over"),
        Since.NEW: mark("New proposal"),
        Since.AGAIN: mark("Proposed again"),
        Since.CHANGED: mark("Changed"),
        Since.SAME: mark("As before"),
        Since.DELIVERED: mark("Delivered"),
        Since.GONE: mark("Gone"),
    },
    Status: {
        Status.WAITING: mark("Awaits a decision"),
        Status.CHANGED: mark("Changed, awaits a decision"),
        Status.PARTLY: mark("Partly decided"),
        Status.ACCEPTED: mark("Accepted"),
        Status.REPORTED: mark("Reported as carried out"),
        Status.DONE: mark("Carried out"),
        Status.REJECTED: mark("Rejected"),
        Status.NO_ROOM: mark("Accepted, no room in the plan"),
        Status.GONE: mark("Gone"),
    },
    Unfit: {
        Unfit.NO_VEHICLE: mark("The vehicle is not in the fleet any more."),
        Unfit.MOVED: mark("The vehicle stands there already."),
        Unfit.NO_DEPOT: mark("No vehicle stands at the depot any more."),
        Unfit.RULED: mark("The plan cannot have it: it was ruled that the vehicle stays."),
        Unfit.OTHERWISE: mark(
            "The plan lets the vehicle go in another way: to accept that, put this back to"
            " undecided first."
        ),
        Unfit.CONTRACT: mark(
            "The plan cannot have it: its contract runs longer now than when it was accepted."
        ),
        Unfit.BOUND: mark(
            "The plan cannot have it: a contract or too little known of its use keeps "
            "the vehicle, or the rules or trips of the round leave no room for it."
        ),
    },
    ProposalOrder: {
        ProposalOrder.DEPARTMENT: mark("Department"),
        ProposalOrder.DEPOT: mark("Depot"),
        ProposalOrder.SAVING: mark("Saves most"),
    },
    FleetName: {
        FleetName.TODAY: mark("Today"),
        FleetName.PROPOSED: mark("Proposed"),
        FleetName.CHEAPEST: mark("Cheapest on the line"),
        FleetName.GREENEST: mark("Greenest near the cheapest"),
        FleetName.FREE: mark("Without policies"),
    },
    Policy: {
        Policy.GREEN_KEEP: mark("green vehicles are kept"),
        Policy.RESERVE: mark("a vehicle is spare for the workshop"),
        Policy.WORKSHOP: mark(
            "no more trips than today lack a vehicle while one is in the workshop"
        ),
        Policy.NO_FALLBACK: mark("some trips do not go by taxi"),
    },
    RoundRule: {
        RoundRule.TURNAROUND: mark("Between two round trips of a vehicle"),
        RoundRule.FALLBACK_TRIP: mark("Each round trip that no vehicle takes"),
        RoundRule.FALLBACK_KM: mark("A km of such a round trip"),
        RoundRule.FALLBACK_CO2: mark("CO₂e of a km of such a round trip"),
        RoundRule.CO2_PRICE: mark("Value of a tonne of CO₂e"),
        RoundRule.CO2_CAP: mark("Most CO₂e a year"),
        RoundRule.GREEN_ONLY: mark("Only green kinds may grow in number"),
        RoundRule.GREEN_KEEP: mark("Green vehicles are kept"),
        RoundRule.MOVES: mark("Vehicles may move between depots"),
        RoundRule.NO_FALLBACK: mark("What may not go by taxi"),
        RoundRule.NO_FALLBACK_POOLS: mark("Depots whose trips may not go by taxi"),
        RoundRule.RESERVE: mark("Vehicles that are spare for the workshop"),
        RoundRule.WORKSHOP: mark(
            "With a vehicle in the workshop for the whole period no more trips than today lack one"
        ),
        RoundRule.WORKSHOP_COPIES: mark(
            "How often the trips count for that once more with other times of day"
        ),
        RoundRule.WORKSHOP_SHIFT: mark(
            "By how much a trip begins earlier or later at most in these"
        ),
        RoundRule.LEAST_SAVING: mark(
            "A change that saves less a year, the value of CO₂e included, is not proposed"
        ),
        RoundRule.GREENEST_WITHIN: mark("The greenest fleet may cost more than the cheapest by"),
        RoundRule.HORIZON: mark("A contract keeps its vehicle that runs longer than"),
        RoundRule.COVERAGE: mark(
            "The use of a vehicle is known if so many of the working days are"
        ),
    },
    VehicleChange: {
        VehicleChange.NEW: mark("Vehicles that are new in the fleet"),
        VehicleChange.GONE: mark("Vehicles that left the fleet"),
        VehicleChange.PLACE: mark("Vehicles of another kind, department or depot"),
        VehicleChange.COSTS: mark("Vehicles with other costs of their own"),
        VehicleChange.CONTRACT: mark("Vehicles whose contract ends on another day"),
        VehicleChange.RULING: mark("Vehicles that were ruled on"),
    },
    Notice: {
        Notice.ROUND_REQUESTED: mark("The new round has been requested."),
        Notice.ACCEPTED: mark("The proposal is accepted."),
        Notice.REJECTED: mark("The proposal is rejected."),
        Notice.QUESTION: mark("The question is noted."),
        Notice.CARRIED_OUT: mark("The proposal is noted as carried out."),
        Notice.SEVERAL_ACCEPTED: mark("The chosen proposals are accepted."),
        Notice.SEVERAL_REJECTED: mark("The chosen proposals are rejected."),
        Notice.REOPENED: mark("The proposal is undecided again."),
        Notice.OTHER_GOES: mark(
            "The proposal is rejected, and the other vehicle may go. Calculate the plan again to "
            "see it."
        ),
        Notice.COMMENTED: mark("The comment is added."),
        Notice.ANSWERED: mark("The answer is added. Nothing is decided by it."),
        Notice.VERSION_REQUESTED: mark("The plan is being calculated again as decided."),
        Notice.FLEET_CHOSEN: mark("The plan is being calculated again with the fleet you chose."),
        Notice.FLEET_OF_RULES: mark(
            "The plan is being calculated again with the fleet that the rules propose."
        ),
        Notice.ROUND_CANCELLED: mark("The calculation is cancelled."),
    },
}

BADGES: Labels = {
    Status: {
        Status.WAITING: "badge-neutral",
        Status.CHANGED: "badge-warning",
        Status.PARTLY: "badge-neutral",
        Status.ACCEPTED: "badge-success",
        Status.REPORTED: "badge-success",
        Status.DONE: "badge-success",
        Status.REJECTED: "badge-error",
        Status.NO_ROOM: "badge-warning",
        Status.GONE: "badge-neutral",
    },
    Verdict: {
        Verdict.ACCEPTED: "badge-success",
        Verdict.REJECTED: "badge-error",
        Verdict.QUESTION: "badge-warning",
        Verdict.DONE: "badge-success",
        Verdict.REOPENED: "badge-neutral",
    },
}

VOCABULARY = Vocabulary(labels=LABELS, badges=BADGES, filters={"remark": say_remark})
