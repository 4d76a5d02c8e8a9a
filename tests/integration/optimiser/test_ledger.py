"""Accepted proposals become tasks, the register follows, and the ledger says what was saved."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import asyncpg
import pytest

from access.mail.address import set_address
from access.mail.outbox import Letter
from access.roles import Role
from costs.budget import MoneyTerms
from db.connect import Pool
from db.scope.seen import seen_by
from fleet.actor import Actor, Permission
from fleet.localtime import LATEST_DAY, local_now
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Arrival, Decision, decision_json
from optimiser.ledger.carried_out import CarriedOutError
from optimiser.ledger.hired import NothingReadError, import_hired_list
from optimiser.ledger.moved_tasks import MovedTask
from optimiser.ledger.progress import Sign, State
from optimiser.ledger.steps import Step, months_before
from optimiser.ledger.stored import Ledger, Task, read_ledger
from optimiser.ledger.tasks import (
    NoTaskError,
    TaskChangedError,
    TaskDayError,
    TaskPlan,
    UnableOwnerError,
    UnknownOwnerError,
    UnseenOwnerError,
    finish_task,
    plan_task,
    reopen_task,
    take_back_vehicle,
    task_history,
)
from optimiser.ledger.undertakings import follow_verdicts
from optimiser.purchases.disposals import disposals
from optimiser.purchases.principles import Principle
from optimiser.purchases.principles_stored import read_principles
from optimiser.rounds.decisions import UnexplainedError, Verdict
from register.inventory.changes import (
    DetailsRefusedError,
    RetiredDayError,
    change_vehicle,
    retire_vehicle,
)
from register.inventory.details import VehicleField
from register.inventory.stored import registered_vehicle
from register.vehicles import scope_of
from tests.factories.accounts import person
from tests.factories.actors import SOMEBODY
from tests.factories.ledger_year import (
    LEAD,
    PROPOSAL,
    VERDICT,
    LedgerYear,
    accepted_year,
    moment,
    simulated_year,
    taxis,
)

HEAD = Actor(
    "Leder",
    frozenset({Permission.FIGURES_READ, Permission.PROPOSALS_DECIDE}),
    frozenset({"Jobcenter"}),
)


async def ledger_of(pool: Pool, depot_id: str | None = None) -> Ledger:
    return await read_ledger(pool, None, local_now().date(), 14, depot_id)


async def test_an_acceptance_becomes_tasks_once(pool: Pool) -> None:
    year = await accepted_year(pool)
    await follow_verdicts(pool, LEAD)
    rows = (await ledger_of(pool)).rows
    assert len(rows) == 5
    assert [task.step for task in rows[0].tasks] == ["tell_users", "hand_over"]
    assert [task.owner for task in rows[0].tasks] == ["Hjemmepleje", ""]
    assert rows[0].progress.undertaken.takes_hold == year.first
    # Nobody did anything in a year.
    assert {row.progress.state for row in rows} == {State.LATE}
    assert {tuple(row.progress.signs) for row in rows} == {(Sign.OVERDUE, Sign.NO_OWNER)}


async def test_the_simulated_year_has_the_figures_that_one_counts_by_hand(pool: Pool) -> None:
    await simulated_year(pool)
    found = await ledger_of(pool)
    states = [row.progress.state for row in found.rows]
    assert states == [State.DONE, State.DONE, State.DONE, State.LATE, State.LEAKING]
    achieved = [row.progress.total.achieved_kr for row in found.rows]
    assert achieved == pytest.approx([36_000, 16_000, 6_000, 0, 50_000 - 5 * 2_000])
    assert found.account.total.promised_kr == pytest.approx(180_000)
    assert found.account.total.achieved_kr == pytest.approx(98_000)
    assert found.account.total.leaked_kr == pytest.approx(10_000)
    assert (found.account.accepted_kr_year, found.account.carried_kr_year) == (180_000, 132_000)
    south = await ledger_of(pool, "syd")
    assert [row.proposal.decision.vehicle_id for row in south.rows] == ["v5"]
    assert south.account.total.achieved_kr == pytest.approx(40_000)


async def test_the_vehicle_leaves_the_register_on_the_day_of_the_hand_over(pool: Pool) -> None:
    year = await accepted_year(pool)
    await year.finish("v2", "hand_over", year.month(3, 10))
    retired = await pool.fetchval("SELECT retired_at FROM vehicle WHERE vehicle_id = 'v2'")
    assert retired == year.month(3, 10)
    history = await pool.fetch("SELECT content FROM register_change WHERE subject_id = 'v2'")
    assert [row["content"] for row in history] == [{"retired_at": str(retired)}]
    # Its other task waits, so the decision is not said to be carried out.
    assert not (await ledger_of(pool)).rows[1].is_closed
    await year.finish("v2", "tell_users", year.month(3, 10))
    assert (await ledger_of(pool)).rows[1].is_closed
    verdicts = await pool.fetch(
        "SELECT verdict FROM decision WHERE proposal_id = $1 ORDER BY change_id",
        year.proposals["v2"],
    )
    assert [row["verdict"] for row in verdicts] == ["accepted", "done"]
    audited = await pool.fetch(
        "SELECT subject, act FROM audit_entry WHERE subject IN ('task', 'proposal')"
        " ORDER BY change_id"
    )
    assert [tuple(row) for row in audited] == [
        ("task", "changed"),
        ("task", "changed"),
        ("proposal", "decided"),
    ]
    # The job that follows the verdicts finds nothing to do.
    await follow_verdicts(pool, LEAD)
    assert len((await ledger_of(pool)).rows) == 5


async def test_what_is_carried_out_stays_when_a_later_round_begins(pool: Pool) -> None:
    year = await accepted_year(pool)
    for step in ("tell_users", "hand_over"):
        await year.finish("v1", step, year.month(0))
    before = (await ledger_of(pool)).account.total
    await pool.execute(
        "INSERT INTO round (requested_by, period_first, period_last, state, finished_at, number,"
        " rules) SELECT requested_by, period_first, period_last, state, now(), 2, rules FROM round"
    )
    await follow_verdicts(pool, LEAD)
    found = await ledger_of(pool)
    assert len(found.rows) == 5
    assert found.rows[0].is_closed
    assert found.account.total == before


async def test_who_may_not_change_the_register_leaves_that_to_who_may(pool: Pool) -> None:
    year = await accepted_year(pool)
    await year.finish("v5", "hand_over", year.month(2), HEAD)
    row = (await ledger_of(pool)).rows[4]
    assert Sign.STILL_REGISTERED in row.progress.signs
    assert row.progress.total.achieved_kr == 0
    with pytest.raises(NoTaskError):
        await year.finish("v1", "hand_over", year.month(2), HEAD)


async def verdicts_of(pool: Pool, year: LedgerYear, vehicle: str) -> list[tuple[str, str]]:
    rows = await pool.fetch(
        "SELECT verdict, comment FROM decision WHERE proposal_id = $1 ORDER BY change_id",
        year.proposals[vehicle],
    )
    return [tuple(row) for row in rows]


async def test_a_mistaken_done_is_taken_back_from_the_task_with_a_reason(pool: Pool) -> None:
    year = await accepted_year(pool)
    for step in ("tell_users", "hand_over"):
        await year.finish("v1", step, year.month(0))
    task_id, seen = await year.task("v1", "hand_over")
    with pytest.raises(UnexplainedError):
        await reopen_task(pool, SOMEBODY, task_id, " ", seen=seen)
    await reopen_task(pool, SOMEBODY, task_id, "Forkert bil", seen=seen)
    assert await verdicts_of(pool, year, "v1") == [
        ("accepted", ""),
        ("done", ""),
        ("accepted", "Forkert bil"),
    ]
    assert await pool.fetchval("SELECT retired_at FROM vehicle WHERE vehicle_id = 'v1'") is None
    # It is the same undertaking as before, with the task that is done and the one that waits.
    await follow_verdicts(pool, LEAD)
    row = (await ledger_of(pool)).rows[0]
    assert (row.is_closed, row.progress.carried_on, row.progress.state) == (False, None, State.LATE)
    assert [task.done_on for task in row.tasks] == [year.month(0), None]
    assert (await task_history(pool, task_id))[0].content == {
        "done_on": None,
        "reason": "Forkert bil",
    }
    assert await _left(pool) == []
    await year.finish("v1", "hand_over", year.month(1))
    await follow_verdicts(pool, LEAD)
    row = (await ledger_of(pool)).rows[0]
    assert (row.is_closed, row.progress.state) == (True, State.DONE)


async def _left(pool: Pool) -> list[str]:
    contract = (await read_principles(pool)).of(Principle.CONTRACT_END)
    return [one.vehicle_id for one in await disposals(pool, contract)]


async def test_a_vehicle_that_is_taken_back_was_not_handed_over_anywhere(pool: Pool) -> None:
    year = await accepted_year(pool)
    for step in ("tell_users", "hand_over"):
        await year.finish("v1", step, year.month(0))
    assert await _left(pool) == ["v1"]
    await take_back_vehicle(pool, SOMEBODY, "v1")
    await follow_verdicts(pool, LEAD)
    row = (await ledger_of(pool)).rows[0]
    assert row.proposal.verdict is Verdict.ACCEPTED
    assert (row.is_closed, row.progress.signs) == (False, [Sign.OVERDUE, Sign.NO_OWNER])
    assert await _left(pool) == []
    # A vehicle that left by itself comes back, and no proposal knows of it.
    await retire_vehicle(pool, SOMEBODY, "v6", local_now().date())
    await take_back_vehicle(pool, SOMEBODY, "v6")
    assert await _left(pool) == []


async def test_what_was_decided_since_is_not_undone_by_an_old_task(pool: Pool) -> None:
    year = await accepted_year(pool)
    for step in ("tell_users", "hand_over"):
        await year.finish("v1", step, year.month(0))
    await pool.execute(VERDICT, year.proposals["v1"], "question", local_now())
    task_id, seen = await year.task("v1", "hand_over")
    await pool.execute(VERDICT, year.proposals["v1"], "rejected", local_now())
    with pytest.raises(CarriedOutError):
        await reopen_task(pool, SOMEBODY, task_id, "Forkert bil", seen=seen)
    # Who takes the proposal itself back has it out of the ledger.
    await follow_verdicts(pool, LEAD)
    assert len((await ledger_of(pool)).rows) == 4


async def test_a_proposal_is_carried_out_when_the_register_follows(pool: Pool) -> None:
    year = await accepted_year(pool)
    for step in ("tell_users", "hand_over"):
        await year.finish("v5", step, year.month(2), HEAD)
    assert await verdicts_of(pool, year, "v5") == [("accepted", "")]
    await retire_vehicle(pool, SOMEBODY, "v5", year.month(3))
    await follow_verdicts(pool, LEAD)
    assert (await verdicts_of(pool, year, "v5"))[1:] == [("done", "")]
    row = (await ledger_of(pool)).rows[4]
    assert (row.is_closed, row.progress.state) == (True, State.DONE)


async def test_a_hand_over_before_the_planned_day_is_the_day_on_which_it_left(pool: Pool) -> None:
    year = await accepted_year(pool)
    today = local_now().date()
    await retire_vehicle(pool, SOMEBODY, "v1", today + timedelta(days=60))
    await year.finish("v1", "hand_over", today)
    retired = await pool.fetchval("SELECT retired_at FROM vehicle WHERE vehicle_id = 'v1'")
    assert retired == today


async def test_a_vehicle_that_left_without_a_word_says_so(pool: Pool) -> None:
    year = await accepted_year(pool)
    await pool.execute("UPDATE vehicle SET retired_at = $1 WHERE vehicle_id = 'v1'", year.month(4))
    await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d2', 'v2');")
    await pool.execute(
        "INSERT INTO device_day VALUES ('d2', $1, 1, 1, 0, 0, 0, 0, 0)",
        local_now().date() - timedelta(days=30),
    )
    first, second = (await ledger_of(pool)).rows[:2]
    assert Sign.NOT_HANDED_OVER in first.progress.signs
    assert first.progress.total.achieved_kr == pytest.approx(36_000 / 12 * 8)
    assert Sign.SILENT in second.progress.signs


@pytest.mark.parametrize("verdict", ["rejected", "reopened"])
async def test_what_is_not_accepted_any_more_loses_its_tasks_and_gets_others_when_it_is(
    pool: Pool, verdict: str
) -> None:
    year = await accepted_year(pool)
    old, seen = await year.task("v1", "hand_over")
    at = local_now()
    await pool.execute(VERDICT, year.proposals["v1"], verdict, at)
    await follow_verdicts(pool, LEAD)
    assert len((await ledger_of(pool)).rows) == 4
    with pytest.raises(NoTaskError):
        await finish_task(pool, SOMEBODY, old, at.date(), seen=seen)
    assert len(await task_history(pool, old)) == 1
    await pool.execute(VERDICT, year.proposals["v1"], "accepted", at + timedelta(seconds=1))
    await follow_verdicts(pool, LEAD)
    row = (await ledger_of(pool)).row_of(year.proposals["v1"])
    assert row is not None
    assert row.progress.state is State.PLANNED
    assert (await year.task("v1", "hand_over"))[0] != old


async def test_a_task_gets_an_owner_who_exists_and_two_do_not_overwrite_each_other(
    pool: Pool,
) -> None:
    year = await accepted_year(pool)
    task_id, seen = await year.task("v1", "hand_over")
    due = local_now().date() + timedelta(days=9)
    with pytest.raises(UnknownOwnerError):
        await plan_task(pool, SOMEBODY, task_id, TaskPlan(due, "Ingen"), seen=seen)
    await pool.execute(
        "INSERT INTO account (name, name_key, role) VALUES ('Mette', 'mette', 'fleet_unit')"
    )
    await plan_task(pool, SOMEBODY, task_id, TaskPlan(due, "METTE"), seen=seen)
    with pytest.raises(TaskChangedError):
        await plan_task(pool, SOMEBODY, task_id, TaskPlan(due, "Jobcenter"), seen=seen)
    task = (await ledger_of(pool)).rows[0].tasks[1]
    assert (task.owner, task.due) == ("Mette", due)
    assert (await task_history(pool, task_id))[0].content == {"due": due, "owner": "Mette"}
    with pytest.raises(TaskDayError):
        await finish_task(pool, SOMEBODY, task_id, due, seen=seen + 1)


async def test_nothing_is_due_or_done_before_the_acceptance_or_done_ahead(pool: Pool) -> None:
    year = await accepted_year(pool)
    accepted = months_before(year.first, 1).replace(day=20)
    task_id, seen = await year.task("v1", "hand_over")
    for day in (accepted - timedelta(days=1), local_now().date() + timedelta(days=1)):
        with pytest.raises(TaskDayError) as refused:
            await finish_task(pool, SOMEBODY, task_id, day, seen=seen)
        assert refused.value.first == accepted
    for day in (accepted - timedelta(days=1), LATEST_DAY + timedelta(days=1)):
        with pytest.raises(TaskDayError):
            await plan_task(pool, SOMEBODY, task_id, TaskPlan(day, ""), seen=seen)
    await pool.execute("INSERT INTO logged_span VALUES ('v1', $1, $1)", year.month(2))
    with pytest.raises(RetiredDayError):
        await finish_task(pool, SOMEBODY, task_id, year.month(1), seen=seen)
    assert len(await task_history(pool, task_id)) == 1
    # It is carried out on the day of the decision, and saves from the month after it.
    await year.finish("v2", "hand_over", accepted)
    assert (await ledger_of(pool)).rows[1].progress.saves_since == year.first


async def test_a_task_goes_to_who_sees_it_and_waits_for_them(pool: Pool) -> None:
    year = await accepted_year(pool)
    ids = {
        name: await pool.fetchval(
            "INSERT INTO account (name, name_key, role, departments)"
            " VALUES ($1, lower($1), $2, $3) RETURNING account_id",
            name,
            role,
            departments,
        )
        for name, role, departments in (
            ("Enhed", "fleet_unit", []),
            ("Leder", "department_head", ["Jobcenter"]),
            ("Plejeleder", "department_head", ["Hjemmepleje"]),
            ("Læser", "reader", []),
        )
    }
    due = local_now().date()
    task_id, seen = await year.task("v1", "hand_over")
    for owner in ("Leder", "Jobcenter"):
        with pytest.raises(UnseenOwnerError):
            await plan_task(pool, SOMEBODY, task_id, TaskPlan(due, owner), seen=seen)
    with pytest.raises(UnableOwnerError):
        await plan_task(pool, SOMEBODY, task_id, TaskPlan(due, "Læser"), seen=seen)
    for number, owner in enumerate(("Enhed", "Hjemmepleje", "Plejeleder")):
        await plan_task(pool, SOMEBODY, task_id, TaskPlan(due, owner), seen=seen + number)
    other_id, other_seen = await year.task("v5", "hand_over")
    await plan_task(pool, SOMEBODY, other_id, TaskPlan(due, "Jobcenter"), seen=other_seen)
    told_id, told_seen = await year.task("v5", "tell_users")
    await plan_task(pool, SOMEBODY, told_id, TaskPlan(due, "Enhed"), seen=told_seen)
    found = await ledger_of(pool)
    unit = replace(SOMEBODY, account_id=ids["Enhed"])
    head = replace(HEAD, account_id=ids["Leder"])
    care = Actor("Plejeleder", account_id=ids["Plejeleder"], departments=frozenset({"Hjemmepleje"}))
    assert [one.task.task_id for one in found.waiting_for(unit)] == [told_id]
    assert [one.task.task_id for one in found.waiting_for(head)] == [other_id]
    assert task_id in [one.task.task_id for one in found.waiting_for(care)]
    await finish_task(pool, SOMEBODY, told_id, due, seen=told_seen + 1)
    assert (await ledger_of(pool)).waiting_for(unit) == []


async def test_the_head_of_a_department_sees_what_is_theirs(pool: Pool) -> None:
    await simulated_year(pool)
    scope = await scope_of(pool, HEAD)
    with seen_by(HEAD.departments):
        found = await read_ledger(pool, scope, local_now().date(), 14)
    assert [row.proposal.decision.vehicle_id for row in found.rows] == ["v5"]
    assert found.account.total.leaked_kr == pytest.approx(10_000)


async def test_a_later_list_takes_the_place_of_an_earlier_one(pool: Pool) -> None:
    year: LedgerYear = await simulated_year(pool)
    headings = taxis(year)[0]
    bad = [("2026-13", "Taxi", "Jobcenter", 1, 1), ("2026-01", "Cykel", "Jobcenter", 1, 1)]
    rows = [headings, (f"{year.month(11):%d-%m-%Y}", "Taxi", "jobcenter", 5, 500), *bad]
    read = await import_hired_list(pool, SOMEBODY, "Rettet", rows)
    assert read.refused == {3: "month", 4: "means"}
    assert (await ledger_of(pool)).account.total.leaked_kr == pytest.approx(8_000)
    with pytest.raises(NothingReadError):
        await import_hired_list(pool, SOMEBODY, "Tom", [headings, *bad])


async def test_a_vehicle_that_drives_on_after_it_was_sold_says_so(pool: Pool) -> None:
    year = await accepted_year(pool)
    await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d1', 'v1')")
    await pool.execute(
        "INSERT INTO device_day SELECT 'd1', day, 1, 1, 2, 9, 0, 0, 0 FROM unnest($1::date[]) day",
        [year.month(3), year.month(5)],
    )
    await year.finish("v1", "hand_over", year.month(4))
    assert Sign.STILL_DRIVES in (await ledger_of(pool)).rows[0].progress.signs


async def test_a_contract_that_the_proposal_did_not_know_and_that_runs_on_says_so(
    pool: Pool,
) -> None:
    """One that is over by then is no news."""
    await accepted_year(pool)
    [first, *others] = (await ledger_of(pool)).rows
    takes_hold = first.progress.undertaken.takes_hold
    for ends, is_told in ((takes_hold, True), (takes_hold - timedelta(days=1), False)):
        await pool.execute(
            "UPDATE vehicle SET contract_end = $1 WHERE vehicle_id = $2",
            ends,
            first.proposal.decision.vehicle_id,
        )
        rows = (await ledger_of(pool)).rows
        told = [Sign.CONTRACT_RUNS in row.progress.signs for row in rows]
        assert told == [is_told, *(False for _ in others)]


def arrival_at(depot_id: str) -> Arrival:
    """The end of a move at its new depot."""
    return Arrival(
        depot_id=depot_id,
        department="",
        saving_kr_year=20_000.0,
        saving_co2_t_year=0.0,
        money=MoneyTerms(saving_kr_year=20_000.0),
        charge_points=1,
        days_used=0,
        trips=0,
        km=0.0,
    )


async def decided_later(
    pool: Pool, year: LedgerYear, key: DecisionKey, depot_id: str, verdict: str = "accepted"
) -> int:
    """A second round in which another way for v1 to leave its pool is accepted."""
    await pool.execute(
        "INSERT INTO round (requested_by, period_first, period_last, state, finished_at, number,"
        " rules) SELECT requested_by, period_first, period_last, state, finished_at, 2, rules"
        " FROM round"
    )
    round_id = await pool.fetchval("SELECT max(round_id) FROM round")
    saving = 7_000.0
    decision = Decision(
        key=key,
        action=key.action,
        depot_id=depot_id,
        vehicle_id="v1",
        vehicle="Bil 1",
        new_kind="car" if key.action is Action.REPLACE else None,
        departments=("Hjemmepleje",),
        saving_kr_year=saving,
        money=MoneyTerms(saving_kr_year=saving),
        arrival=arrival_at(key.to) if key.to else None,
    )
    content = decision_json(decision)
    found = await pool.fetchval(PROPOSAL, round_id, 1, depot_id, saving, content, str(key))
    await pool.execute(VERDICT, found, verdict, moment(year.month(6)))
    await follow_verdicts(pool, LEAD)
    return found


def keys_of(ledger: Ledger) -> set[str]:
    """The keys of the decisions about v1."""
    decisions = [row.proposal.decision for row in ledger.rows]
    return {str(one.key) for one in decisions if one.vehicle_id == "v1"}


@pytest.mark.parametrize(
    "again",
    [
        DecisionKey(Action.MOVE, "v1", to="syd"),
        DecisionKey(Action.REPLACE, "v1"),
        DecisionKey(Action.DISPOSE, "v1"),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_done", [True, False], ids=["said to be gone", "not done yet"])
async def test_a_vehicle_that_was_there_yet_counts_by_what_was_accepted_last_alone(
    pool: Pool, again: DecisionKey, is_done: bool
) -> None:
    year = await accepted_year(pool)
    if is_done:
        await pool.execute(VERDICT, year.proposals["v1"], "done", moment(year.month(2)))
        await follow_verdicts(pool, LEAD)
    before = (await ledger_of(pool)).account.accepted_kr_year
    await decided_later(pool, year, again, "nord")
    found = await ledger_of(pool)
    assert keys_of(found) == {str(again)}
    assert found.account.accepted_kr_year == before - 36_000 + 7_000
    # A second look at the verdicts finds nothing to change.
    await follow_verdicts(pool, LEAD)
    assert await ledger_of(pool) == found


@pytest.mark.parametrize(
    ("again", "depot_id", "both"),
    [
        (DecisionKey(Action.MOVE, "v1", to="øst"), "nord", False),
        (DecisionKey(Action.MOVE, "v1", to="syd"), "nord", False),
        (DecisionKey(Action.DISPOSE, "v1"), "nord", False),
        # It came to its new depot, and saves there once more by leaving that.
        (DecisionKey(Action.DISPOSE, "v1"), "syd", True),
    ],
)
async def test_a_vehicle_that_leaves_the_depot_from_which_it_moved_did_not_move(
    pool: Pool, again: DecisionKey, depot_id: str, both: bool
) -> None:
    year = await accepted_year(pool)
    await pool.execute("INSERT INTO depot VALUES ('øst', 'Østgården', 55.6, 12.4, 150)")
    await moved_to(pool, year, "syd")
    await pool.execute(VERDICT, year.proposals["v1"], "done", moment(year.month(2)))
    await follow_verdicts(pool, LEAD)
    await decided_later(pool, year, again, depot_id)
    first = {"move:syd:v1"} if both else set[str]()
    assert keys_of(await ledger_of(pool)) == {str(again)} | first


async def test_an_old_task_is_not_reopened_beside_another_acceptance_of_its_vehicle(
    pool: Pool,
) -> None:
    year = await accepted_year(pool)
    await moved_to(pool, year, "syd")
    await year.finish("v1", "charger", year.month(2))
    await year.finish("v1", "tell_users", year.month(2))
    await year.finish("v1", "move", year.month(2))
    task_id, seen = await year.task("v1", "move")
    sold = await decided_later(pool, year, DecisionKey(Action.DISPOSE, "v1"), "syd")
    with pytest.raises(CarriedOutError):
        await reopen_task(pool, SOMEBODY, task_id, "Den står her endnu", seen=seen)
    assert len(keys_of(await ledger_of(pool))) == 2
    # Once nothing else is accepted, the mistake can be told.
    await pool.execute(VERDICT, sold, "reopened", local_now())
    await follow_verdicts(pool, LEAD)
    await reopen_task(pool, SOMEBODY, task_id, "Den står her endnu", seen=seen)
    assert keys_of(await ledger_of(pool)) == {"move:syd:v1"}


async def moved_to(pool: Pool, year: LedgerYear, depot_id: str) -> None:
    """Have v1 accepted as a move to a depot, in place of letting it go."""
    decision = Decision(
        key=DecisionKey(Action.MOVE, "v1", to=depot_id),
        action=Action.MOVE,
        depot_id="nord",
        vehicle_id="v1",
        vehicle="Bil 1",
        departments=("Hjemmepleje",),
        saving_kr_year=12_000.0,
        charge_points=1,
        money=MoneyTerms(saving_kr_year=12_000.0, charge_points_kr=30_000.0),
        arrival=arrival_at(depot_id),
    )
    content, key = decision_json(decision), str(decision.key)
    year.proposals["v1"] = await pool.fetchval(PROPOSAL, 1, 99, "nord", 12_000, content, key)
    await pool.execute(VERDICT, year.proposals["v1"], "accepted", moment(year.first))
    await follow_verdicts(pool, LEAD)


async def test_a_move_is_followed_by_the_register_and_counts_its_charge_point(pool: Pool) -> None:
    year = await accepted_year(pool)
    await moved_to(pool, year, "syd")
    row = (await ledger_of(pool)).row_of(year.proposals["v1"])
    assert row is not None
    assert {task.step for task in row.tasks} == {Step.CHARGER, Step.TELL_USERS, Step.MOVE}
    await year.finish("v1", "move", year.month(3, 10))
    depot = await pool.fetchval("SELECT depot_id FROM vehicle WHERE vehicle_id = 'v1'")
    assert depot == "syd"
    row = (await ledger_of(pool, "syd")).row_of(year.proposals["v1"])
    assert row is not None
    assert row.progress.total.achieved_kr == pytest.approx(12_000 / 12 * 8)
    assert row.progress.total.achieved_once_kr == -30_000


async def test_a_move_that_the_register_lacks_saves_nothing(pool: Pool) -> None:
    year = await accepted_year(pool)
    await moved_to(pool, year, "syd")
    head = replace(HEAD, departments=frozenset({"Hjemmepleje"}))
    await year.finish("v1", "move", year.month(3, 10), head)
    row = (await ledger_of(pool)).row_of(year.proposals["v1"])
    assert row is not None
    assert Sign.NOT_MOVED in row.progress.signs
    assert (row.progress.state, row.progress.total.achieved_kr) == (State.LATE, 0)


async def test_a_move_to_a_depot_that_closed_is_refused_whole(pool: Pool) -> None:
    year = await accepted_year(pool)
    await pool.execute("INSERT INTO depot VALUES ('lukket', 'Lukket', 55.6, 12.4, 150)")
    await moved_to(pool, year, "lukket")
    await pool.execute("DELETE FROM zone WHERE zone_id = 'lukket'")
    with pytest.raises(DetailsRefusedError):
        await year.finish("v1", "move", year.month(3, 10))
    task_id, _ = await year.task("v1", "move")
    assert len(await task_history(pool, task_id)) == 1


async def planned_leave(pool: Pool, contract_end: date | None) -> tuple[int, date]:
    """The id of the accepted proposal that v6 goes, of which the round knew this contract, and the
    first day of the month from which it is promised to save: the next one without a contract."""
    await accepted_year(pool)
    today = local_now()
    await pool.execute("UPDATE vehicle SET contract_end = $1 WHERE vehicle_id = 'v6'", contract_end)
    await pool.execute("UPDATE round SET finished_at = $1", today - timedelta(days=1))
    decision = Decision(
        key=DecisionKey(Action.DISPOSE, "v6"),
        action=Action.DISPOSE,
        depot_id="nord",
        vehicle_id="v6",
        vehicle="Bil 6",
        departments=("Hjemmepleje",),
        saving_kr_year=24_000.0,
        contract_end=contract_end,
        money=MoneyTerms(saving_kr_year=24_000.0, contract_end=contract_end),
    )
    content, key = decision_json(decision), str(decision.key)
    found = await pool.fetchval(PROPOSAL, 1, 6, "nord", 24_000, content, key)
    await pool.execute(VERDICT, found, "accepted", today)
    await follow_verdicts(pool, LEAD)
    row = (await ledger_of(pool)).row_of(found)
    assert row is not None
    return found, row.progress.undertaken.takes_hold


async def tasks_of(pool: Pool, proposal_id: int) -> dict[Step, Task]:
    row = (await ledger_of(pool)).row_of(proposal_id)
    assert row is not None
    return {one.step: one for one in row.tasks}


async def registered(pool: Pool, **values: object) -> None:
    """Change v6 in the register as a person does, and let the tasks follow."""
    found = await registered_vehicle(pool, "v6")
    assert found is not None
    details = found.details.with_values({VehicleField(name): it for name, it in values.items()})
    await change_vehicle(pool, UNIT, "v6", found.revision, details)
    await follow_verdicts(pool, LEAD)


UNIT = Actor.trusted("Flådeenheden")


async def test_tasks_that_wait_follow_a_contract_that_the_register_gets_later(pool: Pool) -> None:
    proposal_id, promised = await planned_leave(pool, None)
    before = await tasks_of(pool, proposal_id)
    assert set(before) == {Step.TELL_USERS, Step.HAND_OVER}
    end = months_before(promised, -24) - timedelta(days=1)
    await registered(pool, contract_end=end)
    after = await tasks_of(pool, proposal_id)
    # The contract needs its notice, which nobody knew of.
    assert set(after) == {Step.GIVE_NOTICE, Step.TELL_USERS, Step.HAND_OVER}
    assert end - timedelta(days=4) <= after[Step.HAND_OVER].due <= end
    told = months_before(promised, -23) - timedelta(days=1)
    assert told - timedelta(days=4) <= after[Step.TELL_USERS].due <= told
    assert after[Step.GIVE_NOTICE].due < after[Step.TELL_USERS].due
    assert all(one.due == one.planned for one in after.values())
    [change, _] = await task_history(pool, after[Step.HAND_OVER].task_id)
    assert change.content == {"due": after[Step.HAND_OVER].due, "follows": "contract_end"}
    assert change.actor == "Flådeenheden"
    row = (await ledger_of(pool)).row_of(proposal_id)
    assert row is not None
    # What was promised stays so, and the ledger says from when it saves.
    assert row.progress.undertaken.takes_hold == promised
    assert row.progress.undertaken.planned_from == months_before(promised, -24)
    assert Sign.CONTRACT_RUNS in row.progress.signs
    # Nothing moves when it is looked at again.
    await follow_verdicts(pool, LEAD)
    assert await tasks_of(pool, proposal_id) == after
    # The entry was a mistake. The tasks come back, but none sooner than two weeks from now.
    await registered(pool, contract_end=None)
    again = await tasks_of(pool, proposal_id)
    for step, one in before.items():
        assert again[step].due == one.due
    assert again[Step.GIVE_NOTICE] == after[Step.GIVE_NOTICE]


async def test_a_task_that_is_done_or_that_has_a_chosen_day_stays(pool: Pool) -> None:
    today = local_now().date()
    end = months_before(today.replace(day=1), -8) - timedelta(days=1)
    proposal_id, _ = await planned_leave(pool, end)
    before = await tasks_of(pool, proposal_id)
    told, gone = before[Step.TELL_USERS], before[Step.HAND_OVER]
    await finish_task(pool, SOMEBODY, told.task_id, today, seen=told.revision)
    chosen = gone.due + timedelta(days=3)
    await plan_task(pool, SOMEBODY, gone.task_id, TaskPlan(chosen, ""), seen=gone.revision)
    later = months_before(today.replace(day=1), -12) - timedelta(days=1)
    await registered(pool, contract_end=later)
    after = await tasks_of(pool, proposal_id)
    assert (after[Step.TELL_USERS].due, after[Step.TELL_USERS].planned) == (told.due, told.planned)
    assert after[Step.HAND_OVER].due == chosen
    assert later - timedelta(days=4) <= after[Step.HAND_OVER].planned <= later
    assert after[Step.GIVE_NOTICE].due > before[Step.GIVE_NOTICE].due
    # Nobody is told of a day that did not change.
    latest = (await task_history(pool, gone.task_id))[0]
    assert latest.content == {"due": chosen}
    # With the day that follows it follows again.
    moved = after[Step.HAND_OVER]
    plan = TaskPlan(moved.planned, "")
    await plan_task(pool, SOMEBODY, moved.task_id, plan, seen=moved.revision)
    await registered(pool, contract_end=end)
    assert (await tasks_of(pool, proposal_id))[Step.HAND_OVER].due == gone.due


async def test_tasks_that_wait_follow_the_day_on_which_the_register_has_the_vehicle_leave(
    pool: Pool,
) -> None:
    proposal_id, promised = await planned_leave(pool, None)
    before = await tasks_of(pool, proposal_id)
    leaves = months_before(promised, -6).replace(day=15)
    await retire_vehicle(pool, UNIT, "v6", leaves)
    await follow_verdicts(pool, LEAD)
    after = await tasks_of(pool, proposal_id)
    assert leaves - timedelta(days=6) <= after[Step.HAND_OVER].due < leaves
    [change, _] = await task_history(pool, after[Step.HAND_OVER].task_id)
    assert change.content["follows"] == "retired_at"
    row = (await ledger_of(pool)).row_of(proposal_id)
    assert row is not None
    assert row.progress.undertaken.planned_from == months_before(promised, -7)
    assert Sign.LEAVES_LATER in row.progress.signs
    # It was not late by its first day, and is by the new one.
    task = after[Step.HAND_OVER]
    assert (task.is_late(task.due), task.is_late(leaves)) == (False, True)
    # It stays after all, for now.
    await take_back_vehicle(pool, UNIT, "v6")
    await follow_verdicts(pool, LEAD)
    again = await tasks_of(pool, proposal_id)
    assert {step: one.due for step, one in again.items()} == {
        step: one.due for step, one in before.items()
    }


def told(moved: list[MovedTask]) -> Letter:
    """The days of the tasks of a mail, one a line."""
    return Letter("flyttet", "\n".join(f"{one.step} {one.before} {one.after}" for one in moved))


#: Ends the connections that wait to put a mail; how many they are.
END_WAITING_MAIL = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO mail%'
"""


