"""Whether a roster keeps the rules of its component, and small changes after which it does."""

import heapq
from collections.abc import Iterable, Sequence

import numpy as np

from fleet.arrays import Ints
from optimiser.duties.conflicts import largest_clique
from optimiser.duties.fleet_rules import Reserve
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import Roster, serve


def keeps_rules(arrays: PoolArrays, roster: Roster) -> bool:
    """Whether `roster` keeps the `FleetRules` of `arrays`."""
    rules, counts = arrays.rules, roster.counts
    if not rules.is_goal and _forbidden(arrays, roster):
        return False
    return all(
        _lacking(arrays, roster, reserve) <= 0 for reserve in rules.reserves
    ) and rules.ties.are_kept(counts)


def forbidden_count(arrays: PoolArrays, roster: Roster) -> int:
    """The number of trips that use the fallback, but may not."""
    return len(_forbidden(arrays, roster))


def mended(arrays: PoolArrays, roster: Roster) -> Roster | None:
    """A roster near `roster` that keeps the rules; None if small changes do not lead to one."""
    if keeps_rules(arrays, roster):
        return roster
    changed = roster.copy()
    _keep_limits(arrays, changed)
    _keep_green(arrays, changed)
    before = set(roster.unserved(arrays))
    serve(arrays, changed, [t for t in changed.unserved(arrays) if t not in before])
    for t in _forbidden(arrays, changed):
        _buy_for(arrays, changed, t)
    wider, emptier = changed.copy(), changed
    for reserve in arrays.rules.reserves:
        _buy_reserve(arrays, wider, reserve)
        _leave_reserve(arrays, emptier, reserve)
    able = [one for one in (wider, emptier) if keeps_rules(arrays, one)]
    return min(able, key=lambda one: one.kr(arrays), default=None)


def _forbidden(arrays: PoolArrays, roster: Roster) -> list[int]:
    must_serve = arrays.rules.must_serve
    if not must_serve.any():
        return []
    return [t for t in roster.unserved(arrays) if must_serve[t]]


def _sum(counts: Sequence[int], kinds: Iterable[int]) -> int:
    return sum(counts[k] for k in kinds)


def _lacking(arrays: PoolArrays, roster: Roster, reserve: Reserve) -> int:
    """The number of vehicles that `reserve` lacks at the busiest moment."""
    count = _sum(roster.counts, reserve.kinds)
    if count == 0:
        return 0
    served = np.sort(np.array([t for k in reserve.kinds for t in roster.served(k)], dtype=np.int64))
    return reserve.least - (count - len(largest_clique(arrays, served)))


def _can_buy(arrays: PoolArrays, roster: Roster, k: int) -> bool:
    counts = roster.counts
    return counts[k] < arrays.high[k] and all(
        _sum(counts, limit.kinds) < limit.most for limit in arrays.rules.limits if k in limit.kinds
    )


def _cheapest(arrays: PoolArrays, roster: Roster, kinds: Iterable[int]) -> int | None:
    """The kind of `kinds` that costs least a year, of those of which one more is allowed."""
    able = [k for k in kinds if _can_buy(arrays, roster, k)]
    return min(able, key=lambda k: arrays.kinds[k].fixed_kr_year, default=None)


def _keep_limits(arrays: PoolArrays, roster: Roster) -> None:
    """Removes vehicles of kinds that are too many, the least used first."""
    for limit in arrays.rules.limits:
        while _sum(roster.counts, limit.kinds) > limit.most:
            spare = [
                (len(duty), k, v)
                for k in limit.kinds
                if len(roster.duties[k]) > arrays.low[k]
                for v, duty in enumerate(roster.duties[k])
            ]
            if not spare:
                return
            _, k, v = min(spare)
            roster.duties[k].pop(v)


def _keep_green(arrays: PoolArrays, roster: Roster) -> None:
    """Adds green vehicles until there are enough; where that is not allowed, removes fossils."""
    for green in arrays.rules.greens:
        lacking = green.least - _sum(roster.counts, green.green)
        if lacking <= 0 or _sum(roster.counts, green.fossil) == 0:
            continue
        before = list(roster.counts)
        for _ in range(lacking):
            k = _cheapest(arrays, roster, green.green)
            if k is not None:
                roster.duties[k].append([])
        still_lacks = _sum(roster.counts, green.green) < green.least
        if still_lacks and not any(arrays.low[k] for k in green.fossil):
            for k in green.green:
                del roster.duties[k][before[k] :]
            for k in green.fossil:
                roster.duties[k].clear()


def _buy_for(arrays: PoolArrays, roster: Roster, t: int) -> None:
    """Serves `t`, if need be with one more vehicle."""
    if serve(arrays, roster, [t]):
        able = np.flatnonzero(arrays.can_serve[:, t]).tolist()
        k = _cheapest(arrays, roster, able)
        if k is not None:
            roster.duties[k].append([t])


def _buy_reserve(arrays: PoolArrays, roster: Roster, reserve: Reserve) -> None:
    """Adds the vehicles that the reserve lacks, as far as they are allowed."""
    for _ in range(_lacking(arrays, roster, reserve)):
        k = _cheapest(arrays, roster, reserve.kinds)
        if k is None:
            return
        roster.duties[k].append([])


def _leave_reserve(arrays: PoolArrays, roster: Roster, reserve: Reserve) -> None:
    """Leaves trips to the fallback until the reserve is at home, those first that save least."""
    if _lacking(arrays, roster, reserve) <= 0:
        return
    out_most = _sum(roster.counts, reserve.kinds) - reserve.least
    if out_most < 0:
        if all(arrays.low[k] == 0 for k in reserve.kinds):
            for k in reserve.kinds:
                roster.duties[k].clear()
        return
    kind = np.full(len(arrays.start), -1, dtype=np.int64)
    for k in reserve.kinds:
        kind[roster.served(k)] = k
    served = np.flatnonzero(kind >= 0)
    trips: list[int] = served.tolist()
    saved_kr: list[float] = (arrays.fallback_kr[served] - arrays.kr[kind[served], served]).tolist()
    left: set[int] = set()
    for first, last in _busy_stretches(arrays, served, out_most):
        out: list[tuple[float, int]] = []
        for t, kr in zip(trips[first:last], saved_kr[first:last], strict=True):
            start = arrays.plain_trips[t].start
            out = [pair for pair in out if arrays.plain_trips[pair[1]].busy_until > start]
            heapq.heapify(out)
            heapq.heappush(out, (kr, t))
            if len(out) > out_most:
                left.add(heapq.heappop(out)[1])
    for k in reserve.kinds:
        roster.duties[k] = [[t for t in duty if t not in left] for duty in roster.duties[k]]


def _busy_stretches(arrays: PoolArrays, trips: Ints, most: int) -> list[tuple[int, int]]:
    """The runs [first, last) of `trips` in which more than `most` are ever under way at once.

    Between two runs of trips, none is under way. `trips` are in order of start.
    """
    start, busy_until = arrays.start[trips], arrays.busy_until[trips]
    is_first = np.append(True, np.maximum.accumulate(busy_until)[:-1] <= start[1:])
    firsts = np.flatnonzero(is_first)
    ended = np.searchsorted(np.sort(busy_until), start, side="right")
    peaks = np.maximum.reduceat(np.arange(1, len(trips) + 1) - ended, firsts)
    lasts = np.append(firsts[1:], len(trips))
    busy = peaks > most
    return list(zip(firsts[busy].tolist(), lasts[busy].tolist(), strict=True))
