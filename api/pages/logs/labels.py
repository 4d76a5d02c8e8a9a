"""The words for the columns of a driving log and its refused rows; see `words.vocabulary`."""

from collections.abc import Mapping

from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from trips.driving_log.log_columns import ColumnProblem, LogField
from trips.driving_log.refusals import RowReason

LABELS: Labels = {
    LogField: {
        LogField.VEHICLE: mark("Vehicle"),
        LogField.DATE: mark("Date of departure"),
        LogField.START: mark("Departure"),
        LogField.END_DATE: mark("Date of return"),
        LogField.END: mark("Return"),
        LogField.KM: mark("Distance in km"),
        LogField.KM_START: mark("Mileage at departure"),
        LogField.KM_END: mark("Mileage at return"),
    },
    ColumnProblem: {
        ColumnProblem.MISSING: mark("Choose the column that holds this"),
        ColumnProblem.NO_DISTANCE: mark(
            "Choose the column of the distance, or both columns of the mileage"
        ),
        ColumnProblem.DAY_NEEDED: mark("The times have no date: choose the column of the date"),
        ColumnProblem.TWICE: mark("The column {column} is chosen for two things"),
        ColumnProblem.NO_TIMES: mark("No cell of {column} is a time"),
        ColumnProblem.NO_DAYS: mark("No cell of {column} is a date"),
        ColumnProblem.NO_NUMBERS: mark("No cell of {column} is a number"),
        ColumnProblem.NO_VEHICLES: mark(
            "No vehicle in the register has a name of {column}, such as {value}"
        ),
    },
    RowReason: {
        RowReason.EMPTY: mark("{column} is empty"),
        RowReason.NO_VEHICLE: mark("there is no vehicle {value} in the register"),
        RowReason.SEVERAL_VEHICLES: mark(
            "several vehicles are called {value}; write the registration number"
        ),
        RowReason.NO_PLACE: mark(
            "the depot of {value} has no place on the map yet; give it one, and import the row"
            " again"
        ),
        RowReason.NO_TIME: mark("{column}: {value} is not a date and a time"),
        RowReason.NO_DAY: mark("{column}: {value} is not a date"),
        RowReason.NO_CLOCK: mark("{column}: {value} is not a time of day"),
        RowReason.NO_NUMBER: mark("{column}: {value} is not a number"),
        RowReason.AMBIGUOUS: mark(
            "{column}: {value} is a number of thousands or has decimals, and the other distances do"
            " not show which; write it without the sign"
        ),
        RowReason.ODD_NUMBER: mark(
            "{column}: {value} has as a decimal sign what parts thousands in the other mileages;"
            " write it as they are written"
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
        RowReason.OVERNIGHT: mark(
            "the trip ends before its start, and a return of the next day would be after {hours}"
            " hours; at most {most} are read so, without a column for the day of return"
        ),
        RowReason.TOO_LONG: mark("the trip lasts more than {most} hours"),
        RowReason.KM_NEGATIVE: mark("the distance is below 0"),
        RowReason.KM_BACKWARDS: mark("{column}: {value} is below the mileage at departure"),
        RowReason.TOO_FAST_WITHIN_AN_HOUR: mark(
            "{km} km in {minutes} minutes is faster than {most} km/h"
        ),
        RowReason.TOO_FAST: mark("{km} km in {hours} hours is faster than {most} km/h"),
        RowReason.IN_FUTURE: mark("the trip ends in the future"),
        RowReason.TOO_EARLY: mark("{column}: {value} is before {earliest}"),
        RowReason.TOO_MANY_DAYS: mark(
            "{column}: {value} is more than {days} days before the last trip; import it by itself"
        ),
        RowReason.OVERLAP: mark("the trip overlaps with the one in row {row}"),
        RowReason.ALREADY: mark("the trip overlaps with another one that was imported before"),
        RowReason.TRACKED: mark("the vehicle's tracker was heard then, and counts instead"),
    },
}

#: What stands in the column of each field, where that is not plain.
FIELD_HINTS: Mapping[LogField, str] = {
    LogField.VEHICLE: mark("Registration number, name or tracker, as in the register"),
    LogField.DATE: mark("Only where the departure holds the time of day alone"),
    LogField.START: mark("With its date, or the time of day alone"),
    LogField.END_DATE: mark("Only where the return has a date of its own"),
    LogField.END: mark("With its date, or the time of day alone"),
    LogField.KM: mark("May be left out where the file has both mileages"),
    LogField.KM_START: mark("Used where no distance is written"),
    LogField.KM_END: mark("Used where no distance is written"),
}

VOCABULARY = Vocabulary(labels=LABELS)
