"""The rosters that a search has found for components that rules on counts tie together.

Each was found for its component alone. Which of them go together is a small problem by itself.
"""

from collections.abc import Sequence

import numpy as np

from optimiser.bounds.highs import MixedIntegerModel
from optimiser.duties.fleet_rules import CountTies
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import Roster

#: The most seconds for a choice; a few rosters of each component take a hundredth of one.
_CHOICE_S = 2.0


class KnownRosters:
    """The cheapest known roster of each component at each of its counts."""

    def __init__(self, components: Sequence[PoolArrays]) -> None:
        self._components = components
        self._known: list[dict[tuple[int, ...], tuple[float, Roster]]] = [{} for _ in components]

    def add(self, number: int, roster: Roster) -> None:
        """Keeps `roster` of component `number` if none of its counts is known at less cost."""
        counts, kr = tuple(roster.counts), roster.kr(self._components[number])
        known = self._known[number].get(counts)
        if known is None or kr < known[0]:
            self._known[number][counts] = kr, roster

    def at(self, number: int, counts: Sequence[int]) -> Roster | None:
        """The roster of component `number` at `counts`, if one is known."""
        known = self._known[number].get(tuple(counts))
        return None if known is None else known[1]

    def cheapest_within(self, ties: CountTies) -> list[Roster] | None:
        """One roster of each component that together keep `ties`, with a fossil vehicle left.

        They cost least of all that do so; None if none do.
        """
        model = MixedIntegerModel()
        rosters: list[Roster] = []
        counts: list[list[int]] = []
        kinds = sum(len(arrays.kinds) for arrays in self._components)
        first = 0
        for arrays, known in zip(self._components, self._known, strict=True):
            own = [model.add_column(cost=kr) for kr, _ in known.values()]
            model.add_row(own, [1.0] * len(own), low=1.0, high=1.0)
            for of_kinds, (_, roster) in known.items():
                rosters.append(roster)
                after = kinds - first - len(of_kinds)
                counts.append([*[0] * first, *of_kinds, *[0] * after])
            first += len(arrays.kinds)
        columns = list(range(len(rosters)))
        table = np.array(counts, dtype=np.float64).reshape(len(rosters), kinds)
        for limit in ties.limits:
            model.add_row(
                columns, table[:, list(limit.kinds)].sum(axis=1).tolist(), high=limit.most
            )
        for green in ties.greens:
            model.add_row(
                columns, table[:, list(green.green)].sum(axis=1).tolist(), low=green.least
            )
        found = model.solve(seconds_max=_CHOICE_S, gap=0.0, seed=0, stop=lambda _: False)
        if found.values is None:
            return None
        return [rosters[column] for column in np.flatnonzero(found.values > 0.5).tolist()]
