"""The reasons for which a file that a person handed over is refused."""

from typing import Any

from fleet.errors import ExpectedError


class TableError(ExpectedError, ValueError):
    """A file is not the table that it should be. The message names the file and the column."""


class FileRefusedError(TableError):
    """A file is too large to be read, or unreadable.

    `reason` is English with the names of `values` in braces, so that it can be translated; `str` of
    the error is the sentence with the values.
    """

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason.format(**values))
        self.reason = reason
        self.values = values


NO_TABLE = "The file is neither CSV nor a sheet of Excel or LibreOffice"
NO_ROWS = "The file has no rows below its headings"
TOO_MANY_CELLS = (
    "The sheet reaches over {cells} cells, and at most {most} are read: delete the empty rows and "
    "columns below and beside the table, or split the file"
)
TOO_MANY_ROWS = "The list has {rows} rows, and at most {most} are read: split it"
TOO_MANY_COLUMNS = "A row has {columns} columns, and at most {most} are read"
CELL_TOO_LONG = "A cell in row {row} has more than {most} characters"
TOO_LARGE_UNZIPPED = "The file grows to {size} MB when it is unpacked, and at most {most} are read"
TOO_MANY_PARTS = "The file has {parts} parts, and at most {most} are read"
TOO_MUCH_TEXT = "The file has more than {most} million characters of text"
TOO_MUCH_MEMORY = "Reading the file takes more than {most} MB of memory; is it damaged? Split it"
TOO_SLOW = "Reading the file takes longer than {most} seconds; is it damaged? Split it"
PROTECTED = "The file is protected with a password: save it without one"
UNREADABLE = "The file cannot be read; is it damaged?"
