"""What can be asked of a depot of the latest round: its vehicles, kinds, needs and figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from costs.assumptions import FigureKey
from costs.basis import Basis
from db.connect import Pool
from db.statements import statements
from fleet.names.order import name_order
from optimiser.depot.decisions import StayReason
from optimiser.rounds.decisions import ACCEPTING, Verdict
from optimiser.rounds.part_input import round_basis
from optimiser.studies.read_bodies import decision_of
from optimiser.what_if.answer import Fate, Outcome
from optimiser.what_if.checking import leaving_verdicts
from optimiser.what_if.outcomes import outcomes_told

SQL = statements("what_if")
ROUND_SQL = statements("round")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedVehicle:
    """A vehicle of the depot, with what the round makes of it. `is_known`: enough is known of its
    use to say that it may go. `decided` is the verdict in force on whether it leaves."""

    vehicle_id: str
    name: str
    kind: str
    outcome: Outcome
    is_known: bool
    decided: Verdict | None = None

    @property
    def must_go(self) -> bool:
        """Whether people decided that it leaves, so that no what-if keeps it."""
        return self.decided in ACCEPTING

    @property
    def must_stay(self) -> bool:
        """Whether people decided that it does not leave, so that no what-if lets it go."""
        return self.decided is Verdict.REJECTED

    @property
    def goes(self) -> bool:
        """Whether it leaves the depot in the round."""
        return self.outcome.fate is not Fate.STAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfOffer:
    """What can be asked beside the latest round; of one depot, where one is chosen. `kinds` are
    those on offer or at the depot, by id and name."""

    round_id: int
    number: int
    version: int
    depots: Mapping[str, str]
    depot_id: str | None
    vehicles: Sequence[OfferedVehicle]
    kinds: Sequence[tuple[str, str]]
    capabilities: Sequence[str]
    figures: Mapping[FigureKey, float]


async def what_if_offer(pool: Pool, depot_id: str | None) -> WhatIfOffer | None:
    """What can be asked beside the latest round that is done; None: there is none, or it is of
    earlier software."""
    row = await pool.fetchrow(ROUND_SQL["latest_done"])
    if row is None:
        return None
    askable = await pool.fetchrow(SQL["round_of_what_if"], row["round_id"])
    if askable is None or not askable["is_kept"]:
        return None
    calculated = [
        one
        for part in await pool.fetch(SQL["askable_parts"], row["round_id"])
        for one in part["depots"]
    ]
    in_use = {one["depot_id"] for one in await pool.fetch(SQL["depots_in_use"], calculated)}
    names = await pool.fetch(ROUND_SQL["depots_named"], sorted(in_use))
    depots = {
        one["depot_id"]: one["name"]
        for one in sorted(names, key=lambda one: name_order(one["name"]))
    }
    chosen = depot_id if depot_id in depots else None
    basis = await round_basis(pool, row["round_id"])
    vehicles = (
        [] if chosen is None else await _vehicles(pool, row["round_id"], row["number"], chosen)
    )
    return WhatIfOffer(
        round_id=row["round_id"],
        number=row["number"],
        version=row["version"],
        depots=depots,
        depot_id=chosen,
        vehicles=vehicles,
        kinds=_kinds(basis, {one.kind for one in vehicles}),
        capabilities=sorted({need for kind in basis.catalogue for need in kind.offers}),
        figures={key: basis.figures[key] for key in FigureKey},
    )


async def _vehicles(pool: Pool, round_id: int, number: int, depot_id: str) -> list[OfferedVehicle]:
    decisions = [
        decision
        for one in await pool.fetch(ROUND_SQL["proposals"], round_id)
        if (decision := decision_of(one["content"])).depot_id == depot_id
    ]
    outcomes = outcomes_told(decisions, depot_id).vehicles
    ids = [one.vehicle_id for one in decisions if one.vehicle_id is not None]
    there = {one["vehicle_id"] for one in await pool.fetch(SQL["in_fleet"], ids)}
    leaving = await leaving_verdicts(pool, number)
    return sorted(
        (
            OfferedVehicle(
                vehicle_id=one.vehicle_id,
                name=one.vehicle or "",
                kind=one.kind or "",
                outcome=outcomes[one.vehicle_id],
                is_known=one.why is not StayReason.UNKNOWN,
                decided=leaving.get(one.vehicle_id),
            )
            for one in decisions
            if one.vehicle_id is not None and one.vehicle_id in there
        ),
        key=lambda one: name_order(one.name),
    )


def _kinds(basis: Basis, there: set[str]) -> list[tuple[str, str]]:
    found = [
        (kind.kind, kind.name) for kind in basis.catalogue if kind.offered or kind.name in there
    ]
    return sorted(found, key=lambda pair: name_order(pair[1]))
