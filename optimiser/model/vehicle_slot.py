"""The slot of a vehicle in a plan: its pool, its kind, and its number among the kind's vehicles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: Pool and type of a kind.
PoolAndType = tuple[str, str]


def kind_label(pool: str, type_: str) -> str:
    """The label of a kind, with which names of its vehicles begin: `<type>` or `<pool>/<type>`."""
    return f"{pool}/{type_}" if pool else type_


def kinds_by_label(kinds: Iterable[PoolAndType]) -> dict[str, PoolAndType]:
    """The kinds of a plan by their labels; a problem has no label twice."""
    return {kind_label(*kind): kind for kind in kinds}


@dataclass(frozen=True, slots=True)
class VehicleSlot:
    """Vehicle `number`, counted from 1, of the kind `type` in `pool`; "" is the common pool."""

    pool: str
    type: str
    number: int

    def __str__(self) -> str:
        """The vehicle's name in `PLAN.json`: `<type>#<number>`, or `<pool>/<type>#<number>`."""
        return f"{kind_label(self.pool, self.type)}#{self.number}"

    @classmethod
    def parse(cls, text: str, kinds: Mapping[str, PoolAndType]) -> "VehicleSlot":
        """The vehicle that `text` names.

        Args:
            text: a name as `str` gives it.
            kinds: the `kinds_by_label` of the plan. Names of pools and types may have slashes, so a
                label alone does not tell where the pool ends.

        Raises:
            ValueError: `text` names no vehicle of these kinds.
        """
        label, _, number = text.rpartition("#")
        if label not in kinds or not (number.isascii() and number.isdigit()):
            raise ValueError(f"{text!r} names no vehicle of the plan's kinds")
        return cls(*kinds[label], int(number))
