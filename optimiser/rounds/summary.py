"""What the parts of a round add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from optimiser.depot.part_plan import NO_FIGURES, FleetFigures, PartPlan
from optimiser.model.body import current_body, stored_body


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What is kept of a round beside its parts and proposals.

    `gap` is relative: the proposed fleet is proven to cost at most that share more than the
    cheapest one possible. `without_trips` are depots with road vehicles, none of which did a round
    trip.
    """

    baseline: FleetFigures
    proposed: FleetFigures
    lower_bound_kr_year: float
    gap: float
    seconds: float
    without_trips: tuple[str, ...] = ()


_SUMMARY = TypeAdapter(Summary)


def read_summary(content: object) -> Summary:
    """A summary from the JSON that was stored of it."""
    return _SUMMARY.validate_python(current_body(content))


def summary_json(summary: Summary) -> Any:
    """A summary as JSON, to be stored."""
    return stored_body(_SUMMARY.dump_python(summary, mode="json"))


def summarise(parts: Sequence[PartPlan], without_trips: tuple[str, ...] = ()) -> Summary:
    """The sum over the parts; the bound is proven because each of its terms is."""
    depots = [depot for part in parts for depot in part.depots]
    proposed = sum((depot.proposed for depot in depots), NO_FIGURES)
    cost = sum(part.cost_kr_year for part in parts)
    # Sums in another order may differ in their last digit, and no bound lies above the cost.
    bound = min(sum(part.lower_bound_kr_year for part in parts), proposed.cost_kr_year)
    return Summary(
        baseline=sum((depot.baseline for depot in depots), NO_FIGURES),
        proposed=proposed,
        lower_bound_kr_year=bound,
        gap=max(0.0, (cost - bound) / cost) if cost > 0 else 0.0,
        seconds=sum(part.seconds for part in parts),
        without_trips=without_trips,
    )
