"""Kinds that can do all that another one can, at less cost: they stand in for it in slices of time.

Slices of time have no columns for a kind with a stand-in, and count its vehicles as those of the
stand-in. That makes a slice smaller. Its value can only be lower, so its cuts hold for all counts;
and where the stand-in may be as many as are of any use, no fleet needs the other kind.
"""

import numpy as np

from fleet.arrays import Ints
from optimiser.duties.conflicts import largest_clique
from optimiser.duties.limits import charge_km, max_day_km, only_overlaps_bind
from optimiser.duties.pool_arrays import PoolArrays


def stand_ins(arrays: PoolArrays) -> Ints:
    """The kind (K) that stands in for each kind of `arrays`; its own number if there is none.

    A fleet without the kinds that have a stand-in is as good as any. The stand-in of a kind has
    none itself.
    """
    found = np.arange(len(arrays.kinds))
    by_cost = sorted(found.tolist(), key=lambda k: arrays.kinds[k].fixed_kr_year)
    is_unbounded = [_is_unbounded(arrays, k) for k in found.tolist()]
    for k in by_cost:
        if arrays.low[k] == 0:
            able = (j for j in by_cost if is_unbounded[j] and _is_better(arrays, j, k))
            found[k] = next(able, k)
    return found


def _is_better(arrays: PoolArrays, one: int, other: int) -> bool:
    """Whether a vehicle of kind `one` costs less than one of `other` and can do as much.

    It must count in no rule that forbids more of it, and in each that asks for more of the other.
    """
    better, worse = arrays.kinds[one], arrays.kinds[other]
    if better.fixed_kr_year >= worse.fixed_kr_year or not _lasts_as_long(arrays, one, other):
        return False
    rules = arrays.rules
    return (
        all((one in reserve.kinds) == (other in reserve.kinds) for reserve in rules.reserves)
        and all(one not in limit.kinds or other in limit.kinds for limit in rules.limits)
        and all(one in green.green or other not in green.green for green in rules.greens)
        and all(one not in green.fossil or other in green.fossil for green in rules.greens)
        and bool(np.all(arrays.can_serve[one] | ~arrays.can_serve[other]))
        and bool(np.all((arrays.kr[one] <= arrays.kr[other]) | ~arrays.can_serve[other]))
    )


def _lasts_as_long(arrays: PoolArrays, one: int, other: int) -> bool:
    """Whether battery and day of kind `one` allow all that those of `other` do."""
    better, worse = arrays.kinds[one], arrays.kinds[other]
    better_day_km, worse_day_km = max_day_km(better), max_day_km(worse)
    if better_day_km is not None and (worse_day_km is None or better_day_km < worse_day_km):
        return False
    if better.range_km is None:
        return True
    if worse.range_km is None or better.range_km < worse.range_km:
        return False
    return charge_km(better) >= charge_km(worse)


def _is_unbounded(arrays: PoolArrays, k: int) -> bool:
    """Whether as many vehicles of kind `k` are allowed as are of any use."""
    trips = np.flatnonzero(arrays.can_serve[k])
    at_once = largest_clique(arrays, trips) if only_overlaps_bind(arrays.kinds[k]) else trips
    return arrays.high[k] >= arrays.rules.count_useful(k, len(at_once))
