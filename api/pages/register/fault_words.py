"""The words for what is wrong with a value of a vehicle, in a form or in a cell of a list."""

from collections.abc import Mapping

from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from register.inventory.details import Fault
from register.inventory.list_rows import BadReason

_TEXTS: Mapping[str, str] = {
    Fault.EMPTY: mark("This must not be empty"),
    Fault.UNKNOWN: mark("There is none of this name"),
    Fault.TOO_LONG: mark("This may be at most {most} characters"),
    Fault.FORMULA: mark("This is a formula; write its result"),
    Fault.NO_PLATE: mark("A registration number has 2 to 10 letters and digits"),
    Fault.NOT_POSITIVE: mark("This must be above 0"),
    Fault.OUT_OF_BOUNDS: mark("This must be from {least} to {most}"),
    Fault.DAY_TOO_FAR: mark("The year must be from {least} to {most}"),
    Fault.DAY_IN_FUTURE: mark("The day has not come yet"),
    Fault.END_BEFORE_START: mark("The end of the contract lies before its beginning"),
    Fault.NO_READING: mark("Enter the odometer that was read on that day, or leave the day empty"),
    BadReason.NO_DAY: mark("This is no date; write 31.12.2026"),
    BadReason.NO_NUMBER: mark("This is no number"),
    BadReason.NO_WHOLE_NUMBER: mark("This is no whole number"),
    BadReason.AMBIGUOUS: mark(
        "This is a number of thousands or has decimals, and the other numbers do not show which;"
        " write it without the sign"
    ),
    BadReason.ODD_NUMBER: mark(
        "The sign parts thousands in the other numbers of the column, and here it does not; write"
        " this number as they are written"
    ),
    BadReason.NO_MEASURE: mark("This is neither km nor hours"),
    BadReason.NO_CONTRACT_DAYS: mark(
        "The km of a year need the beginning and the end of the contract in the same row"
    ),
    BadReason.ERROR: mark("The formula of this cell has no result"),
    BadReason.NOTHING: mark("Nothing tells which vehicle this row is about"),
    BadReason.TWICE: mark("The vehicle stands in row {above} already"),
    BadReason.TAKEN: mark("This is the registration number of {vehicle}"),
    BadReason.OTHER_DEPARTMENT: mark("You do not act for this department"),
    BadReason.RETIRED: mark("The vehicle is retired; take it back first if it is in use"),
    BadReason.NO_KIND: mark("It is not said which kind this is"),
    BadReason.NO_DEPOT: mark("It is not said which depot this is"),
    BadReason.NO_KIND_COLUMN: mark("No column is chosen as the kind"),
    BadReason.NO_DEPOT_COLUMN: mark("No column is chosen as the depot"),
    BadReason.NO_DEPARTMENT_COLUMN: mark("No column is chosen as the department"),
    BadReason.NO_DEPARTMENT: mark("There is no such department, and it is not said what it is"),
}


def fault_text(reason: str, values: Mapping[str, object], language: Language) -> str:
    """The words for a reason of `Fault` or `BadReason` with its values."""
    formats = Formats(language)
    shown = {
        name: _number(value, formats) if isinstance(value, int | float) else value
        for name, value in values.items()
    }
    return translations(language).gettext(_TEXTS[reason]).format(**shown)


def _number(value: float, formats: Formats) -> str:
    # A year has no sign that parts thousands.
    return f"{value:.0f}" if 1_900 <= value <= 2_200 else formats.number(value)
