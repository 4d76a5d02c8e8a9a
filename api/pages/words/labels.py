"""The words for the values of our enumerations; English here, translated where they are shown."""

from collections.abc import Mapping
from enum import StrEnum

from api.pages.costs.labels import BASIS_LABELS
from api.pages.frame.views import Notice, Section, Status
from api.pages.plan.views import Progress
from api.pages.proposals.views import RunState, Show, Verdict
from api.pages.words.language import mark
from api.pages.words.spans import Span
from api.supervisor import PartName
from fleet.vehicle import Energy
from ingest.gate.refusal import Reason
from optimiser.depot.candidates import Fate, Ruling
from optimiser.depot.decisions import Why
from optimiser.depot.green import Obstacle
from optimiser.depot.verdicts import Action
from optimiser.rounds.rounds import Reason as RoundReason
from optimiser.studies.sensitivity import Moved
from register.contact import Contact
from trips.detect.nights import Sleeps
from trips.driving_log.rows import Field
from trips.driving_log.rows import Reason as LogReason
from trips.stored.aside import Trouble

#: By type, since members of two string enumerations may be equal.
LABELS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    **BASIS_LABELS,
    Fate: {
        Fate.CAN_GO: mark("May go or be replaced"),
        Fate.CONTRACT: mark("Fixed now: the contract runs on"),
        Fate.UNKNOWN: mark("Must stay: too little is known of its use"),
        Fate.MACHINE: mark("Left out: a machine"),
        Fate.RULED: mark("Must stay: the fleet unit says so"),
    },
    Ruling: {
        Ruling.STAY: mark("Stays"),
        Ruling.GO: mark("May go"),
        Ruling.OPEN: mark("Left to the rules"),
    },
    PartName: {
        PartName.DATABASE: mark("The embedded database"),
        PartName.WRITER: mark("Storing of positions"),
        PartName.DRAIN: mark("Taking of positions from the buffer"),
        PartName.NOTES: mark("Notes on keys and trackers"),
        PartName.HTTP: mark("Pages and positions over HTTP"),
        PartName.OSMAND: mark("OsmAnd"),
        PartName.TELTONIKA_TCP: mark("Teltonika over TCP"),
        PartName.TELTONIKA_UDP: mark("Teltonika over UDP"),
        PartName.TELTONIKA_TLS: mark("Teltonika over TLS"),
        PartName.TLS: mark("Renewal of the certificate"),
        PartName.MQTT: mark("MQTT"),
        PartName.JOBS: mark("Rounds of proposals and upkeep"),
        PartName.FIGURES: mark("Figures for monitoring"),
        PartName.TRIPS: mark("Trips"),
    },
    Section: {
        Section.OVERVIEW: mark("Overview"),
        Section.VEHICLES: mark("Vehicles"),
        Section.USE: mark("Use of the fleet"),
        Section.PROPOSALS: mark("Proposals"),
        Section.ASSUMPTIONS: mark("Assumptions"),
        Section.PLAN: mark("Plan"),
        Section.INTAKE: mark("Intake"),
    },
    Energy: {
        Energy.ELECTRIC: mark("Electric"),
        Energy.PETROL: mark("Petrol"),
        Energy.DIESEL: mark("Diesel"),
        Energy.HVO: mark("HVO"),
        Energy.BIOGAS: mark("Biogas"),
        Energy.HYDROGEN: mark("Hydrogen"),
        Energy.BICYCLE: mark("Bicycle"),
    },
    Status: {
        Status.IN_USE: mark("In use"),
        Status.SELDOM: mark("Seldom used"),
        Status.UNKNOWN: mark("Unknown"),
    },
    Field: {
        Field.VEHICLE: mark("Vehicle"),
        Field.START: mark("Start"),
        Field.END: mark("End"),
        Field.KM: mark("Km"),
    },
    LogReason: {
        LogReason.EMPTY: mark("{column} is empty"),
        LogReason.NO_VEHICLE: mark("there is no vehicle {value} in the register"),
        LogReason.NO_TIME: mark("{column}: {value} is not a date and a time"),
        LogReason.NO_NUMBER: mark("{column}: {value} is not a number"),
        LogReason.AMBIGUOUS: mark(
            "{column}: {value} is a number of thousands or has decimals, and the other distances do"
            " not show which; write it without the sign"
        ),
        LogReason.END_BEFORE_START: mark("the trip ends at or before its start"),
        LogReason.START_LEFT_OUT: mark(
            "{column}: {value} does not exist that night, when the clock is put forward, and was"
            " read as {read}; the trip ends then or before"
        ),
        LogReason.END_TWICE: mark(
            "{column}: {value} comes twice that night, when the clock is put back, and was read as"
            " the first, at or before the start; write it with its offset"
        ),
        LogReason.TOO_LONG: mark("the trip lasts more than {most} hours"),
        LogReason.KM_NEGATIVE: mark("the distance is below 0"),
        LogReason.TOO_FAST: mark("{km} km in {hours} hours is faster than {most} km/h"),
        LogReason.IN_FUTURE: mark("the trip ends in the future"),
        LogReason.TOO_EARLY: mark("{column}: {value} is before {earliest}"),
        LogReason.TOO_MANY_DAYS: mark(
            "{column}: {value} is more than {days} days before the last trip; import it by itself"
        ),
        LogReason.OVERLAP: mark("the trip overlaps with the one in row {row}"),
        LogReason.ALREADY: mark("the trip overlaps with one that was imported before"),
        LogReason.TRACKED: mark("the vehicle's tracker was heard then, and counts instead"),
    },
    Sleeps: {
        Sleeps.OWN_DEPOT: mark("At its own depot"),
        Sleeps.OTHER_DEPOT: mark("At another depot"),
        Sleeps.ONE_PLACE: mark("At one place that is no depot, such as a driver's home"),
        Sleeps.NO_FIXED_PLACE: mark("At no fixed place"),
        Sleeps.UNKNOWN: mark("Not known"),
    },
    Span: {
        Span.WEEK: mark("Week"),
        Span.MONTH: mark("Month"),
        Span.QUARTER: mark("Quarter"),
        Span.YEAR: mark("Year"),
    },
    Verdict: {
        Verdict.ACCEPTED: mark("Accepted"),
        Verdict.REJECTED: mark("Rejected"),
        Verdict.QUESTION: mark("Question asked"),
        Verdict.DONE: mark("Carried out"),
    },
    Progress: {
        Progress.NOT_STARTED: mark("Not started"),
        Progress.IN_PROGRESS: mark("In progress"),
        Progress.DONE: mark("Done"),
    },
    RunState: {
        RunState.QUEUED: mark("A round is waiting to start"),
        RunState.RUNNING: mark("A round is being calculated"),
        RunState.DONE: mark("The round is done"),
        RunState.FAILED: mark("The latest round failed"),
        RunState.CANCELLED: mark("The latest round was cancelled"),
    },
    RoundReason: {
        RoundReason.NO_TRIPS: mark("No vehicle of the register did a round trip in the period."),
        RoundReason.REFUSED: mark("The data or the rules cannot be:"),
        RoundReason.INTERRUPTED: mark("The calculation was interrupted. Start it again."),
        RoundReason.WORKER_DIED: mark(
            "The machine that calculated stopped several times. Tell those who run the system."
        ),
        RoundReason.PROCESS_DIED: mark(
            "The process that calculated ended twice, as when memory runs out. Tell those who run "
            "the system."
        ),
        RoundReason.UNEXPECTED: mark(
            "An error ended the calculation each time. Tell those who run the system."
        ),
    },
    Trouble: {
        Trouble.NO_CLASS: mark("The vehicle's class of trips does not exist. Correct it."),
        Trouble.CONTENDED: mark("Something else was working on the same device each time."),
        Trouble.TOO_LONG: mark("It takes too long: very many positions at once."),
        Trouble.UNEXPECTED: mark("An error that is not known. Tell those who run the system."),
    },
    Action: {
        Action.POOL: mark("Share vehicles"),
        Action.DISPOSE: mark("Let go"),
        Action.REPLACE: mark("Replace"),
        Action.BUY: mark("Buy"),
        Action.KEEP: mark("Keep"),
    },
    Why: {
        Why.CONTRACT: mark("Its contract runs on beyond the horizon."),
        Why.UNKNOWN: mark("Too little is known of its use to say that it is not needed."),
        Why.REJECTED: mark("It was decided that it stays."),
        Why.NEED: mark("No other kind can do its trips, and nobody hires one out by the hour."),
        Why.WORTH: mark("It is worth its cost: without it the trips would cost more."),
    },
    Obstacle: {
        Obstacle.GREEN: mark("It is green already."),
        Obstacle.MACHINE: mark("Its work is measured in engine hours, so its trips do not tell."),
        Obstacle.CONTRACT: mark("Its contract runs on; it can be replaced when that ends."),
        Obstacle.UNKNOWN: mark("Too little is known of its use, so its longest day is not known."),
        Obstacle.REJECTED: mark("It was decided that it stays."),
        Obstacle.NEED: mark("No green kind in the catalogue can do what it does."),
        Obstacle.RANGE: mark("Its longest trip is beyond the range of every green kind."),
        Obstacle.CHARGING: mark("On some day a green one would run empty, with no time to charge."),
        Obstacle.COST: mark("A green one would cost more than it saves:"),
    },
    Moved: {
        Moved.ENERGY_PRICE: mark("Energy price"),
        Moved.CO2_PRICE: mark("Price of CO₂e"),
        Moved.DEMAND: mark("Trips"),
    },
    Show: {
        Show.OPEN: mark("Awaiting a decision"),
        Show.ACCEPTED: mark("Accepted"),
        Show.REJECTED: mark("Rejected"),
    },
    Notice: {
        Notice.ROUND_REQUESTED: mark("The new round has been requested."),
        Notice.ACCEPTED: mark("The proposal is accepted."),
        Notice.REJECTED: mark("The proposal is rejected."),
        Notice.QUESTION: mark("The question is noted."),
        Notice.CARRIED_OUT: mark("The proposal is noted as carried out."),
        Notice.VERSION_REQUESTED: mark("The plan is being calculated again as decided."),
        Notice.ROUND_CANCELLED: mark("The calculation is cancelled."),
        Notice.DAY_CLOSED: mark("The closing day is saved, and the use is counted without it."),
        Notice.DAY_OPENED: mark("The closing day is removed."),
        Notice.MILESTONE_SAVED: mark("The milestone is saved."),
        Notice.FIGURE_SAVED: mark("The figure is saved. The next round uses it."),
        Notice.FIGURE_WITHDRAWN: mark("The figure is taken back. The earlier one holds again."),
        Notice.RULED: mark("It is saved. The next round goes by it."),
        Notice.KIND_SAVED: mark("The kind is saved. The next round uses it."),
        Notice.KINDS_OFFERED: mark("The kinds are on offer. The next round may propose them."),
        Notice.CAPABILITIES_NAMED: mark("The names are saved. They are shown everywhere."),
        Notice.KEY_REVOKED: mark("The key is revoked. It stops working within seconds."),
        Notice.PRIVATE_SET: mark("The vehicle's private driving is set."),
        Notice.PRIVATE_ENDED: mark("The private period has ended."),
        Notice.TRIP_CLASS_SAVED: mark("The class is saved. The trips are found anew by it."),
        Notice.ZONE_SAVED: mark("The zone is saved. Round trips are found anew where it matters."),
        Notice.ZONE_REMOVED: mark("The zone is removed."),
        Notice.RELEASED: mark(
            "The messages were read again. Any that are still refused remain in the list."
        ),
    },
    Contact: {
        Contact.SILENT: mark("Silent"),
        Contact.LATE: mark("Late"),
        Contact.NEVER: mark("Never heard"),
        Contact.ON_TIME: mark("In contact"),
        Contact.RESTING: mark("At rest"),
    },
    Reason: {
        Reason.UNKNOWN_DEVICE: mark("Unknown device"),
        Reason.NOT_AUTHORISED: mark("Not authorised"),
        Reason.CLOCK: mark("Clock is wrong"),
        Reason.COORDINATES: mark("Impossible coordinates"),
        Reason.ZERO_ISLAND: mark("Place 0, 0"),
        Reason.NO_FIX: mark("No satellite fix"),
        Reason.SPEED: mark("Implausible speed"),
        Reason.JUMP: mark("Impossible jump"),
        Reason.VALUE: mark("Implausible value"),
        Reason.SAME_MOMENT_DIFFERS: mark("Differs from what is stored"),
        Reason.UNREADABLE: mark("Unreadable"),
    },
}

