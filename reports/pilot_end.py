"""The evaluation of the pilot and the roll-out plan as they are on a day, put together of the use
of the fleet, of what vehicles cost, of the ledger and of what people chose."""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from costs.assumptions_stored import read_assumptions
from costs.basis import Basis
from costs.catalogue_stored import read_catalogue
from db.connect import Pool
from fleet.actor import Actor
from fleet.period import Period
from fleet.vehicle import GREEN_ENERGIES
from optimiser.ledger.hired import hired_months
from optimiser.ledger.stored import read_ledger
from optimiser.pilot_end.chosen import (
    ChoiceEntry,
    choice_in_force,
    choices,
    count_sources,
    waiting_vehicles,
)
from optimiser.pilot_end.evaluation import Evaluation, evaluate
from optimiser.pilot_end.goals import read_goals
from optimiser.pilot_end.measures import (
    PeriodMeasures,
    PilotVehicle,
    doubts,
    hired_in,
    measured,
)
from optimiser.pilot_end.roll_out import RollOut, SourceCounts, pilot_saving, planned
from optimiser.pilot_end.stored import VehicleCosts, count_decided, vehicle_costs
from register.vehicles import Vehicle, VehicleFilter, scope_of
from trips.use.fleet_use import FleetUse, VehicleUse, fleet_use
from trips.use.month_cache import MonthCache


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotLimits:
    """The settings by which the pilot is judged; see `fleet.settings` and `optimiser.settings`."""

    coverage_min: float
    known_min: float
    silent_days: int
    chips_month: int


@dataclass(frozen=True, slots=True)
class ComparedPeriods:
    """The days before and after; None: there are none."""

    before: Period | None
    after: Period | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollOutFound:
    """The plan as a reader sees it. `entries` are what people chose, the latest first, for who sees
    all departments; `changes` counts them. The reader sees so many `vehicles` of the fleet, and
    `sources` is what tells of their use."""

    plan: RollOut
    vehicles: int
    sources: SourceCounts
    entries: Sequence[ChoiceEntry]
    changes: int


async def read_evaluation(
    pool: Pool,
    months: MonthCache,
    reader: Actor,
    periods: ComparedPeriods,
    limits: PilotLimits,
    today: date,
) -> Evaluation:
    """The evaluation of the pilot, as far as a reader sees its vehicles."""
    scope = await scope_of(pool, reader)
    ledger, (before, after), goals = await asyncio.gather(
        read_ledger(pool, scope, today, limits.silent_days),
        _measures(pool, months, reader, periods, limits),
        read_goals(pool),
    )
    return evaluate(
        today=today,
        before=before,
        after=after,
        doubts=doubts(before, after, limits.known_min),
        decided=await count_decided(pool, scope, ledger),
        account=ledger.account,
        goals=goals,
        is_whole=reader.departments is None,
    )


async def read_roll_out(
    pool: Pool,
    months: MonthCache,
    reader: Actor,
    before: Period | None,
    limits: PilotLimits,
    today: date,
) -> RollOutFound:
    """The plan for the vehicles without a tracker, as far as a reader sees them. What is to be
    expected rests on what the reader sees of the pilot."""
    scope = await scope_of(pool, reader)
    entries, waiting, sources, ledger, used = await asyncio.gather(
        choices(pool),
        waiting_vehicles(pool),
        count_sources(pool, reader.departments),
        read_ledger(pool, scope, today, limits.silent_days),
        _use(pool, months, reader, before, limits),
    )
    heard = _heard(used)
    by_depot = Counter(
        one.vehicle.depot_id for one in used.vehicles if one.vehicle.vehicle_id in heard
    )
    saving = pilot_saving(
        [
            (row.proposal.depot_id, row.progress)
            for row in ledger.rows
            if not row.progress.undertaken.is_shared
        ],
        by_depot,
        None if before is None else before.first,
    )
    choice = choice_in_force(entries, today, limits.chips_month)
    return RollOutFound(
        plan=planned(waiting, choice, saving).of(reader.departments),
        vehicles=len(used.vehicles),
        sources=sources,
        entries=entries if reader.departments is None else (),
        changes=len(entries),
    )


