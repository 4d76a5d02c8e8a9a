"""Rounds of proposals: reads the register and the round trips, solves depot by depot, stores.

Depots are pools and independent of each other, so each is a problem of its own, solved in worker
processes; what is stored is the sum, with a bound that is the sum of proven bounds.
"""

import asyncio
import multiprocessing
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import structlog

from db.connect import Pool
from db.statements import statements
from fleet.period import Period
from fleet.settings import Settings
from fleet.vehicle import GREEN
from optimiser.basis import keep_basis, read_basis
from optimiser.candidates import (
    Candidate,
    Depot,
    DrivenTrip,
    KindFigures,
    Ruling,
    fate,
    fleet_problem,
)
from optimiser.check import check_plan
from optimiser.files import kind_cells, read_rules, trip_cells
from optimiser.plan import Answer, Plan
from optimiser.problem import Problem, ProblemError, Rules
from optimiser.proposal import Proposal, depot_proposal
from optimiser.solve import solve

SQL = statements("round")
FLEET_SQL = statements("fleet")
USE_SQL = statements("use")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: The rules of a round when the settings name no others.
ROUND_RULES = Path(__file__).parent / "round_rules.toml"


class RoundActive(RuntimeError):  # noqa: N818 - the condition, not a mistake of the caller
    """A round is queued or running already; there is one at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A fleet under the model, all depots together. kr. and tonnes are a year."""

    vehicles: int
    green_vehicles: int
    cost_kr_year: float
    co2_t_year: float
    fallback_trips_year: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What is kept of a round beside its proposals; `plans` are the solver's PLAN.json."""

    baseline: Figures
    proposed: Figures
    lower_bound_kr_year: float
    gap: float
    seconds: float
    plans: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Solved:
    depots: Sequence[Depot]
    problem: Problem
    plan: Plan


async def request_round(pool: Pool, period: Period, requested_by: str) -> int:
    """Ask for a round on a data period; returns its number, for a worker to answer.

    Raises:
        RoundActive: one is queued or running.
    """
    round_id: int | None = await pool.fetchval(
        SQL["request"], requested_by, period.first, period.last
    )
    if round_id is None:
        raise RoundActive
    return round_id


async def run_round(pool: Pool, round_id: int, settings: Settings) -> None:
    """Answer a round: find the best fleet of each depot and store what to change.

    A problem with the data or the rules ends the round as failed, with the reason for a person.
    """
    row = await pool.fetchrow(SQL["start"], round_id)
    if row is None:
        LOG.warning("round is answered already", round_id=round_id)
        return
    closed = await pool.fetch(USE_SQL["closed_between"], row["period_first"], row["period_last"])
    period = Period(
        row["period_first"], row["period_last"], frozenset(day["day"] for day in closed)
    )
    try:
        basis = await read_basis(pool, period.last.year)
        rules = replace(
            read_rules(settings.round_rules or ROUND_RULES, basis.rules),
            period_days=float(period.days),
        )
        kinds = basis.kinds
        await keep_basis(pool, round_id, basis)
        depots = await read_depots(pool, period, settings)
        # A cap on CO2e ties the depots together; without one each is a problem of its own.
        groups = [[depot] for depot in depots] if rules.co2_max_t_year is None else [depots]
        problems = [(group, fleet_problem(group, kinds, rules)) for group in groups]
        solved = await _solve(pool, round_id, problems, settings)
        summary = summarise(solved, kinds)
    except (ProblemError, OSError) as error:
        await fail_round(pool, round_id, str(error))
        return
    except BaseException:
        await fail_round(pool, round_id, "the calculation was interrupted")
        raise
    await _store(pool, round_id, solved, kinds, rules, summary)


async def fail_round(pool: Pool, round_id: int, reason: str) -> None:
    """End a round as failed, with a reason for a person."""
    await pool.execute(SQL["fail"], round_id, reason)


async def read_depots(pool: Pool, period: Period, settings: Settings) -> list[Depot]:
    """The depots whose vehicles did round trips in the period. Raises ProblemError without any."""
    days = period.working_days
    candidates: defaultdict[str, list[Candidate]] = defaultdict(list)
    for row in await pool.fetch(FLEET_SQL["vehicles"], period.start, period.end, days, None):
        candidates[row["depot_id"]].append(candidate_of(row, len(days), period, settings))
    trips: defaultdict[str, list[DrivenTrip]] = defaultdict(list)
    for row in await pool.fetch(SQL["round_trips"], period.start, period.end):
        trips[row["depot_id"]].append(
            DrivenTrip(
                trip_id=row["trip_id"],
                vehicle_id=row["vehicle_id"],
                start=row["start_ts"],
                end=row["end_ts"],
                km=row["km"],
            )
        )
    found = [Depot(depot_id, members, trips[depot_id]) for depot_id, members in candidates.items()]
    active = [depot for depot in found if depot.road_trips]
    if not active:
        raise ProblemError("no vehicle of the register did a round trip in the period")
    return active