#: What a person can do about telemetry in quarantine.
ADVICE: Mapping[Reason, str] = {
    Reason.UNKNOWN_DEVICE: mark("Enrol the device, then release its messages."),
    Reason.NOT_AUTHORISED: mark(
        "Give the device its own key, or allow its network, then release its messages."
    ),
    Reason.CLOCK: mark("Ask the supplier to set the tracker's clock. The time cannot be guessed."),
    Reason.COORDINATES: mark("The tracker sent a place that does not exist."),
    Reason.ZERO_ISLAND: mark("The tracker sent latitude 0, longitude 0 in place of a position."),
    Reason.NO_FIX: mark("The tracker sent a position before it had found any satellites."),
    Reason.SPEED: mark("The speed is above the limit in the settings."),
    Reason.JUMP: mark("No vehicle can have driven there in the time since the last position."),
    Reason.VALUE: mark("A sensor value is outside what the sensor can measure."),
    Reason.SAME_MOMENT_DIFFERS: mark(
        "The device sent two different positions for one moment. The first is stored, the others "
        "are kept here and cannot be released."
    ),
    Reason.UNREADABLE: mark("The message does not follow its protocol. The detail says where."),
}

#: DKFDS badge for each state that is shown as one.
BADGES: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    Fate: {
        Fate.CAN_GO: "badge-success",
        Fate.CONTRACT: "badge-neutral",
        Fate.UNKNOWN: "badge-warning",
        Fate.MACHINE: "badge-info",
        Fate.RULED: "badge-neutral",
    },
    Contact: {
        Contact.SILENT: "badge-error",
        Contact.LATE: "badge-warning",
        Contact.NEVER: "badge-info",
        Contact.ON_TIME: "badge-success",
        Contact.RESTING: "badge-neutral",
    },
    Status: {
        Status.IN_USE: "badge-success",
        Status.SELDOM: "badge-warning",
        Status.UNKNOWN: "badge-info",
    },
    Verdict: {
        Verdict.ACCEPTED: "badge-success",
        Verdict.REJECTED: "badge-error",
        Verdict.QUESTION: "badge-warning",
        Verdict.DONE: "badge-success",
    },
    Progress: {
        Progress.NOT_STARTED: "badge-neutral",
        Progress.IN_PROGRESS: "badge-info",
        Progress.DONE: "badge-success",
    },
}
