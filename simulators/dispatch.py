"""The dispatch of errands to vehicles.

A department gives its errands to its own vehicles, of which its drivers prefer some.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from fleet.arrays import Floats, Ints
from simulators.kind import PilotKind
from simulators.motion import Motion
from simulators.municipality import Municipality
from simulators.register import PilotMember
from simulators.work import SECONDS_PER_MINUTE, Errand

DAYS_PER_YEAR = 365.25
MID_JANUARY = 15


class Timetable:
    """Start and end of each leg of each errand, in epoch seconds, and its km.

    The legs of errand e are `first_leg[e]` to `first_leg[e + 1] - 1`.
    """

    def __init__(self, errands: Sequence[Errand], motion: Motion) -> None:
        legs = np.array([len(errand.legs) for errand in errands], dtype=np.int64)
        self.first_leg: Ints = np.concatenate([[0], np.cumsum(legs)])
        stays = np.array([s for errand in errands for s in (*errand.stays_s, 0)], dtype=np.int64)
        passed = np.concatenate([[0], np.cumsum(motion.seconds + stays)])
        starts = np.array([errand.start for errand in errands], dtype=np.int64)
        self.leg_start: Ints = passed[:-1] + np.repeat(starts - passed[self.first_leg[:-1]], legs)
        self.leg_end: Ints = self.leg_start + motion.seconds
        self.leg_km: Floats = motion.km
        self.end: list[int] = self.leg_end[self.first_leg[1:] - 1].tolist()
        self.km: list[float] = np.add.reduceat(self.leg_km, self.first_leg[:-1]).tolist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """An errand that a vehicle drove.

    `level` is the litres or kWh that the vehicle had at the start, `use_km` what it used per km.
    """

    errand: int
    level: float
    use_km: float


@dataclass(slots=True, kw_only=True)
class SimulatedVehicle:
    """A vehicle and its rides in the order of their start.

    The vehicle has stood still since `since` (epoch seconds), and had `level` litres or kWh then.
    `first_level` is its level before the first ride.
    """

    enrolled: PilotMember
    popularity: float
    first_level: float
    level: float
    since: int
    rides: list[Ride] = field(default_factory=list[Ride])

    def level_at(self, moment: int, refuel_below_pct: float) -> float:
        """Litres or kWh at a departure at `moment`; a nearly empty tank has been filled by then."""
        kind = self.enrolled.kind
        level = kind.level_after_parking(self.level, moment - self.since)
        if kind.charge_kw is None and level < kind.store * refuel_below_pct / 100:
            return kind.store
        return level


def dispatch(
    municipality: Municipality,
    fleet: Sequence[PilotMember],
    errands: Sequence[Errand],
    timetable: Timetable,
    rng: np.random.Generator,
) -> list[SimulatedVehicle]:
    """The rides of every vehicle in `fleet`; `errands` are in the order of their start.

    Nobody drives an errand that no vehicle can take when it starts, or for which the department
    has no driver left: somebody takes a bicycle.
    """
    driving, demand = municipality.driving, municipality.demand
    driven = [_at_rest(enrolled, demand.popularity_sigma, rng) for enrolled in fleet]
    teams = {
        (d.id, department): [
            v
            for v in driven
            if v.enrolled.entry.pool == d.id and v.enrolled.entry.department == department
        ]
        for d in municipality.depot
        for department in d.departments
    }
    shares = {d.id: d.drivers_share for d in municipality.depot}
    drivers = {team: max(1, int(shares[team[0]] * len(own))) for team, own in teams.items()}
    for number, errand in enumerate(errands):
        team = errand.depot, errand.department
        here = teams[team]
        if sum(vehicle.since > errand.start for vehicle in here) >= drivers[team]:
            continue
        for_reserve = rng.random() < demand.reserve_use_share
        able: list[tuple[bool, int, float, SimulatedVehicle, Ride]] = []
        for vehicle in here:
            kind, reserve = vehicle.enrolled.kind, vehicle.enrolled.reserve
            ready = vehicle.since + driving.turnaround_min * SECONDS_PER_MINUTE <= errand.start
            if not (ready and errand.needs <= kind.capabilities and (for_reserve or not reserve)):
                continue
            ride = Ride(
                errand=number,
                level=vehicle.level_at(errand.start, driving.refuel_below_pct),
                use_km=kind.use_km * _season(kind, errand.start, municipality),
            )
            left = ride.level - ride.use_km * timetable.km[number]
            if left < kind.store * driving.level_min_pct / 100:
                continue
            # The least capable vehicle goes first. Among equally capable ones, a more popular
            # vehicle is more likely to be taken.
            spare_offers = len(kind.capabilities - errand.needs)
            lot = rng.exponential() / vehicle.popularity
            able.append((not reserve, spare_offers, lot, vehicle, ride))
        if able:
            *_, vehicle, ride = min(able, key=lambda candidate: candidate[:3])
            vehicle.rides.append(ride)
            vehicle.level = ride.level - ride.use_km * timetable.km[number]
            vehicle.since = timetable.end[number]
    return driven


def _at_rest(enrolled: PilotMember, sigma: float, rng: np.random.Generator) -> SimulatedVehicle:
    """A vehicle before the period, with a full battery or some fuel.

    A vehicle whose tracker will fall silent is popular, so that it drives much while its tracker
    is silent: a page must not take its silence for idleness.
    """
    kind = enrolled.kind
    share = 1.0 if kind.charge_kw is not None else float(rng.uniform(0.4, 1.0))
    return SimulatedVehicle(
        enrolled=enrolled,
        popularity=float(np.exp(sigma if enrolled.silent else rng.normal(0.0, sigma))),
        first_level=share * kind.store,
        level=share * kind.store,
        since=0,
    )


def _season(kind: PilotKind, moment: int, municipality: Municipality) -> float:
    """How much more an electric vehicle uses than in July; 1 for others."""
    if kind.charge_kw is None:
        return 1.0
    day = datetime.fromtimestamp(moment, UTC).timetuple().tm_yday
    winter = (1 + np.cos(2 * np.pi * (day - MID_JANUARY) / DAYS_PER_YEAR)) / 2
    return 1 + municipality.figures.winter_use_extra.value * float(winter)
