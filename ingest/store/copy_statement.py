"""The one statement that copies new positions, moves the state of their devices, and commits."""

from collections.abc import Collection, Sequence
from datetime import datetime

from db.connect import PooledConnection
from ingest.protocols.position_columns import Columns
from ingest.store.copy_rows import copy_rows, microseconds
from ingest.store.duplicates import NewPositions


async def copy_and_note(
    connection: PooledConnection, new: NewPositions, private_as: int, *, settle_later: bool
) -> None:
    """Copy the new positions and move the state of their devices, or note it, in one round trip.

    COPY is sent as a simple query, of which the server makes one transaction with all statements
    in it; the condition is where the driver lets more text follow.

    Raises:
        asyncpg.SerializationError: `private_as` is not the revision of the private periods any
            more; nothing was copied.
    """
    if not new.parts:
        return
    firsts, lasts = [*new.firsts.values()], [new.lasts[device] for device in new.firsts]
    noted = (
        f"{_texts(new.firsts)}, {_numbers(firsts)}, {_numbers(lasts)}, {settle_later}, {private_as}"
    )
    columns, rows = copy_rows(Columns.joined(new.parts))
    await connection.copy_to_table(
        "position",
        # Bytes would be the path of a file; the stubs do not know of buffers.
        source=memoryview(rows),  # pyright: ignore[reportArgumentType]
        columns=columns,
        format="binary",
        where=f"true; CALL note_stored({noted})",
    )


def _texts(values: Collection[str]) -> str:
    """Texts as an array in the text of a statement."""
    # Every backslash is doubled, so that none of them can escape a quotation mark.
    together = "".join(values)
    if '"' in together or "\\" in together:
        values = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
    text = '","'.join(values).replace("'", "''")
    return f"'{{\"{text}\"}}'"


def _numbers(moments: Sequence[datetime]) -> str:
    """Moments, as numbers, as an array in the text of a statement."""
    return f"'{{{','.join(map(str, microseconds(moments)))}}}'"
