"""The basis of a round: the rules, assumptions and kinds that it stored, and notes on its trips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from costs.assumptions import Figure, FigureKey
from costs.basis import Basis, stored_basis
from costs.basis_change import (
    FigureChange,
    KindChange,
    RuleChange,
    figure_changes,
    kind_changes,
    rule_changes,
)
from db.connect import Pool
from db.scope.seen import unscoped
from db.statements import statements
from fleet.period import Period
from fleet.saying import Saying
from optimiser.parts.fleet_use import FleetUse
from optimiser.rounds.data import round_period
from optimiser.rounds.named_trips import name_trips
from optimiser.rounds.studies import depot_plans
from optimiser.studies.dependence import (
    FigureDependence,
    KindDependence,
    dependences,
    kind_dependences,
    moves_an_offer,
)
from optimiser.studies.read_bodies import part_plan_of
from register.inventory.since_round import RegisterChanges, register_changes, stored_register

SQL = statements("round")

#: The rounds for which it is remembered which figures they rest on.
ROUNDS_KEPT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisChanges:
    """The differences between the bases of two versions of rounds, and between what the register
    had. `periods` are the days whose trips each counts; None: they are the same."""

    rules: Sequence[RuleChange]
    figures: Sequence[FigureChange]
    kinds: Sequence[KindChange]
    register: RegisterChanges
    periods: tuple[Period, Period] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundBasis:
    """The basis of a version of a round, as it was then.

    `rules` are by name. `changes` are those since the version before, or since the last version of
    the round before: `since` is its number and its version. Both are None for the first one.
    """

    number: int
    version: int
    requested_by: str
    requested_at: datetime
    period: Period
    rules: Mapping[str, Any]
    basis: Basis
    since: tuple[int, int] | None
    changes: BasisChanges | None


async def read_round_basis(pool: Pool, round_id: int) -> RoundBasis | None:
    """The basis of a round; None if there is no such round, or if it stored none."""
    row = await pool.fetchrow(SQL["basis_of"], round_id)
    basis = None if row is None else await stored_basis(pool, round_id)
    if row is None or basis is None:
        return None
    before = await pool.fetchrow(SQL["basis_before"], row["number"], row["version"])
    return RoundBasis(
        number=row["number"],
        version=row["version"],
        requested_by=row["requested_by"],
        requested_at=row["requested_at"],
        period=await round_period(pool, row),
        rules=row["rules"],
        basis=basis,
        since=None if before is None else (before["number"], before["version"]),
        changes=None if before is None else await changes_since(pool, before["round_id"], round_id),
    )


@dataclass(frozen=True, slots=True)
class RoundDependences:
    """The dependence of the round `number` on each figure, by key, and on the yearly cost of each
    kind of its fleets; what moves nothing is absent."""

    number: int
    by_key: Mapping[FigureKey, FigureDependence]
    kinds: Sequence[KindDependence] = ()


async def latest_dependences(pool: Pool) -> RoundDependences | None:
    """How much the latest round that is done depends on each figure; None: there is none, or it is
    of software that did not keep what its fleets are used for."""
    row = await pool.fetchrow(SQL["latest_done"])
    basis = None if row is None else await stored_basis(pool, row["round_id"])
    if row is None or basis is None:
        return None
    uses = [plan.uses for plan in await depot_plans(pool, row["round_id"]) if plan.uses]
    if not uses:
        return None
    now, then = [now for now, _ in uses], [then for _, then in uses]
    found = dependences(basis, row["rules"], now, then)
    return RoundDependences(
        row["number"], {one.key: one for one in found}, kind_dependences(basis, now, then)
    )


@unscoped
async def old_figures(pool: Pool, round_id: int) -> list[Figure]:
    """The figures that were too old when a round was calculated and on which it rests: the cost of
    its fleets depends on them, or that of a kind on offer, or what vehicles and charge points would
    cost about that no price is counted for. Of a round that did not keep what its
    fleets are used for it is all that were too old. It is of the whole fleet for whoever asks."""
    row = await pool.fetchrow(SQL["basis_of"], round_id)
    basis = None if row is None else await stored_basis(pool, round_id)
    if row is None or basis is None:
        return []
    old = basis.figures.out_of_date
    plans = await depot_plans(pool, round_id) if old else ()
    uses = tuple(plan.uses for plan in plans if plan.uses)
    if not uses:
        return old
    used = _used(basis, orjson.dumps(row["rules"]), uses, tuple(figure.key for figure in old))
    # Points that the cost of new vehicles is taken to hold are told with what each would cost.
    if any(plan.charge_points is not None and plan.charge_points.held for plan in plans):
        used |= {FigureKey.CHARGE_POINT_KR}
    return [one for one in old if one.key in used]


@lru_cache(ROUNDS_KEPT)
def _used(
    basis: Basis,
    rules: bytes,
    uses: tuple[tuple[FleetUse, FleetUse], ...],
    keys: tuple[FigureKey, ...],
) -> frozenset[FigureKey]:
    """Those of the `keys` on which the cost of a round's fleets depends, or that of a kind that is
    offered. It is worked out once for each round, as every report asks for it. `rules` are as JSON,
    `uses` the use of today's and of the proposed fleet of each depot."""
    now, then = [now for now, _ in uses], [then for _, then in uses]
    used = {one.key for one in dependences(basis, orjson.loads(rules), now, then, keys)}
    return frozenset(key for key in keys if key in used or moves_an_offer(basis, key))


async def changes_since(pool: Pool, before_id: int, round_id: int) -> BasisChanges | None:
    """The changes of basis from one round to another; None if one of them stored no basis."""
    before = await pool.fetchrow(SQL["basis_of"], before_id)
    after = await pool.fetchrow(SQL["basis_of"], round_id)
    old, new = await stored_basis(pool, before_id), await stored_basis(pool, round_id)
    if before is None or after is None or old is None or new is None:
        return None
    was, now = await round_period(pool, before), await round_period(pool, after)
    is_same = (was.first, was.last) == (now.first, now.last)
    return BasisChanges(
        rules=rule_changes(before["rules"], after["rules"]),
        figures=figure_changes(old.figures, new.figures),
        kinds=kind_changes((old.catalogue, old.kinds), (new.catalogue, new.kinds)),
        register=register_changes(
            await stored_register(pool, before_id), await stored_register(pool, round_id)
        ),
        periods=None if is_same else (was, now),
    )


async def round_notes(pool: Pool, round_id: int) -> list[Saying]:
    """The notes on the trips of a round, with the vehicles and times of trips still stored."""
    rows = await pool.fetch(SQL["part_plans_shown"], round_id)
    notes = [note for row in rows for note in part_plan_of(row["part_plan"]).notes]
    return await name_trips(pool, notes)
