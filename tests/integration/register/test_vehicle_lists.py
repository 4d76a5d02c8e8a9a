"""A list of vehicles goes in as a workbook: its good rows are taken and its bad cells told.

The same file again changes nothing, and what is handed out comes back without a change.
"""

from datetime import date
from io import BytesIO

import pytest

from db.connect import Pool
from fleet.actor import Actor
from fleet.files.cells import read_packed
from fleet.files.own_process import ReadFile, ReadingBounds
from fleet.files.refusal import FileRefusedError
from fleet.files.table_format import TableFormat
from fleet.files.tables import write_table
from register.inventory.changes import add_vehicle
from register.inventory.list_export import EXPORTED, list_table
from register.inventory.list_fields import ListField, guess_fields
from register.inventory.list_rows import BadReason, LeftOutReason
from register.inventory.list_values import ChosenSort
from register.inventory.lists import (
    ColumnsRefusedError,
    ListSummary,
    NoListError,
    WaitingList,
    import_list,
    keep_list,
    list_of,
    lists_job,
    preview_list,
    set_columns,
    set_values,
)
from register.inventory.stored import registered_vehicles
from tests.factories.inventory import a_van, put_depots
from tests.factories.vehicle_lists import sheet_cells, workbook

ANNA = Actor.trusted("Anna")

#: A title, merged over the columns, stands above the headings; one department is merged over rows.
ROWS = [
    ("Reg.nr.", "Mærke", "Type", "Drivmiddel", "Placering", "Leasing udløb", "Km-stand"),
    ("AB 12 345", "VW", "Varebil", "Diesel", "Rådhuset", date(2027, 1, 31), "41.000 km"),
    ("AB 12 346", "VW", "Varebil", "Diesel", "Rådhuset", "31/12/26", 12500),
    ("AB 12 347", "Skoda", "Kassevogn", "Diesel", "Rådhuset", "31.12.2026", ""),
    ("I alt", "", "", "", "", "", 53500),
]
LIST = workbook(
    sheet_cells(ROWS, first_row=3) | {"H3": "Afdeling", "H4": "Vej"},
    merged={"A1:H1": "Flådeliste 2026", "H5:H6": "Park"},
    formulas={"G6": ("=1/0", "#DIV/0!")},
)


def read(content: bytes, name: str = "flåde.xlsx") -> ReadFile:
    return read_packed(name, content, ReadingBounds())


async def imported(pool: Pool, content: bytes, name: str = "flåde.xlsx") -> ListSummary:
    """Import a list whose columns and values are known."""
    list_id = await keep_list(pool, ANNA, name, read(content, name), 20_000)
    waiting = await list_of(pool, list_id)
    assert isinstance(waiting, WaitingList)
    if waiting.layout is None:
        await set_columns(pool, ANNA, list_id, waiting.guessed)
    await import_list(pool, ANNA, list_id)
    done = await list_of(pool, list_id)
    assert isinstance(done, ListSummary)
    return done


async def test_a_list_is_taken_its_bad_cells_told_and_again_it_changes_nothing(pool: Pool) -> None:
    await put_depots(pool)
    await add_vehicle(pool, ANNA, a_van(department="Vej"))
    list_id = await keep_list(pool, ANNA, "flåde.xlsx", read(LIST), 20_000)
    waiting = await list_of(pool, list_id)
    assert isinstance(waiting, WaitingList)
    assert waiting.headings[0] == ("Reg.nr.", "AB 12 345")
    await set_columns(pool, ANNA, list_id, waiting.guessed)
    seen = await preview_list(pool, ANNA, list_id)
    assert {(one.sort, one.text, one.rows) for one in seen.asked} == {
        (ChosenSort.DEPARTMENT, "Park", 2),
        (ChosenSort.KIND, "Kassevogn / Diesel", 1),
    }
    await set_values(pool, ANNA, list_id, {ChosenSort.DEPARTMENT: {"Park": "Park"}})
    outcome = await import_list(pool, ANNA, list_id)
    assert (outcome.new, outcome.changed, outcome.unchanged) == (1, 1, 0)
    assert [(one.row, one.heading, one.text, one.reason) for one in outcome.bad] == [
        (6, "Km-stand", "#DIV/0!", BadReason.ERROR),
        (6, "Type", "Kassevogn", BadReason.NO_KIND),
    ]
    assert outcome.left_out == 1
    found = {one.vehicle_id: one.details for one in await registered_vehicles(pool)}
    assert found["AB12345"].contract_end == date(2027, 1, 31)
    assert found["AB12345"].model == "Caddy"
    new = found["AB12346"]
    assert (new.department, new.depot_id, new.kind) == ("Park", "raad", "varebil-diesel")
    assert (new.contract_end, new.mileage_km) == (date(2026, 12, 31), 12_500)
    again = (await imported(pool, LIST)).outcome
    assert again is not None
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    assert again.bad == outcome.bad
    with pytest.raises(NoListError):
        await import_list(pool, ANNA, list_id)


