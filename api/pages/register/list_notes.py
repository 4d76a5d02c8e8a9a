"""Notes on what the import of a list would do, beside the changes themselves."""

from collections.abc import Mapping, Sequence

from api.pages.register.forms import said
from api.pages.words.language import Language, mark
from register.inventory.import_plan import ImportPlan, ListedDoubts
from register.inventory.list_fields import ListField, tells_km_of_a_year
from register.inventory.lists import WaitingList

ODOMETERS_OF_TODAY = mark(
    "An odometer without the day on which it was read counts as read today, unless it stands as it"
    " stood."
)

ODOMETERS_FALL = mark(
    "The odometer would go down at: {vehicles}. See whether the list is older than the register."
)

ALIKE = mark(
    "More than one vehicle would have the name: {vehicles}. See whether the list has a vehicle"
    " twice, or one that is in the register already."
)

ENDED = mark(
    "The contract has ended before today at: {vehicles}. See whether the vehicle is still there, or"
    " the contract is prolonged."
)

EXIT_ALONE = mark(
    "What leaving a contract costs is given, but no end of a contract, at: {vehicles}. It counts"
    " for nothing until the contract has an end."
)

NOT_TAKEN = mark("Columns that are not taken: {columns}.")

DRIVEN_KM_NOT_TAKEN = mark(
    "The km that a vehicle drives a year are not kept in the register: they come from trips and"
    " odometers. Not taken: {columns}. If it is the km that the contract allows, choose so among"
    " the columns; the list then needs the days on which contracts begin and end."
)

UNUSED = mark(
    "The km that a contract allows a year are not taken in row {rows}: the beginning or the end of"
    " the contract is missing. The other cells of the row are taken."
)

#: The vehicles, columns or rows that a note names.
NAMED = 10


def list_notes(found: WaitingList, plan: ImportPlan, language: Language) -> list[str]:
    """What a person should know before the import of a list."""
    return [
        *_not_taken_notes(found, language),
        *_unused_note(plan, language),
        *_odometer_note(found, language),
        *doubt_notes(plan.doubts, language),
    ]


def doubt_notes(doubts: ListedDoubts, language: Language) -> list[str]:
    """The notes on what is doubtful about listed vehicles, which are taken all the same."""
    return [
        *_names_note(ODOMETERS_FALL, doubts.falling, language),
        *_names_note(ALIKE, doubts.alike, language),
        *_names_note(ENDED, doubts.ended, language),
        *_names_note(EXIT_ALONE, doubts.exit_alone, language),
    ]


def _odometer_note(found: WaitingList, language: Language) -> Sequence[str]:
    """A note on the day of odometers that the list gives none for, where it has odometers."""
    columns: Mapping[str, ListField] = {} if found.layout is None else found.layout.columns
    return [said(language, ODOMETERS_OF_TODAY)] if ListField.MILEAGE_KM in columns.values() else []


def _not_taken_notes(found: WaitingList, language: Language) -> Sequence[str]:
    """Notes on the columns that the import leaves out; what people most expect of them is that the
    km of a year are kept."""
    taken: Mapping[str, ListField] = {} if found.layout is None else found.layout.columns
    out = [heading for heading, _ in found.headings if heading not in taken]
    driven = [heading for heading in out if tells_km_of_a_year(heading)]
    others = [heading for heading in out if heading not in driven]
    return [
        said(language, text).format(columns=_named(headings))
        for text, headings in ((DRIVEN_KM_NOT_TAKEN, driven), (NOT_TAKEN, others))
        if headings
    ]


def _unused_note(plan: ImportPlan, language: Language) -> Sequence[str]:
    """A note on the rows that are taken without one of their cells."""
    rows = [str(cell.row) for cell in plan.unused]
    return [said(language, UNUSED).format(rows=_named(rows))] if rows else []


def _names_note(text: str, names: Sequence[str], language: Language) -> Sequence[str]:
    return [said(language, text).format(vehicles=_named(names))] if names else []


def _named(texts: Sequence[str]) -> str:
    return ", ".join(texts[:NAMED]) + ("" if len(texts) <= NAMED else ", …")
