"""A year of the generated pilot as problems of any size: `municipality(vehicles=60, ...)`.

The round trips are the pilot's own, without its positions. Made harder for batteries: some trips
go out of town, more of them in winter, and the electric kinds have the ranges of a cold day.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import ceil

import numpy as np
import pyarrow as pa

from fleet.vehicle import Energy
from optimiser.files import read_rules
from optimiser.problem import Kind, Problem, RoundTrip
from optimiser.register import ROUND_RULES
from simulators.dispatch import Timetable, dispatch
from simulators.motion import Motion
from simulators.municipality import load_municipality
from simulators.register import Enrolled, enrol
from simulators.streets import Streets
from simulators.truth import true_drives
from simulators.work import plan_errands

START = date(2025, 1, 1)

#: Share of the trips that go out of town, from April to October and in winter, and their km more.
FAR_SHARE, FAR_SHARE_WINTER = 0.01, 0.04
FAR_KM = (40.0, 120.0)
FAR_KM_H = 60.0

#: Green kinds that the pilot does not have: type, fixed kr a year, kr/km, g/km, range, km/h charged
#: and what they offer. Assumptions of this benchmark.
MORE_KINDS = (
    ("elladvogn", 89_000, 1.15, 12.0, 140.0, 35.0, "cargo;towbar"),
    ("elvarebil med lift", 118_000, 1.10, 11.0, 130.0, 35.0, "cargo;lift"),
)


def municipality(
    *,
    vehicles: int,
    pools: int,
    trips: int,
    days: int,
    kinds: int,
    seed: int,
    charge_km_h: float | None = None,
) -> Problem:
    """`days` days of `vehicles` vehicles in `pools` pools, with about `trips` round trips.

    Each pool may have `kinds` kinds (at most 12, five of them electric). Towns of the pilot's
    eight depots are generated until there are enough pools; one pool holds all depots together.
    `charge_km_h` replaces what the electric kinds regain per hour.
    """
    rng = np.random.default_rng(seed)
    towns = ceil(pools / 8)
    rows: list[tuple[str, dict[str, object]]] = []
    counts: Counter[tuple[str, str]] = Counter()
    every: dict[str, Kind] = {}
    for town in range(towns):
        size = round(vehicles / pools * 8) if pools > 1 else vehicles
        fleet, table = _driven(size, days, seed + town)
        depots = sorted({one.entry.pool for one in fleet})[: pools - 8 * town if pools > 1 else 8]
        of_depot = {depot: f"{town + 1}-{depot}" if pools > 1 else "" for depot in depots}
        for one in fleet:
            every[one.kind.type] = _kind(one, charge_km_h)
            if one.entry.pool in of_depot:
                counts[of_depot[one.entry.pool], one.kind.type] += 1
        rows += [
            (of_depot[str(row["depot"])], row)
            for row in table.to_pylist()
            if row["depot"] in of_depot
        ]
    for name, fixed, kr_km, g_km, range_km, charge, offers in MORE_KINDS:
        every[name] = Kind(
            type=name,
            count_now=0,
            min_count=0,
            offers=frozenset(offers.split(";")),
            energy=Energy.ELECTRIC,
            fixed_kr_year=fixed,
            kr_km=kr_km,
            co2_g_km=g_km,
            range_km=range_km,
            charge_km_h=charge if charge_km_h is None else charge_km_h,
        )
    electric = [kind for kind in every.values() if kind.energy is Energy.ELECTRIC]
    others = [kind for kind in every.values() if kind.energy is not Energy.ELECTRIC]
    # Of fewer kinds, as large a share is electric.
    green = max(1, round(kinds * len(electric) / len(every)))
    chosen = electric[:green] + others[: kinds - green]
    kept = sorted(rng.permutation(len(rows))[:trips].tolist())
    names = sorted({pool for pool, _ in rows})
    return Problem(
        trips=tuple(_trip(i, rows[i][0], rows[i][1], rng) for i in kept),
        kinds=tuple(
            replace(kind, pool=pool, count_now=counts[pool, kind.type])
            for pool in names
            for kind in chosen
        ),
        rules=replace(read_rules(ROUND_RULES), period_days=float(days)),
    )


def _driven(vehicles: int, days: int, seed: int) -> tuple[list[Enrolled], pa.Table]:
    """A town's fleet, and the round trips that it drove."""
    data = load_municipality()
    rng = np.random.default_rng(seed)
    dates = [START + timedelta(days=i) for i in range(days)]
    streets = Streets(data.town, data.depot)
    fleet = enrol(data, vehicles, START, rng)
    errands = plan_errands(data, streets, fleet, dates, rng)
    motion = Motion([leg for errand in errands for leg in errand.legs], data.driving, rng)
    timetable = Timetable(errands, motion)
    driven = dispatch(data, fleet, errands, timetable, rng)
    end = datetime.combine(dates[-1], datetime.min.time(), UTC) + timedelta(days=2)
    _, table = true_drives(driven, errands, timetable, (), end)
    return fleet, table


def _kind(one: Enrolled, charge_km_h: float | None) -> Kind:
    kind = one.kind
    electric = kind.energy is Energy.ELECTRIC
    return Kind(
        type=kind.type,
        count_now=0,
        min_count=0,
        offers=kind.capabilities,
        energy=kind.energy,
        fixed_kr_year=kind.fixed_kr_year,
        kr_km=kind.kr_km,
        co2_g_km=kind.co2_g_km,
        range_km=kind.range_km,
        charge_km_h=charge_km_h if electric and charge_km_h is not None else kind.charge_km_h,
    )


def _trip(number: int, pool: str, row: dict[str, object], rng: np.random.Generator) -> RoundTrip:
    start, end, km = row["start"], row["end"], row["km"]
    assert isinstance(start, datetime)
    assert isinstance(end, datetime)
    assert isinstance(km, float)
    far = FAR_SHARE if 4 <= start.month <= 10 else FAR_SHARE_WINTER
    if rng.random() < far:
        more = round(float(rng.uniform(*FAR_KM)), 1)
        km, end = km + more, end + timedelta(hours=more / FAR_KM_H)
    return RoundTrip(
        trip_id=f"t{number}",
        start=start.astimezone(UTC),
        end=end.astimezone(UTC),
        km=round(km, 3),
        pool=pool,
        needs=frozenset(need for need in str(row["needs"]).split(";") if need),
    )