async def test_what_is_handed_out_comes_back_without_a_change(pool: Pool) -> None:
    await put_depots(pool)
    await add_vehicle(pool, ANNA, a_van(mileage_km=41_234.567))
    await add_vehicle(pool, ANNA, a_van("-Vogn; 13", plate=None, mileage_day=None, make=None))
    headings = {one: one.value for one in EXPORTED}
    table = list_table(await registered_vehicles(pool), headings, {"diesel": "Diesel"})
    for form in (TableFormat.EXCEL, TableFormat.DANISH_CSV):
        file = BytesIO()
        write_table(table, file, form, "Register")
        outcome = (await imported(pool, file.getvalue(), f"register{form.suffix}")).outcome
        assert outcome is not None
        assert (outcome.new, outcome.changed, outcome.unchanged) == (0, 0, 2), form
        assert outcome.bad == []


async def test_a_heading_that_is_merged_over_the_columns_is_no_refused_vehicle(pool: Pool) -> None:
    await put_depots(pool)
    await add_vehicle(pool, ANNA, a_van(department="Park"))
    rows = [
        ("Reg.nr.", "Mærke", "Type", "Center", "Placering"),
        (),
        ("AB12350", "VW", "Varebil, diesel", "", "Vej & Park"),
        ("I alt", 1),
        (),
        ("AB12351", "VW", "Varebil, diesel", "Vej", "Vej & Park"),
    ]
    file = workbook(sheet_cells(rows), merged={"A2:E2": "Park", "A5:E5": "Team 4"})
    list_id = await keep_list(pool, ANNA, "flåde.xlsx", read(file), 20_000)
    await set_columns(pool, ANNA, list_id, guess_fields([str(one) for one in rows[0]]))
    await set_values(pool, ANNA, list_id, {ChosenSort.DEPARTMENT: {"Vej": "Vej"}})
    seen = await preview_list(pool, ANNA, list_id)
    assert seen.plan.bad == []
    assert [(one.row, one.text, one.reason) for one in seen.plan.left_out] == [
        (2, "Park", LeftOutReason.SECTION),
        (4, "I alt", LeftOutReason.TOTAL),
        (5, "Team 4", LeftOutReason.SECTION),
    ]
    outcome = await import_list(pool, ANNA, list_id)
    assert (outcome.new, outcome.left_out, outcome.bad) == (2, 3, [])
    found = {one.vehicle_id: one.details.department for one in await registered_vehicles(pool)}
    assert (found["AB12350"], found["AB12351"]) == ("Park", "Vej")


async def test_columns_that_do_not_do_are_refused(pool: Pool) -> None:
    list_id = await keep_list(pool, ANNA, "flåde.xlsx", read(LIST), 20_000)
    for columns in (
        {"Mærke": ListField.MAKE},
        {"Reg.nr.": ListField.PLATE, "Mærke": ListField.PLATE},
    ):
        with pytest.raises(ColumnsRefusedError):
            await set_columns(pool, ANNA, list_id, columns)
    with pytest.raises(NoListError):
        await preview_list(pool, ANNA, list_id)
    with pytest.raises(FileRefusedError, match="4 rows"):
        await keep_list(pool, ANNA, "flåde.xlsx", read(LIST), 3)


async def test_rows_that_are_no_vehicles_are_named_and_old_lists_forgotten(pool: Pool) -> None:
    list_id = await keep_list(pool, ANNA, "flåde.xlsx", read(LIST), 20_000)
    await set_columns(pool, ANNA, list_id, {"Reg.nr.": ListField.PLATE, "Type": ListField.KIND})
    seen = await preview_list(pool, ANNA, list_id)
    assert [(one.row, one.text, one.reason) for one in seen.plan.left_out] == [
        (7, "I alt", LeftOutReason.TOTAL)
    ]
    await pool.execute("UPDATE vehicle_list SET uploaded_at = now() - interval '31 days'")
    await lists_job(pool, 30).work()
    assert await list_of(pool, list_id) is None
