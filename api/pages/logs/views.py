"""What the pages of driving logs show, as plain values; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from api.pages.frame.views import Section
from trips.driving_log.log_rows import LogField
from trips.driving_log.uploads import UploadSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsPage:
    """The form that takes a file, and what was uploaded of late."""

    template: ClassVar[str] = "logs/logs.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    uploads: Sequence[UploadSummary]
    keep_days: int
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """A row of the file: the chosen cells, as read where the row fits and else as in the file, and
    why it would be refused; "" when it is not.

    Attributes:
        is_private: it was or may have been driven in private, and its cells were emptied.
        is_empty: nothing is in it.
    """

    row: int
    cells: Mapping[LogField, str]
    reason: str
    is_private: bool
    is_empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnsPage:
    """Which column holds what, and how the first rows are read by it. `notes` say how the file was
    read, where that is not plain; `headings` go with the cell
    below them; `chosen` and `errors` are by field."""

    template: ClassVar[str] = "logs/log_columns.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    upload_id: int
    name: str
    rows: int
    notes: Sequence[str]
    headings: Sequence[tuple[str, str]]
    chosen: Mapping[LogField, str]
    preview: Sequence[LogRow]
    errors: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def fields(self) -> Sequence[LogField]:
        """Every field, in the order of the form."""
        return tuple(LogField)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A refused row, its reason, and its cells as they were."""

    row: int
    reason: str
    cells: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReportPage:
    """The outcome of a log; `shown` are the first of its `refused` rows, `private` is how many rows
    were left out because they were or may have been driven in private."""

    template: ClassVar[str] = "logs/log_report.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    upload_id: int
    name: str
    trips: int
    vehicles: int
    refused: int
    private: int
    shown: Sequence[RefusedRow]
