"""The headline of a round: what the fleet does and what goes to taxi, hire or own car, what that
saves, and what is proven of it. It is pure; pages, documents and the interface put it into words by
one function (`api.pages.reports.headline_words`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from optimiser.rounds.overview import Round
from optimiser.rounds.summary import RoundSummary

#: The least kr. and value of CO2e that a sentence tells: less is 0 kr. in words.
LEAST_KR = 0.5


class Headline(StrEnum):
    """A sentence of a headline."""

    #: The fleet does the same trips.
    FLEET = "fleet"
    #: It has as many vehicles as today.
    FLEET_AS_MANY = "fleet_as_many"
    #: More trips go by taxi, hire or own car than today.
    FLEET_AND_TAXI = "fleet_and_taxi"
    FLEET_AS_MANY_AND_TAXI = "fleet_as_many_and_taxi"
    SAVES_PAID = "saves_paid"
    COSTS_PAID = "costs_paid"
    CO2_SAVED = "co2_saved"
    CO2_ADDED = "co2_added"
    #: What is proven, where people chose the fleet, where vehicles move, and else.
    CHOSEN_BEST = "chosen_best"
    CHOSEN_GAP = "chosen_gap"
    MOVES_BEST = "moves_best"
    MOVES_GAP = "moves_gap"
    BEST = "best"
    GAP = "gap"
    #: Vehicles stay for the workshop alone.
    WORKSHOP = "workshop"
    #: The plan keeps what people decided.
    DECIDED = "decided"
    #: What that costs, with each depot by itself where vehicles move.
    DECIDED_COSTS = "decided_costs"
    DECIDED_COSTS_APART = "decided_costs_apart"
    DECIDED_FREE = "decided_free"
    DECIDED_FREE_APART = "decided_free_apart"
    #: The sums still have what somebody rejected since the plan was calculated.
    REJECTED_SINCE = "rejected_since"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its values; by `count` it is said of one or of several."""

    code: Headline
    values: Mapping[str, float | str] = field(default_factory=dict[str, float | str])
    count: int = 1


def fleet_sentence(summary: RoundSummary) -> Sentence:
    """How many vehicles can do the trips, and how many more of these then go by taxi or another
    car."""
    now, then = summary.baseline, summary.proposed
    as_many = then.vehicles == now.vehicles
    values: dict[str, float | str] = {"now": now.vehicles, "then": then.vehicles}
    if round(then.fallback_trips_year) <= round(now.fallback_trips_year):
        code = Headline.FLEET_AS_MANY if as_many else Headline.FLEET
        return Sentence(code, values, then.vehicles)
    trips = {"trips": then.fallback_trips_year, "before": now.fallback_trips_year}
    code = Headline.FLEET_AS_MANY_AND_TAXI if as_many else Headline.FLEET_AND_TAXI
    return Sentence(code, values | trips, then.vehicles)


def proof_sentence(summary: RoundSummary, *, chosen: bool) -> Sentence:
    """What is proven of the proposed fleet; `chosen`: people chose it on the curve."""
    best = summary.gap == 0
    if chosen:
        code = Headline.CHOSEN_BEST if best else Headline.CHOSEN_GAP
    elif summary.moves:
        code = Headline.MOVES_BEST if best else Headline.MOVES_GAP
    else:
        code = Headline.BEST if best else Headline.GAP
    return Sentence(code, {} if best else {"gap": summary.gap})


def decided_sentences(found: Round) -> Sequence[Sentence]:
    """Of how many decisions of people a fleet is given, and what they cost where that is known; and
    what was rejected since, which the sums still have. Nothing where there are none."""
    return [*_kept_sentences(found), *_rejected_sentences(found)]


def _rejected_sentences(found: Round) -> Sequence[Sentence]:
    count = len(found.rejected_since)
    values = {"count": count, "amount": found.rejected_since_kr_year}
    return [Sentence(Headline.REJECTED_SINCE, values, count)] if count else []


def _kept_sentences(found: Round) -> Sequence[Sentence]:
    kept, kr_year = found.verdicts_kept, found.decisions_kr_year
    if not kept:
        return []
    told = [Sentence(Headline.DECIDED, {"count": kept}, kept)]
    if kr_year is None or found.summary is None:
        return told
    apart = found.summary.moves
    if kr_year < LEAST_KR:
        code = Headline.DECIDED_FREE_APART if apart else Headline.DECIDED_FREE
        return [*told, Sentence(code)]
    code = Headline.DECIDED_COSTS_APART if apart else Headline.DECIDED_COSTS
    return [*told, Sentence(code, {"amount": kr_year})]


def headline(found: Round) -> Sequence[Sentence]:
    """The headline of a round. Who sees some departments only is told of the depots at which only
    vehicles of theirs stand; nothing where there is no such depot."""
    summary = found.summary
    if summary is None:
        return []
    told = [fleet_sentence(summary)]
    paid = found.paid_kr_year(summary.baseline) - found.paid_kr_year(summary.proposed)
    code = Headline.SAVES_PAID if paid >= 0 else Headline.COSTS_PAID
    told.append(Sentence(code, {"amount": abs(paid)}))
    value = found.co2_kr_t * summary.saving_co2_t_year
    if abs(value) >= LEAST_KR:
        code = Headline.CO2_SAVED if value > 0 else Headline.CO2_ADDED
        told.append(Sentence(code, {"amount": abs(value)}))
    told.append(proof_sentence(summary, chosen=found.chosen_prices is not None))
    if found.kept_for_workshop:
        told.append(Sentence(Headline.WORKSHOP))
    told += decided_sentences(found)
    if found.machines:
        names = ", ".join(one.name for one in found.machines)
        told.append(Sentence(Headline.LEFT_OUT, {"names": names}, len(found.machines)))
    return told
