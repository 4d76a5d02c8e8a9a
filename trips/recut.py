"""Which part of a device's trips new positions can change, however late they come."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from trips.detect import DetectedTrip, Track, TripParameters, detect


@dataclass(frozen=True, slots=True)
class Cut:
    """Feed fixes from `feed_from` on; trips that start at `keep_from` or later are replaced.

    Both are seconds since 1970; -inf when everything is to be done again.
    """

    feed_from: float
    keep_from: float


def settled_before(dirty_from: float, parameters: TripParameters) -> float:
    """Trips that began before this moment may still grow, but did begin, whatever came in."""
    return dirty_from - 2 * parameters.stop_s


def cut(last_two: Sequence[DetectedTrip], not_before: float = -inf) -> Cut:
    """Where to begin again, given the last two trips that began `settled_before` the new positions.

    The later one may still change in every way, and the stop before it only ends at its start. So
    the cut lies at the end of the earlier one; its fixes are fed too, so that its last stop is
    seen whole. Nothing before `not_before` is cut: the fixes that it was found from are deleted.
    """
    if len(last_two) < 2:
        return Cut(not_before, not_before)
    settled = last_two[-2]
    return Cut(max(settled.start, not_before), max(settled.end, not_before))


def recut(fed: Track, where: Cut, parameters: TripParameters) -> list[DetectedTrip]:
    """The trips after the cut, found anew from the fixes at `where.feed_from` or later."""
    return [trip for trip in detect(fed, parameters) if trip.start >= where.keep_from]
