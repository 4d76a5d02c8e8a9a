"""Reads what a version of a round plans, and the register, as the trial needs them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import asyncpg
from pydantic import TypeAdapter

from costs.basis import read_basis, stored_basis
from costs.kind_figures import KindFigures
from db.connect import Pool
from db.statements import statements
from fleet.localtime import local_day
from optimiser.depot.decisions import StayReason
from optimiser.model.problem import Rules
from optimiser.model.vehicle_slot import PoolAndType, VehicleSlot, kinds_by_label
from optimiser.parts.planned_vehicles import PlannedVehicle
from optimiser.rounds.decisions import Verdict
from optimiser.studies.read_bodies import decision_of
from optimiser.trial.fleet import PlannedFleet, RegisteredVehicle

SQL = statements("trial")

_VEHICLES = TypeAdapter(tuple[PlannedVehicle, ...])
_RULES = TypeAdapter(Rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDays:
    """A version that is done, with the days on which it is the one in force; `last` None: it still
    is."""

    round_id: int
    version: int
    rules: Mapping[str, Any]
    first: date
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedVersion:
    """All that the trials of a version rest on, but for days. `verdicts` are those on its proposals
    by the day on which somebody gave them, in their order."""

    round_id: int
    plan: PlannedFleet
    register: Sequence[RegisteredVehicle]
    verdicts: Sequence[tuple[date, str, Verdict]]
    kinds: Mapping[str, KindFigures]
    rules: Rules

    def rejected_on(self, day: date) -> frozenset[str]:
        """The keys of the proposals that are rejected on a day."""
        last = {key: verdict for given, key, verdict in self.verdicts if given <= day}
        return frozenset(key for key, verdict in last.items() if verdict is Verdict.REJECTED)

    def cuts(self, first: date, last: date) -> list[tuple[date, date]]:
        """The days from `first` to `last`, cut where the fleet may change."""
        days = {given for given, _, _ in self.verdicts}
        for one in self.register:
            days |= {day for day in (one.retired_on, one.came_on) if day is not None}
        begins = sorted({first, *(day for day in days if first < day <= last)})
        ends = [date.fromordinal(day.toordinal() - 1) for day in begins[1:]]
        return list(zip(begins, [*ends, last], strict=True))


async def versions_in_force(pool: Pool) -> list[VersionDays]:
    """The versions of the latest round that is done, each with its days; none where no round is. A
    version is in force from the day on which it was done; of two of one day it is the later one."""
    rows = await pool.fetch(SQL["versions"])
    if not rows:
        return []
    firsts = [local_day(row["finished_at"]) for row in rows]
    lasts = [date.fromordinal(then.toordinal() - 1) for _, then in pairwise(firsts)]
    return [
        VersionDays(
            round_id=row["round_id"],
            version=row["version"],
            rules=row["rules"],
            first=first,
            last=last,
        )
        for row, first, last in zip(rows, firsts, [*lasts, None], strict=True)
        if last is None or first <= last
    ]


async def read_version(pool: Pool, version: VersionDays) -> TriedVersion | None:
    """What the trials of a version rest on; None: it is of software that kept too little for it."""
    round_id = version.round_id
    basis = await stored_basis(pool, round_id)
    parts = await pool.fetch(SQL["planned"], round_id)
    if basis is None or not parts or not all(part["vehicles"] for part in parts):
        return None
    now = await read_basis(pool, basis.year)
    decisions = [
        decision_of(row["content"]) for row in await pool.fetch(SQL["decisions"], round_id)
    ]
    placed: dict[str, str] = {}
    bought: Counter[PoolAndType] = Counter()
    for part in parts:
        labels = kinds_by_label((line["pool"], line["type"]) for line in part["fleet"])
        for one in _VEHICLES.validate_python(part["vehicles"]):
            slot = VehicleSlot.parse(one.slot, labels)
            if one.vehicle_id is None:
                bought[slot.pool, slot.type] += 1
            else:
                placed[one.vehicle_id] = slot.pool
    return TriedVersion(
        round_id=round_id,
        plan=PlannedFleet(
            depots=frozenset(depot_id for part in parts for depot_id in part["depots"]),
            apart=frozenset(
                one["depot_id"] for part in parts for one in part["depot_plans"] if one["apart"]
            ),
            placed=placed,
            bought=bought,
            decisions=decisions,
            standing=frozenset(
                one.vehicle_id
                for one in decisions
                if one.why is StayReason.UNKNOWN and one.vehicle_id is not None
            ),
        ),
        register=_registered(await pool.fetch(SQL["register"], round_id)),
        verdicts=[
            (local_day(row["at"]), row["key"], Verdict(row["verdict"]))
            for row in await pool.fetch(SQL["verdicts"], round_id)
        ],
        # Kinds that came since are those of today's catalogue.
        kinds={**now.kinds, **basis.kinds},
        rules=_RULES.validate_python(dict(version.rules)),
    )


def _registered(rows: Sequence[asyncpg.Record]) -> list[RegisteredVehicle]:
    """The vehicles of the register. A round of earlier software kept none: then they stood where
    they stand."""
    is_kept = any(row["stood_at"] is not None for row in rows)
    return [
        RegisteredVehicle(
            vehicle_id=row["vehicle_id"],
            kind=row["kind"],
            department=row["department"],
            depot_id=row["depot_id"],
            needs=None if row["needs"] is None else frozenset(row["needs"]),
            stood_at=row["stood_at"] if is_kept else row["depot_id"],
            came_on=_day(row["came_at"]) if is_kept and row["stood_at"] is None else None,
            retired_on=row["retired_at"],
        )
        for row in rows
    ]


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else local_day(moment)
