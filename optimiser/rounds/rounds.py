"""Rounds of proposals: asked for, answered part by part on any number of machines, studied.

A depot is a part; a worker reads, solves and stores one at a time, so memory is bounded by the
largest. Whoever answers the last part sums up: figures and bounds add up because pools share no
vehicles. A cap on CO2e ties the depots together and makes one part of them all.

A new version of a round is bound by what was decided on the earlier ones. A part whose earlier
answer already is as decided keeps it: it stays the best when only other choices are taken away.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, cast

import structlog
from pydantic import TypeAdapter

from costs.assumptions import ENERGY_PRICES
from costs.basis import Basis, keep_basis, kept_basis, read_basis
from costs.kind_figures import KindFigures
from db.connect import NOT_NOW, Pool, PooledConnection
from db.statements import statements
from fleet.period import Period
from fleet.settings import Settings
from fleet.vehicle import Energy
from optimiser.depot.answer import (
    NO_FIGURES,
    Figures,
    PartAnswer,
    Question,
    answer,
    ranked,
    read_answer,
)
from optimiser.depot.verdicts import Action, Verdicts, pool_key
from optimiser.model.plan import Plan
from optimiser.model.problem import ProblemError, Rules
from optimiser.rounds.data import depot_ids, period_of, read_depots, round_rules
from optimiser.studies.sensitivity import Moved, moves
from optimiser.studies.study import Extent, Scenario, study
from optimiser.workers import ProcessDied, Workers, open_workers

SQL = statements("round")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_RULES = TypeAdapter(Rules)

#: How often a worker looks whether its round was cancelled.
LOOK_S = 0.5


class RoundActive(RuntimeError):  # noqa: N818 - the condition, not a mistake of the caller
    """A round is queued or running already; there is one at a time."""


class Reason(StrEnum):
    """Why a round failed, or a part of it; its message has the detail.

    `INTERRUPTED` is found in rounds of earlier versions: what a stop interrupts goes on.
    """

    NO_TRIPS = "no_trips"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"
    #: The process that calculates died, again and again.
    PROCESS_DIED = "process_died"
    #: So did the server that it belongs to.
    WORKER_DIED = "worker_died"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What is kept of a round beside its parts and proposals.

    `without_trips` are depots with road vehicles, none of which did a round trip.
    """

    baseline: Figures
    proposed: Figures
    lower_bound_kr_year: float
    gap: float
    seconds: float
    without_trips: tuple[str, ...] = ()


async def request_round(pool: Pool, period: Period, requested_by: str) -> int:
    """Ask for a round on a data period; returns its id, for a worker to answer.

    Raises:
        RoundActive: one is queued or running.
    """
    return _new(await pool.fetchval(SQL["request"], requested_by, period.first, period.last))


async def request_version(pool: Pool, round_id: int, requested_by: str) -> int:
    """Ask for a new version of a round, bound by what was decided on it; returns its id.

    Raises:
        RoundActive: one is queued or running.
    """
    return _new(await pool.fetchval(SQL["request_version"], requested_by, round_id))


def _new(round_id: int | None) -> int:
    if round_id is None:
        raise RoundActive
    return round_id


async def cancel_round(pool: Pool, round_id: int, cancelled_by: str) -> bool:
    """End a round that is not done; its workers stop soon. False when it was over already."""
    return await pool.fetchval(SQL["cancel"], round_id, cancelled_by) is not None


async def fail_round(pool: Pool, round_id: int, reason: Reason, detail: str = "") -> None:
    """End a round as failed."""
    await pool.execute(SQL["fail"], round_id, reason.value, detail)


async def run_round(pool: Pool, round_id: int, settings: Settings) -> None:
    """Answer and study a round in this process, as the jobs do on many machines."""
    async with open_workers() as workers:
        parts = await prepare_round(pool, round_id, settings)
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(answer_part(pool, round_id, part, settings, workers))
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(study_part(pool, round_id, part, settings, workers))


