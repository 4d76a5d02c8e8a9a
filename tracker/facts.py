"""The facts of the system that answer milestones of the fleet programme themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fact(StrEnum):
    """Something that the system itself knows to have come about, as the table names it."""

    #: Every vehicle that has a tracker was heard.
    CHIPS_INSTALLED = "chips_installed"
    #: There are as many days of driving as a round of proposals needs.
    DATA_COLLECTED = "data_collected"
    #: Somebody has an account of the fleet unit.
    FLEET_UNIT = "fleet_unit"
    #: Proposals of a round were sent to a head of department.
    FIRST_ROUND = "first_round"
    #: The same of a later round.
    SECOND_ROUND = "second_round"
    #: A report of the evaluation was made.
    EVALUATION = "evaluation"
    #: A report of the roll-out plan was made.
    ROLL_OUT = "roll_out"


@dataclass(frozen=True, slots=True)
class FactAnswer:
    """The answer of a fact: whether it holds, since when, and the count that it rests on: vehicles
    that were heard, days of driving, accounts, proposals that were sent, or reports."""

    fact: Fact
    holds: bool
    at: datetime | None
    count: int


#: What is known of each fact.
FactAnswers = Mapping[Fact, FactAnswer]
