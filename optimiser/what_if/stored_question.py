"""Reads a part of a round as a what-if asks about it: from what the round stored, and not from the
register of today.

The vehicles are those of the register as it was for the round, with what the round knew of them,
and the trips are those of its plan. Where some of these are deleted since, the question tells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from costs.assumptions import Figure, FigureKey
from costs.basis import Basis
from costs.peak_days import PeakDay
from db.connect import Pool
from db.statements import statements
from fleet.errors import ExpectedError
from fleet.period import Period
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision, StayReason
from optimiser.depot.fate import Fate, vehicle_fate
from optimiser.depot.vehicle_pool import PoolVehicle, VehiclePool, department_of
from optimiser.depot.verdicts import Verdicts
from optimiser.model.problem import Rules
from optimiser.model.vehicle_slot import VehicleSlot, kinds_by_label
from optimiser.parts.part_plan import PartInput, PartPlan, read_part_plan
from optimiser.parts.workshop import asked_shifts
from optimiser.rounds.data import keep_until, read_trips, round_period
from optimiser.rounds.part_input import round_basis, verdicts_in_force
from optimiser.rounds.part_planning import Proposed, obeys
from optimiser.rounds.prepare import as_kept
from optimiser.settings import OptimiserSettings
from optimiser.studies.read_bodies import decision_of, part_plan_of
from optimiser.what_if.changes import Changes, ReadyFor
from optimiser.what_if.elsewhere import Elsewhere, elsewhere
from optimiser.what_if.question import Arrived, PartQuestion
from register.inventory.since_round import RegisteredFacts, RegisterState, stored_register
from register.vehicles import Ruling

SQL = statements("what_if")
ROUND_SQL = statements("round")

_RULES = TypeAdapter(Rules)
_DAY = TypeAdapter(date | None)

#: The source of a figure that a what-if changes; it is stored nowhere.
_SOURCE = "what-if"


class NotAskableError(ExpectedError, RuntimeError):
    """The round is not done, or it is of earlier software that did not keep what it is about."""


async def read_question(
    pool: Pool, round_id: int, part: int, changes: Changes, settings: OptimiserSettings
) -> PartQuestion:
    """The question of a what-if with `changes` about a part of a round.

    Raises:
        NotAskableError: the round did not keep what it takes.
    """
    row = await pool.fetchrow(SQL["round_of_what_if"], round_id)
    kept = await pool.fetchrow(SQL["part_of"], round_id, part)
    register = await stored_register(pool, round_id)
    if row is None or kept is None or not register.is_known:
        raise NotAskableError(f"round {round_id} did not keep what a what-if is solved with")
    period = await round_period(pool, row)
    basis, told = await round_basis(pool, round_id), read_part_plan(kept["part_plan"])
    of_round = as_kept(settings, row["rules"])
    depots = await _depots(pool, kept["depots"], register, told, period, of_round)
    rules = _RULES.validate_python(row["rules"])
    changed = with_figures(basis, changes)
    verdicts = await verdicts_in_force(pool, row["number"], depots, basis.kinds)
    proposed = {one.key: Proposed(one.new_kind, one.count) for one in told.decisions}
    then = Verdicts.from_json(kept["verdicts"])
    chosen: Mapping[str, float] = row["chosen_prices"] or {}
    mine = changes.of_depots(
        kept["depots"], (one.vehicle_id for depot in depots for one in depot.vehicles)
    )
    return PartQuestion(
        part_input=PartInput(
            depots=depots,
            kinds=dict(basis.kinds),
            rules=rules,
            verdicts=_bound(verdicts, told, mine),
            first=period.start,
            last=period.end,
            least_saving_kr_year=of_round.least_saving_kr_year,
            chosen_kr_t=chosen.get(kept["depots"][0]),
            workshop=asked_shifts(row["rules"]),
        ),
        told=told,
        is_current=obeys(proposed, then, verdicts, basis.kinds) and _has_all_trips(depots, told),
        arrived=await _arrived(pool, round_id, kept["depots"], told, register, changes),
        elsewhere=await _elsewhere(pool, round_id, part, changes) if rules.moves else None,
        changes=mine,
        kinds=dict(changed.kinds),
        rules=replace(rules, **changed_rules(row["rules"], basis, changed, period)),
        peak=None if changes.peak is None else peak_of(changed, changes.peak),
    )


def with_figures(basis: Basis, changes: Changes) -> Basis:
    """The basis of a round with the changed figures."""
    if not changes.figures:
        return basis
    figures = [
        Figure(key=one.key, valid_from=basis.year, value=one.value, source=_SOURCE)
        for one in changes.figures
    ]
    return replace(basis, assumptions=basis.assumptions.overlaid(figures))


def changed_rules(
    rules: Mapping[str, Any], before: Basis, after: Basis, period: Period
) -> dict[str, float]:
    """The rules of a round that follow from figures, where these are others. What a file of rules
    states does not follow from them."""
    found = {
        name: value
        for name, value in after.rules.items()
        if rules.get(name) == before.rules[name] != value
    }
    was, is_now = (one.figures[FigureKey.YEAR_OVER_PERIOD] for one in (before, after))
    if was != is_now and rules.get("period_days") == period.days / was:
        found["period_days"] = period.days / is_now
    return found


def peak_of(basis: Basis, asked: ReadyFor) -> PeakDay:
    """The peak day that a what-if asks to be ready for."""
    more, missing = asked.more_trips_pct, asked.missing_pct
    figures = basis.figures
    if more is None:
        more = figures[FigureKey(f"{asked.name}_more_trips")]
    if missing is None:
        missing = figures[FigureKey(f"{asked.name}_missing")]
    return PeakDay(
        name=asked.name,
        more_trips=more / 100,
        missing=missing / 100,
        # A day that never comes is prepared for all the same.
        days_year=max(1.0, figures[FigureKey(f"{asked.name}_days_year")]),
    )


async def _depots(
    pool: Pool,
    depot_ids: Sequence[str],
    register: RegisterState,
    told: PartPlan,
    period: Period,
    settings: OptimiserSettings,
) -> tuple[VehiclePool, ...]:
    """The depots of a part as the round had them."""
    decisions = {one.vehicle_id: one for one in told.decisions if one.vehicle_id is not None}
    planned = told.fleet_plan["assignments"]
    known = {line["trip_id"] for line in planned}
    unknown = {vehicle_id for vehicle_id, one in decisions.items() if one.why is StayReason.UNKNOWN}
    trips = [
        trip
        for trip in await read_trips(pool, period, depot_ids)
        if trip[1].trip_id in known or trip[1].vehicle_id in unknown
    ]
    found: list[VehiclePool] = []
    for depot_id in sorted(depot_ids):
        vehicles = [
            _vehicle(vehicle_id, of_register, decisions[vehicle_id], period, settings)
            for vehicle_id, of_register in sorted(register.vehicles.items())
            if of_register.facts["depot_id"] == depot_id and vehicle_id in decisions
        ]
        points = register.depots.get(depot_id)
        found.append(
            VehiclePool(
                depot_id,
                vehicles,
                [trip for place, trip in trips if place == depot_id],
                None if points is None else points.facts.get("charge_points"),
            )
        )
    return tuple(found)


def _vehicle(
    vehicle_id: str,
    registered: RegisteredFacts,
    decision: Decision,
    period: Period,
    settings: OptimiserSettings,
) -> PoolVehicle:
    """A vehicle as the round had it. Which of several alike goes first is not asked again: it is
    the one that went in the round."""
    facts = registered.facts
    ruling, contract_end = Ruling(facts["ruling"]), _DAY.validate_python(facts["contract_end"])
    needs = facts["needs"]
    return PoolVehicle(
        vehicle_id=vehicle_id,
        name=registered.name,
        kind=facts["kind"],
        fate=vehicle_fate(
            contract_end=contract_end,
            keep_until=keep_until(period, settings),
            known=decision.why is not StayReason.UNKNOWN,
            measured_in="km",
            ruling=ruling,
        ),
        days_used=decision.days_used,
        trips=decision.trips,
        km=decision.km,
        department=facts["department"],
        contract_end=contract_end,
        needs=None if needs is None else frozenset(needs),
        cost_kr_year=facts["cost_kr_year"],
        sale_value_kr=facts["sale_value_kr"],
        exit_cost_kr=facts["exit_cost_kr"],
        ruled_to_go=ruling is Ruling.GO,
        is_use_known=not decision.is_use_unknown,
    )


def _has_all_trips(depots: Sequence[VehiclePool], told: PartPlan) -> bool:
    stored = {trip.trip_id for depot in depots for trip in depot.trips}
    return all(line["trip_id"] in stored for line in told.fleet_plan["assignments"])


def _bound(verdicts: Verdicts, told: PartPlan, changes: Changes) -> Verdicts:
    """The verdicts in force with the moves of the round, which stand but for vehicles that stay or
    go by the changes, and with the vehicles that go by these."""
    pinned = frozenset((*changes.stay, *changes.go))
    moves = {
        one.key
        for one in told.decisions
        if one.action is Action.MOVE and one.vehicle_id not in pinned
    }
    go = {DecisionKey(Action.DISPOSE, vehicle_id) for vehicle_id in changes.go}
    return replace(verdicts, accepted=verdicts.accepted | moves | go)


async def _elsewhere(pool: Pool, round_id: int, part: int, changes: Changes) -> Elsewhere:
    """The vehicles of the other parts of a round. A vehicle that does not move by the changes is
    where it stands today."""
    rows = await pool.fetch(ROUND_SQL["part_plans_shown"], round_id)
    plans = {row["part"]: part_plan_of(row["part_plan"]) for row in rows}
    found = elsewhere(
        [
            change
            for number, told in plans.items()
            if number != part
            for depot in told.depots
            for change in depot.changes
        ],
        [change for depot in plans[part].depots for change in depot.changes],
    )
    parts = {depot.depot_id: number for number, told in plans.items() for depot in told.depots}
    for row in await pool.fetch(SQL["moving"], round_id):
        decision = decision_of(row["content"])
        if decision.arrival is None or decision.vehicle_id not in (*changes.stay, *changes.go):
            continue
        assert decision.energy is not None, "a vehicle has one"
        if parts[decision.arrival.depot_id] != part:
            found = found.with_vehicle(decision.energy, -1)
        if parts[decision.depot_id] != part and decision.vehicle_id in changes.stay:
            found = found.with_vehicle(decision.energy, 1)
    return found


async def _arrived(
    pool: Pool,
    round_id: int,
    depot_ids: Sequence[str],
    told: PartPlan,
    register: RegisterState,
    changes: Changes,
) -> list[Arrived]:
    """The vehicles that the round moves to the depots of a part, without those that stay where they
    are or go by the changes."""
    pinned = frozenset((*changes.stay, *changes.go))
    kinds = kinds_by_label((line["pool"], line["type"]) for line in told.fleet_plan["fleet"])
    slots = {
        one.vehicle_id: VehicleSlot.parse(one.slot, kinds)
        for one in told.vehicles
        if one.vehicle_id is not None
    }
    found: list[Arrived] = []
    for row in await pool.fetch(SQL["moving"], round_id):
        decision = decision_of(row["content"])
        if decision.arrival is None or decision.vehicle_id is None:
            continue
        if decision.arrival.depot_id not in depot_ids:
            continue
        slot = slots.get(decision.vehicle_id)
        if slot is None or decision.vehicle_id in pinned:
            continue
        facts = register.vehicles[decision.vehicle_id].facts
        found.append(
            Arrived(
                pool=slot.pool,
                vehicle=PoolVehicle(
                    vehicle_id=decision.vehicle_id,
                    name=decision.vehicle or "",
                    kind=slot.type,
                    fate=Fate.RULED,
                    days_used=decision.days_used,
                    trips=decision.trips,
                    km=decision.km,
                    department=department_of(slot.pool, decision.arrival.depot_id)
                    or facts["department"],
                ),
            )
        )
    return found