async def prepare_round(pool: Pool, round_id: int, settings: Settings) -> Sequence[int]:
    """Divide a round into parts, unless it is; returns their numbers, none when it is over."""
    row = await pool.fetchrow(SQL["start"], round_id)
    if row is None:
        LOG.warning("round is over already", round_id=round_id)
        return ()
    if divided := await pool.fetch(SQL["parts"], round_id):
        return [part["part"] for part in divided]
    period = await period_of(pool, row)
    try:
        basis = await read_basis(pool, period.last.year)
        rules = round_rules(basis, period, settings)
    except (ProblemError, OSError) as error:
        await fail_round(pool, round_id, Reason.REFUSED, str(error))
        return ()
    await keep_basis(pool, round_id, basis)
    await pool.execute(SQL["keep_rules"], round_id, asdict(rules))
    depots = await depot_ids(pool, period)
    if not depots.active:
        await fail_round(pool, round_id, Reason.NO_TRIPS)
        return ()
    groups = [[d] for d in depots.active] if rules.co2_max_t_year is None else [depots.active]
    async with pool.acquire() as connection, connection.transaction():
        for part, group in enumerate(groups):
            await connection.execute(SQL["add_part"], round_id, part, list(group))
    return range(len(groups))


async def answer_part(
    pool: Pool, round_id: int, part: int, settings: Settings, workers: Workers
) -> bool:
    """Answer a part, unless it is; true when the round is done, so that it may be studied.

    A part whose process dies fails alone. What a stop interrupts is left as it is, to be begun
    again.
    """
    row = await pool.fetchrow(SQL["running"], round_id)
    if row is None:
        return await pool.fetchrow(SQL["answered"], round_id) is not None
    kept = await pool.fetchrow(SQL["part"], round_id, part)
    if kept is None or kept["answer"] is not None or kept["reason"] is not None:
        return False
    try:
        read_at = await pool.fetchval(SQL["now"])
        question = await _question(pool, round_id, part, row, settings)
        digest = _digest(question)
        answered, studied = await _earlier(pool, round_id, digest, question.verdicts)
        if answered is None:
            work = workers.run(
                answer,
                question,
                seconds_max=settings.optimiser_seconds_max,
                gap=settings.optimiser_gap,
            )
            found = await _while_running(pool, round_id, work)
            if found is None:
                return False
            answered = asdict(found)
    except ProblemError as error:
        await fail_round(pool, round_id, Reason.REFUSED, str(error))
        return False
    except ProcessDied as died:
        return await fail_part(pool, round_id, part, Reason.PROCESS_DIED, str(died))
    verdicts = {name: sorted(keys) for name, keys in asdict(question.verdicts).items()}
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["lock"], round_id) != "running":
            return False
        await connection.execute(SQL["hold_private"])
        await connection.execute(
            SQL["keep_answer"], round_id, part, digest, verdicts, answered, studied
        )
        # What is swept from now on, is swept from this too.
        await connection.execute(SQL["forget_private"], read_at)
        return await _sum_up(connection, round_id)


async def fail_part(pool: Pool, round_id: int, part: int, reason: Reason, detail: str = "") -> bool:
    """Keep why a part has no answer; true when the round is done with the answers of the others.

    A round none of whose parts has an answer fails.
    """
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["lock"], round_id) != "running":
            return False
        await connection.execute(SQL["hold_private"])
        await connection.execute(SQL["fail_part"], round_id, part, reason.value, detail)
        return await _sum_up(connection, round_id)


async def _sum_up(connection: PooledConnection, round_id: int) -> bool:
    """End the round when all its parts have ended; true when it is done."""
    if await connection.fetchval(SQL["unanswered"], round_id):
        return False
    rows = await connection.fetch(SQL["answers"], round_id)
    if not rows:
        failed = await connection.fetch(SQL["failed_parts"], round_id)
        first = failed[0]
        await connection.execute(SQL["fail"], round_id, first["reason"], first["message"])
        return False
    answers = [read_answer(row["answer"]) for row in rows]
    for rank, decision in enumerate(ranked(answers), start=1):
        await connection.execute(
            SQL["add_proposal"],
            round_id,
            rank,
            decision.depot_id,
            decision.saving_kr_year,
            decision.saving_co2_t_year,
            asdict(decision),
            decision.key,
        )
    row = await connection.fetchrow(SQL["running"], round_id)
    assert row is not None, "the caller has locked it, and it is running"
    depots = await depot_ids(connection, await period_of(connection, row))
    summary = summarise(answers, depots.without_trips)
    await connection.execute(SQL["finish"], round_id, asdict(summary))
    return True


