"""A list of vehicles as a municipality keeps it is read: its headings in any words, its days and
numbers as people write them, its values by name; and what cannot be read is told cell by cell."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.catalogue import starter_catalogue
from fleet.files.cells import Cell, FileTable, read_packed
from fleet.files.notation import NOTE_POINT_PARTS, DecimalSign
from fleet.files.own_process import ReadingBounds
from fleet.vehicle import Energy
from register.inventory.cell_values import cell_text, day_in, number_in
from register.inventory.details import Fault, VehicleField, faults
from register.inventory.import_plan import ImportPlan, RegisterIndex, plan_import
from register.inventory.list_fields import ListField, guess_fields, tells_km_of_a_year
from register.inventory.list_preview import first_cells, preview_of
from register.inventory.list_rows import (
    UNKNOWN_WORDS,
    BadReason,
    LeftOutReason,
    number_notes,
    read_rows,
)
from register.inventory.list_values import ChosenSort, KnownValues, ListLayout, asked_texts
from register.inventory.stored import RegisterChoices, RegisteredVehicle
from register.zones_stored import Depot
from tests.factories.inventory import a_van
from tests.factories.vehicle_lists import table

TODAY = date(2026, 11, 29)
DEPOTS = [
    Depot(depot_id="park", name="Vej & Park", lat=55.77, lon=12.5, radius_m=150),
    Depot(depot_id="raad", name="Rådhuset", lat=55.78, lon=12.51, radius_m=150),
]
CHOICES = RegisterChoices(list(starter_catalogue()), DEPOTS, ["Vej", "Park"])

HEADINGS = ("Reg.nr.", "Mærke", "Type", "Drivmiddel", "Afdeling", "Placering", "Km-stand")


def registered(vehicle_id: str = "AB12345", **details: Any) -> RegisteredVehicle:
    return RegisteredVehicle(
        vehicle_id=vehicle_id,
        details=a_van(**details),
        kind_name="Varebil, diesel",
        energy=Energy.DIESEL,
        depot_name="Vej & Park",
        retired_at=None,
        revision=1,
    )


def planned(
    listed: FileTable,
    *present: RegisteredVehicle,
    chosen: Mapping[ChosenSort, Mapping[str, str]] | None = None,
) -> ImportPlan:
    """The plan of an import by the fields that the headings are taken for."""
    columns = guess_fields([str(cell) for cell in listed.rows[0]])
    known = KnownValues(CHOICES, ListLayout(columns, chosen or {}))
    read = read_rows(listed, columns, TODAY)
    return plan_import(read, known, RegisterIndex(present, TODAY), TODAY, lambda _: True)


def after(plan: ImportPlan, *present: RegisteredVehicle) -> list[RegisteredVehicle]:
    """The register after an import."""
    changed = {one.before.vehicle_id: one.details for one in plan.changed}
    old = {one.vehicle_id: changed.get(one.vehicle_id, one.details) for one in present}
    new = {one.vehicle_id: one.details for one in plan.new}
    return [
        RegisteredVehicle(
            vehicle_id=vehicle_id,
            details=details,
            kind_name="",
            energy=Energy.DIESEL,
            depot_name="",
            retired_at=None,
            revision=1,
        )
        for vehicle_id, details in (old | new).items()
    ]


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("Reg.nr.", ListField.PLATE),
        ("Registreringsnummer", ListField.PLATE),
        ("Mærke", ListField.MAKE),
        ("Model", ListField.MODEL),
        ("Afdeling", ListField.DEPARTMENT),
        ("Center", ListField.DEPARTMENT),
        ("Placering", ListField.DEPOT),
        ("Hører hjemme", ListField.DEPOT),
        ("Kørt km", ListField.MILEAGE_KM),
        ("Lokation", ListField.DEPOT),
        ("Leasing udløb", ListField.CONTRACT_END),
        ("Leasingudløbsdato", ListField.CONTRACT_END),
        ("Km-stand", ListField.MILEAGE_KM),
        ("Km-stand pr. dato", ListField.MILEAGE_DAY),
        ("Drivmiddel", ListField.ENERGY),
        ("Årgang", ListField.MODEL_YEAR),
        ("1. indreg.", ListField.FIRST_REGISTERED),
        ("Dato for 1. indregistrering", ListField.FIRST_REGISTERED),
        ("Ydelse pr. md.", ListField.COST_KR_MONTH),
        ("Årlig leasingydelse (kr.)", ListField.COST_KR_YEAR),
        ("Aftalte km i alt", ListField.CONTRACT_KM),
        ("Aftalte km", ListField.CONTRACT_KM),
        ("Km-aftale pr. år", ListField.CONTRACT_KM_YEAR),
        ("Standsted", ListField.DEPOT),
        ("Standplads", ListField.DEPOT),
        ("Køretøjets standsted", ListField.DEPOT),
        ("Stationeret", ListField.DEPOT),
        ("Aftalte km i hele aftalen", ListField.CONTRACT_KM),
        ("Årlig kørsel", None),
        ("Årligt forbrug i kWh", None),
        ("Køretøjstype", ListField.KIND),
        ("Salgsværdi", ListField.SALE_VALUE_KR),
        ("Bogført værdi (kr.)", ListField.SALE_VALUE_KR),
        ("Restværdi pr. 1/1", ListField.SALE_VALUE_KR),
        ("Udtrædelsesomkostning", ListField.EXIT_COST_KR),
        ("Gebyr ved opsigelse før tid, kr.", ListField.EXIT_COST_KR),
        ("Opsigelsesgebyr", ListField.EXIT_COST_KR),
        ("Førtidig indfrielse, beløb", ListField.EXIT_COST_KR),
        ("Bemærkninger", None),
    ],
)
def test_a_heading_is_known_in_the_words_that_people_use(
    heading: str, expected: ListField | None
) -> None:
    assert guess_fields([heading]).get(heading) is expected


def test_no_column_is_guessed_that_is_empty_in_the_whole_file() -> None:
    text = "Reg.nr.;Placering;Depot;Model\nAB12345;;Gården;\nAB12346;;;\n"
    read = read_packed("list.csv", text.encode(), ReadingBounds())
    headings = read.answer["first"][0]
    assert guess_fields(headings, read.answer["filled"]) == {
        "Reg.nr.": ListField.PLATE,
        "Depot": ListField.DEPOT,
    }


@pytest.mark.parametrize(
    ("heading", "of_contracts"),
    [
        ("Km pr. år", ListField.CONTRACT_KM_YEAR),
        ("Årlige km", ListField.CONTRACT_KM_YEAR),
        ("Årskørsel", None),
        ("Kørsel pr. år (km)", None),
        ("Kørte km pr. år", None),
        ("Årlig kørsel", None),
    ],
)
def test_km_of_a_year_are_those_of_a_contract_only_in_a_list_of_contracts(
    heading: str, of_contracts: ListField | None
) -> None:
    days = ["Leasing start", "Leasing udløb"]
    assert guess_fields(["Navn", heading, *days]).get(heading) is of_contracts
    assert heading not in guess_fields(["Navn", heading])
    assert heading not in guess_fields(["Navn", heading, "Leasing udløb"])
    assert tells_km_of_a_year(heading)


@pytest.mark.parametrize("heading", ["km pr. år", "Årskørsel", "Årlige km"])
def test_a_list_of_names_and_km_of_a_year_keeps_no_row_out(heading: str) -> None:
    plan = planned(table(("Navn", heading), ("Bil 1", 12_500)), registered(name="Bil 1"))
    assert (plan.bad, plan.unchanged) == ([], 1)


def test_no_field_is_taken_twice() -> None:
    found = guess_fields(["Afdeling", "Center", "Reg.nr.", "Nummerplade"])
    assert found == {"Afdeling": ListField.DEPARTMENT, "Reg.nr.": ListField.PLATE}


DAYS = st.dates(date(1990, 1, 1), date(2089, 12, 31))
MONTHS = ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]


@given(
    DAYS,
    st.sampled_from(
        [
            "{0.day:02}/{0.month:02}/{0.year}",
            "{0.day}.{0.month}.{0.year}",
            "{0.day:02}-{0.month:02}-{0.year}",
            " {0.year}-{0.month:02}-{0.day:02} ",
            "{0.year}-{0.month:02}-{0.day:02} 00:00:00",
            "{0.day}. {1}. {0.year}",
            "{0.day:02}.{0.month:02}.{0.year} 08:15",
        ]
    ),
)
def test_a_day_is_read_however_it_is_written(day: date, form: str) -> None:
    written = form.format(day, MONTHS[day.month - 1])
    assert day_in(written) == day
    # A year of four digits is meant, also where its day has not come yet.
    assert day_in(written, latest=TODAY) == day


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from("/.-"))
def test_a_year_of_two_digits_is_of_this_century_or_has_passed(day: date, sign: str) -> None:
    text = f"{day.day:02}{sign}{day.month:02}{sign}{day.year % 100:02}"
    assert day_in(text) == day
    past = day_in(text, latest=TODAY)
    assert past is not None
    assert past <= TODAY


@given(st.dates(date(1955, 1, 1), date(2118, 12, 31)), st.booleans())
def test_the_number_of_a_day_in_excel_is_the_day(day: date, whole: bool) -> None:
    number = (day - date(1899, 12, 30)).days
    assert day_in(number if whole else number + 0.25) == day


@pytest.mark.parametrize("wrong", ["31/02/2026", "snart", "12/2026", "2026", 7, True, "46387"])
def test_what_is_no_day_is_none(wrong: str | int) -> None:
    assert day_in(wrong) is None


@given(
    st.integers(0, 3_999_999),
    st.sampled_from(["{}", "{} km", "{}km", "kr. {}", "{} kr.", "{},-", "{} kr/år", " {} KM "]),
    st.booleans(),
)
def test_a_number_is_read_with_its_unit_and_its_thousands(
    number: int, form: str, parted: bool
) -> None:
    written = f"{number:,}".replace(",", ".") if parted else str(number)
    assert number_in(form.format(written), DecimalSign(",")) == number


@given(st.floats(0, 1e6, allow_nan=False).map(lambda value: round(value, 2)))
def test_a_number_with_decimals_is_read_as_danes_write_it(number: float) -> None:
    written = f"{number:,.2f}".translate(str.maketrans(",.", ".,"))
    assert number_in(f"{written} kr.", DecimalSign(",")) == number


def test_a_sign_for_nothing_is_an_empty_cell_and_an_escaped_text_is_itself() -> None:
    assert [cell_text(cell) for cell in ("-", " – ", "?", " ", 12.0, "'-A", " a  b ")] == [
        *("", "", "", "", "12", "-A", "a b")
    ]


def test_a_new_vehicle_is_read_with_its_values() -> None:
    row = ("ab 12 345", "VW", "Varebil", "Diesel", "vej", "rådhuset", "12.500 km")
    plan = planned(table(HEADINGS, row))
    assert plan.bad == []
    (new,) = plan.new
    assert (new.vehicle_id, new.details.name, new.details.plate) == (
        *("AB12345", "AB 12 345", "AB12345"),
    )
    assert (new.details.kind, new.details.depot_id) == ("varebil-diesel", "raad")
    assert (new.details.department, new.details.mileage_km) == ("Vej", 12_500)
    assert new.details.mileage_day == TODAY


def test_a_day_on_which_no_odometer_was_read_keeps_its_row_out() -> None:
    row = ("CD12345", "VW", "Varebil", "Diesel", "vej", "rådhuset", "", "01-11-2026")
    plan = planned(table((*HEADINGS, "Km-stand pr. dato"), row))
    assert plan.new == []
    assert [(one.heading, one.reason) for one in plan.bad] == [(HEADINGS[6], Fault.NO_READING)]
    # Of a list without a column of readings, no column is named.
    listed = table((*HEADINGS[:6], "Km-stand pr. dato"), (*row[:6], row[7]))
    assert [(one.heading, one.reason) for one in planned(listed).bad] == [("", Fault.NO_READING)]
    # The day of a reading that is known may be corrected by itself.
    (changed,) = planned(listed, registered("CD12345", plate="CD12345")).changed
    assert changed.details.mileage_day == date(2026, 11, 1)


def test_only_the_cells_that_are_filled_change_a_vehicle() -> None:
    row = ("AB12345", "", "", "", "Park", "", 41_000)
    (changed,) = planned(table(HEADINGS, row), registered()).changed
    assert changed.fields == (VehicleField.DEPARTMENT,)
    assert changed.details == a_van(department="Park")


BAD = [
    (("AB12345", "VW", "Hest", "", "Vej", "Rådhuset", 1), "Type", BadReason.NO_KIND),
    (("AB12345", "VW", "Varebil", "Diesel", "Mars", "Rådhuset", 1), "Afdeling", "no_department"),
    (("AB12345", "VW", "Varebil", "Diesel", "Vej", "Månen", 1), "Placering", BadReason.NO_DEPOT),
    (("AB12345", "VW", "Varebil", "Diesel", "Vej", "Rådhuset", "mange"), "Km-stand", "no_number"),
    (("AB12345", "VW", "Varebil", "Diesel", "Vej", "Rådhuset", "-5"), "Km-stand", "out_of_bounds"),
    (("AB12345", "=A1", "Varebil", "Diesel", "Vej", "Rådhuset", 1), "Mærke", BadReason.FORMULA),
    (("AB12345", "#REF!", "Varebil", "Diesel", "Vej", "Rådhuset", 1), "Mærke", BadReason.ERROR),
    (("A/B?", "VW", "Varebil", "Diesel", "Vej", "Rådhuset", 1), "Reg.nr.", Fault.NO_PLATE),
    (("", "VW", "Varebil", "Diesel", "Vej", "Rådhuset", 1), "Reg.nr.", BadReason.NOTHING),
    (("AB12345", "VW", "Varebil", "Diesel", "", "Rådhuset", 1), "Afdeling", "no_department"),
]


@pytest.mark.parametrize(("row", "heading", "reason"), BAD)
def test_a_bad_cell_is_told_with_its_place_and_keeps_its_row_out(
    row: tuple[str | int, ...], heading: str, reason: str
) -> None:
    good = ("AB12346", "VW", "Varebil", "Diesel", "Vej", "Rådhuset", 1)
    plan = planned(table(HEADINGS, good, row, heading_row=4))
    assert [(one.row, one.heading, one.reason) for one in plan.bad] == [(6, heading, reason)]
    assert plan.bad[0].text == str(row[HEADINGS.index(heading)])
    assert [one.details.plate for one in plan.new] == ["AB12346"]


def test_all_that_is_wrong_in_a_row_is_told_at_once() -> None:
    """A number that cannot be read hides no word that stands for nothing, nor that a number is out
    of bounds; what lacks since a word is unknown is told once."""
    headings = (*HEADINGS, "Salgsværdi")
    row = ("AB12345", "VW", "Rumskib", "", "Mars", "Månen", "mange", "-1.000")
    assert {(one.heading, one.reason) for one in planned(table(headings, row)).bad} == {
        ("Type", BadReason.NO_KIND),
        ("Afdeling", BadReason.NO_DEPARTMENT),
        ("Placering", BadReason.NO_DEPOT),
        ("Km-stand", BadReason.NO_NUMBER),
        ("Salgsværdi", Fault.OUT_OF_BOUNDS),
    }


def test_the_km_of_a_year_are_those_of_the_whole_contract() -> None:
    headings = ("Reg.nr.", "Leasing start", "Leasing udløb", "Km pr. år")
    listed = table(
        headings,
        ("AB12345", "10-01-2023", "10-01-2027", "20.000 km"),
        ("AB12346", "", "10-01-2027", "20.000 km"),
        ("AB12347", "10-01-2023", "10-01-2027", 0),
    )
    present = [
        registered(f"AB1234{n}", name=f"Vogn {n}", plate=f"AB1234{n}", contract_km=1.0)
        for n in (5, 6, 7)
    ]
    plan = planned(listed, *present)
    assert [one.details.contract_km for one in plan.changed] == [80_000]
    assert [(one.row, one.heading, one.reason) for one in plan.bad] == [
        (4, "Km pr. år", Fault.NOT_POSITIVE),
    ]
    # A row whose contract has no beginning is taken without that cell.
    assert [(one.row, one.heading, one.text, one.reason) for one in plan.unused] == [
        (3, "Km pr. år", "20.000 km", BadReason.NO_CONTRACT_DAYS)
    ]
    assert plan.unchanged == 1
    assert planned(listed, *after(plan, *present)).changed == []


@pytest.mark.parametrize(
    ("start", "end", "heading", "reason"),
    [
        ("10-01-2027", "10-01-2023", "Leasing udløb", Fault.END_BEFORE_START),
        ("10-01-2027", "32-01-2028", "Leasing udløb", BadReason.NO_DAY),
        ("=A1", "10-01-2027", "Leasing start", BadReason.FORMULA),
        ("10-01-2923", "10-01-2027", "Leasing start", Fault.DAY_TOO_FAR),
        ("10-01-2023", "10-01-2927", "Leasing udløb", Fault.DAY_TOO_FAR),
    ],
)
@pytest.mark.parametrize("a_year", ["15.000 km", ""])
def test_what_follows_from_a_bad_cell_is_not_told(
    start: str, end: str, heading: str, reason: str, a_year: str
) -> None:
    headings = ("Reg.nr.", "Leasing start", "Leasing udløb", "Km pr. år")
    plan = planned(table(headings, ("AB12345", start, end, a_year)), registered())
    assert [(one.heading, one.reason) for one in plan.bad] == [(heading, reason)]


def test_of_two_rows_with_one_number_the_second_stays_out() -> None:
    row = ("AB 12 345", "VW", "Varebil", "Diesel", "Vej", "Rådhuset", 1)
    plan = planned(table(HEADINGS, row, ("ab12345", *row[1:])))
    assert [(one.row, one.reason, one.values) for one in plan.bad] == [
        (3, BadReason.TWICE, {"above": 2})
    ]
    assert len(plan.new) == 1


def test_names_that_two_vehicles_would_have_and_contracts_that_have_ended_are_told() -> None:
    listed = table(
        ("Reg.nr.", "Navn", "Type", "Drivmiddel", "Afdeling", "Placering", "Leasing udløb"),
        ("AB12346", "Bil 1", "Varebil", "Diesel", "Vej", "Rådhuset", "28-11-2026"),
        ("AB12347", "bil 1", "Varebil", "Diesel", "Vej", "Rådhuset", "29-11-2026"),
        ("AB12348", "Vogn 12", "Varebil", "Diesel", "Vej", "Rådhuset", ""),
        ("AB12349", "Vogn 13", "Varebil", "Diesel", "Vej", "Rådhuset", ""),
        ("AB12350", "Bil 50", "", "", "", "", "01-01-2020"),
    )
    present = [
        registered(),
        registered("AB12350", name="Bil 50", plate="AB12350", contract_start=None),
    ]
    plan = planned(listed, *present)
    assert plan.bad == []
    assert [one.casefold() for one in plan.doubts.alike] == ["bil 1", "vogn 12"]
    assert plan.doubts.ended == ["Bil 1", "Bil 50"]
    # A name or an end that stood there before is nothing that the list does.
    again = planned(listed, *after(plan, *present))
    assert (again.doubts.alike, again.doubts.ended) == ([], [])


def test_a_cost_of_leaving_a_contract_that_is_none_is_told() -> None:
    listed = table(
        ("Reg.nr.", "Leasing udløb", "Udtrædelsesomkostning"),
        ("AB12345", "", "12.000"),
        ("AB12350", "31-12-2027", "9.000"),
    )
    bare: dict[str, Any] = {"contract_end": None, "exit_cost_kr": None}
    present = [registered(**bare), registered("AB12350", name="B", plate="AB12350", **bare)]
    plan = planned(listed, *present)
    assert plan.bad == []
    assert plan.doubts.exit_alone == ["Vogn 12"]
    assert planned(listed, *after(plan, *present)).doubts.exit_alone == []


def test_a_number_of_another_vehicle_is_refused() -> None:
    listed = table(("Vogn nr.", "Reg.nr."), ("v1", "AB12346"), ("v2", "AB12347"))
    present = [
        registered("v1", plate="AB12345"),
        registered("v2", plate="AB12346", name="Vogn 2"),
    ]
    plan = planned(listed, *present)
    assert [(one.reason, one.values) for one in plan.bad] == [
        (BadReason.TAKEN, {"vehicle": "Vogn 2"})
    ]
    assert [one.before.vehicle_id for one in plan.changed] == ["v2"]


def test_a_vehicle_that_is_retired_is_not_changed_by_a_list() -> None:
    retired = replace(registered(), retired_at=date(2026, 10, 1))
    listed = table(("Reg.nr.", "Model"), ("AB12345", "Caddy"))
    assert planned(listed, retired).unchanged == 1
    other = table(("Reg.nr.", "Model"), ("AB12345", "Caddy Maxi"))
    assert [one.reason for one in planned(other, retired).bad] == [BadReason.RETIRED]
    assert planned(other, retired).changed == []


def test_rows_that_are_no_vehicles_are_left_out_and_named() -> None:
    good = ("AB12346", "VW", "Varebil", "Diesel", "Vej", "Rådhuset", 1)
    empty = ("",) * len(HEADINGS)
    rows = [
        ("Center for Trafik", *empty[1:]),
        good,
        empty,
        ("I alt", "", "", "", "", "", 1),
        ("Antal biler: 1", *empty[1:]),
        ("", "Total", "", "", "", "", 1),
    ]
    plan = planned(table(HEADINGS, *rows))
    assert plan.bad == []
    assert len(plan.new) == 1
    assert [(one.row, one.reason) for one in plan.left_out] == [
        (2, LeftOutReason.SECTION),
        (5, LeftOutReason.TOTAL),
        (6, LeftOutReason.TOTAL),
        (7, LeftOutReason.TOTAL),
    ]


GROUPED = ("Reg.nr.", "Mærke", "Type", "Drivmiddel", "Km-stand")


def _grouped(*first: str, spanned: frozenset[int] = frozenset()) -> FileTable:
    """A list without columns of the department and the depot, whose rows begin with the texts:
    those of registration numbers are vehicles, the others stand alone."""
    rows: list[list[Cell]] = []
    for text in first:
        rest: list[Cell] = ["VW", "Varebil", "Diesel", 1]
        rows.append([text, *(rest if text.startswith("AB") else [""] * 4)])
    return replace(table(GROUPED, *rows), spanned=spanned)


def test_the_heading_of_a_group_is_no_vehicle_and_names_its_department_and_depot() -> None:
    listed = _grouped("Vej", "AB12346", "Vej i alt", "AB12347", "Rådhuset", "AB12348", "I alt")
    plan = planned(
        listed, chosen={ChosenSort.DEPARTMENT: {"": "Park"}, ChosenSort.DEPOT: {"": "park"}}
    )
    assert plan.bad == []
    assert [(one.row, one.text, one.reason) for one in plan.left_out] == [
        (2, "Vej", LeftOutReason.SECTION),
        (4, "Vej i alt", LeftOutReason.TOTAL),
        (6, "Rådhuset", LeftOutReason.SECTION),
        (8, "I alt", LeftOutReason.TOTAL),
    ]
    assert [(one.details.department, one.details.depot_id) for one in plan.new] == [
        ("Vej", "park"),
        ("Park", "park"),
        ("Park", "raad"),
    ]


def test_the_heading_of_a_group_says_nothing_of_a_row_with_its_own_words() -> None:
    good = ("VW", "Varebil", "Diesel")
    rows = [("Vej", *[""] * 6), ("AB12346", *good, "Park", "Rådhuset", 1)]
    [new] = planned(table(HEADINGS, *rows)).new
    assert (new.details.department, new.details.depot_id) == ("Park", "raad")
    # It moves no vehicle of the register, either, whose cells are empty.
    present = registered("AB12346", plate="AB12346", department="Park")
    listed = _grouped("Vej", "AB12346")
    [changed] = planned(listed, present).changed
    assert VehicleField.DEPARTMENT not in changed.fields


def test_a_person_chooses_what_an_unknown_heading_of_a_group_stands_for() -> None:
    listed = _grouped("Hjemmeplejen", "AB12346", "AB12347", "I alt", "AB12348")
    columns = guess_fields(GROUPED)
    for departments in (["Vej"], []):
        choices = replace(CHOICES, departments=departments)
        layout = ListLayout(columns)
        asked = asked_texts(
            read_rows(listed, columns, TODAY).rows,
            KnownValues(choices, layout),
            layout,
            lambda _: True,
            new_departments=not departments,
            new_depots=False,
        )
        # Nothing is presumed of it: it may be anything.
        assert [
            (one.text, one.rows, one.value) for one in asked if one.sort is ChosenSort.DEPARTMENT
        ] == [("Hjemmeplejen", 2, None), ("", 1, None)]
    chosen = {
        ChosenSort.DEPARTMENT: {"Hjemmeplejen": "Hjemmepleje", "": "Vej"},
        ChosenSort.DEPOT: {"": "park"},
    }
    plan = planned(listed, chosen=chosen)
    departments = [one.details.department for one in plan.new]
    assert departments == ["Hjemmepleje", "Hjemmepleje", "Vej"]


@pytest.mark.parametrize(
    ("text", "is_spanned", "reason"),
    [
        ("Hjemmeplejen", False, LeftOutReason.SECTION),
        ("Team 3", True, LeftOutReason.SECTION),
        ("Total", False, LeftOutReason.TOTAL),
        ("Vej, i alt:", True, LeftOutReason.TOTAL),
        # It may be a vehicle of which nothing else is known.
        ("Bil 3", False, None),
        ("AB 12 349", False, None),
    ],
)
def test_a_cell_that_stands_alone_is_a_heading_unless_it_may_name_a_vehicle(
    text: str, is_spanned: bool, reason: LeftOutReason | None
) -> None:
    listed = _grouped("AB12346", text, spanned=frozenset({3} if is_spanned else ()))
    read = read_rows(listed, guess_fields(GROUPED), TODAY)
    assert [one.reason for one in read.left_out] == [reason] * (reason is not None)
    assert len(read.rows) == (1 if reason else 2)


def test_a_person_is_asked_for_what_is_not_known_and_the_choice_holds() -> None:
    listed = table(
        HEADINGS,
        ("AB12345", "", "Kassevogn", "Diesel", "Vej", "P-kælder", ""),
        ("AB12346", "", "Varebil", "diesel", "Drift", "", ""),
        ("AB12347", "", "Diesel", "Varebil", "Vej", "Rådhuset", ""),
    )
    columns = guess_fields(HEADINGS)
    layout = ListLayout(columns)
    known = KnownValues(CHOICES, layout)
    read = read_rows(listed, columns, TODAY)
    asked = asked_texts(
        read.rows, known, layout, lambda _: True, new_departments=False, new_depots=False
    )
    assert {(one.sort, one.text, one.value) for one in asked} == {
        (ChosenSort.KIND, "Kassevogn / Diesel", None),
        (ChosenSort.DEPOT, "P-kælder", None),
        (ChosenSort.DEPOT, "", None),
        (ChosenSort.DEPARTMENT, "Drift", None),
    }
    chosen = {
        ChosenSort.KIND: {
            "Kassevogn / Diesel": "elvarebil-lille",
        },
        ChosenSort.DEPOT: {"P-kælder": "raad", "": "park"},
        ChosenSort.DEPARTMENT: {"Drift": "Drift"},
    }
    plan = planned(listed, chosen=chosen)
    assert plan.bad == []
    assert [(one.details.kind, one.details.depot_id) for one in plan.new] == [
        ("elvarebil-lille", "raad"),
        ("varebil-diesel", "park"),
        ("varebil-diesel", "raad"),
    ]


def test_the_decimal_sign_is_that_of_the_list() -> None:
    headings = ("Reg.nr.", "Km-stand", "Ydelse pr. md.")
    danish = table(headings, ("AB12345", "12.500", "3.200,50"))
    assert number_notes(danish, guess_fields(headings)) == [NOTE_POINT_PARTS]
    (new,) = planned(danish, registered(mileage_km=1.0)).changed
    assert (new.details.mileage_km, new.details.cost_kr_year) == (12_500, 38_406)
    program = FileTable([list(headings), ["AB12345", "12.500", ""]], ".")
    plan = planned(program, registered())
    assert [one.reason for one in plan.bad] == [BadReason.AMBIGUOUS]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Km-stand", VehicleField.MILEAGE_KM),
        ("Aftalt km", VehicleField.CONTRACT_KM),
        ("Pris pr. år", VehicleField.COST_KR_YEAR),
        ("Salgsværdi", VehicleField.SALE_VALUE_KR),
        ("Udtrædelsesomkostning", VehicleField.EXIT_COST_KR),
    ],
)
@pytest.mark.parametrize("odd", ["12.5", "7.25"])
@pytest.mark.parametrize("sign", [".", ","])
def test_one_odd_cell_is_refused_and_divides_no_other(
    heading: str, field: VehicleField, odd: str, sign: str
) -> None:
    headings = ("Reg.nr.", "Mærke", heading)
    rows = [(f"AB123{km}", "VW", f"{km}{sign}500") for km in range(10, 30)]
    listed = table(headings, *rows, ("AB12330", "VW", odd.replace(".", sign)))
    present = [registered(f"AB123{km}", plate=f"AB123{km}") for km in range(10, 31)]
    plan = planned(listed, *present)
    assert [one.details.of(field) for one in plan.changed] == [
        km * 1000 + 500 for km in range(10, 30)
    ]
    assert [(one.row, one.heading, one.reason) for one in plan.bad] == [
        (22, heading, BadReason.ODD_NUMBER)
    ]
    (note,) = number_notes(listed, guess_fields(headings))
    assert "are read as" in note


@pytest.mark.parametrize(
    ("kind", "energy", "heading", "text"),
    [
        ("Varebil", "Raketbrændstof", "Drivmiddel", "Raketbrændstof"),
        ("Varebil", "Olie", "Drivmiddel", "Olie"),
        ("Rumskib", "Diesel", "Type", "Rumskib"),
        ("Rumskib", "Olie", "Type / Drivmiddel", "Rumskib / Olie"),
        ("Rumskib", "", "Type", "Rumskib"),
        ("", "Olie", "Drivmiddel", "Olie"),
        ("", "Diesel", "Type", ""),
        ("Varebil", "Brint", "Drivmiddel", "Brint"),
        ("Lastbil", "Benzin", "Type / Drivmiddel", "Lastbil / Benzin"),
    ],
)
def test_the_word_that_no_kind_has_is_named_with_its_column(
    kind: str, energy: str, heading: str, text: str
) -> None:
    row = ("AB12345", "VW", kind, energy, "Vej", "Rådhuset", "12.500 km")
    plan = planned(table(HEADINGS, row))
    assert [(one.heading, one.text, one.reason) for one in plan.bad] == [
        (heading, text, BadReason.NO_KIND)
    ]


def test_the_words_of_a_row_with_a_cell_that_cannot_be_read_are_asked_about_too() -> None:
    listed = table(
        (*HEADINGS, "Leasing udløb"),
        ("AB12345", "", "Kassevogn", "Diesel", "Vej", "Rådhuset", "12.500", "01-12-2027"),
        ("AB12346", "", "Rumskib", "", "Vej", "Rådhuset", "mange", "01-12-2027"),
        ("AB12347", "", "Varebil", "Diesel", "Vej", "P-kælder", "12.500", "snart"),
        ("AB12348", "", "Varebil", "#REF!", "Vej", "Rådhuset", "12.500", "01-12-2027"),
    )
    columns = guess_fields([str(one) for one in listed.rows[0]])
    layout = ListLayout(columns)
    index = RegisterIndex([], TODAY)
    seen = preview_of(listed, layout, CHOICES, {}, index, TODAY, lambda _: True)
    unknown = [one.text for one in seen.plan.bad if one.reason in UNKNOWN_WORDS]
    assert unknown == ["Kassevogn", "Rumskib", "P-kælder"]
    assert {(one.text, one.rows) for one in seen.asked} == {
        *(("Kassevogn / Diesel", 1), ("Rumskib", 1), ("P-kælder", 1)),
    }
    # What cannot be read is told once, and not as a word that nobody knows.
    assert [(one.heading, one.reason) for one in seen.plan.bad if one.row == 5] == [
        ("Drivmiddel", BadReason.ERROR)
    ]


def test_the_first_cells_of_columns_are_those_of_vehicles() -> None:
    rows = [
        ("Vej og Park", *[""] * 6),
        ("AB12345", "", "Varebil", "Diesel", "Vej", "Rådhuset", 12_500),
        ("AB12346", "VW", "Kassevogn", "El", "Park", "", 900),
        ("I alt", *[""] * 5, 13_400),
    ]
    listed = FileTable([list(HEADINGS), *map(list, rows)], "", 1, frozenset({2}))
    assert first_cells(listed, guess_fields(HEADINGS)) == [
        *("AB12345", "VW", "Varebil", "Diesel", "Vej", "Rådhuset", "12500")
    ]


ROWS = st.lists(
    st.tuples(
        st.sampled_from([f"AB 12 3{n:02}" for n in range(20)]) | st.text(max_size=8),
        st.sampled_from(["VW", "Skoda", "", "=1"]),
        st.sampled_from(["Varebil", "Elcykel", ""]),
        st.sampled_from(["Diesel", "", "Strøm"]),
        st.sampled_from(["Vej", "Park", "Mars", ""]),
        st.sampled_from(["Rådhuset", "Vej & Park", ""]),
        st.floats(0, 1e5, allow_nan=False) | st.sampled_from(["", "12.500 km", "x", "1,5"]),
    ),
    max_size=15,
)


@given(ROWS)
def test_the_same_file_again_changes_nothing(rows: list[tuple[str | float, ...]]) -> None:
    listed = table(HEADINGS, *rows)
    first = planned(listed, registered())
    again = planned(listed, *after(first, registered()))
    assert (len(again.new), len(again.changed)) == (0, 0)
    assert again.unchanged == len(first.new) + len(first.changed) + first.unchanged
    assert again.bad == first.bad
    for details in (one.details for one in (*first.new, *first.changed)):
        assert faults(details, TODAY) == []


def test_ten_thousand_rows_are_planned_within_seconds() -> None:
    row = ("VW", "Varebil", "Diesel", "Vej", "Rådhuset", "12.500 km")
    rows = [(f"AB{n:05}", *row) for n in range(10_000)]
    began = time.process_time()
    plan = planned(table(HEADINGS, *rows))
    assert len(plan.new) == 10_000
    assert time.process_time() - began < 5
    assert plan.new[0].details.mileage_day == TODAY


@pytest.mark.parametrize(
    ("year", "reason"),
    [
        ("-1", Fault.OUT_OF_BOUNDS),
        ("−1", Fault.OUT_OF_BOUNDS),
        (-1, Fault.OUT_OF_BOUNDS),
        ("1" * 20, Fault.OUT_OF_BOUNDS),
        ("2020,5", BadReason.NO_WHOLE_NUMBER),
        (2020.5, BadReason.NO_WHOLE_NUMBER),
        ("nyt", BadReason.NO_NUMBER),
    ],
)
def test_a_bad_number_is_told_by_what_is_wrong_with_it(year: Cell, reason: str) -> None:
    listed = table(("Reg.nr.", "Model", "Årgang"), ("AB12345", "Caddy", year))
    assert ListField.MODEL_YEAR in guess_fields(["Reg.nr.", "Model", "Årgang"]).values()
    assert [one.reason for one in planned(listed, registered()).bad] == [reason]
