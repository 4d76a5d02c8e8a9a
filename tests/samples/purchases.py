"""Sample views of the pages of purchases and disposals."""

from dataclasses import replace
from datetime import date, timedelta

from api.pages.choices.list_parts import asked_part
from api.pages.frame.views import Choice, PageView
from api.pages.purchases import views
from api.pages.purchases.labels import told_changes
from api.pages.words.language import Language
from fleet.vehicle import Energy
from optimiser.purchases.check import (
    KeptCheck,
    OfferedKind,
    PoolVehicle,
    Replaced,
    Wish,
    check,
)
from optimiser.purchases.disposals import Basis, Disposal
from optimiser.purchases.green_share import green_shares
from optimiser.purchases.principles import Principle, shipped_principles
from optimiser.purchases.purchases import Purchase, Unrecorded
from optimiser.purchases.requests import Change, Request, RequestState
from register.naming.look_up import FoundVehicle
from tests.samples.places import NOW

DAY = date(2026, 11, 20)
SOON = date(2027, 3, 1)
PRINCIPLES = shipped_principles()
ROWS = [PRINCIPLES.of(one) for one in Principle]

FREE = [
    PoolVehicle(
        vehicle_id="AB12345",
        name="Varebil 7",
        department="Park og Vej",
        depot_id="raadhuset",
        depot_name="Rådhuset",
        kind="varebil-diesel",
        kind_name="Varebil, diesel",
        energy=Energy.DIESEL,
        offers=frozenset({"cargo"}),
        contract_end=date(2028, 6, 30),
        days_week=0.4,
        leaves=True,
    ),
    PoolVehicle(
        vehicle_id="CD23456",
        name="Varebil 9",
        department="Hjemmepleje",
        depot_id="sydgaarden",
        depot_name="Sydgården",
        kind="varebil-diesel",
        kind_name="Varebil, diesel",
        energy=Energy.DIESEL,
        offers=frozenset({"cargo"}),
        contract_end=None,
        days_week=1.0,
    ),
]
WISH = Wish(
    depot_id="raadhuset",
    kind=None,
    needs=frozenset({"cargo"}),
    energy=Energy.DIESEL,
    wanted_from=SOON,
    days_week=4.5,
    replaced=Replaced(
        vehicle_id="EF34567",
        name="Varebil 2",
        contract_end=SOON + timedelta(days=200),
        days_week=2.25,
    ),
)
KINDS = [
    OfferedKind(
        kind="elvarebil", name="Elvarebil, lille", energy=Energy.ELECTRIC, offers=WISH.needs
    )
]
CHECK = check(WISH, PRINCIPLES, FREE, KINDS)
WAITS = replace(CHECK, free=(), until=SOON)

OPEN = Request(
    request_id=3,
    department="Hjemmepleje",
    depot_id="raadhuset",
    depot_name="Rådhuset",
    kind=None,
    kind_name=None,
    needs=frozenset({"cargo"}),
    energy=Energy.DIESEL,
    wanted_from=SOON,
    days_week=4.5,
    reason="En ny rute til hjælpemidler om formiddagen",
    replaces="EF34567",
    replaces_name="Varebil 2",
    asked_by="Centerleder",
    asked_at=NOW,
    state=RequestState.OPEN,
    answer="",
    principle=None,
    approved_energy=None,
    not_green="",
    offered=None,
    offered_name="",
    offered_depot="",
    checked=None,
    answered_by=None,
    answered_at=None,
    revision=1,
    purchase_id=None,
)
OFFERED = replace(
    OPEN,
    request_id=2,
    state=RequestState.OFFERED,
    answer="Varebil 7 bruges kun 0,4 dage om ugen. Prøv den først.",
    principle=Principle.POOL_FIRST,
    offered="AB12345",
    offered_name="Varebil 7",
    offered_depot="Rådhuset",
    checked=KeptCheck.from_json(CHECK.to_json()),
    answered_by="Flådechef",
    answered_at=NOW,
    revision=2,
)
APPROVED = replace(
    OFFERED,
    request_id=1,
    kind="lastbil-kran",
    kind_name="Lastbil med kran, HVO",
    energy=Energy.HVO,
    state=RequestState.APPROVED,
    answer="Kontrakten udløber, og bilen bruges hver dag.",
    principle=Principle.CONTRACT_END,
    approved_energy=Energy.HVO,
    not_green="Der findes ingen ellastbil med kran på listen",
    offered=None,
    offered_name="",
    offered_depot="",
)

