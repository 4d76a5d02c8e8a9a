"""Problems to solve in tests: tiny random ones full of rules, and a depot's ordinary weeks."""

import random
from dataclasses import asdict, replace
from datetime import UTC, datetime, time, timedelta

from costs.limits import DayWindow, KindLimits
from fleet.vehicle import Energy
from optimiser.model.check import check_plan
from optimiser.model.files import kind_cells, trip_cells
from optimiser.model.plan import Plan
from optimiser.model.problem import Kind, Problem, RoundTrip, Rules

#: Local midnights in UTC: a plain day, and the eves of both changes of the clock in 2026.
MIDNIGHTS = (
    datetime(2026, 3, 2, 23, tzinfo=UTC),
    datetime(2026, 3, 27, 23, tzinfo=UTC),
    datetime(2026, 10, 23, 22, tzinfo=UTC),
)
QUARTER = timedelta(minutes=15)
WINDOWS = (
    DayWindow(time(7), time(15, 30)),
    DayWindow(time(0), time(3, 15)),
    DayWindow(time(6, 45), time(23, 45)),
)

RULES = Rules(
    count_most=10_000,
    turnaround_min=0,
    fallback_kr_trip=0,
    fallback_kr_km=4,
    fallback_co2_g_km=130,
    co2_kr_t=0,
    green_only_new=True,
    seed=1,
)


def never() -> bool:
    """There is always time left."""
    return False


def problems_with(plan: Plan, problem: Problem) -> list[str]:
    """What the checker, which knows nothing of the solver, finds wrong with `plan`."""
    rules = {name: value for name, value in asdict(problem.rules).items() if value is not None}
    return check_plan(plan.to_json(), trip_cells(problem), kind_cells(problem), rules)


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


def ruled_problem(rng: random.Random) -> Problem:
    """A small problem under some of the rules that bind a whole fleet, often of two pools."""
    free = small_problem(rng, ranges=rng.random() < 0.5)
    kinds = list(free.kinds[:2])
    pools = sorted({kind.pool for kind in kinds} | {trip.pool for trip in free.trips} | {"nord"})
    for kind in free.kinds[:2]:
        if rng.random() < 0.6:
            other = rng.choice([pool for pool in pools if pool != kind.pool])
            kinds.append(replace(kind, pool=other, count_now=rng.randint(0, 2)))
    if rng.random() < 0.7:
        kinds[0] = replace(kinds[0], energy=rng.choice((Energy.PETROL, Energy.DIESEL, Energy.HVO)))
        kinds = [replace(k, energy=kinds[0].energy) if k.type == "kind0" else k for k in kinds]
    trips = [
        replace(trip, pool=rng.choice(pools)) if rng.random() < 0.4 else trip
        for trip in free.trips[:7]
    ]
    rules = replace(
        free.rules,
        reserve=rng.choice((0, 1, 1, 2, {"nord": 1}, {"": 1, "nord": 2})),
        no_fallback_needs=rng.choice(((), (), (), ("lift",), ("lift", "tow"))),
        no_fallback_pools=rng.choice(((), (), (), (), (), ("",), ("nord",))),
        moves=rng.random() < 0.5,
        green_keep=rng.random() < 0.5,
    )
    return Problem(trips=tuple(trips), kinds=tuple(kinds), rules=rules)


def workshop_problem(rng: random.Random, seed: int) -> Problem:
    """A small pool under random rules, in which a few vehicles of each kind can be bought."""
    free = small_problem(rng, ranges=rng.random() < 0.5)
    kinds: list[Kind] = []
    for one in free.kinds:
        low, now = rng.choice((0, 0, 0, 1)), rng.randint(0, 2)
        most = max(low, now + rng.choice((-1, 0, 0, 1)))
        kinds.append(replace(one, pool="", min_count=low, max_count=most, count_now=now))
    trips = tuple(replace(trip, pool="") for trip in free.trips[:6])
    rules = replace(
        free.rules, reserve=rng.choice((0, 0, 1)), green_keep=rng.random() < 0.4, seed=seed
    )
    return replace(free, trips=trips, kinds=tuple(kinds), rules=rules)


