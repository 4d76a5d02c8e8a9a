"""The words of the trial; see `words.vocabulary`."""

from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from optimiser.duties.dispatch import Lack
from optimiser.trial.day import DayState

LABELS: Labels = {
    DayState: {
        DayState.COPED: mark("Coped"),
        DayState.MISSED: mark("Lacked a vehicle"),
        DayState.UNKNOWN: mark("Data are missing"),
        DayState.STILL: mark("No round trips"),
    },
    Lack: {
        Lack.EMPTY: mark("No vehicle is proposed there"),
        Lack.NEED: mark("No proposed vehicle can do what the trip needs"),
        Lack.REACH: mark("Longer than the proposed vehicles can drive"),
        Lack.HOURS: mark("Outside the hours in which the proposed vehicles may drive"),
        Lack.OUT: mark("All proposed vehicles that can do it were out at once"),
        Lack.BATTERY: mark(
            "A vehicle was free, but it was not charged enough or had driven enough that day"
        ),
    },
}

BADGES: Labels = {
    DayState: {
        DayState.COPED: "badge-success",
        DayState.MISSED: "badge-error",
        DayState.UNKNOWN: "badge-info",
        DayState.STILL: "badge-neutral",
    },
}

VOCABULARY = Vocabulary(labels=LABELS, badges=BADGES)
