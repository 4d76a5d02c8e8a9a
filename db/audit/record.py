"""Adds entries to the audit log. Every act calls `record`, itself or through a history.

It stands in `db`, below the rooms whose acts call it, and knows nothing of their things but the
words in `db.audit.entry`.
"""

from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import cast

from db.audit.entry import Act, Subject
from db.pool import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor

SQL = statements("audit")

#: The bounds of a detail. The history of a thing has its values whole.
_FIELDS_MAX = 30
_ITEMS_MAX = 20
_CHARS_MAX = 200

#: The name in a detail under which the values stand that the act replaced.
WAS = "was"

#: What stands for a value that is too long.
_CUT = "…"

#: The sorts of things of which entries were added within `recorded`; None: nobody asks.
_RECORDED: ContextVar[set[Subject] | None] = ContextVar("recorded", default=None)


@contextmanager
def recorded() -> Generator[set[Subject]]:
    """The sorts of things that acts within it changed, which grow as the acts add their entries,
    also those of acts that failed after it."""
    found: set[Subject] = set()
    before = _RECORDED.set(found)
    try:
        yield found
    finally:
        _RECORDED.reset(before)


async def record(
    connection: PooledConnection,
    actor: Actor,
    act: Act,
    subject: Subject,
    subject_id: object = "",
    detail: Mapping[str, object] | None = None,
    *,
    before: Mapping[str, object] | None = None,
) -> None:
    """Add an entry; call it in the transaction of the act.

    `detail` never holds a secret. Long values are cut, so that an entry stays small. `before` are
    the values that a changed thing had, by the names of the detail: the entry keeps what differs,
    as it was and as it is, and of a thing that was removed all of them.
    """
    found = _RECORDED.get()
    if found is not None:
        found.add(subject)
    await connection.execute(
        SQL["record"],
        act.value,
        subject.value,
        str(subject_id),
        _told(act, detail or {}, before),
        actor.account_id,
        actor.source,
        str(actor),
    )


@unscoped
async def record_export(pool: Pool, actor: Actor, name: str, rows: int) -> None:
    """Record that somebody gets a table as a file, before it is handed over. `name` is that of the
    file."""
    async with pool.acquire() as connection, connection.transaction():
        await record(connection, actor, Act.EXPORTED, Subject.FILE, name, {"rows": rows})


def _told(
    act: Act, detail: Mapping[str, object], before: Mapping[str, object] | None
) -> dict[str, object]:
    if before is None:
        return _brief(detail)
    changed = {
        name: value for name, value in detail.items() if name not in before or before[name] != value
    }
    replaced = before if act is Act.REMOVED else changed
    was = {name: before[name] for name in replaced if before.get(name) is not None}
    return _brief(changed) | ({WAS: _brief(was)} if was else {})


def _brief(detail: Mapping[str, object]) -> dict[str, object]:
    return {name: _cut(value) for name, value in islice(detail.items(), _FIELDS_MAX)}


def _cut(value: object) -> object:
    if isinstance(value, str):
        return value if len(value) <= _CHARS_MAX else value[:_CHARS_MAX] + _CUT
    if isinstance(value, Mapping):
        return _CUT
    if isinstance(value, Collection):
        items = cast("Collection[object]", value)
        kept = [_cut(one) for one in islice(items, _ITEMS_MAX)]
        return [*kept, _CUT] if len(items) > _ITEMS_MAX else kept
    return value