async def _use(
    pool: Pool,
    months: MonthCache,
    reader: Actor,
    period: Period | None,
    limits: PilotLimits,
    on: date | None = None,
) -> FleetUse[Vehicle]:
    """The use in a period of the fleet of the day `on`; None: of its last day."""
    seen = VehicleFilter(departments=reader.departments)
    last = None if period is None else period.last
    return await fleet_use(pool, months, period, limits.coverage_min, seen, on or last)


async def _measures(
    pool: Pool, months: MonthCache, reader: Actor, periods: ComparedPeriods, limits: PilotLimits
) -> tuple[PeriodMeasures | None, PeriodMeasures | None]:
    if periods.before is None:
        return None, None
    latest = periods.after or periods.before
    assumptions, catalogue, costs, hired = await asyncio.gather(
        read_assumptions(pool), read_catalogue(pool), vehicle_costs(pool), hired_months(pool)
    )
    basis = Basis(assumptions, catalogue, latest.last.year)
    # The pilot began with what was there when it began, also if it left before the period was over.
    used = await _use(pool, months, reader, periods.before, limits, periods.before.first)
    heard = _heard(used)
    depot_ids = frozenset(
        one.vehicle.depot_id for one in used.vehicles if one.vehicle.vehicle_id in heard
    )
    found: list[PeriodMeasures] = []
    for period in (periods.before, periods.after):
        if period is None:
            continue
        if period is not periods.before:
            used = await _use(pool, months, reader, period, limits)
        heard = _heard(used)
        members = [
            one
            for one in used.vehicles
            if one.vehicle.depot_id in depot_ids
            # What was heard was there, whatever the register knew of it by then.
            and (
                one.vehicle.vehicle_id in heard
                or costs[one.vehicle.vehicle_id].was_there(period.last)
            )
        ]
        departments = frozenset(one.vehicle.department for one in members)
        found.append(
            measured(
                (period.first, period.last),
                int(used.calendar.works.sum()),
                _days_with_data(used),
                _pilot_vehicles(members, heard, costs, basis),
                hired_in(period.first, period.last, hired, depot_ids, departments),
                basis.rules["co2_kr_t"],
            )
        )
    return found[0], found[1] if len(found) > 1 else None


def _pilot_vehicles(
    members: Sequence[VehicleUse[Vehicle]],
    heard: Collection[str],
    costs: Mapping[str, VehicleCosts],
    basis: Basis,
) -> Sequence[PilotVehicle]:
    found: list[PilotVehicle] = []
    for one in members:
        vehicle, figures = one.vehicle, one.figures
        kind = basis.priced_kinds[vehicle.kind]
        found.append(
            PilotVehicle(
                vehicle_id=vehicle.vehicle_id,
                department=vehicle.department,
                depot_id=vehicle.depot_id,
                is_green=vehicle.energy in GREEN_ENERGIES,
                is_heard=vehicle.vehicle_id in heard,
                is_known=figures.known,
                days_known=figures.days_known,
                days_used=figures.days_used,
                away_h=figures.away_h,
                km=figures.km,
                fixed_kr_year=costs[vehicle.vehicle_id].paid_kr_year(kind),
                kr_km=kind.kr_km,
                co2_g_km=kind.co2_g_km,
            )
        )
    return found


def _heard(used: FleetUse[Vehicle]) -> frozenset[str]:
    """The vehicles that were heard on some day."""
    rows = used.rows
    places: list[int] = np.unique(rows.vehicle[(rows.heard != 0) | rows.used]).tolist()
    return frozenset(used.vehicles[place].vehicle.vehicle_id for place in places)


def _days_with_data(used: FleetUse[Vehicle]) -> int:
    """The days on which some vehicle was heard."""
    rows = used.rows
    return len(np.unique(rows.day[(rows.heard != 0) | rows.used]))
