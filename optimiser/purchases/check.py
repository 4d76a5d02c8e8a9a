"""Checks a wish for a vehicle against the principles and the vehicles of the pools. It is pure.

Only what is known counts against a wish: a vehicle of which too little was heard is not called
free, and a contract whose end nobody registered is neither kept nor broken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, cast

from fleet.names.order import name_order
from fleet.saying import Saying, SayingValue
from fleet.vehicle import GREEN_ENERGIES, GREEN_MOTOR_ENERGIES, Energy
from optimiser.purchases.principles import Principle, Principles

#: The working days of a week, on which use is measured.
WORKDAYS_WEEK = 5


class Verdict(StrEnum):
    """What a principle says of a wish."""

    KEPT = "kept"
    BROKEN = "broken"
    #: What would tell is not known, or is for people to judge.
    UNSURE = "unsure"
    #: The principle is not about such a wish.
    NO_MATTER = "no_matter"


class Code(StrEnum):
    """The sentences of findings, with the names of their values."""

    POOL_FREE = "pool_free"  # count, most
    POOL_NONE = "pool_none"  # most
    POOL_UNKNOWN = "pool_unknown"  # unknown, most
    USE = "use"  # wished, least
    USE_MEASURED = "use_measured"  # wished, least, vehicle, measured
    CONTRACT_NEW = "contract_new"
    CONTRACT_UNKNOWN = "contract_unknown"  # vehicle
    CONTRACT_KEPT = "contract_kept"  # vehicle, end
    CONTRACT_EARLY = "contract_early"  # vehicle, end, days, earliest
    GREEN_KEPT = "green_kept"
    GREEN_POSSIBLE = "green_possible"  # kinds
    GREEN_NOT_OFFERED = "green_not_offered"


class Advice(StrEnum):
    """The answer that the check suggests."""

    OFFER = "offer"
    REFUSE = "refuse"
    WAIT = "wait"
    APPROVE_GREEN = "approve_green"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """The vehicle that is to be replaced. `days_week` are its measured days of use a week; None:
    too little is known of it."""

    vehicle_id: str
    name: str
    contract_end: date | None
    days_week: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A wish for a vehicle that offers `needs`, or for one of a kind (whose offers are the
    needs)."""

    depot_id: str
    kind: str | None
    needs: frozenset[str]
    energy: Energy
    wanted_from: date
    days_week: float
    replaced: Replaced | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolVehicle:
    """A vehicle of the fleet with its measured use.

    `days_week` is the number of working days a week on which it is used; None: too little is known.
    It `stays` where it is by a ruling, `leaves` by an accepted proposal, and is `taken` where it
    was offered to somebody so lately that its use does not tell of it. It is `proposed` to go where
    the latest round says so and nobody has decided.
    """

    vehicle_id: str
    name: str
    department: str
    depot_id: str
    depot_name: str
    kind: str
    kind_name: str
    energy: Energy
    offers: frozenset[str]
    contract_end: date | None
    days_week: float | None
    by_hours: bool = False
    stays: bool = False
    leaves: bool = False
    taken: bool = False
    proposed: bool = False

    @property
    def free_days_week(self) -> float:
        return WORKDAYS_WEEK - (self.days_week or 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedKind:
    """A kind of which more may be bought."""

    kind: str
    name: str
    energy: Energy
    offers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a principle says of a wish, with its figures."""

    principle: Principle
    verdict: Verdict
    saying: Saying


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The findings of all principles that hold, the vehicles that could do it instead (the best
    first), and the answer that follows. `principle` is the one that it follows from, `until` the
    day on which a wish that has to wait keeps the principles. `going` are those that are not free,
    could do it, and are proposed to go."""

    findings: Sequence[Finding]
    free: Sequence[PoolVehicle]
    advice: Advice
    principle: Principle
    until: date | None = None
    going: Sequence[PoolVehicle] = ()

    def verdict_of(self, principle: Principle) -> Verdict | None:
        """None: the principle does not hold."""
        return next((one.verdict for one in self.findings if one.principle is principle), None)

    def to_json(self) -> dict[str, Any]:
        """What is kept of it: codes and figures, and no vehicle, for the head of another department
        may read it."""
        return {
            "findings": [
                {
                    "principle": one.principle.value,
                    "verdict": one.verdict.value,
                    "saying": one.saying.to_json(),
                }
                for one in self.findings
            ],
            "free": len(self.free),
            "advice": self.advice.value,
            "principle": self.principle.value,
            "until": None if self.until is None else self.until.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCheck:
    """A check as it was when somebody answered; `free` is how many vehicles could have done it."""

    findings: Sequence[Finding]
    free: int
    advice: Advice
    principle: Principle
    until: date | None

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "KeptCheck":
        until = content["until"]
        return cls(
            findings=[
                Finding(
                    Principle(one["principle"]),
                    Verdict(one["verdict"]),
                    Saying.from_json(one["saying"]),
                )
                for one in cast("Sequence[Mapping[str, Any]]", content["findings"])
            ],
            free=content["free"],
            advice=Advice(content["advice"]),
            principle=Principle(content["principle"]),
            until=None if until is None else date.fromisoformat(until),
        )


def check(
    wish: Wish,
    principles: Principles,
    fleet: Sequence[PoolVehicle],
    kinds: Sequence[OfferedKind],
) -> Check:
    """Check a wish against the principles that hold in the year from which it is wanted, the
    vehicles of the fleet and the kinds on offer."""
    year = wish.wanted_from.year
    holding = [one for one in Principle if principles.of(one).holds(year)]
    free = free_vehicles(wish, fleet, principles.of(Principle.POOL_FIRST).figure)
    until = _earliest(wish, principles.of(Principle.CONTRACT_END).figure)
    unknown = unknown_vehicles(wish, fleet)
    said = {
        Principle.POOL_FIRST: _pool(free, unknown, principles),
        Principle.LEAST_USE: _use(wish, principles),
        Principle.CONTRACT_END: _contract(wish, until),
        Principle.GREEN: _green(wish, kinds),
    }
    findings = [Finding(one, *said[one]) for one in holding]
    if Principle.POOL_FIRST not in holding:
        free = []
    going = [one for one in fleet if one.proposed and one not in free and _could(one, wish, fleet)]
    return replace(_advised(findings, free, until, wish), going=going)


def _advised(
    findings: Sequence[Finding],
    free: Sequence[PoolVehicle],
    until: date | None,
    wish: Wish,
) -> Check:
    broken = {one.principle for one in findings if one.verdict is Verdict.BROKEN}
    for principle, advice in (
        (Principle.POOL_FIRST, Advice.OFFER),
        (Principle.LEAST_USE, Advice.REFUSE),
        (Principle.CONTRACT_END, Advice.WAIT),
        (Principle.GREEN, Advice.APPROVE_GREEN),
    ):
        if principle in broken:
            return Check(
                findings=findings,
                free=free,
                advice=advice,
                principle=principle,
                until=until if advice is Advice.WAIT else None,
            )
    held = Principle.LEAST_USE if wish.replaced is None else Principle.CONTRACT_END
    return Check(findings=findings, free=free, advice=Advice.APPROVE, principle=held)


def free_vehicles(wish: Wish, fleet: Sequence[PoolVehicle], most: float) -> list[PoolVehicle]:
    """The vehicles that could do what is wished and are used on `most` days a week at most: those
    of the depot first, then those that are used least."""
    found = [
        one
        for one in fleet
        if one.days_week is not None and one.days_week <= most and _could(one, wish, fleet)
    ]
    return sorted(
        found,
        key=lambda one: (
            one.depot_id != wish.depot_id,
            one.days_week or 0.0,
            name_order(one.name),
            one.vehicle_id,
        ),
    )


def unknown_vehicles(wish: Wish, fleet: Sequence[PoolVehicle]) -> int:
    """How many vehicles could do what is wished whose use is not known."""
    return sum(one.days_week is None and _could(one, wish, fleet) for one in fleet)


def _could(vehicle: PoolVehicle, wish: Wish, fleet: Sequence[PoolVehicle]) -> bool:
    """Whether a vehicle could do what is wished, were it free."""
    replaced = None if wish.replaced is None else wish.replaced.vehicle_id
    # A machine does the work of its own kind only, and a bicycle that of none but bicycles.
    machine = any(one.by_hours and one.kind == wish.kind for one in fleet)
    return (
        not (vehicle.stays or vehicle.taken)
        and vehicle.vehicle_id != replaced
        and wish.needs <= vehicle.offers
        and vehicle.by_hours == machine
        and (not machine or vehicle.kind == wish.kind)
        and (vehicle.energy is Energy.BICYCLE) == (wish.energy is Energy.BICYCLE)
        and (vehicle.contract_end is None or vehicle.contract_end > wish.wanted_from)
    )


def _pool(
    free: Sequence[PoolVehicle], unknown: int, principles: Principles
) -> tuple[Verdict, Saying]:
    most = principles.of(Principle.POOL_FIRST).figure
    if free:
        return Verdict.BROKEN, Saying(Code.POOL_FREE, {"count": len(free), "most": most})
    if unknown:
        return Verdict.UNSURE, Saying(Code.POOL_UNKNOWN, {"unknown": unknown, "most": most})
    return Verdict.KEPT, Saying(Code.POOL_NONE, {"most": most})


def _use(wish: Wish, principles: Principles) -> tuple[Verdict, Saying]:
    least = principles.of(Principle.LEAST_USE).figure
    values: dict[str, SayingValue] = {"wished": wish.days_week, "least": least}
    enough = wish.days_week >= least
    code, replaced = Code.USE, wish.replaced
    if replaced is not None and replaced.days_week is not None:
        # Use on days off is not measured, so that a rule above the working days asks for these.
        enough = enough and replaced.days_week >= min(least, WORKDAYS_WEEK)
        code = Code.USE_MEASURED
        values |= {"vehicle": replaced.name, "measured": replaced.days_week}
    return Verdict.KEPT if enough else Verdict.BROKEN, Saying(code, values)


def _earliest(wish: Wish, days: float) -> date | None:
    """The day from which the vehicle may be replaced; None: there is none, or its contract's end is
    not known."""
    if wish.replaced is None or wish.replaced.contract_end is None:
        return None
    return wish.replaced.contract_end - timedelta(days=int(days))


def _contract(wish: Wish, earliest: date | None) -> tuple[Verdict, Saying]:
    replaced = wish.replaced
    if replaced is None:
        return Verdict.NO_MATTER, Saying(Code.CONTRACT_NEW)
    if replaced.contract_end is None or earliest is None:
        return Verdict.UNSURE, Saying(Code.CONTRACT_UNKNOWN, {"vehicle": replaced.name})
    values = {"vehicle": replaced.name, "end": replaced.contract_end.isoformat()}
    if wish.wanted_from >= earliest:
        return Verdict.KEPT, Saying(Code.CONTRACT_KEPT, values)
    early = {"days": (replaced.contract_end - wish.wanted_from).days}
    return Verdict.BROKEN, Saying(
        Code.CONTRACT_EARLY, values | early | {"earliest": earliest.isoformat()}
    )


def green_kinds(needs: frozenset[str], kinds: Sequence[OfferedKind]) -> list[OfferedKind]:
    """The green kinds on offer that offer all needs, by name."""
    found = [one for one in kinds if one.energy in GREEN_MOTOR_ENERGIES and needs <= one.offers]
    return sorted(found, key=lambda one: (len(one.offers), name_order(one.name)))


def _green(wish: Wish, kinds: Sequence[OfferedKind]) -> tuple[Verdict, Saying]:
    if wish.energy in GREEN_ENERGIES:
        return Verdict.KEPT, Saying(Code.GREEN_KEPT)
    found = green_kinds(wish.needs, kinds)
    if not found:
        return Verdict.UNSURE, Saying(Code.GREEN_NOT_OFFERED)
    return Verdict.BROKEN, Saying(
        Code.GREEN_POSSIBLE, {"kinds": ", ".join(one.name for one in found)}
    )