def depot_weeks(rng: random.Random, *, vehicles: int, weeks: int) -> Problem:
    """A depot's working weeks: cars at home by the evening, and electric ones of modest range."""
    trips: list[RoundTrip] = []
    first = datetime(2026, 3, 16, tzinfo=UTC)
    for day in (first + timedelta(days=n) for n in range(7 * weeks)):
        for _ in range(vehicles if day.weekday() < 5 else 0):
            moment = day + timedelta(minutes=rng.randint(330, 480))
            while (end := moment + timedelta(minutes=rng.randint(20, 240))).hour < 15:
                km = (end - moment) / timedelta(hours=1) * rng.uniform(8, 35)
                needs = frozenset({"lift"} if rng.random() < 0.1 else ())
                trips.append(
                    RoundTrip(
                        trip_id=f"t{len(trips)}",
                        start=moment,
                        end=end,
                        km=round(km, 1),
                        needs=needs,
                    )
                )
                moment = end + timedelta(minutes=rng.randint(10, 120))
    kinds = (
        _car("el", Energy.ELECTRIC, vehicles // 2, 61_000, 0.4, range_km=180, charge_km_h=30),
        _car("el-lang", Energy.ELECTRIC, 0, 72_000, 0.45, range_km=300, charge_km_h=40),
        _car("benzin", Energy.PETROL, vehicles - vehicles // 2, 47_000, 1.0, g_km=140, lift=True),
        Kind(
            type="cykel",
            count_now=1,
            min_count=0,
            energy=Energy.BICYCLE,
            fixed_kr_year=2_000,
            kr_km=0,
            co2_g_km=0,
            limits=KindLimits(max_trip_km=8, max_day_km=18, window=DayWindow(time(7), time(16))),
        ),
    )
    return Problem(trips=tuple(trips), kinds=kinds, rules=RULES)


def _car(
    name: str,
    energy: Energy,
    count: int,
    fixed_kr_year: float,
    kr_km: float,
    *,
    g_km: float = 0,
    range_km: float | None = None,
    charge_km_h: float | None = None,
    lift: bool = False,
) -> Kind:
    return Kind(
        type=name,
        count_now=count,
        min_count=0,
        offers=frozenset({"lift"} if lift else ()),
        energy=energy,
        fixed_kr_year=fixed_kr_year,
        kr_km=kr_km,
        co2_g_km=g_km,
        range_km=range_km,
        charge_km_h=charge_km_h,
    )


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
        limits=KindLimits(
            max_trip_km=maybe(0.2, 8, 20),
            max_day_km=maybe(0.4, 20, 25, 32, 40, 60),
            window=rng.choice(WINDOWS) if rng.random() < 0.2 else None,
        ),
    )


def _rules(rng: random.Random) -> Rules:
    return Rules(
        count_most=10_000,
        turnaround_min=rng.choice((0, 0, 15, 30)),
        period_days=rng.choice((None, None, 5, 30)),
        fallback_kr_trip=rng.choice((0, 0, 10, 50)),
        fallback_kr_km=rng.choice((2.0, 3.94)),
        fallback_co2_g_km=rng.choice((0, 129, 300)),
        co2_kr_t=rng.choice((0, 0, 1_500, 10_000)),
        green_only_new=rng.random() < 0.5,
        seed=rng.randint(0, 99),
    )


KIND = Kind(
    type="el",
    count_now=1,
    min_count=0,
    offers=frozenset({"lift"}),
    energy=Energy.ELECTRIC,
    fixed_kr_year=1_000,
    kr_km=1,
    co2_g_km=0,
    range_km=100,
    charge_km_h=40,
)


MORNING = datetime(2026, 3, 2, 7, tzinfo=UTC)
TRIP = RoundTrip(
    trip_id="t1", start=MORNING, end=MORNING + timedelta(hours=2), km=20, vehicle="AB 12 345"
)


def problem(*trips: RoundTrip) -> Problem:
    return Problem(trips=trips, kinds=(KIND,), rules=RULES)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def trip(number: int, start: str, end: str, km: float = 10, pool: str = "") -> RoundTrip:
    return RoundTrip(trip_id=f"t{number}", start=utc(start), end=utc(end), km=km, pool=pool)


#: So cheap that the fallback is used only where no such vehicle can go.
BICYCLE = Kind(
    type="cykel",
    count_now=0,
    min_count=0,
    energy=Energy.BICYCLE,
    fixed_kr_year=10,
    kr_km=0,
    co2_g_km=0,
)
