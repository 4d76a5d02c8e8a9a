"""Plans the parts of a round. Once the last one has ended, vehicles move between them where they
may, for which one worker reads all parts, and the round is summed up.

Figures and bounds of parts add up, because pools share no vehicles.

The verdicts on earlier versions of a round bind a new version. A part keeps its earlier plan if
that plan obeys the verdicts since then: it stays the best plan when only other choices are
excluded.
"""

import hashlib
import json
from collections.abc import Coroutine, Mapping
from dataclasses import asdict, replace
from enum import Enum, auto
from typing import Any, NamedTuple, TypeVar, cast

import structlog

from costs.kind_figures import KindFigures
from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.names.order import name_order
from fleet.saying import Saying
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import decision_json
from optimiser.depot.verdicts import Verdicts
from optimiser.model.problem import ProblemError
from optimiser.parts.moved_parts import move_between
from optimiser.parts.part_plan import (
    PartInput,
    PartPlan,
    part_plan_json,
    plan_part,
    ranked_decisions,
    read_part_plan,
)
from optimiser.rounds.data import depot_ids, round_period
from optimiser.rounds.failure import FailureReason, detail_json, fail_round, process_failure
from optimiser.rounds.part_input import read_part_input
from optimiser.rounds.summary import summarise, summary_json
from optimiser.settings import OptimiserSettings
from optimiser.waiting import while_wanted
from optimiser.workers import ProcessDied, Workers

SQL = statements("round")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

Result = TypeVar("Result")


class NextStep(Enum):
    """What is to be done for a round after a part of it has ended."""

    NOTHING = auto()
    #: Vehicles may move between its parts.
    MOVES = auto()
    #: The round is done, so that it may be studied.
    STUDIES = auto()


async def plan_round_part(
    pool: Pool, round_id: int, part: int, settings: OptimiserSettings, workers: Workers
) -> NextStep:
    """Plan a part of a round, unless it has a plan.

    If the solver process dies, the part fails alone. If the worker stops meanwhile, the part stays
    without a plan, and a worker plans it later.

    Returns:
        What is to be done for the round next.
    """
    row = await pool.fetchrow(SQL["running_round"], round_id)
    if row is None:
        return await _step_of_ended(pool, round_id)
    row_of_part = await pool.fetchrow(SQL["part"], round_id, part)
    if row_of_part is None:
        return NextStep.NOTHING
    if row_of_part["part_plan"] or row_of_part["reason"]:
        return await _next_step(pool, round_id)
    try:
        read_at = await pool.fetchval(SQL["now"])
        part_input = await read_part_input(pool, round_id, part, row, settings)
        digest = fingerprint(part_input)
        part_plan, study = await _earlier_plan(pool, round_id, digest, part_input)
        if part_plan is None:
            work = workers.run(
                plan_part,
                part_input,
                seconds_max=settings.optimiser_seconds_max,
                gap=settings.optimiser_gap,
            )
            plan = await _while_running(pool, round_id, work)
            if plan is None:
                return NextStep.NOTHING
            part_plan = part_plan_json(plan)
    except ProblemError as error:
        await fail_round(pool, round_id, FailureReason.REFUSED, error.remark)
        return NextStep.NOTHING
    except ProcessDied as died:
        return await fail_part(
            pool, round_id, part, FailureReason.PROCESS_DIED, process_failure(died)
        )
    verdicts = part_input.verdicts.to_json()
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["lock_round"], round_id) != "running":
            return NextStep.NOTHING
        await connection.execute(SQL["hold_private"])
        await connection.execute(
            SQL["store_part_plan"], round_id, part, digest, verdicts, part_plan, study
        )
        # Sweeps since `read_at` did not see this plan, so this deletes the private days now.
        await connection.execute(SQL["forget_private"], read_at)
        return await _next_step(connection, round_id)


async def fail_part(
    pool: Pool, round_id: int, part: int, reason: FailureReason, detail: Saying | None = None
) -> NextStep:
    """Store why a part has no plan. A round fails if none of its parts has a plan.

    Returns:
        What is to be done for the round with the plans of its other parts.
    """
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["lock_round"], round_id) != "running":
            return NextStep.NOTHING
        await connection.execute(SQL["hold_private"])
        await connection.execute(
            SQL["fail_part"], round_id, part, reason.value, detail_json(detail)
        )
        return await _next_step(connection, round_id)


