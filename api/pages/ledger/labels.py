"""The words of the ledger; see `words.vocabulary`."""

from api.pages.ledger.views import Notice
from api.pages.letters.tasks import STEPS
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from optimiser.ledger.hired_list import RowFault
from optimiser.ledger.leakage import Means
from optimiser.ledger.progress import Sign, State
from optimiser.ledger.steps import Step

LABELS: Labels = {
    Step: {**STEPS},
    State: {
        State.PLANNED: mark("Planned"),
        State.ON_THE_WAY: mark("On the way"),
        State.REPORTED: mark("Reported as carried out"),
        State.DONE: mark("It is done"),
        State.LATE: mark("Is late"),
        State.LEAKING: mark("Leaks"),
    },
    Sign: {
        Sign.NO_OWNER: mark("A task has no owner."),
        Sign.OVERDUE: mark("A task is not done by its day."),
        Sign.NOT_HANDED_OVER: mark(
            "The register has the vehicle as gone, and nobody said here that it was handed over."
        ),
        Sign.NOT_REPLACED: mark(
            "The register has the vehicle as gone, and nobody said here that it was handed over and"
            " the new one took its place: nothing counts as saved until then."
        ),
        Sign.SILENT: mark("Its tracker is silent: is the vehicle gone?"),
        Sign.IDLE: mark("The vehicle has not driven for long: is it gone?"),
        Sign.STILL_REGISTERED: mark(
            "It was said to be handed over, and the register still has it: nothing counts as saved"
            " until somebody retires it."
        ),
        Sign.NOT_MOVED: mark(
            "It was said to be moved, and the register still has it at its old depot: nothing"
            " counts as saved until somebody changes that."
        ),
        Sign.STILL_DRIVES: mark("The vehicle drove after the day on which it was gone."),
        Sign.CONTRACT_RUNS: mark(
            "The register has a contract of the vehicle that runs on after it is to go, and on"
            " which the proposal did not count: put it back to undecided and calculate it again,"
            " or see what leaving the contract costs."
        ),
        Sign.LEAVES_LATER: mark(
            "The register has the vehicle leave the fleet later than was promised."
        ),
        Sign.STOOD_IN: mark(
            "The latest round keeps its vehicle, and another of its kind was accepted to go"
            " instead: this one is not counted until it goes."
        ),
        Sign.NO_ROOM: mark(
            "The plan of the latest round has no room for it: put it back to undecided, or carry"
            " it out all the same."
        ),
        Sign.LEAKS: mark("Journeys by taxi, hire or own car rose after it."),
    },
    Means: {
        Means.TAXI: mark("Taxi"),
        Means.HIRE: mark("Hire"),
        Means.OWN_CAR: mark("Own car"),
    },
    RowFault: {
        RowFault.MONTH: mark("no month or day can be read"),
        RowFault.MEANS: mark("it says neither taxi, hire nor own car"),
        RowFault.PLACE: mark("its department or depot is not in the register"),
        RowFault.KR: mark("no amount can be read"),
        RowFault.AHEAD: mark("its month lies ahead"),
        RowFault.BELOW_ZERO: mark(
            "its amount is below 0: take it off the amount of the journey that it credits"
        ),
    },
    Notice: {
        Notice.TASK_SAVED: mark("The task is saved."),
        Notice.TASK_DONE: mark("The task is done."),
        Notice.TASK_REOPENED: mark("The task is open again."),
        Notice.LIST_IMPORTED: mark("The list is imported."),
        Notice.LIST_REMOVED: mark("The list is removed, and its figures count no more."),
    },
}

BADGES: Labels = {
    State: {
        State.PLANNED: "badge-neutral",
        State.ON_THE_WAY: "badge-info",
        State.REPORTED: "badge-success",
        State.DONE: "badge-success",
        State.LATE: "badge-error",
        State.LEAKING: "badge-warning",
    },
}

VOCABULARY = Vocabulary(labels=LABELS, badges=BADGES)
