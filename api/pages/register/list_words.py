"""Puts what an import of a list does into words: new vehicles, changes and bad cells."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from api.pages.frame.views import Choice
from api.pages.register.fault_words import fault_text
from api.pages.register.labels import FIELD_LABELS
from api.pages.register.list_views import ShownBadCell, ShownChange, ShownNew
from api.pages.words.cells import shown_cell
from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from register.inventory.details import KR_FIELDS, VehicleDetails, VehicleField, shown_plate
from register.inventory.import_plan import ChangedVehicle, NewVehicle
from register.inventory.list_fields import ListField
from register.inventory.list_rows import BadCell
from register.inventory.stored import RegisterChoices

ROW_HEADING = mark("Row")
VEHICLE_HEADING = mark("Vehicle")
RESULT_HEADING = mark("Result")
COLUMN_HEADING = mark("Column")
BEFORE_HEADING = mark("Now")
AFTER_HEADING = mark("In the file")
REASON_HEADING = mark("Why it stays out")

IS_NEW = mark("new")
IS_CHANGED = mark("changed")
IS_BAD = mark("stays out")
IS_UNUSED = mark("the cell is not taken")

#: The details by which people know a vehicle.
_KNOWN_BY = (
    *(VehicleField.MAKE, VehicleField.MODEL, VehicleField.KIND),
    *(VehicleField.DEPARTMENT, VehicleField.DEPOT),
)


def bad_cells(cells: Sequence[BadCell], language: Language) -> list[ShownBadCell]:
    """Bad cells with the words for their reasons."""
    return [
        ShownBadCell(
            cell.row,
            cell.heading,
            shown_cell(cell.text, language),
            fault_text(cell.reason, cell.values, language),
        )
        for cell in cells
    ]


def news_of(
    news: Sequence[NewVehicle], choices: RegisterChoices, language: Language
) -> list[ShownNew]:
    """New vehicles with what people know them by, and what else the list says of them."""
    words = _DetailWords(choices, language)
    return [
        ShownNew(
            row=one.row,
            name=one.details.name,
            words=", ".join(
                words.shown(one.details, field)
                for field in _KNOWN_BY
                if one.details.of(field) is not None
            ),
            details=[
                (words.label(field), words.shown(one.details, field))
                for field in VehicleField
                if field not in _KNOWN_BY
                and field not in (VehicleField.NAME, VehicleField.MEASURED_IN)
                and one.details.of(field) is not None
            ],
        )
        for one in news
    ]


def changes_of(
    changed: Sequence[ChangedVehicle], choices: RegisterChoices, language: Language
) -> list[ShownChange]:
    """Each field that a list changes, as it is now and as it is in the list."""
    words = _DetailWords(choices, language)
    return [
        ShownChange(
            row=one.row,
            vehicle=Choice(one.before.vehicle_id, one.before.details.name),
            field=words.label(field),
            before=words.shown(one.before.details, field),
            after=words.shown(one.details, field),
        )
        for one in changed
        for field in one.fields
    ]


class _DetailWords:
    """The words for the details of vehicles and their values."""

    def __init__(self, choices: RegisterChoices, language: Language) -> None:
        self._say = translations(language).gettext
        self._formats = Formats(language)
        self._kinds = {one.kind: one.name for one in choices.kinds}
        self._depots = {one.depot_id: one.name for one in choices.depots}

    def label(self, field: VehicleField) -> str:
        return self._say(FIELD_LABELS[ListField(field.value)])

    def shown(self, details: VehicleDetails, field: VehicleField) -> str:
        value: Any = details.of(field)
        if value is None:
            return "–"
        if isinstance(value, date):
            return self._formats.short_day(value)
        if isinstance(value, float):
            formats = self._formats
            return formats.amount(value) if field in KR_FIELDS else formats.figure(value)
        text = str(value)
        match field:
            case VehicleField.PLATE:
                return shown_plate(text)
            case VehicleField.KIND:
                return self._kinds.get(text, text)
            case VehicleField.DEPOT:
                return self._depots.get(text, text)
            case _:
                return text


def list_file(
    bad: Sequence[BadCell],
    unused: Sequence[BadCell],
    news: Sequence[ShownNew],
    changes: Sequence[ShownChange],
    language: Language,
) -> pa.Table:
    """Everything that an import does as a table, in the order of the rows of the list."""
    say = translations(language).gettext
    rows = [
        *(
            (cell.row, "", say(result), cell.heading, "", cell.text, cell.reason)
            for result, cells in ((IS_BAD, bad), (IS_UNUSED, unused))
            for cell in bad_cells(cells, language)
        ),
        *((one.row, one.name, say(IS_NEW), "", "", _all_of(one), "") for one in news),
        *(
            (one.row, one.vehicle.name, say(IS_CHANGED), one.field, one.before, one.after, "")
            for one in changes
        ),
    ]
    rows.sort(key=lambda row: row[0])
    headings = (
        *(ROW_HEADING, VEHICLE_HEADING, RESULT_HEADING, COLUMN_HEADING),
        *(BEFORE_HEADING, AFTER_HEADING, REASON_HEADING),
    )
    kinds = [pa.int32(), *[pa.string()] * (len(headings) - 1)]
    columns = [pa.array([row[at] for row in rows], kind) for at, kind in enumerate(kinds)]
    return pa.Table.from_arrays(columns, names=[say(heading) for heading in headings])


def _all_of(new: ShownNew) -> str:
    return "; ".join([new.words, *(f"{label}: {value}" for label, value in new.details)])
