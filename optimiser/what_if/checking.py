"""Checks what somebody asks beside a round before anything is solved."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from costs.assumptions import FigureKey, quantities
from costs.basis import Basis
from db.connect import Pool
from db.statements import statements
from optimiser.depot.decision_key import LEAVING, DecisionKey
from optimiser.depot.decisions import StayReason
from optimiser.rounds.decisions import ACCEPTING, Verdict
from optimiser.rounds.part_input import round_basis
from optimiser.studies.read_bodies import decision_of
from optimiser.what_if.changes import (
    CHANGES_MAX,
    MISSING_MAX,
    MORE_MAX,
    MORE_TRIPS_MAX,
    Changes,
)
from optimiser.what_if.faults import Fault, WhatIfError
from optimiser.what_if.stored_question import peak_of, with_figures

SQL = statements("what_if")
ROUND_SQL = statements("round")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPart:
    """A part of a round that has a plan: its depots, the departments that had vehicles there, and
    the vehicles that the round moves there."""

    part: int
    depots: frozenset[str]
    departments: tuple[str, ...]
    arriving: frozenset[str]


async def askable(pool: Pool, round_id: int) -> list[AskedPart]:
    """The parts of a round beside which what-ifs may be asked."""
    arriving: dict[str, set[str]] = {}
    for row in await pool.fetch(SQL["moving"], round_id):
        decision = decision_of(row["content"])
        if decision.arrival is not None and decision.vehicle_id is not None:
            arriving.setdefault(decision.arrival.depot_id, set()).add(decision.vehicle_id)
    return [
        AskedPart(
            part=row["part"],
            depots=frozenset(row["depots"]),
            departments=tuple(row["departments"]),
            arriving=frozenset(
                one for depot_id in row["depots"] for one in arriving.get(depot_id, ())
            ),
        )
        for row in await pool.fetch(SQL["askable_parts"], round_id)
    ]


async def faults_of(
    pool: Pool,
    round_id: int,
    number: int,
    parts: Collection[AskedPart],
    depots: Sequence[str],
    changes: Changes,
) -> list[WhatIfError]:
    """All faults of what is asked of a round and its depots; none: it can be asked. Where a depot
    is none of the round, nothing else is said."""
    sorts = (changes.stay, changes.go, changes.figures, changes.needs, changes.more)
    found: list[WhatIfError] = []
    if changes.is_empty:
        found.append(WhatIfError("changes", Fault.NOTHING))
    elif any(len(sort) > CHANGES_MAX for sort in sorts):
        return [WhatIfError("changes", Fault.TOO_MANY)]
    of_depots = await _faults_of_depots(pool, parts, depots)
    if of_depots:
        return [*found, *of_depots]
    basis = await round_basis(pool, round_id)
    return [
        *found,
        *await _faults_of_vehicles(pool, round_id, number, depots, changes),
        *faults_of_figures(basis, changes),
        *_faults_of_kinds(basis, depots, changes),
        *faults_of_peak(basis, changes),
    ]


async def _faults_of_depots(
    pool: Pool, parts: Collection[AskedPart], depots: Sequence[str]
) -> list[WhatIfError]:
    calculated = {depot_id for part in parts for depot_id in part.depots}
    if not depots:
        return [WhatIfError("depot", Fault.DEPOT_UNKNOWN, value="")]
    in_use = {row["depot_id"] for row in await pool.fetch(SQL["depots_in_use"], list(depots))}
    return [
        WhatIfError(
            "depot",
            Fault.DEPOT_CLOSED if depot_id in calculated else Fault.DEPOT_UNKNOWN,
            value=depot_id,
        )
        for depot_id in depots
        if depot_id not in calculated or depot_id not in in_use
    ]


async def _faults_of_vehicles(
    pool: Pool, round_id: int, number: int, depots: Sequence[str], changes: Changes
) -> list[WhatIfError]:
    """The faults of the vehicles that the changes name."""
    named = sorted(changes.vehicle_ids)
    if not named:
        return []
    told: dict[str, tuple[str, StayReason | None]] = {}
    for row in await pool.fetch(ROUND_SQL["proposals"], round_id):
        decision = decision_of(row["content"])
        if decision.vehicle_id is not None:
            told[decision.vehicle_id] = (decision.depot_id, decision.why)
    there = {row["vehicle_id"] for row in await pool.fetch(SQL["in_fleet"], named)}
    leaving = await leaving_verdicts(pool, number)
    found: list[WhatIfError] = []
    for field, ids in (
        ("stay", changes.stay),
        ("go", changes.go),
        ("need", [one.vehicle_id for one in changes.needs]),
    ):
        for vehicle_id in ids:
            fault: Fault | None = None
            if vehicle_id not in told:
                fault = Fault.VEHICLE_UNKNOWN
            elif vehicle_id not in there:
                fault = Fault.VEHICLE_GONE
            elif told[vehicle_id][0] not in depots:
                fault = Fault.VEHICLE_ELSEWHERE
            elif told[vehicle_id][1] is StayReason.UNKNOWN and field != "stay":
                fault = Fault.LITTLE_KNOWN
            elif field == "go" and vehicle_id in changes.stay:
                fault = Fault.STAYS_AND_GOES
            elif field == "stay" and leaving.get(vehicle_id) in ACCEPTING:
                fault = Fault.DECIDED_TO_GO
            elif field == "go" and leaving.get(vehicle_id) is Verdict.REJECTED:
                fault = Fault.DECIDED_TO_STAY
            if fault is not None:
                found.append(WhatIfError(field, fault, value=vehicle_id))
    return found


async def leaving_verdicts(pool: Pool, number: int) -> Mapping[str, Verdict]:
    """The verdicts in force on whether vehicles leave; an acceptance counts before a rejection."""
    found: dict[str, Verdict] = {}
    for row in await pool.fetch(ROUND_SQL["verdicts"], number):
        key, verdict = DecisionKey.parse(row["key"]), Verdict(row["verdict"])
        if key.action in LEAVING and found.get(key.subject) not in ACCEPTING:
            found[key.subject] = verdict
    return found


def faults_of_figures(basis: Basis, changes: Changes) -> list[WhatIfError]:
    """The faults of the changed figures by their bounds, and beside those of the round."""
    seen: set[FigureKey] = set()
    found: list[WhatIfError] = []
    for at, one in enumerate(changes.figures):
        quantity = quantities()[one.key]
        said = f"{one.value:g}"
        if one.key in seen:
            found.append(WhatIfError("figure", Fault.FIGURE_TWICE, at, value=one.key.value))
        elif not math.isfinite(one.value):
            found.append(WhatIfError("figure", Fault.FIGURE_NO_NUMBER, at, value=said))
        elif quantity.refusal(one.value) is not None:
            least, most = f"{quantity.least:g}", f"{quantity.most:g}"
            found.append(
                WhatIfError("figure", Fault.FIGURE_BOUNDS, at, value=said, least=least, most=most)
            )
        elif basis.figures[one.key] == one.value:
            found.append(WhatIfError("figure", Fault.FIGURE_SAME, at, value=said))
        seen.add(one.key)
    return found


def _faults_of_kinds(basis: Basis, depots: Sequence[str], changes: Changes) -> list[WhatIfError]:
    offered = {capability for kind in basis.kinds.values() for capability in kind.offers}
    found = [
        WhatIfError("need", Fault.NEED_UNKNOWN, value=need.capability)
        for need in changes.needs
        if need.capability not in offered
    ]
    for more in changes.more:
        if more.depot_id not in depots:
            found.append(WhatIfError("more", Fault.DEPOT_UNKNOWN, value=more.depot_id))
        elif more.kind not in basis.kinds:
            found.append(WhatIfError("more", Fault.KIND_UNKNOWN, value=more.kind))
        elif not 1 <= more.count <= MORE_MAX:
            found.append(WhatIfError("more", Fault.MORE_BOUNDS))
    return found


def faults_of_peak(basis: Basis, changes: Changes) -> list[WhatIfError]:
    """The fault of the peak day that is asked for, if any."""
    asked = changes.peak
    if asked is None:
        return []
    bounds = ((asked.more_trips_pct, MORE_TRIPS_MAX), (asked.missing_pct, MISSING_MAX))
    if any(value is not None and not 0 <= value <= most for value, most in bounds):
        return [WhatIfError("peak", Fault.PEAK_BOUNDS)]
    peak = peak_of(with_figures(basis, changes), asked)
    return [] if peak.more_trips or peak.missing else [WhatIfError("peak", Fault.PEAK_NOTHING)]
