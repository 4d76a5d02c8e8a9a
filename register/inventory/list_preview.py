"""What the import of a list would do, with the depots and kinds that it would make. It is pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from costs.catalogue import CatalogueKind
from fleet.files.cells import FileTable
from register.inventory.cell_values import cell_text
from register.inventory.import_plan import ImportPlan, RegisterIndex, plan_import
from register.inventory.list_fields import IDENTIFYING, ListField
from register.inventory.list_rows import no_vehicle, number_notes, read_rows
from register.inventory.list_values import (
    AskedText,
    ChosenSort,
    KnownValues,
    ListLayout,
    asked_texts,
)
from register.inventory.made_values import WithMade, with_made
from register.inventory.stored import RegisterChoices
from register.zones_stored import Depot


def first_cells(table: FileTable, columns: Mapping[str, ListField]) -> list[str]:
    """The first cell of each column of a table that is not empty in a row about a vehicle, which
    headings of groups and sums are not; "": there is none. Its headings hold the fields
    `columns`."""
    headings, *rows = table.rows
    at = [index for index, one in enumerate(headings) if columns.get(str(one)) in IDENTIFYING]
    found = [""] * len(headings)
    for number, row in enumerate(rows, start=table.heading_row + 1):
        cells = [cell_text(cell) for cell in row]
        filled = [cell for cell in cells if cell]
        names = [cells[index] for index in at if index < len(cells)]
        if not filled or no_vehicle(
            names, filled, len(headings), is_spanned=number in table.spanned
        ):
            continue
        found = [one or (cells[i] if i < len(cells) else "") for i, one in enumerate(found)]
    return found


@dataclass(frozen=True, slots=True)
class ListPreview:
    """What the import of a list would do, the texts whose meaning a person says, and notes on its
    numbers. `known` is what is there that they may mean, `choices` that and what is made.
    `new_depots` and `new_kinds` are those that it would
    make, as vehicles of the list are registered as them, and `settled` is the layout with the ids
    of these. The `unread` rows have a cell that cannot be read, and stay out whatever their texts
    stand for."""

    plan: ImportPlan
    asked: Sequence[AskedText]
    known: RegisterChoices
    choices: RegisterChoices
    notes: Sequence[str]
    new_depots: Sequence[Depot]
    new_kinds: Sequence[CatalogueKind]
    settled: ListLayout
    unread: int


def preview_of(
    table: FileTable,
    layout: ListLayout,
    choices: RegisterChoices,
    zone_names: Mapping[str, str],
    index: RegisterIndex,
    today: date,
    acts_for: Callable[[str], bool],
) -> ListPreview:
    """What the import of a table would do by a layout. `acts_for` says for which departments the
    person who imports it acts."""
    found = read_rows(table, layout.columns, today)
    asked = asked_texts(
        [*found.rows, *found.refused],
        KnownValues(choices, layout),
        layout,
        lambda one: index.of(one) is None,
        new_departments=not choices.departments,
        new_depots=not choices.depots,
    )
    made = with_made(layout, choices, zone_names)
    plan = plan_import(found, KnownValues(made.choices, made.layout), index, today, acts_for)
    details = [one.details for one in (*plan.new, *plan.changed)]
    ids = {one.depot_id for one in details} | {one.kind for one in details}
    return ListPreview(
        plan,
        asked,
        choices,
        made.choices,
        number_notes(table, layout.columns),
        [one for one in made.depots if one.depot_id in ids],
        [one for one in made.kinds if one.kind in ids],
        _settled(layout, made, ids),
        len({cell.row for cell in found.bad}),
    )


def _settled(layout: ListLayout, made: WithMade, used: Collection[str]) -> ListLayout:
    """A layout in which the words of what is made have the ids of that; the words of what no
    vehicle is of still stand for what is to be made."""
    unused = {one.depot_id for one in made.depots} | {one.kind for one in made.kinds}
    unused -= set(used)
    still = {
        sort: {
            text: value
            for text, value in layout.made.get(sort, {}).items()
            if made.layout.chosen[sort].get(text, "") in ("", *unused)
        }
        for sort in ChosenSort
    }
    chosen = {
        sort: {text: one for text, one in values.items() if text not in still[sort]}
        for sort, values in made.layout.chosen.items()
    }
    return replace(layout, chosen=chosen, made=still)
