"""Reads the input of a part of a round from the round, the register and the trips."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import asyncpg
from pydantic import TypeAdapter

from costs.basis import Basis, stored_basis
from costs.kind_figures import KindFigures
from db.connect import Pool
from db.statements import statements
from optimiser.depot.decision_key import LEAVING, Action, DecisionKey
from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import VehiclePool, department_pool_id, is_pool_of
from optimiser.depot.verdicts import Verdicts
from optimiser.model.problem import Rules
from optimiser.parts.part_plan import PartInput
from optimiser.parts.workshop import asked_shifts
from optimiser.rounds.data import read_depots, round_period
from optimiser.rounds.decisions import ACCEPTING, Verdict
from optimiser.rounds.prepare import as_kept
from optimiser.settings import OptimiserSettings

SQL = statements("round")

_RULES = TypeAdapter(Rules)


async def read_part_input(
    pool: Pool, round_id: int, part: int, row: asyncpg.Record, settings: OptimiserSettings
) -> PartInput:
    """The input of a part; `row` is the round's, from `running_round` or `done_round`."""
    period = await round_period(pool, row)
    kept = await pool.fetchrow(SQL["part"], round_id, part)
    assert kept is not None, "parts are added before they are planned"
    basis = await round_basis(pool, round_id)
    chosen: Mapping[str, float] = row["chosen_prices"] or {}
    rules: Mapping[str, Any] = row["rules"]
    of_round = as_kept(settings, rules)
    depots = await read_depots(pool, period, of_round, kept["depots"])
    if kept["verdicts"] is not None:
        verdicts = Verdicts.from_json(kept["verdicts"])
    else:
        verdicts = await _decided(pool, row["number"], depots, basis.kinds)
    return PartInput(
        depots=depots,
        kinds=dict(basis.kinds),
        rules=_RULES.validate_python(rules),
        verdicts=_binding(depots, verdicts),
        first=period.start,
        last=period.end,
        least_saving_kr_year=of_round.least_saving_kr_year,
        # Under a cap on CO2e, where depots are one part, no fleet is chosen.
        chosen_kr_t=chosen.get(kept["depots"][0]),
        # Versions of a round of earlier software are planned as it was.
        workshop=asked_shifts(rules),
    )


async def verdicts_in_force(
    pool: Pool, number: int, depots: Sequence[VehiclePool], kinds: Mapping[str, KindFigures]
) -> Verdicts:
    """The verdicts in force in the round `number` that bind a plan of `depots` with `kinds`."""
    return _binding(depots, await _decided(pool, number, depots, kinds))


async def round_basis(pool: Pool, round_id: int) -> Basis:
    """The basis of a round that is divided into parts."""
    basis = await stored_basis(pool, round_id)
    assert basis is not None, "the basis is stored before the parts are added"
    return basis


async def _decided(
    pool: Pool, number: int, depots: Sequence[VehiclePool], kinds: Mapping[str, KindFigures]
) -> Verdicts:
    """The verdicts that bind the round `number`: those on it and those that it carries over. What
    was accepted to be bought, and what came since, is bought."""
    # A kind that is on offer may have the name of one that was.
    by_name = {one.name: one.kind for one in sorted(kinds.values(), key=lambda one: one.offered)}
    rows: list[asyncpg.Record] = []
    to_come: dict[DecisionKey, int] = {}
    come: dict[DecisionKey, int] = {}
    for row in await pool.fetch(SQL["verdicts"], number):
        key = DecisionKey.parse(row["key"])
        if key.action is Action.BUY and row["verdict"] in ACCEPTING:
            had = await pool.fetch(SQL["known_vehicles"], row["round_id"])
            known = {one["vehicle_id"] for one in had}
            come[key] = _come(depots, key, known) if known else 0
            to_come[key] = row["count"] - come[key]
            if to_come[key] <= 0:
                continue
        rows.append(row)
    accepted = _keys(rows, ACCEPTING)
    return Verdicts(
        accepted=accepted,
        rejected=_keys(rows, (Verdict.REJECTED,)),
        new_kinds={
            DecisionKey.parse(row["key"]).subject: _kind_of(row, kinds, by_name)
            for row in rows
            if row["new_kind"] is not None and row["key"].startswith(f"{Action.REPLACE}:")
        },
        to_come={key: count for key, count in to_come.items() if key in accepted},
        come={key: count for key, count in come.items() if key in accepted and count},
    )


def _kind_of(row: asyncpg.Record, kinds: Collection[str], by_name: Mapping[str, str]) -> str | None:
    """The kind that was accepted, by its id where that was kept, as kinds are renamed; None: it is
    not among `kinds` any more."""
    kind = row["new_kind_id"]
    if kind is None:
        return by_name.get(row["new_kind"])
    return kind if kind in kinds else None


def _binding(depots: Sequence[VehiclePool], verdicts: Verdicts) -> Verdicts:
    accepted = _fitting(depots, _about(depots, verdicts.accepted))
    return Verdicts(
        accepted=accepted,
        rejected=_about(depots, verdicts.rejected),
        new_kinds={
            vehicle_id: kind
            for vehicle_id, kind in verdicts.new_kinds.items()
            if DecisionKey(Action.REPLACE, vehicle_id) in accepted
        },
        to_come={key: count for key, count in verdicts.to_come.items() if key in accepted},
        come={key: count for key, count in verdicts.come.items() if key in accepted},
    )


def _keys(rows: Iterable[asyncpg.Record], verdicts: Collection[str]) -> frozenset[DecisionKey]:
    return frozenset(DecisionKey.parse(row["key"]) for row in rows if row["verdict"] in verdicts)


def _come(depots: Iterable[VehiclePool], key: DecisionKey, known: Collection[str]) -> int:
    """How many vehicles of the bought kind that are not among the `known` ones stand there."""
    return sum(
        vehicle.kind == key.kind and vehicle.vehicle_id not in known
        for depot in depots
        for vehicle in depot.vehicles
        if key.subject in (depot.pool_id, department_pool_id(depot.pool_id, vehicle.department))
    )


def _about(depots: Sequence[VehiclePool], keys: Iterable[DecisionKey]) -> frozenset[DecisionKey]:
    """Those of `keys` whose decisions concern the depots or their vehicles. The move of a vehicle
    that stands where it was to move to is carried out."""
    vehicles = {c.vehicle_id for depot in depots for c in depot.vehicles}
    here = {
        (c.vehicle_id, place)
        for depot in depots
        for c in depot.vehicles
        for place in (depot.pool_id, department_pool_id(depot.pool_id, c.department))
    }
    ids = {depot.pool_id for depot in depots}

    def is_about(key: DecisionKey) -> bool:
        match key.action:
            case Action.POOL:
                return key.subject in ids
            case Action.BUY:
                return any(is_pool_of(key.subject, depot_id) for depot_id in ids)
            case Action.DISPOSE | Action.REPLACE | Action.KEEP:
                return key.subject in vehicles
            case Action.MOVE:
                return key.subject in vehicles and (key.subject, key.to) not in here

    return frozenset(key for key in keys if is_about(key))


def _fitting(depots: Sequence[VehiclePool], keys: Iterable[DecisionKey]) -> frozenset[DecisionKey]:
    """Those of the accepted `keys` that can be done: what a contract, a ruling or a lack of data
    keeps stays, so that no other vehicle goes in its place."""
    kept = {c.vehicle_id for depot in depots for c in depot.vehicles if c.fate is not Fate.CAN_GO}
    return frozenset(key for key in keys if key.action not in LEAVING or key.subject not in kept)
