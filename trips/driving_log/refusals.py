"""Rows of driving logs that are refused: the reasons, and the table of such rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa


class RowReason(StrEnum):
    """The reason for which a row is refused, in English, with the names of a refusal's values in
    braces."""

    EMPTY = "{column} is empty"
    NO_VEHICLE = "there is no vehicle {value} in the register"
    NO_PLACE = (
        "the depot of {value} has no place on the map yet; give it one, and import the row again"
    )
    SEVERAL_VEHICLES = "several vehicles are called {value}; write the registration number"
    NO_TIME = "{column}: {value} is not a date and a time"
    NO_DAY = "{column}: {value} is not a date"
    NO_CLOCK = "{column}: {value} is not a time of day"
    NO_NUMBER = "{column}: {value} is not a number"
    AMBIGUOUS = (
        "{column}: {value} is a number of thousands or has decimals, and the other distances do not"
        " show which; write it without the sign"
    )
    ODD_NUMBER = (
        "{column}: {value} has as a decimal sign what parts thousands in the other mileages; write"
        " it as they are written"
    )
    END_BEFORE_START = "the trip ends at or before its start"
    #: The trip ends at or before its start by the clock of that night, though not as its times are
    #: written.
    START_LEFT_OUT = (
        "{column}: {value} does not exist that night, when the clock is put forward, and was read"
        " as {read}; the trip ends then or before"
    )
    END_TWICE = (
        "{column}: {value} comes twice that night, when the clock is put back, and was read as the"
        " first, at or before the start; write it with its offset"
    )
    #: The return is earlier in the day than the departure, and too early to be of the next day.
    OVERNIGHT = (
        "the trip ends before its start, and a return of the next day would be after {hours} hours;"
        " at most {most} are read so, without a column for the day of return"
    )
    TOO_LONG = "the trip lasts more than {most} hours"
    KM_NEGATIVE = "the distance is below 0"
    KM_BACKWARDS = "{column}: {value} is below the mileage at departure"
    TOO_FAST_WITHIN_AN_HOUR = "{km} km in {minutes} minutes is faster than {most} km/h"
    TOO_FAST = "{km} km in {hours} hours is faster than {most} km/h"
    IN_FUTURE = "the trip ends in the future"
    TOO_EARLY = "{column}: {value} is before {earliest}"
    TOO_MANY_DAYS = (
        "{column}: {value} is more than {days} days before the last trip; import it by itself"
    )
    OVERLAP = "the trip overlaps with the one in row {row}"
    ALREADY = "the trip overlaps with another one that was imported before"
    TRACKED = "the vehicle's tracker was heard then, and counts instead"


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """A row that is refused, with its reason and the reason's values; `cells` are as in the
    file."""

    row: int
    reason: RowReason
    values: Mapping[str, object]
    cells: Sequence[str]

    def __str__(self) -> str:
        return self.reason.format(**self.values)


class RowRefusedError(Exception):
    """A row is no trip; the values are those of the reason."""

    def __init__(self, reason: RowReason, **values: object) -> None:
        super().__init__(reason.format(**values))
        self.reason = reason
        self.values = values


def refusal_table(
    headings: Sequence[str],
    refused: Sequence[RowRefusal],
    say: Callable[[RowRefusal], str] = str,
    names: tuple[str, str] = ("row", "reason"),
) -> pa.Table:
    """A table of the refused rows in the order of the file, each with its number, the reason and
    its cells as they were.

    `say` puts the reason into words and `names` are the headings of the two first columns, both in
    the reader's language.
    """
    width = max([len(headings), *(len(refusal.cells) for refusal in refused)])
    headings = [*headings, *[""] * (width - len(headings))]
    cells = [[*r.cells, *[""] * (width - len(r.cells))] for r in refused]
    columns = [
        pa.array([r.row for r in refused], pa.int32()),
        pa.array([say(r) for r in refused], pa.string()),
        *(pa.array([row[i] for row in cells], pa.string()) for i in range(width)),
    ]
    return pa.Table.from_arrays(columns, names=[*names, *headings])