async def move_vehicles(
    pool: Pool, round_id: int, settings: OptimiserSettings, workers: Workers
) -> NextStep:
    """Move vehicles between the parts of a round that is running, and end it. Where that cannot be
    done, the round is done without moves, and says so.

    A part whose data were changed since it was planned takes no part in that.

    Returns:
        What is to be done for the round next.
    """
    row = await pool.fetchrow(SQL["running_round"], round_id)
    if row is None:
        return await _step_of_ended(pool, round_id)
    read_at = await pool.fetchval(SQL["now"])
    kept = {one["part"]: one for one in await pool.fetch(SQL["planned_parts"], round_id)}
    inputs: dict[int, PartInput] = {}
    for part, of_part in kept.items():
        part_input = await read_part_input(pool, round_id, part, row, settings)
        if fingerprint(part_input) == of_part["digest"]:
            inputs[part] = part_input
    plans = {part: read_part_plan(kept[part]["part_plan"]) for part in inputs}
    moved: list[PartPlan] | None = []
    failed = False
    if inputs:
        work = workers.run(
            move_between,
            list(inputs.values()),
            list(plans.values()),
            seconds_max=settings.optimiser_seconds_max,
            gap=settings.optimiser_gap,
        )
        try:
            moved = await _while_running(pool, round_id, work)
        except (ProblemError, ProcessDied) as error:
            LOG.warning("no vehicle moves in a round", round_id=round_id, error=str(error))
            failed = True
    if moved is None:
        return NextStep.NOTHING
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["lock_round"], round_id) != "running":
            return NextStep.NOTHING
        await connection.execute(SQL["hold_private"])
        for part, plan in zip(inputs, moved, strict=False):
            if plan.moved:
                await connection.execute(
                    SQL["store_part_plan"],
                    round_id,
                    part,
                    kept[part]["digest"],
                    kept[part]["verdicts"],
                    part_plan_json(plan),
                    None,
                )
        # Sweeps since `read_at` did not see these plans, so this deletes the private days now.
        await connection.execute(SQL["forget_private"], read_at)
        return await _sum_up(connection, round_id, moves_failed=failed)


async def end_without_moves(pool: Pool, round_id: int) -> NextStep:
    """End a round that is running without moves, as they could not be worked out."""
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["lock_round"], round_id) != "running":
            return NextStep.NOTHING
        return await _sum_up(connection, round_id, moves_failed=True)


async def _step_of_ended(pool: Pool, round_id: int) -> NextStep:
    done = await pool.fetchrow(SQL["done_round"], round_id)
    return NextStep.NOTHING if done is None else NextStep.STUDIES


async def _next_step(connection: Pool | PooledConnection, round_id: int) -> NextStep:
    """What is to be done for a running round. If all its parts have ended and no vehicle may move
    between them, this ends the round."""
    if await connection.fetchval(SQL["unplanned_parts"], round_id):
        return NextStep.NOTHING
    row = await connection.fetchrow(SQL["running_round"], round_id)
    assert row is not None, "the caller has seen that it is running"
    if row["rules"].get("moves"):
        return NextStep.MOVES
    return await _sum_up(connection, round_id)


async def _sum_up(
    connection: Pool | PooledConnection, round_id: int, *, moves_failed: bool = False
) -> NextStep:
    """End a round all of whose parts have ended."""
    rows = await connection.fetch(SQL["part_plans"], round_id)
    if not rows:
        failed = await connection.fetch(SQL["failed_parts"], round_id)
        first = failed[0]
        await connection.execute(SQL["fail"], round_id, first["reason"], first["detail"])
        return NextStep.NOTHING
    answers = [read_part_plan(row["part_plan"]) for row in rows]
    for rank, decision in enumerate(ranked_decisions(answers), start=1):
        await connection.execute(
            SQL["add_proposal"],
            round_id,
            rank,
            decision.depot_id,
            decision.saving_kr_year,
            decision.saving_co2_t_year,
            decision_json(decision),
            str(decision.key),
        )
    row = await connection.fetchrow(SQL["running_round"], round_id)
    assert row is not None, "the caller has locked it, and it is running"
    depots = await depot_ids(connection, await round_period(connection, row))
    machines = tuple(row["vehicle_id"] for row in await connection.fetch(SQL["machines"]))
    planned = {
        depot_id
        for part in await connection.fetch(SQL["parts"], round_id)
        for depot_id in part["depots"]
    }
    unknown = [depot_id for depot_id in depots.active if depot_id not in planned]
    names = await connection.fetch(SQL["depots_named"], unknown)
    summary = summarise(
        answers,
        depots.without_trips,
        machines,
        tuple(sorted((row["name"] for row in names), key=name_order)),
    )
    summary = replace(summary, moves=bool(row["rules"].get("moves")), moves_failed=moves_failed)
    await connection.execute(SQL["finish"], round_id, summary_json(summary))
    return NextStep.STUDIES


