"""Requests, answers, purchases and disposals in the database: who may, in which order, with what
history, and what is refused."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from access.roles import ROLE_PERMISSIONS, Role
from db.connect import Pool
from db.scope.seen import seen_by
from db.statements import statements
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.errors import ChangedSinceError
from fleet.vehicle import Energy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision, decision_json
from optimiser.purchases.answers import Answer, answer_request
from optimiser.purchases.check import Check, PoolVehicle, Replaced, Verdict, Wish, check
from optimiser.purchases.disposals import Basis, disposals, state_reason
from optimiser.purchases.faults import (
    Fault,
    FieldsRefusedError,
    NoPurchaseError,
    NoRequestError,
    NotApprovedError,
    OfferGoneError,
    OfferTakenError,
    PurchaseChangedError,
    PurchaseTakenError,
    RequestAnsweredError,
)
from optimiser.purchases.principles import Principle, shipped_principles
from optimiser.purchases.principles_stored import (
    principle_history,
    put_principle,
    read_principles,
)
from optimiser.purchases.purchases import (
    NewPurchase,
    change_purchase,
    purchase_history,
    purchase_of,
    purchases,
    record_new,
    unrecorded,
    withdraw_purchase,
)
from optimiser.purchases.requests import (
    NewRequest,
    RequestState,
    ask,
    request_history,
    request_of,
    requests,
    withdraw_request,
)
from register.inventory.changes import retire_vehicle
from register.vehicles import NoVehicleError
from tests.factories.actors import SOMEBODY
from tests.factories.ledger_year import (
    PROPOSAL,
    VERDICT,
    accepted_year,
    moment,
    simulated_year,
)
from tests.factories.moments import on_days, today
from tests.factories.two_departments import FLEET

HEAD = Actor("Hanne", ROLE_PERMISSIONS[Role.DEPARTMENT_HEAD], frozenset({"Egen"}))
STRANGE_HEAD = Actor("Frede", ROLE_PERMISSIONS[Role.DEPARTMENT_HEAD], frozenset({"Fremmed"}))
READER = Actor("Læser", ROLE_PERMISSIONS[Role.READER])
UNIT = Actor("Flora", ROLE_PERMISSIONS[Role.FLEET_UNIT])


def a_request() -> NewRequest:
    return NewRequest(
        department="Egen",
        depot_id="home",
        kind=None,
        needs=frozenset(),
        energy=Energy.ELECTRIC,
        wanted_from=today(60),
        days_week=4.0,
        reason="En ny rute",
    )


REFUSAL = Answer(state=RequestState.REFUSED, reason="For lidt brug", principle=Principle.LEAST_USE)


def a_purchase() -> NewPurchase:
    return NewPurchase(
        bought_on=today(),
        kind="evan",
        department="Egen",
        price_kr=250_000.0,
        lease_kr_year=None,
        principle=Principle.CONTRACT_END,
        reason="Kontrakten udløb",
    )


def nothing_free() -> Check:
    return check(
        Wish(
            depot_id="home",
            kind=None,
            needs=frozenset(),
            energy=Energy.ELECTRIC,
            wanted_from=today(60),
            days_week=4.0,
        ),
        shipped_principles(),
        [],
        [],
    )


@pytest.fixture
async def fleet(pool: Pool) -> Pool:
    async with pool.acquire() as connection:
        await connection.execute(FLEET)
    await pool.execute(
        "INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, offered,"
        " offers, source) VALUES ('evan', 'Elvarebil', 'electric', 1, 1, 0, true, '{cargo}', 'x')"
    )
    await pool.execute("UPDATE zone SET active_to = $1 WHERE zone_id = 'both'", today(30))
    return pool


async def answered(
    pool: Pool, request_id: int, answer: Answer, actor: Actor = UNIT, *, seen: int = 1
) -> None:
    await answer_request(
        pool,
        actor,
        request_id,
        answer,
        nothing_free(),
        seen=seen,
        measured_since=today(-28),
    )


@pytest.mark.parametrize(
    ("wrong", "field", "fault"),
    [
        ({"wanted_from": timedelta(days=-1)}, "wanted_from", Fault.DAY_PAST),
        ({"wanted_from": date(1, 1, 1)}, "wanted_from", Fault.DAY_FAR),
        ({"wanted_from": date(9999, 1, 1)}, "wanted_from", Fault.DAY_FAR),
        ({"days_week": float("nan")}, "days_week", Fault.OUT_OF_BOUNDS),
        ({"days_week": 0.0}, "days_week", Fault.OUT_OF_BOUNDS),
        ({"days_week": 7.5}, "days_week", Fault.OUT_OF_BOUNDS),
        ({"depot_id": "nowhere"}, "depot_id", Fault.UNKNOWN),
        ({"depot_id": "both"}, "depot_id", Fault.CLOSED),
        ({"kind": "ufo"}, "kind", Fault.UNKNOWN),
        ({"kind": "car"}, "energy", Fault.ENERGY_DIFFERS),
        ({"needs": frozenset({"wings"})}, "needs", Fault.UNKNOWN),
        ({"replaces": "nobody"}, "replaces", Fault.UNKNOWN),
        ({"reason": "  "}, "reason", Fault.EMPTY),
        ({"reason": "x" * 2001}, "reason", Fault.TOO_LONG),
        ({"department": "Mars"}, "department", Fault.UNKNOWN),
    ],
)
async def test_a_request_that_cannot_be_names_the_field_and_why(
    fleet: Pool, wrong: dict[str, object], field: str, fault: Fault
) -> None:
    with pytest.raises(FieldsRefusedError) as refused:
        await ask(fleet, SOMEBODY, replace(a_request(), **on_days(wrong)))  # pyright: ignore[reportArgumentType]
    assert (field, fault) in [(one.field, one.fault) for one in refused.value.faults]
    assert await requests(fleet) == []


async def test_a_head_asks_for_their_own_department_and_sees_nothing_of_another(
    fleet: Pool,
) -> None:
    own = await ask(fleet, HEAD, a_request())
    strange = await ask(
        fleet, STRANGE_HEAD, replace(a_request(), department="Fremmed", depot_id="away")
    )
    with pytest.raises(NotAllowedError):
        await ask(fleet, HEAD, replace(a_request(), department="Fremmed"))
    with pytest.raises(NotAllowedError):
        await ask(fleet, READER, a_request())
    # A depot and a vehicle of another department are as unknown as none.
    for wrong in ({"depot_id": "away"}, {"replaces": "strange"}):
        with pytest.raises(FieldsRefusedError) as refused:
            await ask(fleet, HEAD, replace(a_request(), **on_days(wrong)))  # pyright: ignore[reportArgumentType]
        assert [one.fault for one in refused.value.faults] == [Fault.UNKNOWN]
    with seen_by(HEAD.departments):
        assert [one.request_id for one in await requests(fleet)] == [own]
        assert await request_of(fleet, strange) is None
        assert await request_history(fleet, strange) == []
        assert len(await request_history(fleet, own)) == 1
    with pytest.raises(NoRequestError):
        await withdraw_request(fleet, HEAD, strange, "", seen=1)
    with pytest.raises(NotAllowedError):
        await answered(fleet, own, REFUSAL, HEAD)


async def test_of_two_who_answer_at_once_one_is_told(fleet: Pool) -> None:
    request_id = await ask(fleet, HEAD, a_request())
    approval = Answer(state=RequestState.APPROVED, reason="Ja", principle=Principle.LEAST_USE)
    outcomes = await asyncio.gather(
        answered(fleet, request_id, REFUSAL),
        answered(fleet, request_id, approval),
        withdraw_request(fleet, HEAD, request_id, "", seen=1),
        return_exceptions=True,
    )
    refused = [one for one in outcomes if one is not None]
    assert [type(one) for one in refused] == [RequestAnsweredError] * 2
    assert len(await request_history(fleet, request_id)) == 2
    found = await request_of(fleet, request_id)
    assert found is not None
    assert found.revision == 2
    assert not found.is_open


async def test_an_answer_keeps_what_the_principles_said_and_names_no_vehicle_to_the_head(
    fleet: Pool,
) -> None:
    request_id = await ask(fleet, HEAD, a_request())
    idle = PoolVehicle(
        vehicle_id="strange-idle",
        name="Fremmed ledig",
        department="Fremmed",
        depot_id="away",
        depot_name="Fremmedgården",
        kind="car",
        kind_name="Bil",
        energy=Energy.PETROL,
        offers=frozenset(),
        contract_end=None,
        days_week=0.2,
    )
    wish = Wish(
        depot_id="home",
        kind=None,
        needs=frozenset(),
        energy=Energy.ELECTRIC,
        wanted_from=today(60),
        days_week=4.0,
        replaced=Replaced(vehicle_id="own", name="Egen bil", contract_end=today(60), days_week=2.0),
    )
    found: Check = check(wish, shipped_principles(), [idle], [])
    await answer_request(fleet, UNIT, request_id, REFUSAL, found, seen=1, measured_since=today())
    with seen_by(HEAD.departments):
        kept = await request_of(fleet, request_id)
        stored = await fleet.fetchval("SELECT checked::text FROM vehicle_request")
    assert kept is not None
    assert kept.checked is not None
    assert list(kept.checked.findings) == list(found.findings)
    assert kept.checked.free == 1
    assert "Fremmed" not in stored
    assert "strange" not in stored
    assert [one.verdict for one in kept.checked.findings if one.principle == "least_use"] == [
        Verdict.BROKEN
    ]
    assert (kept.state, kept.answer, kept.principle) == (
        RequestState.REFUSED,
        "For lidt brug",
        Principle.LEAST_USE,
    )
    told = await fleet.fetchval(
        "SELECT detail FROM audit_entry WHERE subject = 'vehicle_request' AND act = 'answered'"
    )
    assert told["free_vehicles"] == ["strange-idle"]


async def test_a_vehicle_that_was_sold_or_offered_meanwhile_is_not_offered(fleet: Pool) -> None:
    first, second = await ask(fleet, HEAD, a_request()), await ask(fleet, HEAD, a_request())
    offer = Answer(
        state=RequestState.OFFERED,
        reason="Brug den",
        principle=Principle.POOL_FIRST,
        vehicle_id="strange-idle",
    )
    await retire_vehicle(fleet, SOMEBODY, "own-idle", today())
    with pytest.raises(OfferGoneError):
        await answered(fleet, first, replace(offer, vehicle_id="own-idle"))
    for vehicle_id, fault in ((None, Fault.EMPTY), ("nobody", Fault.UNKNOWN)):
        with pytest.raises(FieldsRefusedError) as refused:
            await answered(fleet, first, replace(offer, vehicle_id=vehicle_id))
        assert [one.fault for one in refused.value.faults] == [fault]
    await answered(fleet, first, offer)
    with pytest.raises(OfferTakenError):
        await answered(fleet, second, offer)
    with seen_by(HEAD.departments):
        found = await request_of(fleet, first)
    assert found is not None
    assert (found.offered_name, found.offered_depot) == ("Fremmed ledig", "Fremmedgården")


async def test_a_sale_and_an_offer_at_once_wait_for_each_other(fleet: Pool) -> None:
    request_id = await ask(fleet, HEAD, a_request())
    offer = Answer(
        state=RequestState.OFFERED,
        reason="Brug den",
        principle=Principle.POOL_FIRST,
        vehicle_id="own-idle",
    )
    offered, _ = await asyncio.gather(
        answered(fleet, request_id, offer),
        retire_vehicle(fleet, SOMEBODY, "own-idle", today()),
        return_exceptions=True,
    )
    assert offered is None or isinstance(offered, OfferGoneError)
    found = await request_of(fleet, request_id)
    assert found is not None
    assert (found.state is RequestState.OFFERED) == (offered is None)


async def test_what_is_approved_and_not_green_says_why(fleet: Pool) -> None:
    request_id = await ask(fleet, HEAD, a_request())
    diesel = Answer(
        state=RequestState.APPROVED,
        reason="Ja",
        principle=Principle.GREEN,
        energy=Energy.DIESEL,
    )
    with pytest.raises(FieldsRefusedError) as refused:
        await answered(fleet, request_id, diesel)
    assert [(one.field, one.fault) for one in refused.value.faults] == [
        ("not_green", Fault.SAY_WHY_NOT_GREEN)
    ]
    await answered(fleet, request_id, replace(diesel, not_green="Ingen el-kran"))
    found = await request_of(fleet, request_id)
    assert found is not None
    assert (found.approved_energy, found.not_green) == (Energy.DIESEL, "Ingen el-kran")
    assert found.awaits_purchase


async def test_a_purchase_follows_an_approval_once(fleet: Pool) -> None:
    request_id = await ask(fleet, HEAD, a_request())
    with pytest.raises(NotApprovedError):
        await record_new(fleet, UNIT, a_purchase(), request_id)
    await answered(
        fleet,
        request_id,
        Answer(state=RequestState.APPROVED, reason="Ja", principle=Principle.LEAST_USE),
    )
    outcomes = await asyncio.gather(
        *(record_new(fleet, UNIT, a_purchase(), request_id) for _ in range(3)),
        return_exceptions=True,
    )
    made = [one for one in outcomes if isinstance(one, int)]
    assert len(made) == 1
    assert sum(isinstance(one, NotApprovedError) for one in outcomes) == 2
    found = await request_of(fleet, request_id)
    assert found is not None
    assert found.purchase_id == made[0]
    assert not found.awaits_purchase
    await withdraw_purchase(fleet, UNIT, made[0], "Givet tilbage", seen=1)
    assert isinstance(await record_new(fleet, UNIT, a_purchase(), request_id), int)


@pytest.mark.parametrize(
    ("wrong", "field", "fault"),
    [
        ({"bought_on": timedelta(days=1)}, "bought_on", Fault.DAY_AHEAD),
        ({"bought_on": date(1, 1, 1)}, "bought_on", Fault.DAY_FAR),
        ({"price_kr": None}, "price_kr", Fault.ONE_AMOUNT),
        ({"lease_kr_year": 1.0}, "price_kr", Fault.ONE_AMOUNT),
        ({"price_kr": -1.0}, "price_kr", Fault.OUT_OF_BOUNDS),
        ({"price_kr": float("inf")}, "price_kr", Fault.OUT_OF_BOUNDS),
        ({"price_kr": float("nan")}, "price_kr", Fault.OUT_OF_BOUNDS),
        ({"kind": "ufo"}, "kind", Fault.UNKNOWN),
        ({"kind": "car"}, "not_green", Fault.SAY_WHY_NOT_GREEN),
        ({"vehicle_id": "nobody"}, "vehicle_id", Fault.UNKNOWN),
        ({"vehicle_id": "own"}, "kind", Fault.KIND_DIFFERS),
        ({"department": "Mars"}, "department", Fault.UNKNOWN),
        ({"reason": ""}, "reason", Fault.EMPTY),
    ],
)
async def test_a_purchase_that_cannot_be_names_the_field_and_why(
    fleet: Pool, wrong: dict[str, object], field: str, fault: Fault
) -> None:
    with pytest.raises(FieldsRefusedError) as refused:
        await record_new(fleet, UNIT, replace(a_purchase(), **on_days(wrong)))  # pyright: ignore[reportArgumentType]
    assert (field, fault) in [(one.field, one.fault) for one in refused.value.faults]
    assert await purchases(fleet) == []


async def test_a_purchase_is_corrected_and_keeps_the_energy_that_its_kind_had(
    fleet: Pool,
) -> None:
    petrol = replace(a_purchase(), kind="car", not_green="Kran", vehicle_id="own")
    purchase_id = await record_new(fleet, UNIT, petrol)
    with pytest.raises(PurchaseTakenError):
        await record_new(fleet, UNIT, petrol)
    await fleet.execute("UPDATE vehicle_kind SET energy = 'electric' WHERE kind = 'car'")
    rent = replace(petrol, price_kr=None, lease_kr_year=40_000.0)
    with pytest.raises(PurchaseChangedError):
        await change_purchase(fleet, UNIT, purchase_id, rent, seen=7)
    await change_purchase(fleet, UNIT, purchase_id, rent, seen=1)
    found = await purchase_of(fleet, purchase_id)
    assert found is not None
    assert (found.energy, found.not_green, found.lease_kr_year) == (
        Energy.PETROL,
        "Kran",
        40_000.0,
    )
    [latest, _] = await purchase_history(fleet, purchase_id)
    assert latest.content == {"price_kr": None, "lease_kr_year": 40_000.0}
    with pytest.raises(NotAllowedError):
        await change_purchase(fleet, HEAD, purchase_id, rent, seen=2)
    with pytest.raises(NoPurchaseError):
        await change_purchase(fleet, UNIT, 999, rent, seen=1)
    with pytest.raises(FieldsRefusedError):
        await withdraw_purchase(fleet, UNIT, purchase_id, " ", seen=2)
    await withdraw_purchase(fleet, UNIT, purchase_id, "To gange", seen=2)
    with pytest.raises(PurchaseChangedError):
        await withdraw_purchase(fleet, UNIT, purchase_id, "To gange", seen=3)
    with seen_by(STRANGE_HEAD.departments):
        assert await purchases(fleet) == []
        assert await purchase_history(fleet, purchase_id) == []
    with seen_by(HEAD.departments):
        assert [one.counts for one in await purchases(fleet)] == [False]


async def test_new_vehicles_without_a_purchase_are_named(fleet: Pool) -> None:
    await fleet.execute(
        "UPDATE vehicle SET first_registered = $1 WHERE vehicle_id IN ('own', 'strange')", today()
    )
    bought = replace(a_purchase(), kind="car", not_green="Kran", vehicle_id="own")
    assert {one.vehicle_id for one in await unrecorded(fleet, date(today().year, 1, 1))} == {
        "own",
        "strange",
    }
    await record_new(fleet, UNIT, bought)
    [left] = await unrecorded(fleet, date(today().year, 1, 1))
    assert (left.vehicle_id, left.since) == ("strange", today())


async def test_principles_are_changed_with_their_history(fleet: Pool) -> None:
    row = shipped_principles().of(Principle.LEAST_USE)
    other = replace(row, figure=2.5, source="Byrådet")
    with pytest.raises(NotAllowedError):
        await put_principle(fleet, HEAD, other)
    with pytest.raises(FieldsRefusedError):
        await put_principle(fleet, UNIT, replace(other, figure=8.0))
    await put_principle(fleet, UNIT, other, seen=0)
    await put_principle(fleet, UNIT, other, seen=1)  # nothing changes
    with pytest.raises(ChangedSinceError):
        await put_principle(fleet, UNIT, row, seen=0)
    found = (await read_principles(fleet)).of(Principle.LEAST_USE)
    assert (found.figure, found.source, found.actor) == (2.5, "Byrådet", "Flora")
    assert len(await principle_history(fleet, Principle.LEAST_USE)) == 1
    was = await fleet.fetchval("SELECT detail FROM audit_entry WHERE subject = 'principle'")
    assert was["figure"] == 2.5
    assert was["was"]["figure"] == 3.0


async def test_disposals_are_read_from_the_register_and_the_ledger(
    pool: Pool,
) -> None:
    year = await simulated_year(pool)
    contract = shipped_principles().of(Principle.CONTRACT_END)
    found = {one.vehicle_id: one for one in await disposals(pool, contract)}
    # v4 is late, so that it is neither gone nor handed over.
    assert set(found) == {"v1", "v2", "v3", "v5"}
    assert {one.basis for one in found.values()} == {Basis.PROPOSAL}
    assert found["v2"].proposal_id == year.proposals["v2"]
    assert found["v2"].left_on == found["v2"].handed_over == year.month(3, 10)
    # One that leaves without a proposal says nothing, until its contract or somebody does.
    await retire_vehicle(pool, SOMEBODY, "v6", today())
    [first] = [one for one in await disposals(pool, contract) if one.vehicle_id == "v6"]
    assert (first.basis, first.principle) == (Basis.UNSAID, None)
    await pool.execute("UPDATE vehicle SET contract_end = $1 WHERE vehicle_id = 'v6'", today())
    [first] = [one for one in await disposals(pool, contract) if one.vehicle_id == "v6"]
    assert (first.basis, first.principle) == (Basis.CONTRACT, Principle.CONTRACT_END)
    await state_reason(pool, UNIT, "v6", Principle.LEAST_USE, "Stod stille", seen=0)
    with pytest.raises(ChangedSinceError):
        await state_reason(pool, UNIT, "v6", Principle.GREEN, "Diesel", seen=0)
    [first] = [one for one in await disposals(pool, contract) if one.vehicle_id == "v6"]
    assert (first.basis, first.said, first.changes) == (Basis.STATED, "Stod stille", 1)
    with pytest.raises(NoVehicleError):
        await state_reason(pool, UNIT, "v4", Principle.GREEN, "x")
    head = Actor("J", frozenset(Permission), frozenset({"Jobcenter"}))
    with seen_by(head.departments):
        assert {one.vehicle_id for one in await disposals(pool, contract)} == {"v5"}


async def test_a_vehicle_that_was_handed_over_and_is_registered_still_is_told(pool: Pool) -> None:
    year = await accepted_year(pool)
    decider = Actor("H", ROLE_PERMISSIONS[Role.DEPARTMENT_HEAD], frozenset({"Hjemmepleje"}))
    # A head may say that it is done, and may not change the register.
    await year.finish("v1", "hand_over", year.month(1), decider)
    contract = shipped_principles().of(Principle.CONTRACT_END)
    [one] = await disposals(pool, contract)
    assert (one.vehicle_id, one.left_on, one.handed_over) == ("v1", None, year.month(1))


async def test_a_vehicle_that_left_by_an_accepted_proposal_has_it_as_its_reason(pool: Pool) -> None:
    """Nobody said that it was handed over: the register alone tells that it left."""
    year = await accepted_year(pool)
    await retire_vehicle(pool, SOMEBODY, "v1", today())
    contract = shipped_principles().of(Principle.CONTRACT_END)
    [one] = await disposals(pool, contract)
    assert (one.basis, one.proposal_id) == (Basis.PROPOSAL, year.proposals["v1"])
    assert (one.left_on, one.handed_over) == (today(), None)


async def test_a_vehicle_is_proposed_to_go_until_somebody_decides(pool: Pool) -> None:
    year = await simulated_year(pool)
    period = await pool.fetchrow("SELECT round_id FROM round")
    assert period is not None
    key = DecisionKey(Action.DISPOSE, "v6")
    decision = Decision(key=key, action=Action.DISPOSE, depot_id="nord", vehicle_id="v6")
    content = decision_json(decision)
    proposal_id = await pool.fetchval(
        PROPOSAL, period["round_id"], 9, "nord", 9_000, content, str(key)
    )

    async def proposed() -> list[str]:
        facts = await pool.fetch(statements("purchase")["pool_facts"], year.month(1))
        return [row["vehicle_id"] for row in facts if row["proposed"]]

    assert await proposed() == ["v6"]
    await pool.execute(VERDICT, proposal_id, "rejected", moment(year.month(2)))
    assert await proposed() == []
