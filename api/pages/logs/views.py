"""The views of the pages of driving logs; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from api.pages.frame.views import Section
from api.pages.logs.labels import FIELD_HINTS
from api.pages.municipality.views import ShownStep
from trips.driving_log.log_columns import LogField
from trips.driving_log.uploads import UploadSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsPage:
    """The page with the form for a file, and the latest uploads."""

    template: ClassVar[str] = "logs/logs.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    uploads: Sequence[UploadSummary]
    has_vehicles: bool
    keep_days: int
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """A row of the file: its trip, as read where the row fits and otherwise as in the file, and the
    reason why it would be refused ("": it would not).

    Attributes:
        is_private: whether it was or may have been driven in private, so that its cells were
            emptied.
        is_empty: whether all its cells are empty.
    """

    row: int
    vehicle: str
    departure: str
    arrival: str
    km: str
    reason: str
    is_private: bool
    is_empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnsPage:
    """The page of the columns of a log, with the first rows as they are read by them. `notes` are
    on how the file was read; each of the `headings` stands beside the first cell below it; `chosen`
    and `errors` are by field; `is_settled` tells whether every field has the column that it
    needs."""

    template: ClassVar[str] = "logs/log_columns.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    upload_id: int
    name: str
    rows: int
    notes: Sequence[str]
    headings: Sequence[tuple[str, str]]
    chosen: Mapping[LogField, str]
    preview: Sequence[LogRow]
    is_settled: bool
    errors: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def hints(self) -> Mapping[LogField, str]:
        """What stands in the column of each field, in the order of the form."""
        return FIELD_HINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A refused row with its reason, and its cells as they were."""

    row: int
    reason: str
    cells: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReportPage:
    """The page with the report of a log. `shown` are the first of its `refused` rows. `private` is
    the number of rows that were left out because they were or may have been driven in private.
    `known` is the number of rows whose trips were imported before. `next_step` is that on the way
    to the first proposals; None: all are taken."""

    template: ClassVar[str] = "logs/log_report.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    upload_id: int
    name: str
    trips: int
    vehicles: int
    refused: int
    private: int
    known: int
    shown: Sequence[RefusedRow]
    next_step: ShownStep | None
