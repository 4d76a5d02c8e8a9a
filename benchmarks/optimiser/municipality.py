"""A year of the generated pilot as problems of any size: `municipality(vehicles=60, ...)`.

The work, the fleet and the distances are the pilot's. Two differences make it possible to generate
a year of a thousand vehicles in seconds: drives are drawn from a sample of the pilot's drives for
the same work, and vehicles of one kind are only counted, so that no battery keeps one at home. Two
others make the problem harder for batteries: some trips go out of town, more of them in winter, and
the electric kinds have the ranges of a cold day.
"""

import argparse
import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import NamedTuple

import numpy as np

from costs.limits import KindLimits
from fleet.arrays import Floats
from fleet.localtime import is_working_day
from fleet.vehicle import Energy
from optimiser.model.files import read_rules
from optimiser.model.problem import Kind, Problem, RoundTrip
from simulators.dispatch import Timetable
from simulators.motion import Motion
from simulators.municipality import Municipality, PilotDepotRow, load_municipality
from simulators.register import PilotMember, enrol_fleet
from simulators.streets import Streets
from simulators.work import SECONDS_PER_MINUTE, plan_errands

START = date(2025, 1, 1)

#: Drives are sampled from the work of this many vehicles on every n-th day.
SAMPLE_VEHICLES, SAMPLE_EVERY_DAYS = 60, 3

#: The share of the trips that go out of town, in summer (April to October) and in winter, and their
#: additional km.
FAR_SHARE, FAR_SHARE_WINTER = 0.01, 0.04
FAR_KM = (40.0, 120.0)
FAR_KM_H = 60.0

#: Green kinds that the pilot does not have: type, fixed kr a year, kr/km, g/km, range, km charged
#: per hour, and the equipment that they offer. The figures are assumptions of this benchmark.
MORE_KINDS = (
    ("elladvogn", 89_000, 1.15, 12.0, 140.0, 35.0, "cargo;towbar"),
    ("elvarebil med lift", 118_000, 1.10, 11.0, 130.0, 35.0, "cargo;lift"),
)

#: Minutes between two round trips of one vehicle, as in the pilot's rounds.
TURNAROUND_MIN = 10.0


class _Drive(NamedTuple):
    """The time and the km of a sampled round trip."""

    seconds: int
    km: float


class _Errand(NamedTuple):
    """A round trip that a department wants to make; `start` is in epoch seconds."""

    start: float
    drive: _Drive
    needs: frozenset[str]


#: The options for the size of a municipality.
SIZES = ("vehicles", "pools", "trips", "days", "kinds")

#: The drives of each kind of work of a depot, by the id of the depot.
_Drives = dict[str, list[list[_Drive]]]


