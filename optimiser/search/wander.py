"""Goes on from a roster that nothing systematic improves: rebuilds duties here and there.

A search that cannot prove its roster within the gap uses the rest of its time in this way.
"""

import random
from collections.abc import Callable

from optimiser.duties.incumbent import Incumbent
from optimiser.duties.roster import buy_vehicles, drop_vehicles
from optimiser.search.rebuild import rebuild

#: The trips of a stretch, and the number of stretches of one call.
_STRETCH_TRIPS, _STRETCHES = 60, 4


def wander(incumbent: Incumbent, rng: random.Random, time_is_short: Callable[[], bool]) -> None:
    """Offers the roster of `incumbent` with duties rebuilt in some stretches of time."""
    if incumbent.roster is None:
        return
    arrays, roster = incumbent.arrays, incumbent.roster.copy()
    count = len(arrays.start)
    firsts = [rng.randrange(max(1, count - _STRETCH_TRIPS + 1)) for _ in range(_STRETCHES)]
    stretches = [range(first, min(count, first + _STRETCH_TRIPS)) for first in firsts]
    rebuild(arrays, roster, stretches, rng, time_is_short)
    incumbent.offer(roster.copy())
    buy_vehicles(arrays, roster)
    drop_vehicles(arrays, roster, time_is_short)
    incumbent.offer(roster)
