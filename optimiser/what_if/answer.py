"""The answer to a what-if: the fleets of its depots beside those of the round."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from optimiser.model.body import current_body, stored_body
from optimiser.parts.depot_plan import ZERO_FIGURES, FleetFigures

#: kr. a year below which two amounts are the same to a person.
SAME_KR = 0.5


class Fate(StrEnum):
    """What becomes of a vehicle."""

    STAYS = "stays"
    LEAVES = "leaves"
    REPLACED = "replaced"
    MOVES = "moves"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What becomes of a vehicle: the name of the kind that replaces it, or the id of the depot to
    which it moves."""

    fate: Fate
    by: str | None = None
    to: str | None = None


STAYS = Outcome(fate=Fate.STAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleDifference:
    """A vehicle of which the what-if makes something else than the round."""

    vehicle_id: str
    depot_id: str
    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class BoughtDifference:
    """Vehicles of the kind with the name `kind` that are bought beside those that replace others:
    in the round, and in the what-if."""

    depot_id: str
    kind: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetAccount:
    """A fleet with its figures, its proven bound, and the price of CO2e that they hold."""

    figures: FleetFigures
    lower_bound_kr_year: float
    co2_kr_t: float

    @property
    def co2_kr_year(self) -> float:
        """The value of its CO2e, which nobody pays."""
        return self.co2_kr_t * self.figures.co2_t_year

    @property
    def paid_kr_year(self) -> float:
        return self.figures.cost_kr_year - self.co2_kr_year

    @property
    def gap(self) -> float:
        """By which share of itself its cost may be above the least that is possible."""
        cost = self.figures.cost_kr_year
        return max(0.0, (cost - self.lower_bound_kr_year) / cost) if cost > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAnswer:
    """The answer for a part of a round.

    `unchanged` is the fleet of the round with what it drives there, under the changed figures;
    None where the changes do not allow it, or change no figure. `is_anew`: the round was calculated
    anew to compare with, since it decided otherwise since or lacks trips. `peak_is_met` is None
    where no peak day was asked for; false: no fleet that may be had serves it.
    """

    before: FleetAccount
    after: FleetAccount
    unchanged: FleetAccount | None
    vehicles: tuple[VehicleDifference, ...]
    bought: tuple[BoughtDifference, ...]
    is_anew: bool
    peak_is_met: bool | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer for all depots of a what-if; as `PartAnswer`. The differences of vehicles stand
    apart, since not everybody sees each of them."""

    before: FleetAccount
    after: FleetAccount
    unchanged: FleetAccount | None
    bought: tuple[BoughtDifference, ...]
    differing: int
    is_anew: bool
    peak_is_met: bool | None = None
    seconds: float = 0.0


def joined(parts: Iterable[PartAnswer]) -> Answer:
    """The answers for parts, of which there is at least one, as one."""
    every = list(parts)
    unchanged = [one.unchanged for one in every]
    met = [one.peak_is_met for one in every if one.peak_is_met is not None]
    return Answer(
        before=_added([one.before for one in every]),
        after=_added([one.after for one in every]),
        unchanged=None if None in unchanged else _added([one for one in unchanged if one]),
        bought=tuple(one for part in every for one in part.bought),
        differing=sum(len(part.vehicles) for part in every),
        is_anew=any(one.is_anew for one in every),
        peak_is_met=all(met) if met else None,
        seconds=sum(one.seconds for one in every),
    )


def _added(accounts: list[FleetAccount]) -> FleetAccount:
    return FleetAccount(
        figures=sum((one.figures for one in accounts), ZERO_FIGURES),
        lower_bound_kr_year=sum(one.lower_bound_kr_year for one in accounts),
        co2_kr_t=accounts[0].co2_kr_t,
    )


_ANSWER = TypeAdapter(Answer)
_OUTCOME = TypeAdapter(Outcome)


def answer_json(answer: Answer) -> Any:
    """The JSON of an answer, as it is stored."""
    return stored_body(_ANSWER.dump_python(answer, mode="json"))


def read_answer(content: object) -> Answer:
    """The answer in its stored JSON."""
    return _ANSWER.validate_python(current_body(content))


def outcome_json(outcome: Outcome) -> Any:
    """The JSON of what becomes of a vehicle, as it is stored."""
    return _OUTCOME.dump_python(outcome, mode="json")


def read_outcome(content: object) -> Outcome:
    """What becomes of a vehicle in its stored JSON."""
    return _OUTCOME.validate_python(content)
