"""What the policies of a round cost: the free optimum beside it, and each policy by itself.

A policy is a rule that costs more than the cheapest fleet of all: green vehicles are kept, a
vehicle is spare for the workshop, some trips do not go by taxi, vehicles are kept so that no more
trips than today lack one while one is in the workshop. What one costs by itself is how
much less the cheapest fleet would cost without it, the others kept; so the sum of these need not
be what all cost together.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from optimiser.depot.charge_points import PartPoints, PointedPlan, points_kr_year
from optimiser.model.plan import FleetAnswer
from optimiser.model.problem import Problem
from optimiser.parts.depot_plan import ZERO_FIGURES, FleetFigures
from optimiser.parts.ready_plan import solve_ready
from optimiser.parts.workshop import WorkshopRule
from optimiser.studies.planned_fleet import planned_if_as_good
from optimiser.workers import CancelCheck


class Policy(StrEnum):
    """The policies of a round."""

    GREEN_KEEP = "green_keep"
    RESERVE = "reserve"
    WORKSHOP = "workshop"
    NO_FALLBACK = "no_fallback"


@dataclass(frozen=True, slots=True)
class PolicyCost:
    """What a policy costs by itself, in kr. a year."""

    policy: Policy
    kr_year: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyStudy:
    """The fleet that would be the cheapest without the policies, and what each of them costs."""

    free: FleetFigures
    costs: tuple[PolicyCost, ...] = ()

    @classmethod
    def total(cls, studies: Sequence["PolicyStudy"]) -> "PolicyStudy":
        """The sums over the parts of a round."""
        in_force = {cost.policy for study in studies for cost in study.costs}
        return cls(
            free=sum((study.free for study in studies), ZERO_FIGURES),
            costs=tuple(
                PolicyCost(policy, sum(_kr_year(study.costs, policy) for study in studies))
                for policy in Policy
                if policy in in_force
            ),
        )


def _kr_year(costs: Iterable[PolicyCost], policy: Policy) -> float:
    return sum(cost.kr_year for cost in costs if cost.policy is policy)


def in_force(problem: Problem, unkept: Problem) -> list[Policy]:
    """The policies of a problem, which is `unkept` without the vehicles for the workshop."""
    rules = problem.rules
    policies = {
        Policy.GREEN_KEEP: rules.green_keep,
        Policy.RESERVE: rules.reserve,
        Policy.WORKSHOP: problem.kinds != unkept.kinds,
        Policy.NO_FALLBACK: rules.no_fallback_needs or rules.no_fallback_pools,
    }
    return [policy for policy, asked in policies.items() if asked]


def without(problem: Problem, unkept: Problem, policies: Iterable[Policy]) -> Problem:
    """`problem` without some policies."""
    rules, kinds = problem.rules, problem.kinds
    for policy in policies:
        match policy:
            case Policy.GREEN_KEEP:
                rules = replace(rules, green_keep=False)
            case Policy.RESERVE:
                rules = replace(rules, reserve=0)
            case Policy.WORKSHOP:
                kinds = unkept.kinds
            case Policy.NO_FALLBACK:
                rules = replace(rules, no_fallback_needs=(), no_fallback_pools=())
    return replace(problem, rules=rules, kinds=kinds)


def policy_answers(
    problem: Problem,
    unkept: Problem,
    points: PartPoints,
    *,
    planned: FleetAnswer,
    ready: WorkshopRule | None,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck | None = None,
) -> tuple[FleetAnswer, tuple[PolicyCost, ...]]:
    """The answer to `problem` without its policies, and what each of these costs.

    The problem is `unkept` without the vehicles for the workshop. A fleet without another policy
    has those that the workshop asks of it by `ready`. With all policies the `planned` fleet counts
    where it is as good as the one that is found.
    """

    def cheapest(policies: Collection[Policy]) -> PointedPlan:
        return solve_ready(
            without(problem, unkept, policies),
            points,
            ready=None if Policy.WORKSHOP in policies else ready,
            seconds_max=seconds_max,
            gap=gap,
            cancelled=cancelled,
            proven=False,
        ).pointed

    def kr_year(answer: FleetAnswer) -> float:
        return (answer.cost_kr_year or 0.0) + points_kr_year(answer, points)

    policies = in_force(problem, unkept)
    free = cheapest(list(Policy)).plan.best
    if not policies:
        return free, ()
    kept = planned_if_as_good(
        problem,
        points,
        cheapest(()),
        planned,
        ready=ready,
        seconds_max=seconds_max,
        gap=gap,
        cancelled=cancelled,
    )
    all_kept = kr_year(kept.plan.best)
    alone = {
        policy: free if len(policies) == 1 else cheapest((policy,)).plan.best for policy in policies
    }
    # What time cut short may seem cheaper with a rule than without it.
    return free, tuple(
        PolicyCost(policy, max(0.0, all_kept - kr_year(answer))) for policy, answer in alone.items()
    )
