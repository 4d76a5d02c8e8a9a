"""A generated pilot of 60 vehicles over 4 weeks becomes proposals, with a proof."""

import asyncio
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from pydantic import ValidationError

from api.jobs import ATTEMPTS_MAX, jobs_app, queue_round, rescue_jobs
from api.settings import Settings
from costs.assumptions import Figure, FigureKey
from costs.assumptions_stored import put_assumption, withdraw_assumption
from costs.basis import stored_basis
from costs.own_cost import NoSale
from db.connect import Pool
from db.scope.seen import seen_by
from fleet.actor import Actor
from fleet.period import Period
from optimiser.depot.change_money import LackingFigure
from optimiser.depot.decision_key import Action
from optimiser.depot.fate import Fate, vehicle_fate
from optimiser.model.body import VERSION
from optimiser.model.check import check_plan
from optimiser.model.plan import Plan
from optimiser.model.remark import in_english
from optimiser.parts.part_plan import counted_input, part_problem, read_part_plan
from optimiser.rounds.basis import latest_dependences, old_figures
from optimiser.rounds.data import read_depots
from optimiser.rounds.decisions import Verdict, decide
from optimiser.rounds.failure import FailureReason
from optimiser.rounds.jobs import ROUND_JOB, STUDY_JOB
from optimiser.rounds.overview import latest_round, latest_run
from optimiser.rounds.part_input import read_part_input
from optimiser.rounds.prepare import RULES_OF_SETTINGS, prepare_round
from optimiser.rounds.requests import (
    RoundActive,
    cancel_round,
    choose_fleet,
    request_round,
    request_version,
)
from optimiser.rounds.studies import depot_plans, round_studies
from optimiser.rounds.study_part import fail_study, study_part
from optimiser.studies.curve import curve
from optimiser.studies.study import Study, read_study
from optimiser.workers import Workers
from reports.certificate import archive, certify
from simulators.pilot import Pilot
from tests.conftest import empty_tables
from tests.factories.command import flaade
from tests.factories.pilot import load_pilot
from tests.factories.rounds import answer_round, run_round
from tests.unit.costs.test_budget import by_the_month
from trips.use.fleet_use import data_period

#: The round that most tests share has every study, which takes minutes on a busy machine.
pytestmark = pytest.mark.timeout(900)

START = date(2026, 9, 28)

#: Every study, with fewer points on a curve, and less time for what cannot be proven soon.
QUICK_STUDIES = {"study_seconds_max": 6.0, "curve_solves": 4}
ACTOR = Actor.trusted("test")


@dataclass(frozen=True)
class Round:
    """The pilot, and the round that was answered on it."""

    pool: Pool
    pilot: Pilot
    settings: Settings
    period: Period
    row: Any

    @property
    def round_id(self) -> int:
        return self.row["round_id"]

    @property
    def summary(self) -> dict[str, Any]:
        return self.row["summary"]


async def changes(pool: Pool, round_id: int) -> list[dict[str, Any]]:
    """The decisions of a version that change something."""
    rows = await pool.fetch("SELECT content FROM proposal WHERE round_id = $1", round_id)
    return [row["content"] for row in rows if row["content"]["action"] != Action.KEEP]


async def studies_of(pool: Pool, round_id: int) -> list[Study]:
    rows = await pool.fetch("SELECT study FROM round_part WHERE round_id = $1", round_id)
    return [read_study(row["study"]) for row in rows]


def joined(plans: list[dict[str, Any]]) -> dict[str, Any]:
    """The plans of parts as one, as vehicles may move between them."""

    def answer(parts: list[dict[str, Any]]) -> dict[str, Any]:
        cost, bound = (
            sum(one[name] for one in parts) for name in ("cost_kr_year", "lower_bound_kr_year")
        )
        return parts[0] | {
            "status": "feasible",
            "cost_kr_year": cost,
            "lower_bound_kr_year": bound,
            "gap": (cost - bound) / cost,
            "co2_t_year": sum(one["co2_t_year"] for one in parts),
            "unserved_by_fleet": sum(one["unserved_by_fleet"] for one in parts),
            "fleet": [line for one in parts for line in one["fleet"]],
            "assignments": [line for one in parts for line in one["assignments"]],
            "broken_rules": [line for one in parts for line in one.get("broken_rules", ())],
        }

    baseline = answer([plan["baseline"] for plan in plans])
    return answer(plans) | {"baseline": baseline}


