"""The register of the pilot's fleet: the vehicles with their depots, kinds and costs."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from fleet.vehicle import Energy
from simulators.kind import PilotKind, UseUnit
from simulators.municipality import Demand, Municipality

DAYS_PER_MONTH = 30.44


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotDepot:
    """A place to which vehicles belong; its coordinates are approximate, in degrees WGS 84."""

    id: str
    name: str
    lat: float
    lon: float
    radius_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotVehicle:
    """A vehicle of the register.

    `pool` is the id of its depot, and `offers` is `;`-separated. `contract_end` is None for a
    vehicle that the municipality owns. All other figures, and `source`, are those of its
    `PilotKind`.
    """

    vehicle_id: str
    device: str
    name: str
    kind: str
    department: str
    pool: str
    energy: Energy
    offers: str
    fixed_kr_year: float
    kr_km: float
    co2_g_km: float
    range_km: float | None
    charge_km_h: float | None
    use_km: float
    store: float
    charge_kw: float | None
    upkeep_kr_km: float
    wltp_range_km: float | None
    contract_end: date | None
    unit: UseUnit
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotMember:
    """A vehicle of the pilot: its entry in the register, and properties that only the simulation
    knows."""

    entry: PilotVehicle
    kind: PilotKind
    silent: bool
    reserve: bool


def enrol_fleet(
    municipality: Municipality, vehicles: int, start: date, rng: np.random.Generator
) -> list[PilotMember]:
    """A register of `vehicles` vehicles, in the proportions of the data file.

    Raises:
        ValueError: fewer vehicles than the file has rows, each of which gets at least one.
    """
    rows = [(depot, row) for depot in municipality.depot for row in depot.fleet]
    counts = _apportion([row.count for _, row in rows], vehicles)
    kinds = municipality.kinds()
    enrolled: list[PilotMember] = []
    numbers = dict.fromkeys((depot.id for depot in municipality.depot), 0)
    for (depot, row), count in zip(rows, counts, strict=True):
        kind = kinds[row.kind]
        for place in range(1, count + 1):
            numbers[depot.id] += 1
            number = numbers[depot.id]
            entry = PilotVehicle(
                vehicle_id=f"{depot.id}-{number:02d}",
                device=f"ltk-{len(enrolled) + 1:04d}",
                name=f"{depot.short} {number:02d}",
                kind=kind.type,
                department=depot.department_of(row),
                pool=depot.id,
                energy=kind.energy,
                offers=kind.offers,
                fixed_kr_year=kind.fixed_kr_year,
                kr_km=kind.kr_km,
                co2_g_km=kind.co2_g_km,
                range_km=kind.range_km,
                charge_km_h=kind.charge_km_h,
                use_km=kind.use_km,
                store=kind.store,
                charge_kw=kind.charge_kw,
                upkeep_kr_km=kind.upkeep_kr_km,
                wltp_range_km=kind.wltp_range_km,
                contract_end=_contract_end(municipality.demand, start, rng),
                unit=kind.unit,
                source=kind.source,
            )
            last = place == count
            enrolled.append(
                PilotMember(
                    entry=entry,
                    kind=kind,
                    silent=row.silent and last,
                    reserve=row.reserve and last,
                )
            )
    return enrolled


def _apportion(counts: list[int], total: int) -> list[int]:
    """`total` in the proportions of `counts`, at least 1 each, by largest remainder."""
    spare = total - len(counts)
    if spare < 0:
        raise ValueError(f"vehicles must be at least {len(counts)}, got {total}")
    weight = sum(counts) - len(counts)
    exact = [spare * (count - 1) / weight for count in counts]
    result = [1 + int(share) for share in exact]
    by_remainder = sorted(range(len(counts)), key=lambda i: int(exact[i]) - exact[i])
    for i in by_remainder[: total - sum(result)]:
        result[i] += 1
    return result


def _contract_end(demand: Demand, start: date, rng: np.random.Generator) -> date | None:
    if rng.random() >= demand.leased_share:
        return None
    months = int(rng.integers(*demand.lease_months, endpoint=True))
    return start + timedelta(days=round(months * DAYS_PER_MONTH))
