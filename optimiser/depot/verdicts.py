"""What was decided on earlier versions of a round, by the decisions' keys."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a decision is about."""

    POOL = "pool"
    DISPOSE = "dispose"
    REPLACE = "replace"
    BUY = "buy"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was decided earlier in the round, by the decision's key."""

    accepted: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()

    def goes(self, vehicle_id: str) -> bool:
        """The vehicle's leaving is accepted."""
        return bool(_leaving(vehicle_id) & self.accepted)

    def stays(self, vehicle_id: str) -> bool:
        """The vehicle's leaving is rejected."""
        return not self.goes(vehicle_id) and bool(_leaving(vehicle_id) & self.rejected)

    def replaced(self, vehicle_id: str) -> bool:
        """That another vehicle follows it is accepted."""
        return f"{Action.REPLACE}:{vehicle_id}" in self.accepted

    def disposed(self, vehicle_id: str) -> bool:
        """That it goes, and no other follows it, is accepted."""
        return f"{Action.DISPOSE}:{vehicle_id}" in self.accepted

    def apart(self, depot_id: str) -> bool:
        """The departments of the depot keep their vehicles to themselves."""
        return pool_key(depot_id) in self.rejected


def pool_key(depot_id: str) -> str:
    """The key of the decision that a depot's departments share their vehicles."""
    return f"{Action.POOL}:{depot_id}"


def _leaving(vehicle_id: str) -> set[str]:
    return {f"{action}:{vehicle_id}" for action in (Action.DISPOSE, Action.REPLACE)}
