"""Random problems that are small enough to try everything, and full of rules."""

import random
from datetime import UTC, datetime, time, timedelta

from fleet.vehicle import Energy
from optimiser.problem import Kind, Problem, RoundTrip, Rules

#: Local midnights in UTC: a plain day, and the eves of both changes of the clock in 2026.
MIDNIGHTS = (
    datetime(2026, 3, 2, 23, tzinfo=UTC),
    datetime(2026, 3, 27, 23, tzinfo=UTC),
    datetime(2026, 10, 23, 22, tzinfo=UTC),
)
QUARTER = timedelta(minutes=15)
WINDOWS = ((time(7), time(15, 30)), (time(0), time(3, 15)), (time(6, 45), time(23, 45)))


def small_problem(rng: random.Random, *, ranges: bool) -> Problem:
    """At most eight trips, most of them on one day, and at most three kinds.

    Times are whole quarters and distances whole km, so that sums of floats are exact and a rule
    is kept or broken beyond doubt.
    """
    pools = ("", "", "", "nord") if rng.random() < 0.3 else ("",)
    midnight = rng.choice(MIDNIGHTS)
    kinds = [_kind(rng, i, rng.choice(pools), ranges=ranges) for i in range(rng.randint(1, 3))]
    trips = [_trip(rng, i, rng.choice(pools), midnight) for i in range(rng.randint(4, 8))]
    return Problem(trips=tuple(trips), kinds=tuple(kinds), rules=_rules(rng))


def _trip(rng: random.Random, number: int, pool: str, midnight: datetime) -> RoundTrip:
    quarters = rng.choice((2, 4, 4, 8, 8, 12, 20, rng.randint(1, 120)))
    first, last = rng.choice(((28, 60), (28, 60), (28, 60), (88, 104), (0, 288)))
    start = midnight + QUARTER * rng.randint(first, last)
    return RoundTrip(
        trip_id=f"t{number}",
        start=start,
        end=start + QUARTER * quarters,
        km=float(rng.choice((0, 2, 5, 5, 8, 8, 12, 12, 20, 20, 40, rng.randint(1, 99)))),
        pool=pool,
        needs=frozenset(rng.sample(("lift", "tow"), rng.choice((0,) * 8 + (1, 2)))),
    )


def _kind(rng: random.Random, number: int, pool: str, *, ranges: bool) -> Kind:
    def maybe(chance: float, *values: float) -> float | None:
        return rng.choice(values) if rng.random() < chance else None

    with_range = ranges and (number == 0 or rng.random() < 0.5)
    low = rng.choice((0, 0, 0, 0, 1, 2))
    return Kind(
        type=f"kind{number}",
        pool=pool,
        count_now=rng.randint(0, 3),
        min_count=low,
        max_count=low + rng.randint(0, 2) if rng.random() < 0.4 else None,
        offers=frozenset(rng.sample(("lift", "tow"), rng.randint(0, 2))),
        energy=rng.choice([*Energy, Energy.ELECTRIC, Energy.ELECTRIC, Energy.BICYCLE]),
        fixed_kr_year=float(rng.choice((0, 1_000, 2_000, 4_000, 8_000, 15_000))),
        kr_km=rng.choice((0.0, 0.5, 1.0, 2.5)),
        co2_g_km=float(rng.choice((0, 10, 140))),
        range_km=maybe(1.0, 20, 30, 40, 60, 100) if with_range else None,
        charge_km_h=maybe(0.8, 0, 2, 4, 8, 12) if with_range else None,
        max_trip_km=maybe(0.2, 8, 20),
        max_day_km=maybe(0.4, 20, 25, 32, 40, 60),
        window=rng.choice(WINDOWS) if rng.random() < 0.2 else None,
    )


def _rules(rng: random.Random) -> Rules:
    return Rules(
        turnaround_min=rng.choice((0, 0, 15, 30)),
        period_days=rng.choice((None, None, 5, 30)),
        fallback_kr_trip=rng.choice((0, 0, 10, 50)),
        fallback_kr_km=rng.choice((2.0, 3.94)),
        fallback_co2_g_km=rng.choice((0, 129, 300)),
        co2_kr_t=rng.choice((0, 0, 1_500, 10_000)),
        co2_max_t_year=None,
        green_only_new=rng.random() < 0.5,
        seed=rng.randint(0, 99),
    )
