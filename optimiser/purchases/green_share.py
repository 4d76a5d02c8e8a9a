"""The share of green vehicles among the purchases of each year, against the goal. It is pure.

Bicycles are counted apart, for they are no motor vehicles, and what was withdrawn does not count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from fleet.vehicle import GREEN_MOTOR_ENERGIES, Energy
from optimiser.purchases.principles import Principles


class Bought(Protocol):
    """A purchase, as far as it counts here."""

    @property
    def bought_on(self) -> date: ...
    @property
    def energy(self) -> Energy: ...
    @property
    def counts(self) -> bool: ...


class GoalState(StrEnum):
    """How a year's purchases stand against the goal."""

    MET = "met"
    MISSED = "missed"
    #: Nothing that counts was bought.
    NOTHING_BOUGHT = "nothing_bought"
    NO_GOAL = "no_goal"


@dataclass(frozen=True, slots=True, kw_only=True)
class YearShare:
    """The purchases of a year: motor vehicles, those of them that are green, and bicycles. `goal`
    is the share that is to be green; None: the year has no goal."""

    year: int
    motor: int
    green: int
    bicycles: int
    goal: float | None

    @property
    def not_green(self) -> int:
        return self.motor - self.green

    @property
    def share(self) -> float | None:
        """None: no motor vehicle was bought."""
        return self.green / self.motor if self.motor else None

    @property
    def state(self) -> GoalState:
        if self.goal is None:
            return GoalState.NO_GOAL
        if not self.motor:
            return GoalState.NOTHING_BOUGHT
        # In counts, for a share of thirds is no binary number.
        return GoalState.MET if self.green >= self.goal * self.motor - 1e-9 else GoalState.MISSED


def green_shares(
    bought: Sequence[Bought], principles: Principles, this_year: int
) -> list[YearShare]:
    """The years with purchases, and this one, the latest first."""
    counted = [one for one in bought if one.counts]
    years = sorted({this_year, *(one.bought_on.year for one in counted)}, reverse=True)
    return [
        _year(year, [one.energy for one in counted if one.bought_on.year == year], principles)
        for year in years
    ]


def _year(year: int, energies: Sequence[Energy], principles: Principles) -> YearShare:
    motor = [one for one in energies if one is not Energy.BICYCLE]
    return YearShare(
        year=year,
        motor=len(motor),
        green=sum(one in GREEN_MOTOR_ENERGIES for one in motor),
        bicycles=len(energies) - len(motor),
        goal=principles.goal(year),
    )
