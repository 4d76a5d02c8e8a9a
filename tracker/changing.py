"""Changes a milestone, and keeps changes of it and of the other parts of a plan in their histories
and in the audit log."""

from collections.abc import Mapping

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import PooledConnection
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import refuse_unseen
from tracker.milestones import NoMilestoneError

SQL = statements("milestone")
PLAN_SQL = statements("plan")

#: The values of a milestone by the names of their columns, as its history has them: days and
#: moments are texts.
Values = Mapping[str, object]


async def lock(
    connection: PooledConnection, milestone_id: str, seen: int | None = None
) -> Mapping[str, object]:
    """The values of a milestone, which nobody else changes until the transaction ends. `seen` is
    the revision that the actor saw.

    Raises:
        NoMilestoneError: there is none, or its plan was removed.
        ChangedSinceError: it has another revision now.
    """
    row = await connection.fetchrow(SQL["lock_milestone"], milestone_id)
    if row is None:
        raise NoMilestoneError(f"there is no milestone {milestone_id}")
    content = row["content"]
    if content["gone_at"] is not None and await connection.fetchval(
        SQL["is_removed"], milestone_id
    ):
        raise NoMilestoneError(f"the plan of the milestone {milestone_id} was removed")
    refuse_unseen(seen, content["revision"])
    return content


async def change(
    connection: PooledConnection, actor: Actor, was: Values, content: Values, *, says: bool = False
) -> bool:
    """Set values of a locked milestone, of which `was` are those that it has.

    What stands already is left out. `says`: somebody says how far the milestone is, which is kept
    as they said it, also when nothing differs.

    Returns:
        Whether there was something to change.
    """
    changed = {name: value for name, value in content.items() if says or was[name] != value}
    if not changed:
        return False
    milestone_id = was["milestone_id"]
    before = {name: was[name] for name in changed}
    await connection.execute(SQL["change_milestone"], milestone_id, changed, says)
    await connection.execute(SQL["record_change"], milestone_id, changed, before, str(actor))
    await record(
        connection, actor, Act.CHANGED, Subject.MILESTONE, milestone_id, changed, before=before
    )
    return True


async def keep_part_change(
    connection: PooledConnection,
    actor: Actor,
    plan_id: int,
    part: str,
    part_id: str,
    content: Values,
    before: Values,
) -> None:
    """Keep a change of a part of a plan that is no milestone: of the values `content`, those that
    are others than `before`. Where none is, there is nothing to keep."""
    actor.require(Permission.PLAN_MANAGE)
    changed = {name: value for name, value in content.items() if before.get(name) != value}
    if not changed:
        return
    was = {name: before[name] for name in changed if name in before}
    await connection.execute(
        PLAN_SQL["record_change"], plan_id, part, part_id, changed, was, str(actor)
    )
    detail = {"part": part, "part_id": part_id, **changed}
    await record(connection, actor, Act.CHANGED, Subject.PLAN, plan_id, detail)
