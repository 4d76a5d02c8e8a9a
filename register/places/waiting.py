"""Depots that wait for their place: vehicles belong to them by name, and nobody has said yet where
they are on the map. As long as they wait they are no zones."""

from dataclasses import dataclass

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.names.order import name_order
from register.history import RegisterSubject, record_change, refuse_unseen_changes
from register.zones import BAD_NAME, NAME_MAX, NAME_TAKEN, ZoneError, ZoneKind, zone_id_from_name

SQL = statements("zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDepot:
    """A depot without a place, with the number of vehicles of the fleet that belong to it."""

    depot_id: str
    name: str
    charge_points: int | None = None
    vehicles: int = 0

    @property
    def zone_id(self) -> str:
        """The id of the zone that it will be."""
        return self.depot_id


async def waiting_depots(connection: Pool | PooledConnection) -> list[WaitingDepot]:
    """Every depot that waits for its place, by name."""
    found = [WaitingDepot(**row) for row in await connection.fetch(SQL["waiting_depots"], None)]
    return sorted(found, key=lambda one: name_order(one.name))


async def waiting_depot(connection: Pool | PooledConnection, depot_id: str) -> WaitingDepot | None:
    """A depot that waits for its place; None: there is no such depot, or it has one."""
    row = await connection.fetchrow(SQL["waiting_depots"], depot_id)
    return None if row is None else WaitingDepot(**row)


async def zone_names(connection: Pool | PooledConnection) -> dict[str, str]:
    """The names of every zone and of every waiting depot, by their ids."""
    return {row["zone_id"]: row["name"] for row in await connection.fetch(SQL["zone_names"])}


def free_depot_id(name: str, taken: dict[str, str]) -> str:
    """The id of a new depot, made of its name, if need be with a number; `taken` are the names of
    zones by their ids."""
    wanted = zone_id_from_name(name)
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(one for one in numbered if one not in taken)


async def put_waiting_depot(
    pool: Pool, actor: Actor, depot: WaitingDepot, *, new: bool, seen: int | None = None
) -> None:
    """Add a depot that waits for its place, or give one another name or other charge points. `seen`
    is the number of its changes that the actor saw.

    Raises:
        ZoneError: its name is none, or another zone has it, or the id of a new one.
        ChangedSinceError: somebody else changed it.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        await refuse_unseen_changes(connection, RegisterSubject.ZONE, depot.depot_id, seen)
        names = await zone_names(connection)
        if new:
            _refuse_name(depot, names)
            await add_waiting_within(connection, actor, depot)
            return
        _refuse_name(depot, {id_: name for id_, name in names.items() if id_ != depot.depot_id})
        before = await waiting_depot(connection, depot.depot_id)
        if before is not None:
            await connection.execute(
                SQL["change_waiting_depot"], depot.depot_id, depot.name, depot.charge_points
            )
            await record_change(
                connection,
                actor,
                RegisterSubject.ZONE,
                depot.depot_id,
                _content(depot),
                _content(before),
            )


async def add_waiting_within(connection: PooledConnection, by: Actor, depot: WaitingDepot) -> None:
    """Add a depot that waits for its place in the transaction of an act that asked whether its
    actor may, and whether the name and the id are free."""
    await connection.execute(
        SQL["add_waiting_depot"], depot.depot_id, depot.name, depot.charge_points
    )
    await record_change(connection, by, RegisterSubject.ZONE, depot.depot_id, _content(depot))


def _refuse_name(depot: WaitingDepot, others: dict[str, str]) -> None:
    if not 0 < len(depot.name) <= NAME_MAX or len(depot.depot_id) > NAME_MAX:
        raise ZoneError(BAD_NAME, number=1, most=NAME_MAX)
    if depot.depot_id in others or depot.name in others.values():
        raise ZoneError(NAME_TAKEN)


def _content(depot: WaitingDepot) -> dict[str, object]:
    """A waiting depot as its history keeps it."""
    return {"name": depot.name, "kind": ZoneKind.DEPOT, "charge_points": depot.charge_points}
