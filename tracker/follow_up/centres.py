"""The contact of a centre, to whom mails go where neither owner nor deputy answers."""

from collections.abc import Mapping

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from tracker.contacts import NoContactError

SQL = statements("plan_contact")


@unscoped
async def centre_contacts(pool: Pool) -> Mapping[str, int | None]:
    """The contact of each centre by its name; None: it has none. The centres are those of
    milestones and those that have a contact."""
    return {row["centre"]: row["contact_id"] for row in await pool.fetch(SQL["centres"])}


@unscoped
async def set_centre_contact(pool: Pool, actor: Actor, centre: str, contact_id: int | None) -> None:
    """Say who is written to for a centre; None: nobody.

    Raises:
        NoContactError: there is no such contact, or they have left.
    """
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        before = await connection.fetchval(SQL["lock_of_centre"], centre)
        if before == contact_id:
            return
        if contact_id is None:
            await connection.execute(SQL["no_contact_of_centre"], centre)
        else:
            row = await connection.fetchrow(SQL["lock_contact"], contact_id)
            if row is None or row["left_at"] is not None:
                raise NoContactError(f"there is no contact {contact_id} who could be written to")
            await connection.execute(SQL["set_of_centre"], centre, contact_id)
        subject_id = before if contact_id is None else contact_id
        detail = {"centre": centre, "is_written_to": contact_id is not None}
        await record(connection, actor, Act.CHANGED, Subject.PLAN_CONTACT, subject_id, detail)
