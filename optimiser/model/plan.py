"""A plan: a fleet, the vehicle of each trip, the cost, and a proven bound on the least cost."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from fleet.saying import Saying
from optimiser.model.problem import Kind
from optimiser.model.remark import Remark, in_english, remark
from optimiser.model.vehicle_slot import VehicleSlot, kinds_by_label

Status = Literal["optimal", "feasible", "infeasible"]

#: A plan whose relative gap is at most this is called optimal: floats tell no smaller gap.
OPTIMAL_GAP = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetLine:
    """The number of vehicles of one kind in an answer, and today's number."""

    type: str
    pool: str
    count: int
    count_now: int


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that today's fleet cannot keep in `pool`.

    `by` is the number of trips that use the fallback against the rule, or the number of motor
    vehicles that the reserve lacks at the busiest moment.
    """

    rule: Literal["no_fallback_needs", "no_fallback_pools", "reserve"]
    pool: str
    by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetAnswer:
    """One fleet with its figures. Without a fleet, the status is infeasible and `reason` says why.

    `assignments` holds for every trip_id the vehicle, or None for the fallback.
    `lower_bound_kr_year` is proven: no fleet within the same rules costs less. `broken` are the
    rules that a baseline breaks.
    """

    status: Status
    cost_kr_year: float | None
    lower_bound_kr_year: float | None
    gap: float | None
    co2_t_year: float | None
    fleet: tuple[FleetLine, ...]
    assignments: Mapping[str, VehicleSlot | None]
    reason: Saying | None = None
    broken: tuple[BrokenRule, ...] = ()

    @property
    def unserved_by_fleet(self) -> int:
        """Number of trips that the fallback serves."""
        return sum(vehicle is None for vehicle in self.assignments.values())

    def counts_of(self, kinds: Iterable[Kind]) -> dict[str, int]:
        """The number of vehicles of each of `kinds`, by its label."""
        counts = {(line.pool, line.type): line.count for line in self.fleet}
        return {kind.label: counts[kind.pool, kind.type] for kind in kinds}

    def to_json(self) -> dict[str, Any]:
        """The figures as `PLAN.json` holds them for the plan and for the baseline."""
        figures: dict[str, Any] = {
            "status": self.status,
            "cost_kr_year": self.cost_kr_year,
            "lower_bound_kr_year": self.lower_bound_kr_year,
            "gap": self.gap,
            "co2_t_year": self.co2_t_year,
            "fleet": [
                {
                    "type": line.type,
                    "pool": line.pool,
                    "count": line.count,
                    "count_now": line.count_now,
                }
                for line in self.fleet
            ],
            "assignments": [
                {"trip_id": trip_id, "vehicle": None if vehicle is None else str(vehicle)}
                for trip_id, vehicle in self.assignments.items()
            ],
            "unserved_by_fleet": self.unserved_by_fleet,
        }
        if self.reason is not None:
            figures["reason"] = in_english(self.reason)
        if self.broken:
            figures["broken_rules"] = [asdict(broken) for broken in self.broken]
        return figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The best fleet found and, under the same rules, today's fleet with its best assignment.

    The baseline keeps today's counts: bounds on counts, the purchase policy and a cap on CO2e are
    goals for a new fleet and do not bind the baseline. It keeps the other rules as far as today's
    counts leave it possible: first as few trips as possible use the fallback against a rule, then
    each pool keeps its reserve where that takes no further such trip. `notes` tell of odd rows in
    the input.
    """

    best: FleetAnswer
    baseline: FleetAnswer
    period_days: float
    seconds: float
    notes: tuple[Saying, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The whole content of `PLAN.json`; its notes and reasons are in English."""
        content: dict[str, Any] = {
            **self.best.to_json(),
            "period_days": self.period_days,
            "baseline": {**self.baseline.to_json(), "period_days": self.period_days},
            "seconds": round(self.seconds, 3),
        }
        return (
            {**content, "notes": [in_english(note) for note in self.notes]}
            if self.notes
            else content
        )

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Plan":
        """The plan in the JSON of `to_json`; its notes and reasons keep their words.

        Raises:
            KeyError: a field is missing.
            ValueError: a trip is driven by a vehicle that is not of the plan's kinds.
        """
        return cls(
            best=_answer(content),
            baseline=_answer(content["baseline"]),
            period_days=content["period_days"],
            seconds=content["seconds"],
            notes=tuple(remark(Remark.READ, what=note) for note in content.get("notes", ())),
        )


def _answer(content: Mapping[str, Any]) -> FleetAnswer:
    kinds = kinds_by_label((line["pool"], line["type"]) for line in content["fleet"])
    return FleetAnswer(
        status=content["status"],
        cost_kr_year=content["cost_kr_year"],
        lower_bound_kr_year=content["lower_bound_kr_year"],
        gap=content["gap"],
        co2_t_year=content["co2_t_year"],
        fleet=tuple(
            FleetLine(
                type=line["type"],
                pool=line["pool"],
                count=line["count"],
                count_now=line["count_now"],
            )
            for line in content["fleet"]
        ),
        assignments={
            line["trip_id"]: None
            if line["vehicle"] is None
            else VehicleSlot.parse(line["vehicle"], kinds)
            for line in content["assignments"]
        },
        reason=remark(Remark.READ, what=content["reason"]) if "reason" in content else None,
        broken=tuple(BrokenRule(**broken) for broken in content.get("broken_rules", ())),
    )
