"""Puts the reason for which a file is refused into words, in the language of the visitor."""

from collections.abc import Iterable, Mapping

from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from fleet.files.refusal import FileRefusedError
from fleet.saying import Saying, in_words

#: The reasons of `fleet.files.refusal`, `fleet.files.plain_text` and the importer of plans, for
#: translation.
REFUSAL_REASONS = (
    mark("The file is neither CSV nor a sheet of Excel or LibreOffice"),
    mark("The file has no rows below its headings"),
    mark(
        "The sheet reaches over {cells} cells, and at most {most} are read: delete the"
        " empty rows and columns below and beside the table, or split the file"
    ),
    mark("The list has {rows} rows, and at most {most} are read: split it"),
    mark("A row has {columns} columns, and at most {most} are read"),
    mark("A cell in row {row} has more than {most} characters"),
    mark("The file grows to {size} MB when it is unpacked, and at most {most} are read"),
    mark("The file has {parts} parts, and at most {most} are read"),
    mark("The file has more than {most} million characters of text"),
    mark("Reading the file takes more than {most} MB of memory; is it damaged? Split it"),
    mark("Reading the file takes longer than {most} seconds; is it damaged? Split it"),
    mark("The file cannot be read; is it damaged?"),
    mark("Rows that were, or may have been, driven in private are empty here, and are not taken"),
    mark(
        "The file is no text (it has zero bytes). Save it as CSV, best as CSV UTF-8, and hand that"
        " over"
    ),
    mark(
        "The file is neither UTF-8 nor Windows-1252 (byte {byte} in row {row}). Save it as CSV"
        " UTF-8, and hand that over"
    ),
    mark("A plan is read from a file of the kinds {kinds}"),
    mark("The file can be read, and holds no plan"),
    mark("The file has {size} MB, and at most {most} are read"),
    mark("The file has more than {most} characters of text"),
    mark("The file has more than {most} lines"),
    mark("The file is no text, though its name says so"),
    mark("The file is protected with a password: save it without one"),
    mark(
        "The file is a Word file of the old kind (.doc) or protected with a password: save it as"
        " .docx without a password"
    ),
    mark("The file is a package of another kind than a Word file (.docx)"),
    mark(
        "A part of the file is packed {ratio} times smaller than it is, and at most {most} is read"
    ),
    mark("The file declares entities, which no Word file does"),
    mark(
        "The file has no text, only pictures of pages: have its text recognised first (OCR), and"
        " read what comes out of that"
    ),
    mark("The file has {pages} pages, and at most {most} are read"),
    mark("The file is no plan that this system exported: {fault}"),
    mark("A text of the plan is longer than a cell of Excel holds: export it as CSV or JSON"),
    mark(
        "A text of the plan has a character that no cell of Excel holds: export it as CSV or JSON"
    ),
)

#: The notes on how a file was read, for translation.
READING_NOTES = (
    mark(
        "The file is not UTF-8 and is read as Windows-1252, which Latin-1 is a part of: look"
        " whether letters such as æ, ø and å are right"
    ),
    mark("The file is read as UTF-16, as its first bytes say"),
    mark("The columns are separated by semicolons; a comma in a number is a decimal one"),
    mark("The rows above the headings are left out"),
    mark("Times without an offset are read as local time"),
    mark("A return that is earlier in the day than its departure is read as one of the next day"),
    mark("The distance is the mileage at return less the mileage at departure"),
    mark("The columns are separated by tabs; a comma in a number is a decimal one"),
    mark("Numbers such as 1.250 are read as 1250: the point separates thousands"),
    mark("The point in numbers such as 1.250 is read as a decimal one"),
    mark("Numbers such as 1,250 are read as 1250: the comma separates thousands"),
    mark("The comma in numbers such as 1,250 is read as a decimal one"),
    mark(
        "Some times are of the hour that the clock leaves out in spring; they are read an hour"
        " later"
    ),
    mark(
        "Some times are of the hour that the clock has twice in autumn; the first of the two is"
        " taken"
    ),
)


#: The notes with values of `fleet.files.cells`, for translation.
SAID_NOTES = (
    mark("The first sheet does not look like a list; the sheet %(sheet)s is read"),
    mark(
        "A formula without a stored value: %(cells)s. Open the file in Excel, save it, and hand"
        " that over"
    ),
)


def said_notes(said: Iterable[Saying], language: Language) -> list[str]:
    """Notes with values on how a file was read, in words."""
    return [in_words(one, translations(language).gettext) for one in said]


def refusal_text(refused: FileRefusedError, language: Language) -> str:
    """The reason of a refusal in words, with its numbers as people write them."""
    formats = Formats(language)
    values: Mapping[str, object] = {
        name: formats.number(value) if isinstance(value, int) else value
        for name, value in refused.values.items()
    }
    return translations(language).gettext(refused.reason).format(**values)
