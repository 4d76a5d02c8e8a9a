"""What a sender is answered: how much was stored, or to come back later."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from db.connect import PASSING
from fleet.position import Position
from ingest.gate.refusal import Refusal


class Overloaded(RuntimeError):  # noqa: N818 - the condition, not a mistake of the caller
    """Too many rows are waiting for a commit, or the database is away. Nothing was acknowledged."""


def away(error: Exception) -> Overloaded:
    """What a sender is told of an error that is one of `db.connect.NOT_NOW`."""
    if isinstance(error, PASSING):
        return Overloaded(f"the database refuses for now: {type(error).__name__}")
    return Overloaded(f"the database is away: {error}")


class Receipt(Struct, frozen=True):
    """What became of one request's positions, all of it committed.

    `differing` are those that are not stored, and counted nowhere else, because another is stored
    for their device and moment: who has their original bytes keeps them in quarantine.
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
    """Where telemetry is kept for good: the tables, or the log before them."""

    async def store(
        self,
        positions: Sequence[Position],
        refusals: Sequence[Refusal],
        placed_as: int | None = None,
    ) -> Receipt:
        """Store and keep all of it, and return when that is committed.

        `placed_as` is the revision of the private periods by which positions without a fix were put
        in a place; None: nobody put them there.

        Raises:
            Overloaded: nothing was acknowledged; the sender keeps its data and sends it again.
        """
        ...
