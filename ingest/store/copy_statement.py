"""Copies new positions, moves the state of their devices, and commits, in one statement."""

from db.connect import PooledConnection
from db.spans import span_call
from ingest.protocols.position_columns import PositionColumns
from ingest.store.copy_rows import copy_rows, server_microseconds
from ingest.store.duplicates import NewPositions


async def copy_and_note(
    connection: PooledConnection, new: NewPositions, private_revision: int, *, later: bool
) -> None:
    """Copy the new positions and move the state of their devices in one round trip. With `later`,
    only note the spans by which the state of the devices is to be moved.

    COPY is sent as a simple query, of which the server makes one transaction with all statements
    in it; the condition is where the driver lets more text follow.

    Raises:
        asyncpg.SerializationError: `private_revision` is no longer the revision of the private
            periods; nothing was copied.
    """
    if not new.parts:
        return
    firsts = server_microseconds([*new.firsts.values()])
    lasts = server_microseconds([new.lasts[device] for device in new.firsts])
    positions = PositionColumns.joined(new.parts)
    columns, rows = copy_rows(positions)
    call = span_call(new.firsts, firsts, lasts, private_revision, len(positions), later=later)
    await connection.copy_to_table(
        "position",
        # The driver would take bytes for the path of a file; its stubs do not know of buffers.
        source=memoryview(rows),  # pyright: ignore[reportArgumentType]
        columns=columns,
        format="binary",
        where=f"true; {call}",
    )
