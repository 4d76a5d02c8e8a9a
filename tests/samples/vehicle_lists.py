"""Sample views of the pages on which a list of vehicles is taken in."""

from dataclasses import replace

from api.pages.frame.views import Choice, PageView
from api.pages.municipality.views import next_step
from api.pages.register import list_views
from costs.catalogue import starter_catalogue
from register.inventory.list_fields import ListField
from register.inventory.list_rows import BadCell, BadReason, LeftOutReason, LeftOutRow
from register.inventory.list_values import ChosenSort
from register.inventory.lists import ListOutcome, ListSummary
from register.municipality.first_run import checklist
from tests.samples.municipality import NOTHING
from tests.samples.places import CAR, NOW, ROADS, SILENT, TOWN_HALL

NAME = "flådeliste-2026-center-for-trafik-miljø-og-bæredygtighed.xlsx"
BAD = [
    list_views.ShownBadCell(14, "Km-stand", "mange", "Det er ikke et tal"),
    list_views.ShownBadCell(17, "Reg.nr.", "AB 12 345", "Køretøjet står allerede i række 3"),
    list_views.ShownBadCell(21, "", "", "Det er ikke sagt, hvilket depot det er"),
]
PREVIEW = list_views.ListPreviewPage(
    list_id=2,
    name=NAME,
    notes=["The columns are separated by semicolons; a comma in a number is a decimal one"],
    remembered=True,
    asks=True,
    new=[
        list_views.ShownNew(
            3,
            CAR.name,
            "VW, Caddy, Varebil, diesel, Vej, Rådhuset",
            [("Registreringsnummer", "AB 12 345"), ("Kontrakten udløber", "31. dec. 2026")],
        ),
        list_views.ShownNew(4, SILENT.name, "Elcykel, Vej, Rådhuset"),
    ],
    new_count=211,
    changes=[
        list_views.ShownChange(5, CAR, "Kontrakten udløber", "–", "31. dec. 2026"),
        list_views.ShownChange(5, CAR, "Depot", ROADS.name, TOWN_HALL.name),
    ],
    more_changes=False,
    changed_count=1,
    unchanged_count=17,
    bad=BAD,
    bad_count=42,
    bad_rows=40,
    unsettled=list_views.UnsettledCells(
        words=7, empty=2, no_column=[("Ingen kolonne er valgt som depot", 30)]
    ),
    new_depots=["Rådhuset", "Materielgården <nord>"],
    new_kinds=[starter_catalogue()[0]],
    left_out=[LeftOutRow(63, "I alt", LeftOutReason.TOTAL)],
    left_out_count=1,
)
OUTCOME = list_views.ListOutcomePage(
    list_id=1,
    name=NAME,
    new_count=40,
    changed_count=3,
    unchanged_count=2,
    left_out_count=1,
    bad=BAD,
    bad_count=3,
    bad_rows=3,
    unsettled=list_views.UnsettledCells(words=1, empty=1, no_column=[("Ingen", 1)]),
    new_depots=2,
    new_kinds=1,
    next_step=next_step(checklist(NOTHING)),
)

VEHICLE_LIST_PAGES: dict[str, PageView] = {
    "lists": list_views.ListsPage(
        lists=[
            ListSummary(
                list_id=2, name=NAME, uploaded_at=NOW, uploaded_by="Anna Holm", outcome=None
            ),
            ListSummary(
                list_id=1,
                name="oktober.csv",
                uploaded_at=NOW,
                uploaded_by="Bo",
                outcome=ListOutcome(
                    new=40,
                    changed=3,
                    unchanged=2,
                    left_out=1,
                    bad=[BadCell(14, "Km-stand", "mange", BadReason.NO_NUMBER)],
                ),
            ),
        ],
        keep_days=30,
        errors={"file": "Choose a list of vehicles: CSV, Excel or LibreOffice"},
    ),
    "lists-none": list_views.ListsPage(lists=[], keep_days=30),
    "list-columns": list_views.ListColumnsPage(
        list_id=2,
        name=NAME,
        rows=62,
        notes=["The rows above the headings are left out"],
        headings=[
            list_views.ListHeading("Reg.nr.", "AB 12 345", ListField.PLATE),
            list_views.ListHeading("Mærke", "VW", ListField.MAKE),
            list_views.ListHeading("Leasing udløb", "31/12/26", ListField.CONTRACT_END),
            list_views.ListHeading("Bemærkninger", "", None),
            list_views.ListHeading("Årskørsel", "12.500", None),
        ],
        errors={"field-3": "Two columns hold the same; choose one of them"},
    ),
    "list-values": list_views.ListValuesPage(
        list_id=2,
        name=NAME,
        asked={
            ChosenSort.KIND: [
                list_views.AskedValue("Kassevogn / Diesel", 12, "varebil-diesel"),
                list_views.AskedValue("", 1, ""),
            ],
            ChosenSort.DEPOT: [
                list_views.AskedValue("P-kælder <nord>", 3, list_views.NEW, name="P-kælder <nord>"),
                list_views.AskedValue(
                    "", 1, list_views.NEW, faults={"name": "Write what it is called"}
                ),
            ],
            ChosenSort.DEPARTMENT: [list_views.AskedValue("Drift", 9, "Drift")],
        },
        choices={
            ChosenSort.KIND: [Choice("varebil-diesel", "Varebil, diesel")],
            ChosenSort.DEPOT: [],
            ChosenSort.DEPARTMENT: [Choice("Vej", "Vej")],
        },
        makes=frozenset({ChosenSort.KIND, ChosenSort.DEPOT}),
        errors={"name-depot-1": "Write what it is called"},
    ),
    "list-values-none": list_views.ListValuesPage(list_id=2, name=NAME, asked={}, choices={}),
    "list-preview": PREVIEW,
    "list-preview-nothing": replace(
        PREVIEW,
        notes=[],
        remembered=False,
        asks=False,
        new=[],
        new_count=0,
        changes=[],
        changed_count=0,
        bad=[],
        bad_count=0,
        bad_rows=0,
        unsettled=list_views.UnsettledCells(),
        new_depots=(),
        new_kinds=(),
        left_out=[],
        left_out_count=0,
    ),
    "list-outcome": OUTCOME,
    "list-outcome-good": replace(
        OUTCOME,
        bad=[],
        bad_count=0,
        bad_rows=0,
        unsettled=list_views.UnsettledCells(),
        left_out_count=0,
    ),
}
