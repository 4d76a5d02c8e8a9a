"""Solving one part: relax, drive, repair, strengthen, until the gap or the time is reached."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimiser.limits import Block
from optimiser.packing import pack
from optimiser.part import Part
from optimiser.pieces import Piece, cut, put_together, taken_from
from optimiser.relaxation import Candidate, Relaxation
from optimiser.roster import Roster, buy_vehicles, drop_vehicles, first_roster, serve

#: Numbers of a kind and of a block of it in which trips were left out.
Failure = tuple[int, int]

#: A gram: what a sum of tonnes may be above the cap on CO2e without being called above it.
_CO2_NOISE_T = 1e-6

#: Share of the time left that goes to a roster with the relaxation's counts.
_POLISH_SHARE = 0.3


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
        """A clock for `share` of the seconds that are left, or a fifth if that is more.

        Most of many small tasks need far less than their share, so a hard one may have a fifth.
        """
        end = time.monotonic() + max(share, 0.2) * self.seconds_left()
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
    found = Found(part=part, bound=_cheapest_kr(part))
    found.offer(first_roster(part, counts))
    return found


def least_co2(part: Part) -> Part:
    """`part` with tonnes a year in the place of kr, so that the least CO2e is its optimum."""
    return replace(
        part,
        kinds=tuple(replace(kind, fixed_kr_year=0.0) for kind in part.kinds),
        kr=part.co2_t,
        fallback_kr=part.fallback_co2_t,
        co2_max_t=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search for better rosters is given.

    It stops at the relative `gap`; `seed` makes it repeatable; `on_bound` is told the lower
    bound of the running solve from time to time.
    """

    gap: float
    seed: int
    on_bound: Callable[[float], None] = lambda _: None

    def improve(self, found: Found, clock: Clock) -> None:
        """Improves `found` in place until its gap is small enough, or the clock stops."""
        if found.gap <= self.gap or clock.seconds_left() == 0:
            return
        relaxation = Relaxation(found.part)
        capped = found.part.co2_max_t is not None
        if found.part.low == found.part.high and not capped:
            self._improve_pieces(found, relaxation.blocks, clock)
        else:
            self._improve_whole(found, relaxation, clock, polish=not capped)

    def _improve_whole(
        self, found: Found, relaxation: Relaxation, clock: Clock, *, polish: bool
    ) -> None:
        """Relax, drive, repair, strengthen, and again; `polish` when time may be cut in pieces."""
        rng = random.Random(self.seed)

        def stop(bound: float) -> bool:
            self.on_bound(bound)
            return clock.seconds_left() == 0

        while (seconds := clock.seconds_left()) > 0:
            # Half of the gap is left to what the relaxation does not know.
            candidate = relaxation.solve(
                seconds_max=seconds, gap=self.gap / 2, seed=self.seed, stop=stop
            )
            found.infeasible = candidate.infeasible
            if candidate.infeasible or not candidate.known:
                found.raise_bound(candidate.bound)
                return
            roster, failures = _drive(found.part, relaxation, candidate, rng)
            for repaired in _repairs(found.part, roster):
                found.offer(repaired)
            found.raise_bound(candidate.bound)
            if polish and failures and found.gap > self.gap:
                share = clock.until(_POLISH_SHARE)
                self._polish(found, roster, relaxation.blocks, failures, share)
            if found.gap <= self.gap:
                return
            # A list, because every failure is to be forbidden at once.
            stronger = [
                relaxation.strengthen(k, number, candidate.served[k], candidate.counts[k])
                for k, number in failures
            ]
            if not any(stronger):
                return

    def _improve_pieces(self, found: Found, blocks: Sequence[Sequence[Block]], clock: Clock) -> None:
        """Improves `found`, whose counts are given, piece by piece."""
        counts = found.part.low
        assert found.roster is not None, "without a cap there is a roster"
        pieces = cut(found.part, counts, blocks)
        solved = self._solve_pieces(pieces, found.roster, clock)
        found.offer(put_together(counts, [(piece, roster) for piece, roster, _ in solved]))
        found.raise_bound(found.part.fixed_kr(counts) + sum(bound for _, _, bound in solved))

    def _polish(
        self,
        found: Found,
        roster: Roster,
        blocks: Sequence[Sequence[Block]],
        failures: Sequence[Failure],
        clock: Clock,
    ) -> None:
        """Offers `found` the `roster` with its counts, better in the pieces that have failures."""
        failed_at = [int(blocks[k][number].trips[-1]) for k, number in failures]
        failed: list[Piece] = []
        kept: list[tuple[Piece, Roster]] = []
        for piece in cut(found.part, roster.counts, blocks):
            if any(piece.first <= t < piece.last for t in failed_at):
                failed.append(piece)
            else:
                kept.append((piece, taken_from(roster, piece)))
        solved = self._solve_pieces(failed, roster, clock)
        kept.extend((piece, better) for piece, better, _ in solved)
        found.offer(put_together(roster.counts, sorted(kept, key=lambda pair: pair[0].first)))

    def _solve_pieces(
        self, pieces: Sequence[Piece], roster: Roster, clock: Clock
    ) -> list[tuple[Piece, Roster, float]]:
        """The best roster and the bound of each piece, beginning with what `roster` does there."""
        quiet = replace(self, on_bound=lambda _: None)
        solved: list[tuple[Piece, Roster, float]] = []
        for number, piece in enumerate(pieces):
            found = Found(part=piece.part, bound=_cheapest_kr(piece.part))
            found.offer(taken_from(roster, piece))
            share = clock.until(1 / (len(pieces) - number))
            quiet._improve_whole(found, Relaxation(piece.part), share, polish=False)
            assert found.roster is not None, "it was offered one"
            solved.append((piece, found.roster, found.bound))
        return solved


def _cheapest_kr(part: Part) -> float:
    """A lower bound: the least counts, and every trip served by whoever is cheapest."""
    allowed = np.array(part.high, dtype=np.int64).reshape(-1, 1) > 0
    by_fleet = np.where(part.can & allowed, part.kr, np.inf).min(axis=0, initial=np.inf)
    return part.fixed_kr(part.low) + float(np.minimum(by_fleet, part.fallback_kr).sum())


def _drive(
    part: Part, relaxation: Relaxation, candidate: Candidate, rng: random.Random
) -> tuple[Roster, list[Failure]]:
    """A roster as near the candidate as was found, and where it leaves trips out."""
    roster = Roster([])
    failures: list[Failure] = []
    for k, trips in enumerate(candidate.served):
        packing = pack(
            part, k, trips, candidate.counts[k], relaxation.blocks[k], candidate.labels[k], rng
        )
        roster.duties.append(packing.duties)
        failures.extend((k, number) for number in packing.failed)
    return roster, failures


def _repairs(part: Part, roster: Roster) -> list[Roster]:
    """`roster`, and ways to serve what it leaves out: cheap ones, and under a cap low in CO2e."""
    repaired = [roster]
    for prices in [part] if part.co2_max_t is None else [part, least_co2(part)]:
        copy = Roster([[list(duty) for duty in vehicles] for vehicles in roster.duties])
        serve(prices, copy, copy.unserved(part))
        if prices is part:
            buy_vehicles(part, copy)
            drop_vehicles(part, copy)
        repaired.append(copy)
    return repaired
