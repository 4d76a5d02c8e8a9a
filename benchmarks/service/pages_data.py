"""What the pages of a fleet's year show beside its trips: a round of proposals with its studies,
and what people did with it in the four weeks since."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from api.jobs import jobs_app, queue_round, queue_what_if
from api.settings import Settings
from benchmarks.service.server import serving
from costs.assumptions import FigureKey
from db.connect import Pool
from fleet.localtime import local_now
from fleet.vehicle import Energy
from optimiser.ledger.undertakings import follow_verdicts, lead_times
from optimiser.pilot_end.goals import GoalText, Metric, state_goal
from optimiser.purchases.principles import Principle
from optimiser.purchases.purchases import NewPurchase, record_new
from optimiser.purchases.requests import NewRequest
from optimiser.purchases.requests import ask as ask_for_vehicle
from optimiser.rounds.decisions import Chosen, Verdict, decide_several
from optimiser.rounds.proposals import proposed_changes
from optimiser.rounds.requests import request_round
from optimiser.trial.nightly import try_days
from optimiser.what_if.changes import ChangedFigure, Changes
from optimiser.what_if.requests import WhatIfRequest, keep, share
from optimiser.what_if.requests import ask as ask_what_if
from optimiser.workers import open_workers
from tests.factories.access import Visitor
from tests.factories.actors import SOMEBODY
from trips.use.fleet_use import data_period

#: How long a round, its studies and a what-if may take.
WAIT_S_MAX = 1_800
STUDIES_TO_COME = (
    "SELECT EXISTS (SELECT FROM round_part"
    " WHERE part_plan IS NOT NULL AND study IS NULL AND study_reason IS NULL)"
)
#: The round ended so long ago, and its fleet was tried on each day since.
AGE = timedelta(weeks=4)


async def add_round(pool: Pool, url: str, weeks: int) -> None:
    """Have a round of proposals worked out, with its studies."""
    settings = Settings.model_validate({"database_url": url})
    period = await data_period(pool, min(weeks, settings.period_weeks))
    assert period is not None
    began = time.perf_counter()
    async with serving(url, "api,worker"):
        async with jobs_app(url, pool, settings) as jobs:
            await queue_round(jobs, await request_round(pool, SOMEBODY, period))
        while (state := await pool.fetchval("SELECT state FROM round")) in ("queued", "running"):
            await _wait(began)
        planned_s = time.perf_counter() - began
        while await pool.fetchval(STUDIES_TO_COME):
            await _wait(began)
    studied_s = time.perf_counter() - began
    print(
        f"a round on {period}: {state} after {planned_s:.0f} s, studied after {studied_s:.0f} s",
        flush=True,
    )


async def add_what_was_done(pool: Pool, url: str, tester: Visitor) -> None:
    """Have people decide on a half of the round's changes, its fleet tried each day, a vehicle
    asked for and one bought, a goal stated, a what-if answered and two reports kept."""
    settings = Settings.model_validate({"database_url": url})
    await pool.execute("UPDATE round SET finished_at = finished_at - $1::interval", AGE)
    round_id = await pool.fetchval("SELECT max(round_id) FROM round WHERE state = 'done'")
    changes = await proposed_changes(pool, round_id)
    for verdict, some in ((Verdict.ACCEPTED, changes[::3]), (Verdict.REJECTED, changes[1::6])):
        chosen = [Chosen(one.proposal_id, None) for one in some]
        await decide_several(pool, SOMEBODY, chosen, verdict, "A reason.")
    await follow_verdicts(pool, lead_times(settings))
    async with open_workers() as workers:
        tried = await try_days(pool, settings, workers, datetime.now(UTC))
    print(f"{len(changes)} changes, of which half are decided on; {tried.tried} days tried")
    await _add_purchases(pool)
    today = local_now().date()
    by = today + timedelta(days=365)
    goal = GoalText(metric=Metric.USE, target=0.5, by=by, source="A decision.")
    await state_goal(pool, SOMEBODY, goal)
    await _add_what_if(pool, url, settings, round_id)
    async with serving(url, "api") as base, tester.client(base_url=base) as session:
        for _ in range(2):  # one is compared with the other
            async with session.post("/proposals/reports", data={}) as answer:
                assert answer.status == 200, await answer.text()


async def _add_purchases(pool: Pool) -> None:
    row = await pool.fetchrow("SELECT * FROM vehicle ORDER BY vehicle_id LIMIT 1")
    assert row is not None
    today = local_now().date()
    wish = NewRequest(
        department=row["department"],
        depot_id=row["depot_id"],
        kind=None,
        needs=frozenset(),
        energy=Energy.ELECTRIC,
        wanted_from=today + timedelta(days=90),
        days_week=4.0,
        reason="A reason.",
        replaces=row["vehicle_id"],
    )
    await ask_for_vehicle(pool, SOMEBODY, wish)
    bought = NewPurchase(
        bought_on=today,
        kind=row["kind"],
        department=row["department"],
        price_kr=200_000.0,
        lease_kr_year=None,
        principle=Principle.GREEN,
        reason="A reason.",
        not_green="A reason.",
    )
    await record_new(pool, SOMEBODY, bought)


async def _add_what_if(pool: Pool, url: str, settings: Settings, round_id: int) -> None:
    depots = await pool.fetchval(
        "SELECT depots FROM round_part WHERE round_id = $1 AND part_plan IS NOT NULL"
        " ORDER BY part LIMIT 1",
        round_id,
    )
    figures = (ChangedFigure(key=FigureKey.ELECTRICITY_KR_KWH, value=4.0),)
    asked = WhatIfRequest(
        round_id=round_id,
        name="A price",
        depots=tuple(depots[:1]),
        changes=Changes(figures=figures),
    )
    what_if_id = await ask_what_if(pool, SOMEBODY, asked)
    began = time.perf_counter()
    async with jobs_app(url, pool, settings) as jobs, serving(url, "worker"):
        await queue_what_if(jobs, what_if_id)
        state_of = "SELECT state FROM what_if WHERE what_if_id = $1"
        while await pool.fetchval(state_of, what_if_id) in ("queued", "running"):
            await _wait(began)
    await keep(pool, SOMEBODY, what_if_id)
    await share(pool, SOMEBODY, what_if_id)


async def _wait(began: float) -> None:
    if time.perf_counter() - began > WAIT_S_MAX:
        raise SystemExit(f"the data of the pages are not done after {WAIT_S_MAX} s")
    await asyncio.sleep(1)


#: The pages with a value in their address, and the one that is measured of each.
_VALUES = (
    ("/proposals/{}", "SELECT min(proposal_id) FROM proposal"),
    ("/proposals/{}/days", "SELECT min(proposal_id) FROM proposal"),
    ("/proposals/rounds/{}", "SELECT min(round_id) FROM round"),
    ("/proposals/reports/{}", "SELECT max(report_id) FROM report"),
    ("/plan/milestones/{}", "SELECT min(milestone_id) FROM milestone"),
    ("/catalogue/{}", "SELECT min(kind) FROM vehicle_kind"),
    ("/assumptions/{}", "SELECT 'diesel_kr_l'"),
    (
        "/trial/{}",
        "SELECT depot_id FROM trial_day GROUP BY depot_id ORDER BY sum(missed) DESC LIMIT 1",
    ),
    ("/what-ifs/{}", "SELECT max(what_if_id) FROM what_if"),
    ("/ledger/tasks/{}", "SELECT min(task_id) FROM task"),
    ("/purchases/requests/{}", "SELECT max(request_id) FROM vehicle_request"),
    ("/purchases/principles/{}", "SELECT 'least_use'"),
    ("/purchases/{}", "SELECT max(purchase_id) FROM purchase"),
    ("/evaluation/goals/{}", "SELECT max(goal_id) FROM pilot_goal_change"),
    ("/accounts/{}", "SELECT min(account_id) FROM account"),
)


async def paths_with_values(pool: Pool) -> list[str]:
    """The pages of one vehicle, tracker, proposal, round, and so on."""
    one = await pool.fetchrow(
        "SELECT vehicle_id, device FROM vehicle JOIN device USING (vehicle_id) ORDER BY 1 LIMIT 1"
    )
    assert one is not None
    vehicle = f"/vehicles/{quote(one['vehicle_id'], safe='')}"
    paths = [vehicle, *(f"{vehicle}/{page}" for page in ("year", "register", "future", "private"))]
    paths.append(f"/intake/trackers/{quote(one['device'], safe='')}")
    for path, found in _VALUES:
        value = await pool.fetchval(found)
        if value is not None:
            paths.append(path.format(quote(str(value), safe="")))
    return paths
