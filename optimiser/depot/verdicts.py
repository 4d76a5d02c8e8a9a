"""What was decided on earlier versions of a round, by the decisions' keys."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from optimiser.depot.decision_key import Action, DecisionKey, StoredKey


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The keys of the decisions that were accepted, carried out ones included, and rejected."""

    accepted: frozenset[StoredKey] = frozenset()
    rejected: frozenset[StoredKey] = frozenset()

    def goes(self, vehicle_id: str) -> bool:
        """Whether somebody accepted that the vehicle leaves."""
        return bool(_leaving(vehicle_id) & self.accepted)

    def stays(self, vehicle_id: str) -> bool:
        """Whether somebody rejected that the vehicle leaves."""
        return not self.goes(vehicle_id) and bool(_leaving(vehicle_id) & self.rejected)

    def replaced(self, vehicle_id: str) -> bool:
        """Whether somebody accepted that another vehicle follows it."""
        return DecisionKey(Action.REPLACE, vehicle_id) in self.accepted

    def disposed(self, vehicle_id: str) -> bool:
        """Whether somebody accepted that it goes and no other follows it."""
        return DecisionKey(Action.DISPOSE, vehicle_id) in self.accepted

    def apart(self, depot_id: str) -> bool:
        """Whether the departments of the depot keep their vehicles to themselves."""
        return DecisionKey(Action.POOL, depot_id) in self.rejected

    def to_json(self) -> dict[str, list[str]]:
        """The verdicts as JSON, in an order that does not change."""
        return {
            "accepted": sorted(str(key) for key in self.accepted),
            "rejected": sorted(str(key) for key in self.rejected),
        }

    @classmethod
    def from_json(cls, content: object) -> "Verdicts":
        """The verdicts that `to_json` kept."""
        return _VERDICTS.validate_python(content)


_VERDICTS = TypeAdapter(Verdicts)


def _leaving(vehicle_id: str) -> set[DecisionKey]:
    return {DecisionKey(action, vehicle_id) for action in (Action.DISPOSE, Action.REPLACE)}
