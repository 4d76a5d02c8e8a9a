"""The changes of a what-if: what is to be different from the round beside which it is solved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from costs.assumptions import FigureKey
from costs.peak_days import PeakDayName
from optimiser.model.body import current_body, stored_body

#: The most changes of each sort, and the most vehicles of a kind that are kept or bought beyond
#: those of the round.
CHANGES_MAX = 20
MORE_MAX = 20

#: The most in % of the trips and the vehicles of a busy day that a peak day adds or takes away.
MORE_TRIPS_MAX = 500.0
MISSING_MAX = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFigure:
    """An assumption with another value than in the round, in the unit of its quantity."""

    key: FigureKey
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedNeed:
    """The trips that a vehicle drove need a capability beside those that they need anyway."""

    vehicle_id: str
    capability: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreOfKind:
    """A depot has `count` vehicles of a kind of the catalogue more than the round proposes."""

    depot_id: str
    kind: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyFor:
    """The fleets of the depots are ready for a peak day, which is laid over the busiest day of
    each. Shares are in %; None: those of the round's assumptions."""

    name: PeakDayName
    more_trips_pct: float | None = None
    missing_pct: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The changes of a what-if. The vehicles `stay` remain where they stand, and those of `go`
    leave their depot."""

    stay: tuple[str, ...] = ()
    go: tuple[str, ...] = ()
    figures: tuple[ChangedFigure, ...] = ()
    needs: tuple[AddedNeed, ...] = ()
    more: tuple[MoreOfKind, ...] = ()
    peak: ReadyFor | None = None

    @property
    def is_empty(self) -> bool:
        return self == NO_CHANGES

    @property
    def vehicle_ids(self) -> frozenset[str]:
        """The vehicles that the changes name."""
        return frozenset((*self.stay, *self.go, *(one.vehicle_id for one in self.needs)))

    def of_depots(self, depots: Iterable[str], vehicles: Iterable[str]) -> "Changes":
        """Those of the changes that bear on some depots, where the vehicles stand."""
        places = frozenset(depots)
        own = self.seen(vehicles)
        return replace(own, more=tuple(one for one in self.more if one.depot_id in places))

    def seen(self, vehicles: Iterable[str]) -> "Changes":
        """Those of the changes that are about no vehicle, or about one of these."""
        ids = frozenset(vehicles)
        return replace(
            self,
            stay=tuple(one for one in self.stay if one in ids),
            go=tuple(one for one in self.go if one in ids),
            needs=tuple(one for one in self.needs if one.vehicle_id in ids),
        )

    @property
    def needs_of(self) -> Mapping[str, frozenset[str]]:
        """The added capabilities by the ids of the vehicles."""
        found: dict[str, frozenset[str]] = {}
        for one in self.needs:
            found[one.vehicle_id] = found.get(one.vehicle_id, frozenset()) | {one.capability}
        return found


NO_CHANGES = Changes()

_CHANGES = TypeAdapter(Changes)


def changes_json(changes: Changes) -> Any:
    """The JSON of changes, as it is stored."""
    return stored_body(_CHANGES.dump_python(changes, mode="json"))


def read_changes(content: object) -> Changes:
    """The changes in their stored JSON."""
    return _CHANGES.validate_python(current_body(content))