PURCHASE = Purchase(
    purchase_id=1,
    request_id=1,
    bought_on=DAY,
    vehicle_id="GH45678",
    vehicle_name="Kranbil 1",
    kind="lastbil-kran",
    kind_name="Lastbil med kran, HVO",
    energy=Energy.HVO,
    department="Park og Vej",
    price_kr=None,
    lease_kr_year=148_000.0,
    principle=Principle.CONTRACT_END,
    reason="Kontrakten udløber, og bilen bruges hver dag.",
    not_green="Der findes ingen ellastbil med kran på listen",
    recorded_by="Flådechef",
    recorded_at=NOW,
    withdrawn="",
    revision=1,
)
BOUGHT = [
    PURCHASE,
    replace(
        PURCHASE,
        purchase_id=2,
        request_id=None,
        bought_on=date(2026, 5, 4),
        vehicle_id=None,
        vehicle_name=None,
        kind="elbil-mellem",
        kind_name="Elbil, mellem",
        energy=Energy.ELECTRIC,
        price_kr=262_500.0,
        lease_kr_year=None,
        not_green="",
    ),
    replace(PURCHASE, purchase_id=3, bought_on=date(2025, 2, 3), energy=Energy.ELECTRIC),
    replace(
        PURCHASE,
        purchase_id=4,
        bought_on=date(2025, 2, 4),
        energy=Energy.BICYCLE,
        kind_name="Elladcykel",
    ),
]
LEFT = Disposal(
    vehicle_id="EF34567",
    name="Varebil 2",
    department="Hjemmepleje",
    kind="varebil-diesel",
    kind_name="Varebil, diesel",
    energy=Energy.DIESEL,
    depot_name="Rådhuset",
    left_on=date(2026, 9, 1),
    handed_over=date(2026, 9, 1),
    contract_end=date(2026, 12, 31),
    sale_value_kr=35_000.0,
    proposal_id=1,
    request_id=None,
    basis=Basis.PROPOSAL,
    principle=None,
    said="",
    actor=None,
    at=None,
    changes=0,
)
GONE = [
    LEFT,
    replace(
        LEFT,
        vehicle_id="IJ56789",
        name="Personbil 4",
        left_on=None,
        proposal_id=1,
        contract_end=None,
        sale_value_kr=None,
    ),
    replace(
        LEFT,
        vehicle_id="KL67890",
        name="Personbil 5",
        handed_over=None,
        proposal_id=None,
        basis=Basis.STATED,
        principle=Principle.LEAST_USE,
        said="Stod stille det meste af året",
        actor="Flådechef",
        at=NOW,
        changes=1,
    ),
    replace(
        LEFT,
        vehicle_id="MN78901",
        name="Personbil 6",
        handed_over=None,
        proposal_id=None,
        basis=Basis.REQUEST,
        principle=Principle.CONTRACT_END,
        request_id=1,
    ),
    replace(LEFT, vehicle_id="OP89012", name="Personbil 7", basis=Basis.UNSAID, proposal_id=None),
]
HISTORY = told_changes(
    [
        Change({"state": "offered", "answer": OFFERED.answer, "principle": "pool_first"}, "F", NOW),
        Change(
            {"energy": "diesel", "wanted_from": "2027-03-01", "days_week": 4.5}, "Centerleder", NOW
        ),
    ],
    Language.DANISH,
)
VEHICLES = [
    FoundVehicle(vehicle_id=one.vehicle_id, name=one.name, depot_name=one.depot_name, tracker=None)
    for one in FREE
]

MAIN = views.PurchasesPage(
    years=green_shares(BOUGHT, PRINCIPLES, 2026),
    goal=PRINCIPLES.of(Principle.GREEN),
    not_green=[PURCHASE],
    waiting=asked_part([OPEN], {}, "/purchases", name="waiting"),
    to_buy=asked_part([APPROVED], {}, "/purchases", name="to_buy"),
    decided=asked_part([OFFERED] * 12, {}, "/purchases", most=6),
    own_only=False,
    notice=views.Notice.ASKED,
)
REGISTER = views.RegisterPage(
    part=asked_part(
        [
            *(views.RegisterRow(day=one.bought_on, purchase=one) for one in BOUGHT),
            *(views.RegisterRow(day=one.day, disposal=one) for one in GONE),
            views.RegisterRow(
                day=DAY, purchase=replace(PURCHASE, withdrawn="Registreret to gange")
            ),
        ],
        {},
        "/purchases/register",
        most=15,
    ),
    unrecorded=[Unrecorded("GH45678", "Kranbil 1", DAY)],
    unrecorded_total=3,
    since=date(2024, 1, 1),
    own_only=False,
)
NEW = views.NewRequestPage(
    form=views.RequestForm(
        departments=["Hjemmepleje", "Park og Vej"],
        depots=[Choice("raadhuset", "Rådhuset")],
        kinds=[Choice("elvarebil", "Elvarebil, lille")],
        needs=[Choice("cargo", "Varerum"), Choice("lift", "Lift")],
    ),
    principles=ROWS,
    values={},
)
REQUEST = views.RequestPage(
    request=OPEN,
    needs=["Varerum"],
    findings=CHECK.findings,
    advice=CHECK.advice,
    until_day=None,
    free=FREE,
    hidden=0,
    since=date(2026, 9, 21),
    until=date(2026, 11, 15),
    found=VEHICLES,
    history=HISTORY[1:],
    may_withdraw=True,
    values={"state": "offered", "principle": "pool_first", "vehicle_id": FREE[0].name},
)
PURCHASE_PAGE = views.PurchasePage(
    purchase=PURCHASE,
    request=APPROVED,
    kinds=[Choice("lastbil-kran", "Lastbil med kran, HVO")],
    departments=["Park og Vej"],
    found=(),
    history=told_changes(
        [Change({"bought_on": "2026-11-20", "lease_kr_year": 148_000.0}, "Flådechef", NOW)],
        Language.DANISH,
    ),
    values={"bought_on": "2026-11-20", "kind": "lastbil-kran", "lease_kr_year": "148000"},
    notice=views.Notice.PURCHASE_SAVED,
)

