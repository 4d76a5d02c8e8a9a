"""The words for the columns of a driving log and its refused rows; see `words.vocabulary`."""

from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from trips.driving_log.rows import Field
from trips.driving_log.rows import Reason as LogReason

LABELS: Labels = {
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
}

VOCABULARY = Vocabulary(labels=LABELS)
