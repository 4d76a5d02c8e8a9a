"""The formats of files with a table: two for programs and two for people."""

from enum import StrEnum

from fleet.files.refusal import TableError as TableError


class TableFormat(StrEnum):
    """The format of a file with a table; the value is its name in commands and addresses.

    PARQUET and CSV are for programs: times in UTC, ISO 8601 in CSV. DANISH_CSV and EXCEL are for
    people: local time, and DANISH_CSV as a Danish Excel opens it (`;`, decimal comma, UTF-8 with a
    byte order mark). Text that a spreadsheet would compute has an apostrophe before it in both
    sorts of CSV, since people open either; Parquet has every text as it is.
    """

    PARQUET = "parquet"
    CSV = "csv"
    DANISH_CSV = "csv-da"
    EXCEL = "xlsx"

    @property
    def suffix(self) -> str:
        """The ending of a file's name, with its dot."""
        return ".csv" if self is TableFormat.DANISH_CSV else f".{self.value}"

    @property
    def content_type(self) -> str:
        """The media type over HTTP."""
        return {
            TableFormat.PARQUET: "application/vnd.apache.parquet",
            TableFormat.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }.get(self, "text/csv")

    @property
    def for_people(self) -> bool:
        """Whether its headings are words rather than names of columns."""
        return self in (TableFormat.DANISH_CSV, TableFormat.EXCEL)
