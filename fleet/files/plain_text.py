"""Reads text files as Danish systems write them: finds their encoding, separator and decimal sign.

Of CSV in UTF-8 with commas and decimal points nothing is noted. Any other reading is noted, so that
the person who handed the file over can check it.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from fleet.files.refusal import FileRefusedError

#: The separators that a file may have; the first of them counts where the headings have as many of
#: one as of another.
DELIMITERS = (";", "\t", ",")

#: The characters in which the headings are looked for.
_HEAD_CHARS = 20_000

_NAMES = {";": "semicolons", "\t": "tabs", ",": "commas"}

NOTE_LATIN_1 = (
    "The file is not UTF-8 and is read as Windows-1252, which Latin-1 is a part of: look whether"
    " letters such as æ, ø and å are right"
)
NOTE_UTF_16 = "The file is read as UTF-16, as its first bytes say"

NOT_TEXT = (
    "The file is no text (it has zero bytes). Save it as CSV, best as CSV UTF-8, and hand that over"
)
UNKNOWN_ENCODING = (
    "The file is neither UTF-8 nor Windows-1252 (byte {byte} in row {row}). Save it as CSV UTF-8,"
    " and hand that over"
)

_BYTE_ORDER = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


@dataclass(frozen=True, slots=True)
class PlainText:
    """The text of a file without its byte order mark, and notes on how it was read."""

    text: str
    notes: list[str]


def plain_text(content: bytes) -> PlainText:
    """The text of a file, by its byte order mark, as UTF-8, or else as Windows-1252.

    Raises:
        FileRefusedError: it is no text, or in another encoding.
    """
    wide = _BYTE_ORDER.get(content[:2])
    if wide is not None:
        try:
            return PlainText(content[2:].decode(wide), [NOTE_UTF_16])
        except UnicodeDecodeError:
            raise FileRefusedError(NOT_TEXT) from None
    if b"\0" in content:
        raise FileRefusedError(NOT_TEXT)
    try:
        return PlainText(content.decode("utf-8-sig"), [])
    except UnicodeDecodeError:
        pass
    try:
        return PlainText(content.decode("cp1252"), [NOTE_LATIN_1])
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        byte = f"0x{content[error.start]:02X}"
        raise FileRefusedError(UNKNOWN_ENCODING, byte=byte, row=row) from None


def delimiter_of(text: str) -> str:
    """The separator of the columns, as far as the headings tell. A title above them has no
    separator, or one that the next line does not have."""
    unquoted = re.sub(r'"[^"]*"', "", text[:_HEAD_CHARS])
    lines = [line for line in unquoted.splitlines() if line.strip()]
    for line, below in pairwise(lines):
        found = max(DELIMITERS, key=line.count)
        if found in line and found in below:
            return found
    return max(DELIMITERS, key=lines[0].count) if lines else ","


def presumed_sign(delimiter: str) -> str:
    """The decimal sign that people use whose spreadsheet parts columns by `delimiter`."""
    return "." if delimiter == "," else ","


def delimiter_note(delimiter: str) -> list[str]:
    """The note on a separator that is no comma."""
    if delimiter == ",":
        return []
    return [
        f"The columns are separated by {_NAMES[delimiter]}; a comma in a number is a decimal one"
    ]