PURCHASE_PAGES: dict[str, PageView] = {
    "purchases": MAIN,
    "purchases-empty": replace(
        MAIN,
        years=green_shares([], PRINCIPLES, 2026),
        goal=replace(MAIN.goal, in_force=False),
        not_green=(),
        waiting=asked_part([], {}, "/purchases", name="waiting"),
        to_buy=asked_part([], {}, "/purchases", name="to_buy"),
        decided=asked_part([], {}, "/purchases"),
        own_only=True,
        notice=None,
    ),
    "purchases-register": REGISTER,
    "purchases-register-empty": replace(
        REGISTER,
        part=asked_part([], {}, "/purchases/register"),
        unrecorded=(),
        unrecorded_total=0,
        own_only=True,
    ),
    "vehicle-request-new": NEW,
    "vehicle-request-new-refused": replace(
        NEW,
        values={"department": "Hjemmepleje", "days_week": "mange"},
        chosen_needs=frozenset({"lift"}),
        errors={"days_week": "Skriv et tal", "needs": "Vælg igen", "depot_id": "Vælg"},
    ),
    "vehicle-request-new-empty": replace(
        NEW, form=views.RequestForm(departments=(), depots=(), kinds=(), needs=())
    ),
    "vehicle-request": REQUEST,
    "vehicle-request-of-head": replace(
        REQUEST, free=FREE[1:], hidden=1, found=(), since=None, until=None
    ),
    "vehicle-request-waits": replace(
        REQUEST,
        free=(),
        findings=WAITS.findings,
        until_day=SOON,
        errors={"reason": "Skriv noget her", "principle": "Vælg", "vehicle_id": "Vælg"},
    ),
    **{
        f"vehicle-request-{one.state.value}": replace(
            REQUEST,
            request=one,
            findings=() if one.checked is None else one.checked.findings,
            free=(),
            found=(),
            history=HISTORY,
            may_withdraw=False,
            notice=views.Notice.ANSWERED,
        )
        for one in (OFFERED, APPROVED)
    },
    "purchase": PURCHASE_PAGE,
    "purchase-withdrawn": replace(
        PURCHASE_PAGE, purchase=replace(PURCHASE, withdrawn="Registreret to gange")
    ),
    "purchase-new": replace(
        PURCHASE_PAGE,
        purchase=None,
        history=(),
        notice=None,
        errors={"price_kr": "Skriv et tal", "principle": "Vælg"},
    ),
    "disposal": views.DisposalPage(disposal=LEFT, values={}),
    "disposal-stated": views.DisposalPage(
        disposal=GONE[2],
        values={"principle": "least_use", "reason": GONE[2].said},
        errors={"reason": "Skriv noget her"},
    ),
    "principles": views.PrinciplesPage(
        rows=[
            *ROWS[1:],
            replace(ROWS[0], in_force=False, actor="Flådechef", at=NOW),
        ],
        notice=views.Notice.PRINCIPLE_SAVED,
    ),
    "principle": views.PrinciplePage(
        row=ROWS[2],
        seen=1,
        history=[replace(ROWS[2], in_force=False, actor="Flådechef", at=NOW)],
        values={"figure": "3", "from_year": "2024", "in_force": "1", "source": "Skøn"},
        errors={"figure": "Skriv et tal"},
    ),
    "principle-shipped": views.PrinciplePage(row=ROWS[0], seen=0, history=(), values={}),
}