async def silent_vehicles(found: Round) -> list[str]:
    """The vehicles of which too little is known in the period of the round."""
    ids = [row["depot_id"] for row in await found.pool.fetch("SELECT depot_id FROM depot")]
    depots = await read_depots(found.pool, found.period, found.settings, ids)
    return [c.vehicle_id for d in depots for c in d.vehicles if c.fate is Fate.UNKNOWN]


@pytest.fixture(scope="module")
async def answered(
    shared_pool: Pool, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Round:
    await empty_tables(shared_pool)
    directory = tmp_path_factory.mktemp("pilot")
    settings = Settings.model_validate({"data_dir": directory} | QUICK_STUDIES)
    pilot = await load_pilot(shared_pool, directory, start=START, weeks=4, vehicles=60)
    period = await data_period(shared_pool, settings.period_weeks)
    assert period is not None
    # Neither moves a yearly cost: the vehicles of the pilot are rented, and none of them is sold.
    await shared_pool.execute("UPDATE vehicle SET sale_value_kr = 25000, exit_cost_kr = 3000")
    await shared_pool.execute("UPDATE zone SET charge_points = 40")
    round_id = await request_round(shared_pool, ACTOR, period)
    await run_round(database_url, shared_pool, round_id, settings)
    row = await shared_pool.fetchrow("SELECT * FROM round WHERE round_id = $1", round_id)
    return Round(shared_pool, pilot, settings, period, row)


async def test_proposals_come_within_a_percent_of_the_best(answered: Round) -> None:
    assert answered.row["state"] == "done", answered.row["detail"]
    assert 0 <= answered.summary["gap"] <= 0.01
    cost = answered.summary["proposed"]["cost_kr_year"]
    assert answered.summary["lower_bound_kr_year"] <= cost
    assert cost < answered.summary["baseline"]["cost_kr_year"]
    assert answered.summary["proposed"]["vehicles"] < answered.summary["baseline"]["vehicles"]


async def test_every_plan_keeps_every_rule_and_its_cost_adds_up(answered: Round) -> None:
    """From PLAN.json and the tables alone, by a checker that shares no code with the solver."""
    rules = {
        name: value
        for name, value in answered.row["rules"].items()
        if value is not None and name not in RULES_OF_SETTINGS
    }
    assert rules["no_fallback_needs"][-1] == "department:Hjemmeplejen"
    rules["no_fallback_pools"] = ["hjemmepleje-lyngby", "hjemmepleje-virum"]
    silent = await silent_vehicles(answered)
    assert silent
    trips = await answered.pool.fetch(
        "SELECT trip_number, start_ts, end_ts, km, r.depot_id, k.offers FROM round_trip r"
        " JOIN vehicle USING (vehicle_id) JOIN vehicle_kind k USING (kind)"
        " WHERE measured_in = 'km' AND vehicle_id <> ALL ($1)",
        silent,
    )
    basis = await stored_basis(answered.pool, answered.row["round_id"])
    assert basis is not None
    kinds = {name: asdict(kind) for name, kind in basis.kinds.items()}
    vehicles = await answered.pool.fetch(
        "SELECT depot_id, kind, count(*) AS now FROM vehicle"
        " WHERE measured_in = 'km' AND vehicle_id <> ALL ($1) GROUP BY 1, 2",
        silent,
    )
    now = {(row["depot_id"], row["kind"]): row["now"] for row in vehicles}
    parts = "SELECT part_plan FROM round_part WHERE round_id = $1"
    rows = await answered.pool.fetch(parts, answered.round_id)
    plan = joined([row["part_plan"]["fleet_plan"] for row in rows])
    pools = {line["pool"] for line in plan["fleet"]}
    wrong = check_plan(
        plan,
        [
            {
                "trip_id": f"round trip {row['trip_number']}",
                "start": row["start_ts"].isoformat(),
                "end": row["end_ts"].isoformat(),
                "km": repr(row["km"]),
                "pool": row["depot_id"],
                "needs": ";".join(row["offers"]),
            }
            for row in trips
            if row["depot_id"] in pools
        ],
        [
            {
                "type": line["type"],
                "pool": line["pool"],
                "count_now": str(now.get((line["pool"], line["type"]), 0)),
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
    cost = plan["cost_kr_year"]
    # Silent vehicles cost what they were measured to drive, beside the plans.
    driven = await answered.pool.fetch(
        "SELECT kind, coalesce(sum(km), 0) AS km FROM vehicle LEFT JOIN round_trip"
        " USING (vehicle_id) WHERE vehicle_id = ANY ($1) GROUP BY vehicle_id, kind",
        silent,
    )
    for row in driven:
        kind, km = basis.kinds[row["kind"]], row["km"] * 365 / rules["period_days"]
        cost += kind.fixed_kr_year - kind.all_charge_points_kr_year
        cost += km * (kind.kr_km + rules["co2_kr_t"] * kind.co2_g_km / 1e6)
    assert cost == pytest.approx(answered.summary["proposed"]["cost_kr_year"])


async def test_what_a_round_keeps_tells_the_version_of_its_shape(answered: Round) -> None:
    for body in (
        "summary FROM round",
        "part_plan FROM round_part",
        "study FROM round_part",
        "content FROM proposal",
    ):
        name, _, table = body.split()
        versions = await answered.pool.fetch(
            f"SELECT {name} -> 'version' AS version FROM {table} WHERE {name} IS NOT NULL"
        )
        assert versions, body
        assert {row["version"] for row in versions} == {VERSION}, body


async def test_no_more_trips_than_today_lack_a_vehicle_while_one_is_in_the_workshop(
    answered: Round,
) -> None:
    """On the days of the plan, and of a fleet that was chosen on the first weeks on the others."""
    pool, row = answered.pool, answered.row
    kept = 0
    for part in await pool.fetch("SELECT part, part_plan FROM round_part"):
        asked = await read_part_input(pool, row["round_id"], part["part"], row, answered.settings)
        plan = read_part_plan(part["part_plan"])
        counted = counted_input(replace(asked, coming=plan.coming, kept=plan.kept))
        part_of_round = part_problem(counted)
        problem, ready = part_of_round.problem, part_of_round.ready
        assert ready is not None
        counts = Plan.from_json(plan.fleet_plan).best.counts_of(problem.kinds)
        assert all(found.excess(counts) == 0 for found in ready.workshops(problem).values())
        kept += sum(one.kept for one in plan.kept)
    found = await latest_round(pool)
    assert found is not None
    assert len(found.kept_for_workshop) == kept > 0
    tests = [
        depot.found
        for study in await studies_of(pool, answered.round_id)
        for depot in study.backtest
        if depot.found is not None
    ]
    then, today = (
        [one.to_fallback for one in fleets if one is not None]
        for fleets in ([t.workshop for t in tests], [t.workshop_today for t in tests])
    )
    assert len(then) == len(today)
    # Two weeks do not show everything of the next two.
    assert sum(then) <= sum(today) + sum(one.chosen.trips for one in tests) / 1_000


async def test_the_savings_of_the_decisions_add_up_to_the_rounds(answered: Round) -> None:
    rows = await answered.pool.fetch("SELECT rank, saving_kr_year FROM proposal ORDER BY rank")
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    summary = answered.summary
    assert sum(row["saving_kr_year"] for row in rows) == pytest.approx(
        summary["baseline"]["cost_kr_year"] - summary["proposed"]["cost_kr_year"], abs=1
    )


async def test_a_move_is_told_at_both_depots_and_the_sums_of_each_are_its_own(
    answered: Round, workers: Workers, tmp_path: Path
) -> None:
    """Where nothing stays for the workshop, more than one depot can use what another lets go. The
    proof of such a round stands its check."""
    pool, before = answered.pool, answered.round_id
    settings = answered.settings.model_copy(update={"workshop_ready": False})
    round_id = await request_round(pool, ACTOR, answered.period)
    await answer_round(pool, round_id, settings, workers, studied=False)
    try:
        await _moves_are_told(pool, round_id)
        certificate = await certify(pool, ACTOR, round_id, settings)
        assert certificate is not None
        assert list(certificate.unchecked) == []
        assert certificate.in_sum == {"green_only_new": True, "green_keep": True}
        (tmp_path / "bevis.zip").write_bytes(archive(certificate, b"%PDF-"))
        done = await asyncio.to_thread(flaade, "check-certificate", "bevis.zip", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
    finally:
        for table in ("proposal", "round_part", "round"):
            await pool.execute(f"DELETE FROM {table} WHERE round_id > $1", before)


async def _moves_are_told(pool: Pool, round_id: int) -> None:
    found = await latest_round(pool)
    assert found is not None
    moves = [
        one
        for whole in found.own_changes
        for one in whole.singles
        if one.decision.action is Action.MOVE
    ]
    assert moves
    plans = {plan.depot_id: plan for plan in await depot_plans(pool, round_id)}
    for one in moves:
        end = one.decision.arrival
        assert end is not None
        assert one.to_depot == await pool.fetchval(
            "SELECT name FROM depot WHERE depot_id = $1", end.depot_id
        )
        assert end.depot_id != one.depot_id
        [kind] = [c for c in plans[end.depot_id].changes if c.kind == one.decision.kind]
        assert kind.count > 0
        # The vehicle is there already: no other one is bought, and this one is not sold.
        assert one.decision.money is not None
        assert (one.decision.money.price_kr, one.decision.money.sale_kr) == (0, 0)
    # On the page of depots each saves what its decisions save, and all add up to the round.
    for depot_id, plan in plans.items():
        budget = found.budget_of(depot_id)
        assert budget.saving_kr_year == pytest.approx(
            plan.baseline.cost_kr_year - plan.proposed.cost_kr_year, abs=1
        )
    assert sum(found.budget_of(depot_id).paid_kr_year for depot_id in plans) == pytest.approx(
        found.budget.paid_kr_year
    )
    assert found.saving_kr_year == pytest.approx(found.budget.saving_kr_year, abs=1)
    assert found.saving_kr_year == pytest.approx(found.changes.saving_kr_year, abs=1)


async def test_no_proposal_is_below_the_least_saving(answered: Round) -> None:
    found = await latest_round(answered.pool)
    assert found is not None
    assert found.own_changes
    for one in found.own_changes:
        told = one.decision
        is_needed = told.left_out_trips or told.left_out_spare or told.left_out_workshop
        least = answered.settings.least_saving_kr_year
        assert one.decision.saving_kr_year >= least - 0.001 or is_needed
        assert not one.is_small or is_needed


async def test_the_years_of_the_budget_are_those_of_a_ledger_by_the_month(answered: Round) -> None:
    found = await latest_round(answered.pool)
    assert found is not None
    money = found.budget
    singles = [one for whole in found.own_changes for one in whole.singles]
    terms = [one.decision.money for one in singles]
    ledgers = [by_the_month(one, money.begins, 5) for one in terms if one is not None]
    assert len(ledgers) == len(terms) > 0
    for number, year in enumerate(money.years):
        assert year.total_kr == pytest.approx(sum(book[number] for book in ledgers), abs=1)
    # The whole saving, but for the value of CO2e, is seen once every contract has ended.
    value = found.co2_kr_t * found.saving_co2_t_year
    assert money.paid_kr_year == pytest.approx(found.saving_kr_year - value, abs=1)
    assert money.years[4].running_kr == pytest.approx(money.paid_kr_year)
    left = (Action.DISPOSE, Action.REPLACE)
    gone = sum(one.decision.action in left for one in singles)
    assert sum(year.sale_kr for year in money.years) == 0
    assert money.uncounted_sale_kr == pytest.approx(25_000 * gone)
    assert set(money.uncounted_sales) <= {NoSale.KIND, NoSale.CONTRACT}
    assert money.lacking[LackingFigure.YEARLY] == gone
    depots = {end.depot_id for one in singles for end in one.decision.by_depot}
    for number, year in enumerate(money.years):
        own = sum(found.budget_of(depot).years[number].total_kr for depot in depots)
        assert year.total_kr == pytest.approx(own)


async def test_what_the_register_knows_of_money_reaches_the_plan(answered: Round) -> None:
    [depot, *_] = await read_depots(
        answered.pool, answered.period, answered.settings, ["hjemmepleje-lyngby"]
    )
    assert depot.charge_points == 40
    assert {(c.cost_kr_year, c.sale_value_kr, c.exit_cost_kr) for c in depot.vehicles} == {
        (None, 25_000, 3_000)
    }


async def test_it_is_told_how_much_a_round_depends_on_its_figures(answered: Round) -> None:
    found = await latest_dependences(answered.pool)
    assert found is not None
    assert found.number == answered.row["number"]
    petrol, power = found.by_key[FigureKey.PETROL_KR_L], found.by_key[FigureKey.ELECTRICITY_KR_KWH]
    assert petrol.cost_kr_year > 0
    assert power.cost_kr_year > 0
    assert FigureKey.CHARGE_POINT_KW not in found.by_key
    whole = await latest_round(answered.pool)
    assert whole is not None
    assert whole.summary is not None
    value = found.by_key[FigureKey.CO2_KR_T]
    proposed = whole.co2_kr_year(whole.summary.proposed)
    saved = whole.co2_kr_year(whole.summary.baseline) - proposed
    assert value.cost_kr_year == pytest.approx(proposed / 10)
    assert value.saving_kr_year == pytest.approx(saved / 10)


async def test_silent_trackers_contracts_and_machines_are_never_proposed_away(
    answered: Round,
) -> None:
    ids = [row["depot_id"] for row in await answered.pool.fetch("SELECT depot_id FROM depot")]
    depots = await read_depots(answered.pool, answered.period, answered.settings, ids)
    bound = {c.vehicle_id for d in depots for c in d.vehicles if c.fate is not Fate.CAN_GO}
    silent = set(await silent_vehicles(answered))
    of_device = {v.device: v.vehicle_id for v in answered.pilot.vehicles}
    assert {of_device[s.device] for s in answered.pilot.silences} <= silent
    gone = {d["vehicle_id"] for d in await changes(answered.pool, answered.round_id)} - {None}
    assert gone
    assert not gone & bound


async def test_every_vehicle_is_a_decision_to_go_or_to_stay_and_its_trips_are_accounted_for(
    answered: Round,
) -> None:
    rows = await answered.pool.fetch("SELECT content FROM proposal")
    decisions = [row["content"] for row in rows]
    about = [d["vehicle_id"] for d in decisions if d["vehicle_id"]]
    road = await answered.pool.fetch("SELECT vehicle_id FROM vehicle WHERE measured_in = 'km'")
    assert sorted(about) == sorted(row["vehicle_id"] for row in road)
    for decision in decisions:
        if decision["action"] in (Action.DISPOSE, Action.REPLACE):
            taken = sum(taker["trips"] for taker in decision["taken_over_by"])
            assert taken + decision["to_fallback"] == decision["trips"]
        if decision["action"] == Action.KEEP:
            assert decision["why"]


async def test_what_stands_beside_the_answer_is_worked_out_for_every_depot(
    answered: Round,
) -> None:
    studies = await studies_of(answered.pool, answered.round_id)
    for study in studies:
        assert len(study.sensitivity) == 6
        for depot in study.charging:
            assert depot.proposed.managed_kw <= depot.proposed.unmanaged_kw + 1e-3
        assert all(depot.found is not None for depot in study.backtest)
    found = [depot.found for study in studies for depot in study.backtest if depot.found]
    served = sum(b.chosen.trips - b.chosen.to_fallback for b in found)
    # Weeks that the fleet was not chosen on, by a rule that does not know the future.
    assert served / sum(b.chosen.trips for b in found) > 0.9
    tried = {d.depot_id: d.found for s in studies for d in s.backtest if d.found is not None}
    plans = await depot_plans(answered.pool, answered.round_id)
    assert {
        depot_id: one.proposed and one.proposed.vehicles for depot_id, one in tried.items()
    } == {plan.depot_id: plan.proposed.vehicles - len(plan.unknown) for plan in plans}
    points = curve([one for study in studies for one in study.curves])
    assert len(points) >= 8
    # The bound is also one of fleets that keep none for the workshop. How near it comes to the
    # farthest point is a matter of the time that the machine has for it.
    assert all(0 <= point.gap < 1 for point in points)
    assert median(point.gap for point in points) < 0.08


async def test_a_round_proposes_the_fleet_that_was_chosen_on_its_curve(
    answered: Round, workers: Workers
) -> None:
    """Its vehicles are those of the fleet on the curve, what is decided on it adds up, and that it
    is the cheapest of those that emit no more is proven."""
    pool, settings = answered.pool, answered.settings
    first = await latest_round(pool)
    assert first is not None
    assert first.summary is not None
    fleet = (await round_studies(pool, answered.round_id)).ends(settings.greenest_within, None)
    assert fleet is not None
    assert fleet.saved_t_year > 0
    version = await choose_fleet(pool, ACTOR, answered.round_id, fleet.greenest.prices_kr_t)
    await answer_round(pool, version, settings, workers, studied=False)
    try:
        found = await latest_round(pool)
        assert found is not None
        assert found.round_id == version, "it is done"
        assert found.summary is not None
        assert found.chosen_prices == fleet.greenest.prices_kr_t
        assert found.summary.proposed.co2_t_year < first.summary.proposed.co2_t_year
        assert found.summary.proposed.co2_t_year == pytest.approx(
            fleet.greenest.co2_t_year, rel=0.02
        )
        cost = found.paid_kr_year(found.summary.proposed)
        assert cost == pytest.approx(fleet.greenest.cost_kr_year, rel=0.005)
        assert found.summary.gap < 0.02
        saved = sum(one.decision.saving_kr_year for one in found.proposals)
        assert saved == pytest.approx(found.saving_kr_year, abs=1)
        again = await request_version(pool, ACTOR, version)
        kept = "SELECT chosen_prices FROM round WHERE round_id = $1"
        assert await pool.fetchval(kept, again) == fleet.greenest.prices_kr_t
        await cancel_round(pool, ACTOR, again)
        back = await choose_fleet(pool, ACTOR, version, None)
        assert await pool.fetchval(kept, back) is None
        await cancel_round(pool, ACTOR, back)
        # A new round takes no choice over, and says of which one.
        new = await request_round(pool, ACTOR, answered.period)
        await answer_round(pool, new, settings, workers, studied=False)
        later = await latest_round(pool)
        assert later is not None
        assert (later.number, later.chosen_prices) == (found.number + 1, None)
        assert (found.chosen_before, later.chosen_before) == (None, found.number)
    finally:
        await pool.execute("DELETE FROM proposal WHERE round_id > $1", answered.round_id)
        await pool.execute("DELETE FROM round_part WHERE round_id > $1", answered.round_id)
        await pool.execute("DELETE FROM round WHERE round_id > $1", answered.round_id)


async def test_a_study_that_fails_says_why_until_it_is_worked_out(
    answered: Round, workers: Workers
) -> None:
    pool, round_id = answered.pool, answered.round_id
    kinds = await pool.fetchval("SELECT kinds FROM round WHERE round_id = $1", round_id)
    wrong = [{**kind, "fixed_kr_year": -5.0} for kind in kinds]
    store = "UPDATE round SET kinds = $2 WHERE round_id = $1"
    await pool.execute("UPDATE round_part SET study = NULL WHERE part = 0")
    await pool.execute(store, round_id, wrong)
    with pytest.raises(ValidationError):
        await study_part(pool, round_id, 0, answered.settings, workers)
    await fail_study(pool, round_id, 0, FailureReason.UNEXPECTED)
    await fail_study(pool, round_id, 0, FailureReason.WORKER_DIED)  # the first reason stays
    [failure] = (await round_studies(pool, round_id)).failures
    assert failure.reason is FailureReason.UNEXPECTED
    assert failure.depots
    await pool.execute(store, round_id, kinds)
    await study_part(pool, round_id, 0, answered.settings, workers)
    assert not (await round_studies(pool, round_id)).failures
    assert len(await studies_of(pool, round_id)) > 0


async def test_the_study_of_a_worker_that_died_is_not_waited_for(
    answered: Round, database_url: str
) -> None:
    pool, round_id = answered.pool, answered.round_id
    study = await pool.fetchval("SELECT study FROM round_part WHERE part = 0")
    await pool.execute("UPDATE round_part SET study = NULL WHERE part = 0")
    async with jobs_app(database_url, pool, answered.settings) as jobs:
        await jobs.configure_task(STUDY_JOB, queue=ROUND_JOB).defer_async(round_id=round_id, part=0)
        await pool.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', attempts = $1 WHERE task_name = $2",
            ATTEMPTS_MAX,
            STUDY_JOB,
        )
        await rescue_jobs(jobs, pool)
    [failure] = (await round_studies(pool, round_id)).failures
    assert failure.reason is FailureReason.WORKER_DIED
    await pool.execute(
        "UPDATE round_part SET study = $1, study_reason = NULL WHERE part = 0", study
    )


async def test_figures_that_are_too_old_are_told_where_a_round_rests_on_them(
    answered: Round,
) -> None:
    basis = await stored_basis(answered.pool, answered.round_id)
    assert basis is not None
    told = {one.key for one in await old_figures(answered.pool, answered.round_id)}
    with seen_by(frozenset({"none of these"})):
        of_head = await old_figures(answered.pool, answered.round_id)
    assert {one.key for one in of_head} == told
    assert told < {one.key for one in basis.figures.out_of_date}
    energies = await answered.pool.fetch(
        "SELECT DISTINCT energy FROM vehicle_kind JOIN vehicle USING (kind)"
        " WHERE measured_in = 'km'"
    )
    used = {row["energy"] for row in energies}
    assert FigureKey.ELECTRICITY_KR_KWH in told
    assert (FigureKey.HVO_KR_L in told) is ("hvo" in used)
    assert (FigureKey.DIESEL_KR_L in told) is ("diesel" in used)
    # 40 charge points at each depot are more than any takes.
    assert FigureKey.CHARGE_POINT_KR not in told


async def test_a_new_version_does_as_decided_and_reuses_the_depots_that_are_as_decided(
    answered: Round, workers: Workers
) -> None:
    pool = answered.pool
    before = await changes(pool, answered.round_id)
    gone = [d for d in before if d["action"] == Action.DISPOSE]
    rejected, accepted = gone[0], next(d for d in gone if d["depot_id"] != gone[0]["depot_id"])
    for decision, verdict in ((rejected, Verdict.REJECTED), (accepted, Verdict.ACCEPTED)):
        found = "SELECT proposal_id FROM proposal WHERE key = $1"
        proposal_id = await pool.fetchval(found, decision["key"])
        await decide(pool, ACTOR, proposal_id, verdict, "because")
    # A version keeps the figures of its round, and what the settings say of small savings.
    dearer = Figure(key=FigureKey.ELECTRICITY_KR_KWH, valid_from=2026, value=9.0, source="test")
    await put_assumption(pool, ACTOR, dearer)
    stricter = answered.settings.model_copy(update={"least_saving_kr_year": 50_000.0})
    version = await request_version(pool, ACTOR, answered.round_id)
    await answer_round(pool, version, stricter, workers, studied=False)
    await withdraw_assumption(pool, ACTOR, dearer.key, dearer.valid_from, "test")
    for name in ("assumptions", "kinds", "rules"):
        given = f"SELECT {name} FROM round WHERE round_id = $1"
        kept = await pool.fetchval(given, version)
        assert kept == await pool.fetchval(given, answered.round_id), name
    row = await pool.fetchrow("SELECT * FROM round WHERE round_id = $1", version)
    assert row is not None
    assert (row["state"], row["number"], row["version"]) == ("done", 1, 2)
    after = {d["key"] for d in await changes(pool, version)}
    assert rejected["key"] not in after
    assert accepted["key"] in after
    # Only the depot in which something was rejected may have another answer, and those between
    # which vehicles move; where two vehicles are alike, it has not.
    kept = "SELECT part_plan FROM round_part WHERE round_id = $1 ORDER BY part"
    answers = [
        [read_part_plan(part["part_plan"]) for part in await pool.fetch(kept, round_id)]
        for round_id in (answered.round_id, version)
    ]
    changed = {
        new.depots[0].depot_id
        for old, new in zip(*answers, strict=True)
        if old.fleet_plan != new.fleet_plan and not (old.moved or new.moved)
    }
    assert any(not new.moved for new in answers[1])
    assert changed <= {rejected["depot_id"]}
    assert row["summary"]["proposed"]["cost_kr_year"] >= (
        answered.summary["proposed"]["cost_kr_year"] - 1
    )


async def test_a_cancelled_round_ends_and_a_new_one_may_begin(
    pool: Pool, settings: Settings
) -> None:
    period = Period(START, START)
    round_id = await request_round(pool, Actor.trusted("a"), period)
    assert await cancel_round(pool, Actor.trusted("b"), round_id)
    assert not await cancel_round(pool, Actor.trusted("c"), round_id)
    assert await prepare_round(pool, round_id, settings) == ()
    row = await pool.fetchrow("SELECT state, cancelled_by FROM round")
    assert row is not None
    assert (row["state"], row["cancelled_by"]) == ("cancelled", "b")
    await request_round(pool, Actor.trusted("a"), period)


async def test_there_is_one_round_at_a_time(pool: Pool) -> None:
    period = Period(START, START)
    await request_round(pool, Actor.trusted("a"), period)
    with pytest.raises(RoundActive):
        await request_round(pool, Actor.trusted("b"), period)


async def test_a_round_without_data_fails_with_a_reason(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    round_id = await request_round(pool, Actor.trusted("a"), Period(START, START))
    await run_round(database_url, pool, round_id, settings)
    row = await pool.fetchrow("SELECT state, reason FROM round")
    assert row is not None
    assert (row["state"], row["reason"]) == ("failed", "no_trips")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("turnaround_min = -5", "rules: turnaround_min: -5 is negative"),
        (
            "moves = true\nco2_max_t_year = 10",
            "moves, co2_max_t_year: a round does not plan with these rules together",
        ),
    ],
)
async def test_rules_that_cannot_be_fail_the_round_with_their_name(
    pool: Pool, settings: Settings, database_url: str, tmp_path: Path, rule: str, reason: str
) -> None:
    (tmp_path / "rules.toml").write_text(rule)
    own = settings.model_copy(update={"round_rules": tmp_path / "rules.toml"})
    round_id = await request_round(pool, Actor.trusted("a"), Period(START, START))
    await run_round(database_url, pool, round_id, own)
    run = await latest_run(pool)
    assert run is not None
    assert run.detail is not None
    assert in_english(run.detail).endswith(reason)


async def test_the_round_of_a_worker_that_died_is_taken_up_again_and_not_for_ever(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    round_id = await request_round(pool, Actor.trusted("a"), Period(START, START))
    async with jobs_app(database_url, pool, settings) as jobs:
        await queue_round(jobs, round_id)
        # As a worker leaves it that is killed: the job is being done, by nobody.
        died = "UPDATE procrastinate_jobs SET status = 'doing', attempts = $1 WHERE task_name = $2"
        await pool.execute(died, ATTEMPTS_MAX - 1, ROUND_JOB)
        await rescue_jobs(jobs, pool)
        job = "SELECT status::text FROM procrastinate_jobs WHERE task_name = $1"
        assert await pool.fetchval(job, ROUND_JOB) == "todo"
        await pool.execute(died, ATTEMPTS_MAX, ROUND_JOB)
        await rescue_jobs(jobs, pool)
        assert await pool.fetchval(job, ROUND_JOB) == "failed"
    row = await pool.fetchrow("SELECT state, reason FROM round")
    assert row is not None
    assert (row["state"], row["reason"]) == ("failed", "worker_died")


@pytest.mark.parametrize(
    ("contract_end", "known", "measured_in", "expected"),
    [
        (None, True, "km", Fate.CAN_GO),
        (date(2027, 1, 1), True, "km", Fate.CAN_GO),
        (date(2029, 1, 1), True, "km", Fate.CONTRACT),
        (None, False, "km", Fate.UNKNOWN),
        (None, True, "hours", Fate.MACHINE),
    ],
)
def test_what_may_be_decided_on_a_vehicle(
    contract_end: date | None, known: bool, measured_in: str, expected: Fate
) -> None:
    found = vehicle_fate(
        contract_end=contract_end,
        keep_until=date(2027, 6, 1),
        known=known,
        measured_in=measured_in,
    )
    assert found is expected