async def study_part(
    pool: Pool, round_id: int, part: int, settings: Settings, workers: Workers
) -> None:
    """Work out what stands beside the answer of a part, unless an earlier version did.

    The plan stands without it, so a failure is kept with the part and does not fail the round. What
    a stop interrupts is left as it is, to be begun again.
    """
    row = await pool.fetchrow(SQL["answered"], round_id)
    kept = await pool.fetchrow(SQL["part"], round_id, part)
    if row is None or kept is None or kept["answer"] is None or kept["study"] is not None:
        return
    plan = Plan.from_json(kept["answer"]["plan"])
    extent = Extent(
        seconds_max=settings.study_seconds_max,
        gap=settings.optimiser_gap,
        curve_solves=settings.curve_solves,
        curve_price_max_kr_t=settings.curve_price_max_kr_t,
        backtest_share=settings.backtest_share,
        kwh_km=settings.stated_kwh_km,
    )
    try:
        question = await _question(pool, round_id, part, row, settings)
        basis = await _basis(pool, round_id)
        wanted = scenarios(basis, question.rules, settings.sensitivity_share)
        found = await workers.run(study, question, plan, wanted, extent)
    except ProblemError as error:
        await fail_study(pool, round_id, part, Reason.REFUSED, str(error))
        return
    except ProcessDied as died:
        await fail_study(pool, round_id, part, Reason.PROCESS_DIED, str(died))
        return
    await pool.execute(SQL["keep_study"], round_id, part, asdict(found))


async def fail_study(
    pool: Pool, round_id: int, part: int, reason: Reason, detail: str = ""
) -> None:
    """Keep why a part has no study; a later version of the round tries again."""
    await pool.execute(SQL["fail_study"], round_id, part, reason.value, detail)


def summarise(answers: Sequence[PartAnswer], without_trips: tuple[str, ...] = ()) -> Summary:
    """The sum over the parts; the bound is proven because each of its terms is."""
    depots = [depot for part in answers for depot in part.depots]
    proposed = sum((depot.proposed for depot in depots), NO_FIGURES)
    cost = sum(part.cost_kr_year for part in answers)
    # Sums in another order may differ in their last digit, and no bound lies above the cost.
    bound = min(sum(part.lower_bound_kr_year for part in answers), proposed.cost_kr_year)
    return Summary(
        baseline=sum((depot.baseline for depot in depots), NO_FIGURES),
        proposed=proposed,
        lower_bound_kr_year=bound,
        gap=max(0.0, (cost - bound) / cost) if cost > 0 else 0.0,
        seconds=sum(part.seconds for part in answers),
        without_trips=without_trips,
    )


def scenarios(basis: Basis, rules: Rules, share: float) -> list[Scenario]:
    """The moves of every figure down and up by `share`."""
    return [_scenario(basis, rules, moved, factor) for moved, factor in moves(share)]


def _scenario(basis: Basis, rules: Rules, moved: Moved, factor: float) -> Scenario:
    kinds = dict(basis.kinds)
    if moved is Moved.ENERGY_PRICE:
        dearer = basis.replace(ENERGY_PRICES, factor).kinds
        kinds = {name: _repriced(kinds[name], dearer[name], factor) for name in kinds}
    if moved is Moved.CO2_PRICE:
        rules = replace(rules, co2_kr_t=rules.co2_kr_t * factor)
    demand = factor if moved is Moved.DEMAND else 1.0
    return Scenario(moved=moved, factor=factor, kinds=kinds, rules=rules, demand=demand)


