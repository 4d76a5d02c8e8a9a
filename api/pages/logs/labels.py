"""The words for the columns of a driving log and its refused rows; see `words.vocabulary`."""

from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from trips.driving_log.log_rows import LogField, RowReason

LABELS: Labels = {
    LogField: {
        LogField.VEHICLE: mark("Vehicle"),
        LogField.START: mark("Start"),
        LogField.END: mark("End"),
        LogField.KM: mark("Km"),
    },
    RowReason: {
        RowReason.EMPTY: mark("{column} is empty"),
        RowReason.NO_VEHICLE: mark("there is no vehicle {value} in the register"),
        RowReason.NO_TIME: mark("{column}: {value} is not a date and a time"),
        RowReason.NO_NUMBER: mark("{column}: {value} is not a number"),
        RowReason.AMBIGUOUS: mark(
            "{column}: {value} is a number of thousands or has decimals, and the other distances do"
            " not show which; write it without the sign"
        ),
        RowReason.END_BEFORE_START: mark("the trip ends at or before its start"),
        RowReason.START_LEFT_OUT: mark(
            "{column}: {value} does not exist that night, when the clock is put forward, and was"
            " read as {read}; the trip ends then or before"
        ),
        RowReason.END_TWICE: mark(
            "{column}: {value} comes twice that night, when the clock is put back, and was read as"
            " the first, at or before the start; write it with its offset"
        ),
        RowReason.TOO_LONG: mark("the trip lasts more than {most} hours"),
        RowReason.KM_NEGATIVE: mark("the distance is below 0"),
        RowReason.TOO_FAST: mark("{km} km in {hours} hours is faster than {most} km/h"),
        RowReason.IN_FUTURE: mark("the trip ends in the future"),
        RowReason.TOO_EARLY: mark("{column}: {value} is before {earliest}"),
        RowReason.TOO_MANY_DAYS: mark(
            "{column}: {value} is more than {days} days before the last trip; import it by itself"
        ),
        RowReason.OVERLAP: mark("the trip overlaps with the one in row {row}"),
        RowReason.ALREADY: mark("the trip overlaps with one that was imported before"),
        RowReason.TRACKED: mark("the vehicle's tracker was heard then, and counts instead"),
    },
}

VOCABULARY = Vocabulary(labels=LABELS)
