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
from register.inventory.details import VehicleDetails, VehicleField, shown_plate
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


def news_of(news: Sequence[NewVehicle], choices: RegisterChoices) -> list[ShownNew]:
    """New vehicles with what people know them by."""
    kinds, depots = _names(choices)
    return [
        ShownNew(
            one.row,
            one.details.name,
            ", ".join(
                filter(
                    None,
                    (
                        *(one.details.make, one.details.model),
                        *(kinds.get(one.details.kind), one.details.department),
                        depots.get(one.details.depot_id),
                    ),
                )
            ),
        )
        for one in news
    ]


def changes_of(
    changed: Sequence[ChangedVehicle], choices: RegisterChoices, language: Language
) -> list[ShownChange]:
    """Each field that a list changes, as it is now and as it is in the list."""
    say = translations(language).gettext
    kinds, depots = _names(choices)
    formats = Formats(language)

    def shown(details: VehicleDetails, field: VehicleField) -> str:
        value: Any = details.of(field)
        if value is None:
            return "–"
        if isinstance(value, date):
            return formats.short_day(value)
        if isinstance(value, float):
            return formats.figure(value)
        text = str(value)
        match field:
            case VehicleField.PLATE:
                return shown_plate(text)
            case VehicleField.KIND:
                return kinds.get(text, text)
            case VehicleField.DEPOT:
                return depots.get(text, text)
            case _:
                return text

    return [
        ShownChange(
            row=one.row,
            vehicle=Choice(one.before.vehicle_id, one.before.details.name),
            field=say(FIELD_LABELS[ListField(field.value)]),
            before=shown(one.before.details, field),
            after=shown(one.details, field),
        )
        for one in changed
        for field in one.fields
    ]


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
        *((one.row, one.name, say(IS_NEW), "", "", one.words, "") for one in news),
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


def _names(choices: RegisterChoices) -> tuple[dict[str, str], dict[str, str]]:
    """The names of the kinds and of the depots by their ids."""
    kinds = {one.kind: one.name for one in choices.kinds}
    return kinds, {one.depot_id: one.name for one in choices.depots}
