"""What the register had when a round was calculated, and what differs when another one was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.names.order import name_order

SQL = statements("round")


class VehicleChange(StrEnum):
    """What differs about a vehicle of the fleet."""

    NEW = "new"
    GONE = "gone"
    #: Its kind, its department or its depot.
    PLACE = "place"
    #: Its own yearly cost, its sale value or its exit cost.
    COSTS = "costs"
    CONTRACT = "contract"
    #: The ruling of the fleet unit on it, or what its trips need.
    RULING = "ruling"


_FACTS: Mapping[VehicleChange, Sequence[str]] = {
    VehicleChange.PLACE: ("kind", "department", "depot_id"),
    VehicleChange.COSTS: ("cost_kr_year", "sale_value_kr", "exit_cost_kr"),
    VehicleChange.CONTRACT: ("contract_end",),
    VehicleChange.RULING: ("ruling", "needs"),
}


#: The last day of a depot.
_LAST_DAY = "active_to"


@dataclass(frozen=True, slots=True)
class RegisteredFacts:
    """What the register had of one vehicle or depot, with its name of today."""

    name: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RegisterState:
    """What the register had of the vehicles of the fleet and of the depots, by id; empty where a
    round of earlier software kept nothing."""

    vehicles: Mapping[str, RegisteredFacts]
    depots: Mapping[str, RegisteredFacts]

    @property
    def is_known(self) -> bool:
        return bool(self.vehicles or self.depots)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsChange:
    """A depot with another number of charge points; None: as many as its vehicles use."""

    depot: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingChange:
    """A depot with another last day; None: it has none."""

    depot: str
    before: date | None
    after: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingDepot:
    """A depot that had a last day when a round was calculated, which plans its vehicles as if it
    stayed. `vehicles` are their names of today, those that are seen."""

    depot_id: str
    name: str
    last_day: date
    vehicles: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterChanges:
    """What differs between two states: names of vehicles by what differs, and depots."""

    vehicles: Mapping[VehicleChange, Sequence[str]]
    charge_points: Sequence[PointsChange]
    closing: Sequence[ClosingChange] = ()


NO_REGISTER_CHANGES = RegisterChanges(vehicles={}, charge_points=())


def register_changes(before: RegisterState, after: RegisterState) -> RegisterChanges:
    """What differs between two states. Nothing does if one is not known."""
    if not (before.is_known and after.is_known):
        return NO_REGISTER_CHANGES
    old, new = before.vehicles, after.vehicles
    found = {
        VehicleChange.NEW: [new[one].name for one in new.keys() - old.keys()],
        VehicleChange.GONE: [old[one].name for one in old.keys() - new.keys()],
    }
    both = old.keys() & new.keys()
    for change, names in _FACTS.items():
        found[change] = [
            new[one].name
            for one in both
            if any(old[one].facts.get(name) != new[one].facts.get(name) for name in names)
        ]
    return RegisterChanges(
        vehicles={
            change: sorted(names, key=name_order) for change, names in found.items() if names
        },
        charge_points=sorted(
            (
                PointsChange(depot=after.depots[one].name, before=was, after=is_now)
                for one in before.depots.keys() & after.depots.keys()
                if (was := before.depots[one].facts.get("charge_points"))
                != (is_now := after.depots[one].facts.get("charge_points"))
            ),
            key=lambda change: name_order(change.depot),
        ),
        closing=sorted(
            (
                ClosingChange(depot=after.depots[one].name, before=was, after=is_now)
                for one in before.depots.keys() & after.depots.keys()
                # A round of earlier software kept no last days.
                if _LAST_DAY in before.depots[one].facts
                and _LAST_DAY in after.depots[one].facts
                and (was := _last_day(before.depots[one]))
                != (is_now := _last_day(after.depots[one]))
            ),
            key=lambda change: name_order(change.depot),
        ),
    )


def _last_day(depot: RegisteredFacts) -> date | None:
    day = depot.facts.get(_LAST_DAY)
    return None if day is None else date.fromisoformat(day)


async def store_register(pool: Pool, round_id: int) -> None:
    """Store what the register has with a round that is calculated with it."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["forget_register"], round_id)
        await connection.execute(SQL["store_register"], round_id)


async def stored_register(pool: Pool | PooledConnection, round_id: int) -> RegisterState:
    """What the register had when a round was calculated, as far as it is seen."""
    found: dict[str, dict[str, RegisteredFacts]] = {"vehicle": {}, "depot": {}}
    for row in await pool.fetch(SQL["register_of"], round_id):
        found[row["subject"]][row["subject_id"]] = RegisteredFacts(row["name"], row["facts"])
    return RegisterState(vehicles=found["vehicle"], depots=found["depot"])


async def closing_depots(pool: Pool, round_id: int) -> list[ClosingDepot]:
    """The depots with vehicles that are seen, and with a last day when a round was calculated."""
    found = [
        ClosingDepot(
            depot_id=row["depot_id"],
            name=row["name"],
            last_day=row["closes"],
            vehicles=sorted(row["vehicles"], key=name_order),
        )
        for row in await pool.fetch(SQL["closing_depots"], round_id)
    ]
    return sorted((one for one in found if one.vehicles), key=lambda one: name_order(one.name))