def _repriced(now: KindFigures, then: KindFigures, factor: float) -> KindFigures:
    """A kind at another energy price. Of figures that the municipality states itself, the energy
    in a km is not known apart: the whole price of a km moves, which is more than it would."""
    if then.kr_km == now.kr_km and now.energy is not Energy.BICYCLE:
        return replace(now, kr_km=now.kr_km * factor)
    return then


async def _question(pool: Pool, round_id: int, part: int, row: Any, settings: Settings) -> Question:
    period = await period_of(pool, row)
    kept = await pool.fetchrow(SQL["part"], round_id, part)
    assert kept is not None, "parts are added before they are answered"
    basis = await _basis(pool, round_id)
    depots = await read_depots(pool, period, settings, kept["depots"])
    if kept["verdicts"] is not None:
        verdicts = _verdicts(kept["verdicts"])
    else:
        verdicts = await _decided(pool, row["number"])
    about = {f"{a}:{c.vehicle_id}" for a in Action for d in depots for c in d.candidates}
    about |= {pool_key(depot.depot_id) for depot in depots}
    bought = tuple(f"{Action.BUY}:{depot.depot_id}{end}" for depot in depots for end in (":", " /"))
    return Question(
        depots=depots,
        kinds=dict(basis.kinds),
        rules=_RULES.validate_python(row["rules"]),
        verdicts=Verdicts(
            *(
                frozenset(key for key in keys if key in about or key.startswith(bought))
                for keys in (verdicts.accepted, verdicts.rejected)
            )
        ),
        first=period.start,
        last=period.end,
    )


async def _basis(pool: Pool, round_id: int) -> Basis:
    basis = await kept_basis(pool, round_id)
    assert basis is not None, "kept before the parts are added"
    return basis


async def _decided(pool: Pool, number: int) -> Verdicts:
    rows = await pool.fetch(SQL["verdicts"], number)
    return Verdicts(
        accepted=frozenset(r["key"] for r in rows if r["verdict"] in ("accepted", "done")),
        rejected=frozenset(r["key"] for r in rows if r["verdict"] == "rejected"),
    )


def _verdicts(content: dict[str, list[str]]) -> Verdicts:
    return Verdicts(frozenset(content["accepted"]), frozenset(content["rejected"]))


def _digest(question: Question) -> str:
    """A fingerprint of all that an answer depends on, but for what was decided."""
    kinds = [asdict(kind) for _, kind in sorted(question.kinds.items())]
    content = [[asdict(depot) for depot in question.depots], kinds, asdict(question.rules)]
    text = json.dumps([content, question.first, question.last], default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """A value as JSON, the same in every process: the order of a set is not."""
    return sorted(cast(frozenset[str], value)) if isinstance(value, frozenset) else str(value)


async def _earlier(pool: Pool, round_id: int, digest: str, verdicts: Verdicts) -> tuple[Any, Any]:
    """An earlier answer to the same data that is as decided now, and its study; or (None, None).

    It was found under fewer decisions, or the same, and does all that was accepted since and
    nothing that was rejected since: so it is allowed, and what is better was allowed before.
    """
    for row in await pool.fetch(SQL["earlier_parts"], digest, round_id):
        then = _verdicts(row["verdicts"])
        keys = {decision["key"] for decision in row["answer"]["decisions"]}
        if (
            then.accepted <= verdicts.accepted
            and then.rejected <= verdicts.rejected
            and verdicts.accepted - then.accepted <= keys
            and not (verdicts.rejected - then.rejected) & keys
        ):
            return row["answer"], row["study"]
    return None, None


async def _while_running(pool: Pool, round_id: int, work: Any) -> PartAnswer | None:
    """What `work` gives, or None when the round was cancelled meanwhile."""
    task: asyncio.Task[PartAnswer] = asyncio.create_task(work)
    try:
        while not (await asyncio.wait([task], timeout=LOOK_S))[0]:
            try:
                if not await pool.fetchval(SQL["is_running"], round_id):
                    return None
            except NOT_NOW as error:  # the answer may be wanted when the database is back
                LOG.warning("a round is not looked at", round_id=round_id, error=str(error))
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
