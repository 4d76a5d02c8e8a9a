"""Divides a round into parts, which workers on any number of machines plan.

Each depot is a part. A worker reads, solves and stores one part at a time, so the largest part
bounds its memory. A cap on CO2e ties the depots together: then all depots are one part. Vehicles
that may move tie them too, but each is planned by itself before: see `optimiser.parts.moved_parts`.

A later version of a round keeps the figures, kinds and rules of the one before. What differs
between them is what people decided, and what they changed in the register.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import structlog

from costs.assumptions import FigureKey
from costs.basis import Basis, read_basis, store_basis, stored_basis
from db.connect import Pool
from db.statements import statements
from fleet.period import Period
from fleet.vehicle import Energy
from optimiser.model.files import read_rules
from optimiser.model.problem import ProblemError, Rules
from optimiser.model.remark import Remark, remark
from optimiser.parts.own_vehicles import OF_DEPARTMENT
from optimiser.rounds.data import counted_depots, depot_ids, round_period, vehicles_behind
from optimiser.rounds.failure import FailureReason, fail_round
from optimiser.settings import OptimiserSettings
from register.inventory.since_round import store_register

SQL = statements("round")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: The file of a round's rules if the settings name no other.
ROUND_RULES = Path(__file__).parent / "round_rules.toml"


#: The rules of a round that are settings, by their names there; they stand beside the problem's.
RULES_OF_SETTINGS = (
    *("workshop_ready", "workshop_copies", "workshop_shift_min"),
    *("least_saving_kr_year", "greenest_within"),
    *("contract_horizon_days", "coverage_min"),
)


def as_kept(settings: OptimiserSettings, rules: Mapping[str, Any]) -> OptimiserSettings:
    """The settings, with those that a round keeps with its `rules`; of a round of earlier software
    some may not be kept."""
    kept = {name: rules[name] for name in RULES_OF_SETTINGS if name in rules}
    return settings.model_copy(update=kept)


def round_rules(basis: Basis, period: Period, settings: OptimiserSettings) -> Rules:
    """The rules of a round: those of a file, else those that follow from the assumptions.

    The file is the one in the settings, or that of the product.

    Raises:
        ProblemError: the file cannot be read, or has an unknown or impossible rule, or rules with
            which a round does not plan together.
    """
    path = settings.round_rules or ROUND_RULES
    rules = read_rules(path, basis.rules)
    if rules.moves and rules.co2_max_t_year is not None:
        what = (remark(Remark.NO_ROUND_RULES, names="moves, co2_max_t_year"),)
        raise ProblemError(remark(Remark.AT, place=str(path), what=what))
    # A year of more trips than those of the period is as if they had been driven in less time.
    days = period.days / basis.figures[FigureKey.YEAR_OVER_PERIOD]
    return replace(rules, period_days=days)


async def prepare_round(pool: Pool, round_id: int, settings: OptimiserSettings) -> Sequence[int]:
    """Divide a round into parts, unless it is divided.

    Returns:
        The numbers of the parts; none if the round has ended.
    """
    row = await pool.fetchrow(SQL["start"], round_id)
    if row is None:
        LOG.warning("round is over already", round_id=round_id)
        return ()
    if divided := await pool.fetch(SQL["parts"], round_id):
        return [part["part"] for part in divided]
    behind = await vehicles_behind(pool, round_id, settings.trips_wait_s)
    if not await pool.fetchval(SQL["is_running"], round_id):
        return ()  # it was cancelled meanwhile
    if behind:
        LOG.warning("trips are behind", round_id=round_id, vehicles=behind)
        await fail_round(pool, round_id, FailureReason.TRIPS_BEHIND)
        return ()
    period = await round_period(pool, row)
    depots = await depot_ids(pool, period)
    kept = await _kept(pool, round_id)
    try:
        found = kept or await _of_today(pool, period, depots.active, settings)
    except ProblemError as error:
        await fail_round(pool, round_id, FailureReason.REFUSED, error.remark)
        return ()
    of_round = as_kept(settings, found.rules)
    counted = await counted_depots(pool, period, of_round, depots.active)
    await store_basis(pool, round_id, found.basis)
    await store_register(pool, round_id)
    await pool.execute(SQL["store_rules"], round_id, found.rules)
    if not depots.active:
        await fail_round(pool, round_id, FailureReason.NO_TRIPS)
        return ()
    if not counted:
        await fail_round(pool, round_id, FailureReason.TOO_LITTLE_KNOWN)
        return ()
    groups = [[d] for d in counted] if found.rules.get("co2_max_t_year") is None else [counted]
    async with pool.acquire() as connection, connection.transaction():
        for part, group in enumerate(groups):
            await connection.execute(SQL["add_part"], round_id, part, list(group))
    return range(len(groups))


@dataclass(frozen=True, slots=True)
class _Given:
    """What a round is calculated with: its basis, and its rules as they are stored."""

    basis: Basis
    rules: dict[str, Any]


async def _kept(pool: Pool, round_id: int) -> _Given | None:
    """What the version before was calculated with, and the kinds that vehicles have since; None for
    the first version."""
    before = await pool.fetchrow(SQL["version_before"], round_id)
    basis = None if before is None else await stored_basis(pool, before["round_id"])
    if before is None or basis is None:
        return None
    known = {kind.kind for kind in basis.catalogue}
    now = await read_basis(pool, basis.year)
    added = [kind for kind in now.catalogue if kind.kind not in known]
    return _Given(replace(basis, catalogue=[*basis.catalogue, *added]), before["rules"])


async def _of_today(
    pool: Pool, period: Period, depots: Sequence[str], settings: OptimiserSettings
) -> _Given:
    """What a new round is calculated with.

    Raises:
        ProblemError: as `round_rules`.
    """
    basis = await read_basis(pool, period.last.year)
    rules = round_rules(basis, period, settings)
    if not rules.reserve:
        rules = replace(rules, reserve=await _reserves(pool, depots, settings))
    needs = await _own_departments(pool, depots, rules, settings)
    rules = replace(rules, no_fallback_needs=(*rules.no_fallback_needs, *needs))
    kept = {name: getattr(settings, name) for name in RULES_OF_SETTINGS}
    return _Given(basis, asdict(rules) | kept)


async def _reserves(
    pool: Pool, depots: Sequence[str], settings: OptimiserSettings
) -> dict[str, int]:
    """The reserve of each depot that has enough vehicles to hold one."""
    if not settings.reserve_vehicles:
        return {}
    rows = await pool.fetch(SQL["motor_vehicles"], list(depots), Energy.BICYCLE.value)
    return {
        row["depot_id"]: settings.reserve_vehicles
        for row in rows
        if row["vehicles"] >= settings.reserve_from_vehicles
    }


async def _own_departments(
    pool: Pool, depots: Sequence[str], rules: Rules, settings: OptimiserSettings
) -> list[str]:
    """The needs that stand for the departments whose trips may not use the fallback; none where the
    rules name departments themselves."""
    if any(need.startswith(OF_DEPARTMENT) for need in rules.no_fallback_needs):
        return []
    words = [word.casefold() for word in settings.no_fallback_departments]
    rows = await pool.fetch(SQL["departments_of_depots"], list(depots))
    return [
        f"{OF_DEPARTMENT}{row['department']}"
        for row in rows
        if any(word in row["department"].casefold() for word in words)
    ]