def candidate_of(
    row: asyncpg.Record, working_days: int, period: Period, settings: Settings
) -> Candidate:
    """A vehicle and its use, from a row of the fleet's `vehicles`."""
    heard = row["device"] is not None and working_days > 0
    return Candidate(
        vehicle_id=row["vehicle_id"],
        name=row["name"],
        kind=row["kind"],
        fate=fate(
            contract_end=row["contract_end"],
            keep_until=period.last + timedelta(days=settings.contract_horizon_days),
            heard_share=row["days_heard"] / working_days if heard else None,
            coverage_min=settings.coverage_min,
            measured_in=row["measured_in"],
            ruling=Ruling(row["ruling"]),
        ),
        days_used=row["days_used"],
        trips=row["trips"],
        km=row["km"],
        needs=None if row["needs"] is None else frozenset(row["needs"]),
    )


async def _solve(
    pool: Pool,
    round_id: int,
    problems: Sequence[tuple[Sequence[Depot], Problem]],
    settings: Settings,
) -> list[_Solved]:
    """Solve the problems in processes of their own, saying after each how far it is."""
    loop = asyncio.get_running_loop()
    workers = max(1, min(len(problems), os.cpu_count() or 1))
    # Each problem may use its share of the time, however many run at once.
    seconds_max = settings.optimiser_seconds_max * workers / len(problems)
    done = 0
    # Spawned, not forked: this process holds threads and connections.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as executor:

        async def one(depots: Sequence[Depot], problem: Problem) -> _Solved:
            nonlocal done
            plan = await loop.run_in_executor(
                executor, _solve_one, problem, seconds_max, settings.optimiser_gap
            )
            done += 1
            await pool.execute(SQL["say"], round_id, f"{done}/{len(problems)}")
            return _Solved(depots, problem, plan)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(*problem)) for problem in problems]
    return [task.result() for task in tasks]


def _solve_one(problem: Problem, seconds_max: float, gap: float) -> Plan:
    """Solve, and have the answer verified before anybody sees it."""
    plan = solve(problem, seconds_max=seconds_max, gap=gap)
    rules = {name: value for name, value in asdict(problem.rules).items() if value is not None}
    wrong = check_plan(plan.to_json(), trip_cells(problem), kind_cells(problem), rules)
    if wrong:
        raise ProblemError(f"the plan failed its check: {'; '.join(wrong[:5])}")
    return plan


async def _store(
    pool: Pool,
    round_id: int,
    solved: Sequence[_Solved],
    kinds: Mapping[str, KindFigures],
    rules: Rules,
    summary: Summary,
) -> None:
    proposals: list[Proposal] = []
    for part in solved:
        for depot in part.depots:
            proposal = depot_proposal(depot, kinds, part.problem, part.plan)
            if proposal is not None:
                proposals.append(proposal)
    proposals.sort(key=lambda p: (-p.saving_kr_year, p.depot_id))
    async with pool.acquire() as connection, connection.transaction():
        for rank, proposal in enumerate(proposals, start=1):
            await connection.execute(
                SQL["add_proposal"],
                round_id,
                rank,
                proposal.depot_id,
                proposal.saving_kr_year,
                proposal.saving_co2_t_year,
                asdict(proposal),
            )
        await connection.execute(SQL["finish"], round_id, asdict(rules), asdict(summary))


def summarise(solved: Sequence[_Solved], kinds: Mapping[str, KindFigures]) -> Summary:
    """The sum over the depots; the bound is proven because each of its terms is.

    Raises:
        ProblemError: the rules leave no fleet, with the solver's reason.
    """
    cost = bound = seconds = 0.0
    for part in solved:
        best = part.plan.best
        if best.cost_kr_year is None or best.lower_bound_kr_year is None:
            raise ProblemError(best.reason or "no fleet keeps the rules")
        cost += best.cost_kr_year
        bound += best.lower_bound_kr_year
        seconds += part.plan.seconds
    return Summary(
        baseline=_figures([(part.problem, part.plan.baseline) for part in solved], kinds),
        proposed=_figures([(part.problem, part.plan.best) for part in solved], kinds),
        lower_bound_kr_year=bound,
        gap=max(0.0, (cost - bound) / cost) if cost > 0 else 0.0,
        seconds=seconds,
        plans=[part.plan.to_json() for part in solved],
    )


def _figures(
    answers: Sequence[tuple[Problem, Answer]], kinds: Mapping[str, KindFigures]
) -> Figures:
    lines = [line for _, answer in answers for line in answer.fleet]
    return Figures(
        vehicles=sum(line.count for line in lines),
        green_vehicles=sum(line.count for line in lines if kinds[line.type].energy in GREEN),
        cost_kr_year=sum(answer.cost_kr_year or 0.0 for _, answer in answers),
        co2_t_year=sum(answer.co2_t_year or 0.0 for _, answer in answers),
        fallback_trips_year=sum(
            answer.unserved_by_fleet * problem.year_factor for problem, answer in answers
        ),
    )
