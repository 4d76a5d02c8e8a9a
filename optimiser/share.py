"""A pool's share of an answer: what its vehicles and trips cost and emit in a year."""

from typing import NamedTuple

from optimiser.plan import Answer
from optimiser.problem import Problem

GRAMS_PER_TONNE = 1e6


class Share(NamedTuple):
    """Cost with the priced CO2e in it, kr. a year, and emissions, tonnes a year."""

    cost_kr_year: float
    co2_t_year: float


def pool_share(problem: Problem, answer: Answer, pool: str) -> Share:
    """The share of `pool`. The shares of all pools add up to the answer's figures."""
    rules = problem.rules
    kinds = {kind.label: kind for kind in problem.kinds if kind.pool == pool}
    counts = {(line.pool, line.type): line.count for line in answer.fleet}
    fixed_kr = sum(counts[kind.pool, kind.type] * kind.fixed_kr_year for kind in kinds.values())
    driving_kr = grams = 0.0
    for trip in problem.trips:
        if trip.pool != pool:
            continue
        vehicle = answer.assignments[trip.trip_id]
        if vehicle is None:
            driving_kr += rules.fallback_kr_trip + rules.fallback_kr_km * trip.km
            grams += rules.fallback_co2_g_km * trip.km
        else:
            kind = kinds[vehicle.rpartition("#")[0]]
            driving_kr += kind.kr_km * trip.km
            grams += kind.co2_g_km * trip.km
    co2_t_year = problem.year_factor * grams / GRAMS_PER_TONNE
    cost = fixed_kr + problem.year_factor * driving_kr + rules.co2_kr_t * co2_t_year
    return Share(cost, co2_t_year)
