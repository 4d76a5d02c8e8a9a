"""The name of the municipality, which a person gives it on a page in place of the settings' one."""

from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from register.history import RegisterSubject, record_change, refuse_unseen_changes

SQL = statements("municipality")

#: Characters of the name, which stands in the head of every page.
NAME_MAX = 60


class MunicipalityNameError(ExpectedError, ValueError):
    """A name of the municipality is empty or too long."""


async def given_name(pool: Pool) -> str | None:
    """The name that a person gave the municipality; None: nobody did, and that of the settings
    holds."""
    return await pool.fetchval(SQL["given_name"])


async def name_municipality(
    pool: Pool, actor: Actor, name: str | None, seen: int | None = None
) -> None:
    """Give the municipality a name; None leaves it as the actor saw it. `seen` is the number of its
    names that the actor saw.

    Raises:
        MunicipalityNameError: it is empty or too long.
        ChangedSinceError: somebody else gave it a name.
    """
    actor.require(Permission.REGISTER_CHANGE)
    if name is not None:
        name = " ".join(name.split())
        if not 0 < len(name) <= NAME_MAX:
            raise MunicipalityNameError(f"a name of 1 to {NAME_MAX} characters, not {name!r}")
    async with pool.acquire() as connection, connection.transaction():
        await refuse_unseen_changes(connection, RegisterSubject.MUNICIPALITY, "name", seen)
        if name is None:
            return
        before = {"name": await connection.fetchval(SQL["given_name"])}
        if await connection.fetchval(SQL["name_municipality"], name) is not None:
            await record_change(
                connection, actor, RegisterSubject.MUNICIPALITY, "name", {"name": name}, before
            )
