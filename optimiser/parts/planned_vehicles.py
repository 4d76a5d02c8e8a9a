"""Which vehicle stands in which slot of a part's plan, so that its trips can be told by vehicle."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from costs.kind_figures import KindFigures
from optimiser.depot.decisions import slot_names
from optimiser.depot.fleet_changes import stay_and_go
from optimiser.depot.pool_cost import fleet_counts
from optimiser.depot.vehicle_pool import VehicleMove, VehiclePool, moves_of_pool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.plan import Plan
from optimiser.model.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVehicle:
    """A vehicle of a plan by the name that decisions call it. `slot` is the text of its
    `VehicleSlot`, and `vehicle_id` is None for one to be bought."""

    slot: str
    name: str
    vehicle_id: str | None


def planned_vehicles(
    pools: Iterable[VehiclePool],
    kinds: Mapping[str, KindFigures],
    problem: Problem,
    plan: Plan,
    verdicts: Verdicts,
    moves: Sequence[VehicleMove] = (),
) -> tuple[PlannedVehicle, ...]:
    """The vehicles of the plan in `pools`, in the slots in which decisions count their trips."""
    found: list[PlannedVehicle] = []
    for pool in pools:
        _, then = fleet_counts(problem, plan, pool.pool_id)
        of_pool = moves_of_pool(pool.pool_id, moves)
        came = of_pool.came
        own = {kind: count - came[kind] for kind, count in then.items()}
        staying, _ = stay_and_go(pool, own, verdicts)
        every = [*staying, *of_pool.coming]
        for slot, name in slot_names(pool.pool_id, every, then, kinds).items():
            alike = [vehicle for vehicle in every if vehicle.kind == slot.type]
            known = slot.number <= len(alike)
            found.append(
                PlannedVehicle(
                    slot=str(slot),
                    name=name,
                    vehicle_id=alike[slot.number - 1].vehicle_id if known else None,
                )
            )
    return tuple(found)
