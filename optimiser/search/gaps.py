"""Gaps of a search: whether components are near enough to their bounds, and what to ask next."""

import math
from collections.abc import Sequence

from optimiser.duties.incumbent import Incumbent

#: The gap that follows a gap at which nothing more is to be done, and the last one before 0.
_FINER, _FINEST = 0.25, 1e-6


def finer(gap: float) -> float:
    """The relative gap to ask for where `gap` did not suffice."""
    return gap * _FINER if gap > _FINEST else 0.0


def are_near(incumbents: Sequence[Incumbent], gap: float) -> bool:
    """Whether all `incumbents` together are proven within the relative `gap`."""
    kr = sum(incumbent.kr for incumbent in incumbents)
    bound = sum(incumbent.bound for incumbent in incumbents)
    penalty_kr = sum(incumbent.penalty_kr for incumbent in incumbents)
    return math.isfinite(kr) and kr - bound <= gap * (kr - penalty_kr)
