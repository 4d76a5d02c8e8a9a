"""The words of what-ifs; see `words.vocabulary`."""

from collections.abc import Mapping

from api.pages.what_ifs.views import Notice, Trouble
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from optimiser.what_if.faults import Fault
from optimiser.what_if.stored import WhatIfState

LABELS: Labels = {
    WhatIfState: {
        WhatIfState.QUEUED: mark("Waits"),
        WhatIfState.RUNNING: mark("Being calculated"),
        WhatIfState.DONE: mark("Has an answer"),
        WhatIfState.FAILED: mark("No answer"),
        WhatIfState.CANCELLED: mark("Cancelled"),
    },
    Notice: {
        Notice.ASKED: mark("The what-if is asked. The answer comes in seconds."),
        Notice.KEPT: mark("The what-if is kept."),
        Notice.SHARED: mark(
            "The what-if is shared with the fleet unit and the heads of the departments."
        ),
        Notice.UNSHARED: mark("The what-if is not shared any more."),
        Notice.THROWN: mark("The what-if is thrown away."),
        Notice.CANCELLED: mark("The what-if is cancelled."),
    },
    Trouble: {
        Trouble.CHANGED: mark(
            "Somebody changed the what-if after you opened the page, so nothing is done. Look at it"
            " again."
        ),
        Trouble.NOT_OWN: mark("Only who asked a what-if keeps it, shares it or throws it away."),
        Trouble.NOT_DONE: mark("The what-if has no answer, so it cannot be kept or shared."),
    },
}

BADGES: Labels = {
    WhatIfState: {
        WhatIfState.QUEUED: "badge-neutral",
        WhatIfState.RUNNING: "badge-info",
        WhatIfState.DONE: "badge-success",
        WhatIfState.FAILED: "badge-error",
        WhatIfState.CANCELLED: "badge-neutral",
    },
}

#: Why a what-if is refused; `{value}`, `{least}` and `{most}` stand for values.
FAULTS: Mapping[Fault, str] = {
    Fault.NO_ROUND: mark("There is no round of proposals to ask beside"),
    Fault.EARLIER: mark(
        "The round is of an earlier version of the software, which did not keep what it takes:"
        " calculate it again"
    ),
    Fault.NAME_MISSING: mark("Give the what-if a name"),
    Fault.NAME_TOO_LONG: mark("The name may be at most 100 characters"),
    Fault.NOTHING: mark("Choose at least one thing that is to be different"),
    Fault.TOO_MANY: mark("At most 20 changes of a sort are asked at once"),
    Fault.DEPOT_UNKNOWN: mark("The round did not calculate this depot: choose another one"),
    Fault.DEPOT_CLOSED: mark(
        "No vehicle stands at the depot {value} any more: it is closed. Choose another one"
    ),
    Fault.VEHICLE_UNKNOWN: mark("The round did not calculate the vehicle {value}"),
    Fault.VEHICLE_GONE: mark("The vehicle {value} has left the fleet since the round"),
    Fault.VEHICLE_ELSEWHERE: mark("The vehicle {value} is not of this depot"),
    Fault.STAYS_AND_GOES: mark("The vehicle {value} cannot both stay and leave"),
    Fault.DECIDED_TO_GO: mark(
        "It is accepted that the vehicle {value} leaves: choose “Back to undecided” on the page of"
        " its proposal first"
    ),
    Fault.DECIDED_TO_STAY: mark(
        "It is rejected that the vehicle {value} leaves: choose “Back to undecided” on the page of"
        " its proposal first"
    ),
    Fault.LITTLE_KNOWN: mark("Too little is known of the use of the vehicle {value}"),
    Fault.FIGURE_TWICE: mark("A price or an assumption can have one value only"),
    Fault.FIGURE_NO_NUMBER: mark("{value} is no number"),
    Fault.FIGURE_BOUNDS: mark("The value must be from {least} to {most}"),
    Fault.FIGURE_SAME: mark("{value} is the value that the round was calculated with"),
    Fault.NEED_UNKNOWN: mark("No kind of vehicle of the round can do {value}"),
    Fault.KIND_UNKNOWN: mark("The round does not know this kind of vehicle"),
    Fault.MORE_BOUNDS: mark("Enter a whole number from 1 to 20"),
    Fault.PEAK_BOUNDS: mark(
        "A peak day has from 0 to 500 per cent more trips, and at most all vehicles missing"
    ),
    Fault.PEAK_NOTHING: mark("A peak day with no more trips and no vehicle missing is a usual day"),
}

FIGURE_MISSING = mark("Enter the value that it is to have")
FIGURE_UNCHOSEN = mark("Choose which price or assumption the value is of")
NO_NUMBER = mark("This is no number")
NEED_HALF = mark("Choose both the vehicle and what its trips need")

VOCABULARY = Vocabulary(labels=LABELS, badges=BADGES)
