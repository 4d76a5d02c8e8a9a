"""Sample views of the pages of the register."""

from dataclasses import replace
from datetime import date, timedelta

from api.pages.choices.list_parts import asked_part
from api.pages.frame.forms import FieldChange, Seen
from api.pages.frame.views import Choice, PageView
from api.pages.register import views
from fleet.vehicle import Energy
from register.inventory.allowance import allowance
from tests.factories.inventory import a_van
from tests.samples.places import CAR, NOW, ROADS, SILENT, TOWN_HALL

KINDS = [Choice("varebil-diesel", "Varebil, diesel"), Choice("elbil-lille", "Elbil, lille")]
DEPARTMENTS = ["Center for Trafik, Miljø og Bæredygtighed", "Fællesadministrationen"]
VAN = a_van(CAR.name, department=DEPARTMENTS[0], depot_id=ROADS.id)
ROW = views.RegisterRow(
    vehicle_id=CAR.id,
    details=VAN,
    kind="Varebil, diesel",
    energy=Energy.DIESEL,
    depot=ROADS.name,
    retired_at=None,
    is_in_fleet=True,
    contract_ends_soon=True,
    allowance=allowance(VAN),
)
BARE = replace(
    ROW,
    vehicle_id=SILENT.id,
    details=a_van(
        SILENT.name,
        **dict.fromkeys(
            ("plate", "make", "model", "model_year", "first_registered", "contract_start")
        ),
        **dict.fromkeys(("contract_end", "contract_km", "cost_kr_year", "mileage_km")),
        mileage_day=None,
    ),
    depot=TOWN_HALL.name,
    retired_at=date(2026, 10, 1),
    is_in_fleet=False,
    contract_ends_soon=False,
    allowance=None,
)
LEAVING = replace(ROW, vehicle_id="v3", retired_at=date(2027, 1, 1))
LIST = views.RegisterPage(
    part=asked_part([ROW, BARE, LEAVING] * 31, {"part": "2"}, "/register", []),
    total=92,
    choice=views.RegisterChoice(
        text="vej",
        state=views.RegisterState.ALL,
        department=DEPARTMENTS[0],
        sort="cost",
        descending=True,
        columns=tuple(views.RegisterColumn),
    ),
    departments=DEPARTMENTS,
    depots=[ROADS, TOWN_HALL],
    kinds=KINDS,
    notice=views.Notice.MANY_CHANGED,
)
ENTRY = views.EntryPage(
    vehicle_id=CAR.id,
    name=CAR.name,
    revision=3,
    retired_at=None,
    is_in_fleet=True,
    today=date(2026, 11, 21),
    departments=DEPARTMENTS,
    depots=[ROADS, TOWN_HALL],
    kinds=KINDS,
    allowance=allowance(VAN),
    history=[
        views.HistoryEntry(
            [FieldChange("Afdeling", "", "Vej"), FieldChange("Model", "", "–")],
            "Anna <b>Holm</b>",
            NOW,
        ),
        views.HistoryEntry(
            [FieldChange("Tilføjet til registret", "", "")], "Bo", NOW - timedelta(days=9)
        ),
    ],
    row=ROW,
    values={"name": CAR.name, "plate": "AB 12 345", "kind": "varebil-diesel", "measured_in": "km"},
    seen=Seen(None, {"name": CAR.name, "plate": "AB 12 345"}),
    errors={"mileage_km": "Det er ikke et tal", "depot_id": "Det må ikke være tomt"},
    notice=views.Notice.CHANGED,
)

REGISTER_PAGES: dict[str, PageView] = {
    "register": LIST,
    "register-empty": replace(
        LIST,
        part=asked_part((), {}, "/register", []),
        total=0,
        choice=views.RegisterChoice(),
        notice=None,
    ),
    "register-none": replace(
        LIST,
        part=asked_part((), {}, "/register", []),
        choice=views.RegisterChoice(text="x"),
    ),
    "entry": ENTRY,
    "entry-changed-meanwhile": replace(
        ENTRY,
        errors={},
        notice=None,
        meanwhile=[
            FieldChange("department", "Vej", "Park"),
            FieldChange("model", "Caddy", "Caddy Maxi", "Caddy <Lang>"),
        ],
        allowance=allowance(a_van(mileage_km=20_000.0)),
        retired_at=date(2026, 12, 31),
    ),
    "entry-retired": replace(
        ENTRY,
        errors={},
        allowance=None,
        retired_at=date(2026, 10, 1),
        is_in_fleet=False,
        history=[],
    ),
    "entry-new": replace(
        ENTRY,
        vehicle_id=None,
        name="",
        row=None,
        values={"measured_in": "km"},
        seen=Seen(None),
        depots=[],
        errors={},
    ),
    "chosen": views.ChosenPage(
        vehicles=[
            views.ChosenVehicle(
                vehicle_id=one.id,
                name=one.name,
                revision=2,
                department=DEPARTMENTS[0],
                depot=ROADS.name,
                kind="Varebil, diesel",
            )
            for one in (CAR, SILENT)
        ],
        departments=DEPARTMENTS,
        depots=[ROADS, TOWN_HALL],
        kinds=KINDS,
        values={"contract_end": "2020-01-01"},
        errors={"contract_end": "LTK-042: Kontrakten udløber, før den begynder"},
        meanwhile=[SILENT.name],
    ),
    "chosen-none": views.ChosenPage(
        vehicles=[],
        departments=[],
        depots=[],
        kinds=[],
        errors={"vehicles": "Choose at least one vehicle"},
    ),
}
