"""What the charging of a plan needs of the grid beyond today, and which change it belongs to.

A study finds the need of a whole depot. Each electric vehicle that comes there beside those of
today has the same share of it: one in place of another electric one has none, as it charges where
that did. Where none comes and others charge more, each change of the depot has the same share. What
the grid costs is paid once, and is in no saving of a round, which is found before the charging is
studied.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fleet.vehicle import Energy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision
from optimiser.studies.study import DepotCharging


@dataclass(frozen=True, slots=True, kw_only=True)
class GridNeed:
    """The most kW that a depot charges with at once: today, and in the plan without management of
    the charging and with it."""

    today_kw: float
    unmanaged_kw: float
    managed_kw: float

    @property
    def more_kw(self) -> float:
        """What the plan needs beyond what is drawn today, without management."""
        return max(0.0, self.unmanaged_kw - self.today_kw)

    @property
    def more_managed_kw(self) -> float:
        """The same with management."""
        return max(0.0, self.managed_kw - self.today_kw)


def grid_needs(charging: Iterable[DepotCharging]) -> dict[str, GridNeed]:
    """What each depot whose charging is studied needs of the grid, by its id."""
    return {
        one.depot_id: GridNeed(
            today_kw=one.today.unmanaged_kw,
            unmanaged_kw=one.proposed.unmanaged_kw,
            managed_kw=one.proposed.managed_kw,
        )
        for one in charging
    }


def electric_coming(end: Decision, decision: Decision) -> int:
    """How many electric vehicles come by a change at one of its depots, less the one that goes."""
    if decision.action is Action.MOVE:
        comes = decision.arrival is not None and end.depot_id == decision.arrival.depot_id
        return int(comes and decision.energy is Energy.ELECTRIC)
    instead = decision.action is Action.REPLACE and decision.energy is Energy.ELECTRIC
    return decision.count if decision.new_energy is Energy.ELECTRIC and not instead else 0


def grid_shares(electric: Sequence[int]) -> Sequence[float]:
    """The share of a depot's need that each of its changes has, by which so many electric vehicles
    come."""
    every = sum(electric)
    return [one / every if every else 1 / len(electric) for one in electric]


def grid_kr(
    decisions: Iterable[Decision], needs: Mapping[str, GridNeed], kr_kw: float
) -> dict[DecisionKey, float | None]:
    """What the grid connection of each change of a round costs once, where a kW more costs `kr_kw`;
    None: the charging at one of its depots is not studied."""
    ends: defaultdict[str, list[tuple[DecisionKey, int]]] = defaultdict(list)
    found: dict[DecisionKey, float | None] = {}
    for decision in decisions:
        found[decision.key] = 0.0
        for end in decision.by_depot:
            ends[end.depot_id].append((decision.key, electric_coming(end, decision)))
    for depot_id, rows in ends.items():
        need = needs.get(depot_id)
        for (key, _), share in zip(rows, grid_shares([count for _, count in rows]), strict=True):
            before = found[key]
            more = None if need is None else need.more_kw * share * kr_kw
            found[key] = None if before is None or more is None else before + more
    return found