def municipality(
    *,
    vehicles: int,
    pools: int,
    trips: int,
    days: int,
    kinds: int,
    seed: int,
    fallback_kr_trip: float,
    charge_km_h: float | None = None,
    max_day_km: float | None = None,
) -> Problem:
    """The problem of `vehicles` vehicles in `pools` pools, with about `trips` trips in `days` days.

    Each pool may have `kinds` kinds (at most 12, five of them electric). Towns with the pilot's
    eight depots are generated until there are enough pools; a single pool holds all depots.
    `fallback_kr_trip` is the price of each trip that falls back, besides its km. `charge_km_h`
    replaces the km that the electric kinds charge per hour, and `max_day_km` applies to every kind.
    """
    rng = np.random.default_rng(seed)
    data = load_municipality()
    dates = [START + timedelta(days=i) for i in range(days)]
    drives = _sampled_drives(data, dates, rng)
    driven: list[tuple[str, _Errand]] = []
    counts: Counter[tuple[str, str]] = Counter()
    every: dict[str, Kind] = {}
    for town in range(ceil(pools / 8)):
        size = round(vehicles / pools * 8) if pools > 1 else vehicles
        fleet = enrol_fleet(data, size, START, rng)
        every |= {one.kind.type: _kind(one, charge_km_h) for one in fleet}
        depots = data.depot[: pools - 8 * town] if pools > 1 else data.depot
        of_week = np.exp(rng.normal(0.0, data.demand.week_sigma, 1 + days // 7))
        for depot in depots:
            pool = f"{town + 1}-{depot.id}" if pools > 1 else ""
            here = [one for one in fleet if one.entry.pool == depot.id]
            counts.update((pool, one.kind.type) for one in here)
            errands = _errands(data, depot, here, drives[depot.id], dates, of_week, rng)
            driven += [(pool, errand) for errand in _driven(data, depot, here, errands, rng)]
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
    # Of fewer kinds the same share is electric.
    green = max(1, round(kinds * len(electric) / len(every)))
    chosen = electric[:green] + others[: kinds - green]
    kept = sorted(rng.permutation(len(driven))[:trips].tolist())
    return Problem(
        trips=tuple(_trip(i, driven[i][0], driven[i][1], rng) for i in kept),
        kinds=tuple(
            replace(
                kind,
                pool=pool,
                count_now=counts[pool, kind.type],
                limits=KindLimits(max_day_km=max_day_km),
            )
            for pool in sorted({pool for pool, _ in driven})
            for kind in chosen
        ),
        # Not those of a round, which change: figures of all times can be compared.
        rules=replace(
            read_rules(None),
            turnaround_min=TURNAROUND_MIN,
            period_days=float(days),
            fallback_kr_trip=fallback_kr_trip,
        ),
    )


def add_options(parser: argparse.ArgumentParser, **sizes: int) -> None:
    """Adds the options that `problem_of_options` reads.

    They are each of `SIZES` with the default in `sizes`, and those for batteries and the fallback.
    """
    for name in SIZES:
        parser.add_argument(f"--{name}", type=int, default=sizes[name])
    for name, default in (("charge", None), ("day-km", None), ("fallback", 150.0)):
        parser.add_argument(f"--{name}", type=float, default=default)


def problem_of_options(given: argparse.Namespace, seed: int, **other: int) -> Problem:
    """The problem of the municipality that the options describe; `other` overrides sizes."""
    return municipality(
        **{**{name: getattr(given, name) for name in SIZES}, **other},
        seed=seed,
        fallback_kr_trip=given.fallback,
        charge_km_h=given.charge,
        max_day_km=given.day_km,
    )


def _sampled_drives(data: Municipality, dates: Sequence[date], rng: np.random.Generator) -> _Drives:
    """Sampled drives by depot and work, on the pilot's own streets and with its motion."""
    streets = Streets(data.town, data.depot)
    fleet = enrol_fleet(data, SAMPLE_VEHICLES, START, rng)
    drives: _Drives = {}
    for depot in data.depot:
        drives[depot.id] = []
        for work in depot.work:
            alone = replace(data, depot=(replace(depot, work=(work,)),))
            errands = plan_errands(alone, streets, fleet, dates[::SAMPLE_EVERY_DAYS], rng)
            if not errands:
                drives[depot.id].append([])
                continue
            motion = Motion([leg for one in errands for leg in one.legs], data.driving, rng)
            times = Timetable(errands, motion)
            drives[depot.id].append(
                [
                    _Drive(end - one.start, km)
                    for one, end, km in zip(errands, times.end, times.km, strict=True)
                ]
            )
    return drives


def _errands(
    data: Municipality,
    depot: PilotDepotRow,
    here: Sequence[PilotMember],
    drives: Sequence[Sequence[_Drive]],
    dates: Sequence[date],
    of_week: Floats,
    rng: np.random.Generator,
) -> list[_Errand]:
    """The errands of one depot in the order of start, as `simulators.work.plan_errands` plans."""
    kinds = data.kinds()
    planned = [kinds[row.kind].capabilities for row in depot.fleet for _ in range(row.count)]
    errands: list[_Errand] = []
    for i, day in enumerate(dates):
        amount = np.exp(rng.normal(0.0, data.demand.day_sigma)) * depot.weekdays[day.weekday()]
        for work, known in zip(depot.work, drives, strict=True):
            if not known or (work.days == "working") != is_working_day(day):
                continue
            able = sum(work.needs <= one.kind.capabilities for one in here)
            size = able / sum(work.needs <= offers for offers in planned)
            mean = work.a_day * size * amount * of_week[i // 7] * work.months[day.month - 1]
            number = int(mean + rng.random())
            starts: list[float] = rng.uniform(*work.window(day), number).tolist()
            picks: list[int] = rng.integers(len(known), size=number).tolist()
            errands += [
                _Errand(start, known[pick], work.needs)
                for start, pick in zip(starts, picks, strict=True)
            ]
    return sorted(errands, key=lambda errand: errand.start)


def _driven(
    data: Municipality,
    depot: PilotDepotRow,
    here: Sequence[PilotMember],
    errands: Sequence[_Errand],
    rng: np.random.Generator,
) -> Iterator[_Errand]:
    """Those of `errands` that a driver and a free vehicle can make, the least capable first."""
    offers = {one.kind.type: one.kind.capabilities for one in here}
    free = Counter((one.reserve, one.kind.type) for one in here)
    drivers = max(1, int(depot.drivers_share * len(here)))
    out: list[tuple[float, tuple[bool, str]]] = []
    turnaround_s = data.driving.turnaround_min * SECONDS_PER_MINUTE
    for errand in errands:
        while out and out[0][0] <= errand.start:
            free[heapq.heappop(out)[1]] += 1
        for_reserve = rng.random() < data.demand.reserve_use_share
        able = [
            (not reserve, len(offers[kind]), kind)
            for (reserve, kind), count in free.items()
            if count and errand.needs <= offers[kind] and (for_reserve or not reserve)
        ]
        if able and len(out) < drivers:
            not_reserve, _, kind = min(able)
            free[not not_reserve, kind] -= 1
            back = errand.start + errand.drive.seconds + turnaround_s
            heapq.heappush(out, (back, (not not_reserve, kind)))
            yield errand


def _kind(one: PilotMember, charge_km_h: float | None) -> Kind:
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


def _trip(number: int, pool: str, errand: _Errand, rng: np.random.Generator) -> RoundTrip:
    start = datetime.fromtimestamp(int(errand.start), UTC)
    end, km = start + timedelta(seconds=errand.drive.seconds), errand.drive.km
    far = FAR_SHARE if 4 <= start.month <= 10 else FAR_SHARE_WINTER
    if rng.random() < far:
        more = round(float(rng.uniform(*FAR_KM)), 1)
        km, end = km + more, end + timedelta(hours=more / FAR_KM_H)
    return RoundTrip(
        trip_id=f"t{number}", start=start, end=end, km=round(km, 3), pool=pool, needs=errand.needs
    )
