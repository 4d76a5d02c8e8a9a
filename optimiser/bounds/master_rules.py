"""The rules on the whole fleet in the master problem of a decomposition: columns and rows.

After the K counts of the kinds, the master has a column for each reserve, the number of motor
vehicles that may be out at once, which slices of time use like a count. Columns that are 0 or 1
follow: for each reserve, whether its pool keeps a motor vehicle, and for each rule on green
vehicles, whether a fossil one is left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf

from fleet.arrays import Floats
from optimiser.duties.fleet_rules import GreenLeast
from optimiser.duties.incumbent import first_incumbent
from optimiser.duties.pool_arrays import PoolArrays

#: The weights of columns, and the most that their sum may be.
Row = tuple[Mapping[int, float], float]


class MasterRules:
    """The columns after the counts, with `low` and `high`, and `rows` on all columns.

    `low_assumed` assumes that a pool keeps a motor vehicle, as nearly every one does: that makes
    the continuous master much tighter. `bound_otherwise` is a lower bound on what the columns leave
    out: for a single pool, that it keeps no motor vehicle at all.
    """

    def __init__(self, arrays: PoolArrays, high: Sequence[int], *, is_alone: bool) -> None:
        rules = arrays.rules
        self.low: list[int] = []
        self.low_assumed: list[int] = []
        self.high: list[int] = []
        self.rows: list[Row] = []
        self.bound_otherwise = inf
        self._kinds = len(arrays.kinds)
        self._reserves = len(rules.reserves)
        first = self._kinds + self._reserves
        for reserve in rules.reserves:
            most = sum(high[k] for k in reserve.kinds)
            self.low.append(0)
            self.low_assumed.append(0)
            self.high.append(max(0, most - reserve.least))
        for number, reserve in enumerate(rules.reserves):
            is_kept = first + number
            out = self._kinds + number
            least = int(any(arrays.low[k] for k in reserve.kinds))
            possible = int(sum(high[k] for k in reserve.kinds) >= reserve.least)
            if is_alone and self._reserves == 1 and possible and not least:
                self.bound_otherwise = _bound_without(arrays, reserve.kinds)
                least = 1
            self.low.append(least)
            self.low_assumed.append(max(least, possible))
            self.high.append(max(least, possible))
            self.rows.append(
                ({out: 1.0, is_kept: reserve.least, **dict.fromkeys(reserve.kinds, -1.0)}, 0.0)
            )
            self.rows += [({k: 1.0, is_kept: -float(high[k])}, 0.0) for k in reserve.kinds]
        for number, green in enumerate(rules.greens):
            is_left = first + self._reserves + number
            least = int(any(arrays.low[k] for k in green.fossil))
            self.low.append(least)
            self.low_assumed.append(least)
            self.high.append(1)
            self.rows += green_rows(green, is_left, high)
        self.rows += [(dict.fromkeys(limit.kinds, 1.0), limit.most) for limit in rules.limits]

    def slice_counts(self, values: Floats) -> Floats:
        """The counts of the kinds and the numbers that may be out, of the values of all columns."""
        return values[: self._kinds + self._reserves]


def green_rows(green: GreenLeast, is_left: int, high: Sequence[int]) -> list[Row]:
    """The rows of a rule on green vehicles; column `is_left` is 1 if a fossil one is left.

    The kinds of the rule are given by their columns, whose upper bounds are `high`.
    """
    return [
        ({is_left: green.least, **dict.fromkeys(green.green, -1.0)}, 0.0),
        *(({k: 1.0, is_left: -float(high[k])}, 0.0) for k in green.fossil),
    ]


def _bound_without(arrays: PoolArrays, kinds: Sequence[int]) -> float:
    """A lower bound on the cost of all rosters without a vehicle of `kinds`."""
    high = tuple(0 if k in kinds else most for k, most in enumerate(arrays.high))
    return first_incumbent(replace(arrays, high=high)).bound