async def mails(pool: Pool) -> dict[str, str]:
    """The text of each mail by its reader's address."""
    rows = await pool.fetch("SELECT recipient, body FROM mail ORDER BY mail_id")
    assert len({row["recipient"] for row in rows}) == len(rows)
    return {row["recipient"]: row["body"] for row in rows}


async def test_owners_of_tasks_that_moved_get_one_mail_also_after_a_lost_connection(
    pool: Pool,
) -> None:
    proposal_id, _ = await planned_leave(pool, None)
    people = {
        name: await person(pool, name, role, departments)
        for name, role, departments in (
            ("Anna", Role.FLEET_UNIT, ()),
            ("Hanne", Role.DEPARTMENT_HEAD, ("Hjemmepleje",)),
            ("Jens", Role.DEPARTMENT_HEAD, ("Jobcenter",)),
        )
    }
    for name, one in people.items():
        await set_address(pool, SOMEBODY, one.account_id, f"{name.lower()}@kommune.dk")
    before = await tasks_of(pool, proposal_id)
    gone = before[Step.HAND_OVER]
    plan = TaskPlan(gone.due, "Anna")
    await plan_task(pool, SOMEBODY, gone.task_id, plan, seen=gone.revision)
    assert before[Step.TELL_USERS].owner == "Hjemmepleje"
    end = months_before(gone.due.replace(day=1), -30) - timedelta(days=1)
    found = await registered_vehicle(pool, "v6")
    assert found is not None
    details = found.details.with_values({VehicleField.CONTRACT_END: end})
    await change_vehicle(pool, UNIT, "v6", found.revision, details)

    # The connection is lost while the mails are being put.
    async with pool.acquire() as connection:
        holding = connection.transaction()
        await holding.start()
        await connection.execute("LOCK TABLE mail IN EXCLUSIVE MODE")
        following = asyncio.create_task(follow_verdicts(pool, LEAD, told))
        async with asyncio.timeout(20):
            ended = 0
            while not ended:
                await asyncio.sleep(0.02)
                ended = await pool.fetchval(END_WAITING_MAIL)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await following
        await holding.rollback()
    assert await mails(pool) == {}
    assert (await tasks_of(pool, proposal_id))[Step.TELL_USERS].due == before[Step.TELL_USERS].due

    for _ in range(2):
        await follow_verdicts(pool, LEAD, told)
        after = await tasks_of(pool, proposal_id)
        steps = {"anna@kommune.dk": Step.HAND_OVER, "hanne@kommune.dk": Step.TELL_USERS}
        assert await mails(pool) == {
            address: f"{step} {before[step].due} {after[step].due}"
            for address, step in steps.items()
        }
        assert all(before[step].due < after[step].due for step in steps.values())


async def test_what_was_late_stays_late_when_the_register_gets_a_day(pool: Pool) -> None:
    year = await accepted_year(pool)
    await retire_vehicle(pool, UNIT, "v1", local_now().date() - timedelta(days=1))
    await follow_verdicts(pool, LEAD)
    row = (await ledger_of(pool)).row_of(year.proposals["v1"])
    assert row is not None
    assert row.progress.state is State.LATE
    assert {Sign.OVERDUE, Sign.NOT_HANDED_OVER} <= set(row.progress.signs)