def fingerprint(part_input: PartInput) -> str:
    """A fingerprint of the input of a part's plan, without the verdicts."""
    kinds = [asdict(kind) for _, kind in sorted(part_input.kinds.items())]
    content = [[asdict(depot) for depot in part_input.depots], kinds, asdict(part_input.rules)]
    span: list[object] = [part_input.first, part_input.last, part_input.least_saving_kr_year]
    # Plans of earlier software have none of these, so that they are made again.
    span.append("bundles")
    if part_input.chosen_kr_t is not None:
        span.append(part_input.chosen_kr_t)
    if part_input.workshop is not None:
        span.append("by kind, with those that must stay, no more trips than today lack a vehicle")
        span.append(asdict(part_input.workshop))
    text = json.dumps([content, span], default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """A value for JSON that is the same in every process, unlike the order of a set."""
    return sorted(cast(frozenset[str], value)) if isinstance(value, frozenset) else str(value)


async def _earlier_plan(
    pool: Pool, round_id: int, digest: str, part_input: PartInput
) -> tuple[Any, Any]:
    """An earlier plan on the same data that obeys the present verdicts.

    Returns:
        The stored plan and its study, if that is reusable; (None, None) if there is no such plan.
    """
    for row in await pool.fetch(SQL["earlier_parts"], digest, round_id):
        then = Verdicts.from_json(row["verdicts"])
        proposed = {
            DecisionKey.parse(decision["key"]): Proposed(
                decision.get("new_kind"), decision.get("count", 1)
            )
            for decision in row["part_plan"]["decisions"]
        }
        if obeys(proposed, then, part_input.verdicts, part_input.kinds):
            return row["part_plan"], reusable(row["study"])
    return None, None


def reusable(study: Any) -> Any:
    """A stored study that holds for the same plan under other verdicts; None: it is made again, as
    one of earlier software does not tell what decisions cost."""
    return study if study and "decisions_kr_year" in study else None


class Proposed(NamedTuple):
    """The name of the kind that comes by a decision, and how many vehicles of it come."""

    new_kind: str | None
    vehicles: int


def obeys(
    proposed: Mapping[DecisionKey, Proposed],
    then: Verdicts,
    verdicts: Verdicts,
    kinds: Mapping[str, KindFigures],
) -> bool:
    """Whether a plan that `proposed` decisions, and that was made under the verdicts `then`, is
    still the best one under `verdicts`.

    It was made under the same verdicts or fewer. It has all decisions that were accepted since, by
    the same kinds, with as many vehicles, and none that was rejected since, so it is allowed. Any
    better plan was allowed before too.
    """
    keys = proposed.keys()
    since = verdicts.new_kinds.items() - then.new_kinds.items()
    names = {
        DecisionKey(Action.REPLACE, vehicle_id): kinds[kind].name
        for vehicle_id, kind in since
        if kind is not None
    }
    by_name = {key: one.new_kind for key, one in proposed.items()}
    bought = {key for key in verdicts.accepted if key.action is Action.BUY}
    more = {key for key in bought if then.to_buy(key) != verdicts.to_buy(key)}
    return (
        then.accepted <= verdicts.accepted
        and then.rejected <= verdicts.rejected
        and verdicts.accepted - then.accepted <= keys
        and not (verdicts.rejected - then.rejected) & keys
        and then.new_kinds.items() <= verdicts.new_kinds.items()
        and len(names) == len(since)
        and names.items() <= by_name.items()
        and all(then.to_buy(key) <= verdicts.to_buy(key) for key in more)
        and all(key in keys and verdicts.to_buy(key) <= proposed[key].vehicles for key in more)
        # A vehicle whose replacement is accepted since may have had one that was to be bought.
        and (not since or bought <= keys)
    )


async def _while_running(
    pool: Pool, round_id: int, work: Coroutine[Any, Any, Result]
) -> Result | None:
    """The result of `work`; None if somebody cancelled the round meanwhile."""

    async def is_wanted() -> bool:
        return await pool.fetchval(SQL["is_running"], round_id)

    return await while_wanted(work, is_wanted, f"round {round_id}")
