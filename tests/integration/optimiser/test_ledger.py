"""Accepted proposals become tasks, the register follows, and the ledger says what was saved."""

from dataclasses import replace
from datetime import timedelta

import pytest

from costs.budget import MoneyTerms
from db.connect import Pool
from db.scope.seen import seen_by
from fleet.actor import Actor, Permission
from fleet.localtime import local_now
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Arrival, Decision, decision_json
from optimiser.ledger.hired import NothingReadError, import_hired_list
from optimiser.ledger.progress import Sign, State
from optimiser.ledger.steps import Step
from optimiser.ledger.stored import Ledger, read_ledger
from optimiser.ledger.tasks import (
    NoTaskError,
    TaskChangedError,
    TaskDayError,
    TaskPlan,
    UnknownOwnerError,
    finish_task,
    plan_task,
    task_history,
)
from optimiser.ledger.undertakings import follow_verdicts
from register.inventory.changes import DetailsRefusedError
from register.vehicles import scope_of
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


async def test_a_vehicle_that_was_sold_outside_the_system_says_so(pool: Pool) -> None:
    year = await accepted_year(pool)
    await pool.execute("UPDATE vehicle SET retired_at = $1 WHERE vehicle_id = 'v1'", year.month(4))
    await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d2', 'v2');")
    await pool.execute(
        "INSERT INTO device_day VALUES ('d2', $1, 1, 1, 0, 0, 0, 0, 0)",
        local_now().date() - timedelta(days=30),
    )
    first, second = (await ledger_of(pool)).rows[:2]
    assert Sign.SOLD_OUTSIDE in first.progress.signs
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
        "INSERT INTO device_day VALUES ('d1', $1, 1, 1, 2, 9, 0, 0, 0)", year.month(5)
    )
    await year.finish("v1", "hand_over", year.month(4))
    assert Sign.STILL_DRIVES in (await ledger_of(pool)).rows[0].progress.signs


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
        arrival=Arrival(
            depot_id=depot_id,
            department="",
            saving_kr_year=20_000.0,
            saving_co2_t_year=0.0,
            money=MoneyTerms(saving_kr_year=20_000.0),
            charge_points=1,
            days_used=0,
            trips=0,
            km=0.0,
        ),
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
