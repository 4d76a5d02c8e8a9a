"""The summary of a round: the sums over its parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from optimiser.depot.nearest_today import NOTHING_WITHDRAWN, WithdrawnChanges
from optimiser.depot.pool_cost import KrRange
from optimiser.model.body import current_body, stored_body
from optimiser.parts.depot_plan import (
    NO_SPARE_TODAY,
    ZERO_FIGURES,
    FleetFigures,
    RuleBreak,
    SpareToday,
)
from optimiser.parts.part_plan import PartPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSummary:
    """The summary that is stored of a round beside its parts and proposals.

    `gap` is relative: the cost of the proposed fleet is proven to be at most that share above the
    least possible cost. `without_trips` are depots with road vehicles, none of which made a round
    trip, and `machines` ids of vehicles that are measured in engine hours, which no round
    calculates; at `unknown_depots` too little is known of all vehicles. `withdrawn` are changes
    that are not proposed since each would save too little. `breaks` are the rules that fleets of
    depots break, with the id of the depot. `policies_kr_year` is what the policies cost by the
    fleets that were found, and `policies_range` what is proven of that, None in rounds of earlier
    software. Today's fleet may cost `today_slack_kr_year` less than it is told to: so much of the
    saving is not proven. Of `unknown` vehicles too little is known: they stay, and the plan gives
    them no trips of others.

    `moves`: vehicles may move between depots; the bound and the gap are then those of depots that
    keep to themselves. `moves_failed`: it could not be worked out which of them do. `spare_today`
    is what the reserve costs today's fleet, which nobody pays. `baseline` is today's fleet with
    the best of it driving each trip, and `driven` is what it really drove, None in rounds of
    earlier software.
    """

    baseline: FleetFigures
    proposed: FleetFigures
    lower_bound_kr_year: float
    gap: float
    seconds: float
    without_trips: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    withdrawn: WithdrawnChanges = NOTHING_WITHDRAWN
    policies_kr_year: float = 0.0
    policies_range: KrRange | None = None
    today_slack_kr_year: float = 0.0
    unknown: int = 0
    unknown_depots: tuple[str, ...] = ()
    breaks: tuple[tuple[str, RuleBreak], ...] = ()
    moves: bool = False
    moves_failed: bool = False
    spare_today: SpareToday = NO_SPARE_TODAY
    driven: FleetFigures | None = None

    @property
    def saving_kr_year(self) -> float:
        return self.baseline.cost_kr_year - self.proposed.cost_kr_year

    @property
    def saving_co2_t_year(self) -> float:
        return self.baseline.co2_t_year - self.proposed.co2_t_year


_SUMMARY = TypeAdapter(RoundSummary)


def read_summary(content: object) -> RoundSummary:
    """The summary in its stored JSON."""
    return _SUMMARY.validate_python(current_body(content))


def summary_json(summary: RoundSummary) -> Any:
    """The JSON of a summary, as it is stored."""
    return stored_body(_SUMMARY.dump_python(summary, mode="json"))


def summarise(
    parts: Sequence[PartPlan],
    without_trips: tuple[str, ...] = (),
    machines: tuple[str, ...] = (),
    unknown_depots: tuple[str, ...] = (),
) -> RoundSummary:
    """The summary of `parts`; its bound is proven because each of the added bounds is."""
    depots = [depot for part in parts for depot in part.depots]
    driven = [depot.driven for depot in depots if depot.driven is not None]
    ranges = [part.policies_range for part in parts if part.policies_range is not None]
    proposed = sum((depot.proposed for depot in depots), ZERO_FIGURES)
    cost = sum(part.cost_kr_year for part in parts)
    # Sums in another order may differ in the last digit, and a bound must not exceed the cost.
    bound = min(sum(part.lower_bound_kr_year for part in parts), proposed.cost_kr_year)
    return RoundSummary(
        baseline=sum((depot.baseline for depot in depots), ZERO_FIGURES),
        proposed=proposed,
        lower_bound_kr_year=bound,
        gap=max(0.0, (cost - bound) / cost) if cost > 0 else 0.0,
        seconds=sum(part.seconds for part in parts),
        without_trips=without_trips,
        machines=machines,
        unknown_depots=unknown_depots,
        breaks=tuple((depot.depot_id, broken) for depot in depots for broken in depot.breaks),
        unknown=sum(len(depot.unknown) for depot in depots),
        policies_kr_year=sum(part.policies_kr_year for part in parts),
        policies_range=sum(ranges, KrRange(0.0, 0.0)) if len(ranges) == len(parts) else None,
        today_slack_kr_year=sum(part.today_slack_kr_year for part in parts),
        spare_today=sum((depot.spare_today for depot in depots), NO_SPARE_TODAY),
        driven=sum(driven, ZERO_FIGURES) if len(driven) == len(depots) else None,
        withdrawn=sum((part.withdrawn for part in parts), NOTHING_WITHDRAWN),
    )
