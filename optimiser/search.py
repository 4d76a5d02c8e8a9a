"""Solving one part: relax, drive, repair, strengthen, until the gap or the time is reached."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimiser.packing import pack
from optimiser.part import Part
from optimiser.relaxation import Candidate, Relaxation
from optimiser.roster import Roster, buy_vehicles, drop_vehicles, first_roster, serve

#: A gram: what a sum of tonnes may be above the cap on CO2e without being called above it.
_CO2_NOISE_T = 1e-6


@dataclass(slots=True)
class Clock:
    """When to stop: at `end`, on the clock of `time.monotonic`, or once `cancelled` says so."""

    end: float
    cancelled: Callable[[], bool]
    stopped: bool = False

    def seconds_left(self) -> float:
        """0 when it is time to stop."""
        self.stopped = self.stopped or self.cancelled()
        return 0.0 if self.stopped else max(0.0, self.end - time.monotonic())

    def until(self, share: float) -> "Clock":
        """A clock for `share` of the seconds that are left."""
        end = time.monotonic() + share * self.seconds_left()
        return Clock(end=end, cancelled=lambda: self.seconds_left() == 0)


@dataclass(slots=True)
class Found:
    """The best roster of a part so far, None if there is none, with a proven lower bound."""

    part: Part
    bound: float
    roster: Roster | None = None
    kr: float = float("inf")
    infeasible: bool = False

    def offer(self, roster: Roster) -> None:
        """Takes `roster` if it keeps the cap on CO2e and costs less."""
        cap = self.part.co2_max_t
        if cap is not None and roster.co2_t(self.part) > cap + _CO2_NOISE_T:
            return
        kr = roster.kr(self.part)
        if kr < self.kr:
            self.roster, self.kr = roster, kr

    def raise_bound(self, bound: float) -> None:
        """Notes another proven bound; never above the cost that was reached."""
        self.bound = max(self.bound, min(bound, self.kr))

    @property
    def gap(self) -> float:
        """Relative to the cost; infinite without a roster."""
        if self.roster is None:
            return float("inf")
        return (self.kr - self.bound) / self.kr if self.kr > 0 else 0.0


def first_found(part: Part, counts: Sequence[int]) -> Found:
    """A quick roster, starting from `counts`, and the bound that every trip costs its least."""
    allowed = np.array(part.high, dtype=np.int64).reshape(-1, 1) > 0
    by_fleet = np.where(part.can & allowed, part.kr, np.inf).min(axis=0, initial=np.inf)
    bound = part.fixed_kr(part.low) + float(np.minimum(by_fleet, part.fallback_kr).sum())
    found = Found(part=part, bound=bound)
    found.offer(first_roster(part, counts))
    found.raise_bound(bound)
    return found


def improve(
    found: Found, *, clock: Clock, gap: float, seed: int, on_bound: Callable[[float], None]
) -> None:
    """Improves `found` in place until its gap is at most `gap`, or the clock stops.

    `on_bound` is told the lower bound of the running solve from time to time.
    """
    if found.gap <= gap or clock.seconds_left() == 0:
        return
    relaxation = Relaxation(found.part)
    rng = random.Random(seed)

    def stop(bound: float) -> bool:
        on_bound(bound)
        return clock.seconds_left() == 0

    while (seconds := clock.seconds_left()) > 0:
        # Half of the gap is left to what the relaxation does not know.
        candidate = relaxation.solve(seconds_max=seconds, gap=gap / 2, seed=seed, stop=stop)
        found.infeasible = candidate.infeasible
        if not candidate.counts:
            found.raise_bound(candidate.bound)
            return
        roster, failures = _drive(found.part, relaxation, candidate, rng)
        for repaired in _repairs(found.part, roster):
            found.offer(repaired)
        found.raise_bound(candidate.bound)
        if found.gap <= gap:
            return
        # A list, because every failure is to be forbidden at once.
        stronger = [
            relaxation.strengthen(k, number, candidate.served[k], candidate.counts[k])
            for k, number in failures
        ]
        if not any(stronger):
            return


def least_co2(part: Part) -> Part:
    """`part` with tonnes a year in the place of kr, so that the least CO2e is its optimum."""
    return replace(
        part,
        kinds=tuple(replace(kind, fixed_kr_year=0.0) for kind in part.kinds),
        kr=part.co2_t,
        fallback_kr=part.fallback_co2_t,
        co2_max_t=None,
    )


def _drive(
    part: Part, relaxation: Relaxation, candidate: Candidate, rng: random.Random
) -> tuple[Roster, list[tuple[int, int]]]:
    """A roster as near the candidate as was found, and the (kind, block) where trips were left."""
    roster = Roster([])
    failures: list[tuple[int, int]] = []
    for k, trips in enumerate(candidate.served):
        packing = pack(
            part, k, trips, candidate.counts[k], relaxation.blocks[k], candidate.labels[k], rng
        )
        roster.duties.append(packing.duties)
        failures.extend((k, number) for number in packing.failed)
    return roster, failures


def _repairs(part: Part, roster: Roster) -> list[Roster]:
    """`roster`, and where trips were left, ways to serve them: cheap ones, or low in CO2e."""
    priced = [part] if part.co2_max_t is None else [part, least_co2(part)]
    repaired: list[Roster] = [roster]
    for prices in priced:
        copy = Roster([[list(duty) for duty in vehicles] for vehicles in roster.duties])
        serve(prices, copy, copy.unserved(part))
        if prices is part:
            buy_vehicles(part, copy)
            drop_vehicles(part, copy)
        repaired.append(copy)
    return repaired
