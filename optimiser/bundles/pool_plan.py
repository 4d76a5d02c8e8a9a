"""A pool with its fleet in a plan, as the single changes of which bundles are chosen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from costs.kind_figures import KindFigures
from optimiser.bundles.choice import (
    FleetCost,
    FleetCounts,
    Unit,
    Units,
    choose_bundles,
    left_out,
)
from optimiser.depot.decision_key import DecisionKey
from optimiser.depot.fleet_changes import FleetChange, fleet_changes
from optimiser.depot.pool_cost import PoolCostFunction
from optimiser.depot.vehicle_pool import NO_MOVES, PoolMoves, VehiclePool
from optimiser.depot.verdicts import Verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPlan:
    """A pool with its counts today and in a plan, and what any counts cost; `moves` are those from
    it and to it."""

    pool: VehiclePool
    kinds: Mapping[str, KindFigures]
    now: Mapping[str, int]
    then: Mapping[str, int]
    verdicts: Verdicts
    evaluate: PoolCostFunction
    green_keep: bool
    moves: PoolMoves = NO_MOVES

    @property
    def changes(self) -> Sequence[FleetChange]:
        return fleet_changes(
            self.pool,
            self.kinds,
            self.now,
            self.then,
            self.verdicts,
            green_keep=self.green_keep,
            moves=self.moves,
        )


def bundles_of(pools: Sequence[PoolPlan], least_saving_kr_year: float) -> Sequence[Units]:
    """The bundles of the changes of some pools, in their order."""
    return choose_bundles(_units(pools), fleets_of(pools), least_saving_kr_year).bundles


def too_small(
    pool: PoolPlan, least_saving_kr_year: float, may_have: Callable[[Mapping[str, int]], bool]
) -> tuple[Units, float] | None:
    """A bundle of a pool that saves less than the least saving, and how much, where the plan may
    have the counts without it; None: there is none."""
    pool_id, fleets = pool.pool.pool_id, fleets_of([pool])

    def may_leave(counts: FleetCounts) -> bool:
        return may_have(counts[pool_id])

    found = choose_bundles(_units([pool]), fleets, least_saving_kr_year, may_leave).too_small
    return None if found is None else (found, left_out(found, fleets).kr_year)


def fleets_of(pools: Iterable[PoolPlan]) -> dict[str, FleetCost]:
    """The fleets of some pools, by their ids."""
    return {one.pool.pool_id: FleetCost(one.now, one.then, one.evaluate) for one in pools}


def _units(pools: Iterable[PoolPlan]) -> list[Unit]:
    """The changes of some pools, where the two ends of a move are one."""
    found: dict[DecisionKey, dict[str, FleetChange]] = {}
    decided: set[DecisionKey] = set()
    for one in pools:
        for change in one.changes:
            pool_id = one.pool.pool_id
            key = change.key(pool_id)
            found.setdefault(key, {})[pool_id] = change
            if one.verdicts.decides(key, change.new_kind):
                decided.add(key)
    return [Unit(key, changes, key in decided) for key, changes in found.items()]
