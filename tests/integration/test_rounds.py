"""A generated pilot of 60 vehicles over 8 weeks becomes proposals, with a proof."""

import time
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.jobs import ATTEMPTS_MAX, ROUND, jobs_app, queue_round, rescue
from db.connect import Pool
from fleet.period import Period
from fleet.settings import Settings
from optimiser.basis import kept_basis
from optimiser.candidates import Fate, fate
from optimiser.check import check_plan
from optimiser.proposal import read_proposal
from optimiser.service import RoundActive, read_depots, request_round, run_round
from simulators.pilot import Pilot
from tests.conftest import empty_tables
from tests.pilot import load_pilot
from trips.utilisation import data_period

START = date(2026, 9, 28)


@dataclass(frozen=True)
class Round:
    """The pilot, and the round that was answered on it."""

    pool: Pool
    pilot: Pilot
    settings: Settings
    period: Period
    seconds: float
    row: Any

    @property
    def summary(self) -> dict[str, Any]:
        return self.row["plan"]


@pytest.fixture(scope="module")
async def answered(shared_pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Round:
    await empty_tables(shared_pool)
    directory = tmp_path_factory.mktemp("pilot")
    settings = Settings(data_dir=directory)  # pyright: ignore[reportCallIssue]
    pilot = await load_pilot(shared_pool, directory, start=START, weeks=8, vehicles=60)
    period = await data_period(shared_pool, settings.period_weeks)
    assert period is not None
    began = time.monotonic()
    round_id = await request_round(shared_pool, period, "test")
    await run_round(shared_pool, round_id, settings)
    seconds = time.monotonic() - began
    row = await shared_pool.fetchrow("SELECT * FROM round WHERE round_id = $1", round_id)
    return Round(shared_pool, pilot, settings, period, seconds, row)


async def test_proposals_come_within_a_minute_and_a_percent_of_the_best(answered: Round) -> None:
    assert answered.row["state"] == "done", answered.row["message"]
    assert answered.seconds < 60
    assert 0 <= answered.summary["gap"] <= 0.01
    cost = answered.summary["proposed"]["cost_kr_year"]
    assert answered.summary["lower_bound_kr_year"] <= cost
    assert cost < answered.summary["baseline"]["cost_kr_year"]
    assert answered.summary["proposed"]["vehicles"] < answered.summary["baseline"]["vehicles"]


async def test_every_plan_keeps_every_rule_and_its_cost_adds_up(answered: Round) -> None:
    """From PLAN.json and the tables alone, by a checker that shares no code with the solver."""
    rules = {name: value for name, value in answered.row["rules"].items() if value is not None}
    trips = await answered.pool.fetch(
        "SELECT device, start_ts, end_ts, km, r.depot_id, k.offers FROM round_trip r"
        " JOIN vehicle USING (vehicle_id) JOIN vehicle_kind k USING (kind)"
        " WHERE measured_in = 'km'"
    )
    basis = await kept_basis(answered.pool, answered.row["round_id"])
    assert basis is not None
    kinds = {name: asdict(kind) for name, kind in basis.kinds.items()}
    vehicles = await answered.pool.fetch(
        "SELECT depot_id, kind, count(*) AS now FROM vehicle WHERE measured_in = 'km' GROUP BY 1, 2"
    )
    now = {(row["depot_id"], row["kind"]): row["now"] for row in vehicles}
    cost = 0.0
    for plan in answered.summary["plans"]:
        [pool] = {line["pool"] for line in plan["fleet"]}
        wrong = check_plan(
            plan,
            [
                {
                    "trip_id": f"{row['device']} {row['start_ts']:%Y-%m-%dT%H:%M:%S.%fZ}",
                    "start": row["start_ts"].isoformat(),
                    "end": row["end_ts"].isoformat(),
                    "km": repr(row["km"]),
                    "pool": pool,
                    "needs": ";".join(row["offers"]),
                }
                for row in trips
                if row["depot_id"] == pool
            ],
            [
                {
                    "type": line["type"],
                    "pool": pool,
                    "count_now": str(now.get((pool, line["type"]), 0)),
                    "offers": ";".join(kinds[line["type"]]["offers"]),
                    **{
                        name: str(kinds[line["type"]][name] or "")
                        for name in ("energy", "range_km", "charge_km_h")
                    },
                    **{
                        name: repr(kinds[line["type"]][name])
                        for name in ("fixed_kr_year", "kr_km", "co2_g_km")
                    },
                }
                for line in plan["fleet"]
            ],
            rules,
        )
        assert wrong == []
        cost += plan["cost_kr_year"]
    assert cost == pytest.approx(answered.summary["proposed"]["cost_kr_year"])


async def test_the_savings_of_the_proposals_add_up_to_the_rounds(answered: Round) -> None:
    rows = await answered.pool.fetch("SELECT content FROM proposal ORDER BY rank")
    proposals = [read_proposal(row["content"]) for row in rows]
    assert len(proposals) >= 3
    assert [p.saving_kr_year for p in proposals] == sorted(
        (p.saving_kr_year for p in proposals), reverse=True
    )
    summary = answered.summary
    unchanged_kr = sum(
        plan["baseline"]["cost_kr_year"] - plan["cost_kr_year"]
        for plan in summary["plans"]
        if all(line["count"] == line["count_now"] for line in plan["fleet"])
    )
    saved = sum(p.saving_kr_year for p in proposals) + unchanged_kr
    assert saved == pytest.approx(
        summary["baseline"]["cost_kr_year"] - summary["proposed"]["cost_kr_year"], abs=1
    )


async def test_silent_trackers_contracts_and_machines_are_never_proposed_away(
    answered: Round,
) -> None:
    depots = await read_depots(answered.pool, answered.period, answered.settings)
    bound = {c.vehicle_id for d in depots for c in d.candidates if c.fate is not Fate.CAN_GO}
    silent = {c.vehicle_id for d in depots for c in d.candidates if c.fate is Fate.SILENT}
    of_device = {v.device: v.vehicle_id for v in answered.pilot.vehicles}
    assert {of_device[s.device] for s in answered.pilot.silences} <= silent
    rows = await answered.pool.fetch("SELECT content FROM proposal")
    gone = {v.vehicle_id for row in rows for v in read_proposal(row["content"]).let_go}
    assert gone
    assert not gone & bound


async def test_every_vehicle_let_go_says_who_takes_over_its_trips(answered: Round) -> None:
    rows = await answered.pool.fetch("SELECT content FROM proposal")
    for row in rows:
        proposal = read_proposal(row["content"])
        staying = {vehicle.name for vehicle in proposal.keep}
        for gone in proposal.let_go:
            assert gone.trips == 0 or gone.taken_over_by or gone.to_fallback
            assert all(name in staying or name.startswith("+") for name in gone.taken_over_by)


async def test_there_is_one_round_at_a_time(pool: Pool) -> None:
    period = Period(START, START)
    await request_round(pool, period, "a")
    with pytest.raises(RoundActive):
        await request_round(pool, period, "b")


async def test_a_round_without_data_fails_with_a_reason(pool: Pool, settings: Settings) -> None:
    round_id = await request_round(pool, Period(START, START), "a")
    await run_round(pool, round_id, settings)
    row = await pool.fetchrow("SELECT state, message FROM round")
    assert row is not None
    assert row["state"] == "failed"
    assert "no vehicle" in row["message"]


async def test_rules_that_cannot_be_fail_the_round_with_their_name(
    pool: Pool, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "rules.toml").write_text("turnaround_min = -5\n")
    own = settings.model_copy(update={"round_rules": tmp_path / "rules.toml"})
    round_id = await request_round(pool, Period(START, START), "a")
    await run_round(pool, round_id, own)
    assert "turnaround_min" in await pool.fetchval("SELECT message FROM round")


async def test_the_round_of_a_worker_that_died_is_taken_up_again_and_not_for_ever(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    round_id = await request_round(pool, Period(START, START), "a")
    async with jobs_app(database_url, pool, settings) as jobs:
        await queue_round(jobs, round_id)
        # As a worker leaves it that is killed: the job is being done, by nobody.
        died = "UPDATE procrastinate_jobs SET status = 'doing', attempts = $1 WHERE task_name = $2"
        await pool.execute(died, ATTEMPTS_MAX - 1, ROUND)
        await rescue(jobs, pool)
        job = "SELECT status::text FROM procrastinate_jobs WHERE task_name = $1"
        assert await pool.fetchval(job, ROUND) == "todo"
        await pool.execute(died, ATTEMPTS_MAX, ROUND)
        await rescue(jobs, pool)
        assert await pool.fetchval(job, ROUND) == "failed"
    row = await pool.fetchrow("SELECT state, message FROM round")
    assert row is not None
    assert (row["state"], row["message"]) == ("failed", "the worker died with it repeatedly")


@pytest.mark.parametrize(
    ("contract_end", "heard", "measured_in", "expected"),
    [
        (None, 1.0, "km", Fate.CAN_GO),
        (date(2027, 1, 1), 1.0, "km", Fate.CAN_GO),
        (date(2029, 1, 1), 1.0, "km", Fate.CONTRACT),
        (None, 0.5, "km", Fate.SILENT),
        (None, None, "km", Fate.SILENT),
        (None, 1.0, "hours", Fate.MACHINE),
    ],
)
def test_what_may_be_decided_on_a_vehicle(
    contract_end: date | None, heard: float | None, measured_in: str, expected: Fate
) -> None:
    found = fate(
        contract_end=contract_end,
        keep_until=date(2027, 6, 1),
        heard_share=heard,
        coverage_min=0.8,
        measured_in=measured_in,
    )
    assert found is expected
