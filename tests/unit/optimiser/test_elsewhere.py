"""A what-if has fewer green vehicles at a depot only as far as the round has."""

import pytest

from fleet.vehicle import Energy
from optimiser.parts.depot_plan import CountChange
from optimiser.what_if.elsewhere import elsewhere


def change(energy: Energy, now: int, then: int) -> CountChange:
    return CountChange(kind=energy, energy=energy, count_now=now, count=then)


@pytest.mark.parametrize(
    ("others", "here", "counts"),
    [
        # The others have one more: this one keeps as many as today, as in a round by itself.
        ((5, 6), (3, 3), 0),
        ((5, 6), (3, 4), 0),
        # A vehicle moved away from here, and counts there.
        ((5, 6), (3, 2), 1),
        # The others have one fewer, since one moved here: it is to stay.
        ((5, 4), (3, 4), -1),
        ((5, 4), (3, 5), -1),
        # People chose a fleet with fewer at both.
        ((5, 4), (3, 2), 1),
        ((5, 3), (3, 4), -1),
    ],
)
def test_green_vehicles_elsewhere_count_as_far_as_the_round_has_fewer_here(
    others: tuple[int, int], here: tuple[int, int], counts: int
) -> None:
    fossil = change(Energy.PETROL, 4, 3)
    found = elsewhere([change(Energy.ELECTRIC, *others), fossil], [change(Energy.ELECTRIC, *here)])
    assert (found.more_green, found.fossil) == (counts, 3)
