"""The answers to a sender: a receipt for what is stored, or the request to send again later."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from db.connect import PASSING_ERRORS
from fleet.position import Position
from ingest.gate.refusal import Refusal


class Overloaded(RuntimeError):  # noqa: N818 - the condition, not a mistake of the caller
    """Too many rows wait for a commit, or the database is away. Nothing was acknowledged."""


def overloaded_by(error: Exception) -> Overloaded:
    """The answer to a sender when the database raised one of `db.connect.TRY_LATER_ERRORS`."""
    if isinstance(error, PASSING_ERRORS):
        return Overloaded(f"the database refuses for now: {type(error).__name__}")
    return Overloaded(f"the database is away: {error}")


class Receipt(Struct, frozen=True):
    """The counts of one request's positions by outcome, all of them committed.

    `differing` are the positions that are not stored, and counted nowhere else, because another is
    stored for their device and moment. The caller, who has their original bytes, puts them into
    quarantine.
    """

    stored: int
    duplicate: int
    quarantined: int
    differing: Sequence[Position] = ()

    def __add__(self, other: "Receipt") -> "Receipt":
        return Receipt(
            self.stored + other.stored,
            self.duplicate + other.duplicate,
            self.quarantined + other.quarantined,
            [*self.differing, *other.differing],
        )


class Store(Protocol):
    """A place where telemetry is kept durably: the tables, or the buffer before them."""

    async def store(
        self,
        positions: Sequence[Position],
        refusals: Sequence[Refusal],
        placed_revision: int | None = None,
    ) -> Receipt:
        """Store and keep all of it, and return when that is committed.

        `placed_revision` is the revision of the private periods by which positions without a fix
        were put in a place; None: none was.

        Raises:
            Overloaded: nothing was acknowledged, and the sender is to send its data again.
        """
        ...
