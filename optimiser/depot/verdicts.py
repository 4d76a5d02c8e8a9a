"""The verdicts on earlier proposals that bind a plan, by the keys of the decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from optimiser.depot.decision_key import Action, DecisionKey, StoredKey


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The keys of the accepted decisions, carried out ones included, and of the rejected ones.

    `new_kinds` are the kinds that were accepted to replace vehicles, by the ids of these. None: the
    catalogue has that kind no more. Rounds of earlier software kept none.
    `to_come` counts the vehicles of each accepted purchase that are not there yet, and `come` those
    that are; rounds of earlier software kept neither, and bought one at least.
    """

    accepted: frozenset[StoredKey] = frozenset()
    rejected: frozenset[StoredKey] = frozenset()
    new_kinds: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    to_come: Mapping[StoredKey, int] = field(default_factory=dict[DecisionKey, int])
    come: Mapping[StoredKey, int] = field(default_factory=dict[DecisionKey, int])

    def decides(self, key: DecisionKey, new_kind: str | None) -> bool:
        """Whether somebody accepted the decision `key` by which `new_kind` comes: an accepted
        replacement is of one kind, and by another one it is undecided."""
        if key not in self.accepted:
            return False
        return key.action is not Action.REPLACE or (
            self.new_kinds.get(key.subject, new_kind) == new_kind
        )

    def accepted_kind(self, vehicle_id: str) -> str | None:
        """The kind by which somebody accepted that the vehicle is replaced, and that it goes in no
        other way; None: nobody did, or the kind is not known."""
        if self.goes_for_good(vehicle_id) or not self.replacement_accepted(vehicle_id):
            return None
        return self.new_kinds.get(vehicle_id)

    def to_buy(self, key: DecisionKey) -> int:
        """How many vehicles somebody accepted to buy that are not there yet."""
        return self.to_come.get(key, 1) if key in self.accepted else 0

    def goes_for_good(self, vehicle_id: str) -> bool:
        """Whether somebody accepted that it leaves in a way by which none replaces it."""
        return self.disposal_accepted(vehicle_id) or self.moved_to(vehicle_id) is not None

    def leaving_accepted(self, vehicle_id: str) -> bool:
        """Whether somebody accepted that the vehicle leaves."""
        return bool(_leaving(vehicle_id) & self.accepted) or self.moved_to(vehicle_id) is not None

    def leaving_rejected(self, vehicle_id: str) -> bool:
        """Whether somebody rejected that the vehicle leaves."""
        return not self.leaving_accepted(vehicle_id) and (
            bool(_leaving(vehicle_id) & self.rejected)
            or _move_of(vehicle_id, self.rejected) is not None
        )

    def moved_to(self, vehicle_id: str) -> str | None:
        """The pool to which somebody accepted that the vehicle moves; None: nobody did."""
        return _move_of(vehicle_id, self.accepted)

    def replacement_accepted(self, vehicle_id: str) -> bool:
        """Whether somebody accepted that another vehicle replaces it."""
        return DecisionKey(Action.REPLACE, vehicle_id) in self.accepted

    def disposal_accepted(self, vehicle_id: str) -> bool:
        """Whether somebody accepted that it leaves and that none replaces it."""
        return DecisionKey(Action.DISPOSE, vehicle_id) in self.accepted

    def sharing_rejected(self, depot_id: str) -> bool:
        """Whether somebody rejected that the departments of the depot share vehicles."""
        return DecisionKey(Action.POOL, depot_id) in self.rejected

    def to_json(self) -> dict[str, object]:
        """The verdicts as JSON, in a fixed order."""
        return {
            "accepted": sorted(str(key) for key in self.accepted),
            "rejected": sorted(str(key) for key in self.rejected),
            "new_kinds": dict(sorted(self.new_kinds.items())),
            "to_come": _counts_json(self.to_come),
            "come": _counts_json(self.come),
        }

    @classmethod
    def from_json(cls, content: object) -> "Verdicts":
        """The verdicts in the JSON of `to_json`."""
        return _VERDICTS.validate_python(content)


_VERDICTS = TypeAdapter(Verdicts)


def _counts_json(counts: Mapping[DecisionKey, int]) -> dict[str, int]:
    return dict(sorted((str(key), count) for key, count in counts.items()))


def _move_of(vehicle_id: str, keys: Iterable[DecisionKey]) -> str | None:
    """The pool of the move of a vehicle among `keys`, of several the first by name."""
    return min((key.to for key in keys if key.to and key.subject == vehicle_id), default=None)


def _leaving(vehicle_id: str) -> set[DecisionKey]:
    return {DecisionKey(action, vehicle_id) for action in (Action.DISPOSE, Action.REPLACE)}
