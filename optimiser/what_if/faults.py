"""Why a what-if is not asked, or not changed."""

from collections.abc import Sequence
from enum import StrEnum

from fleet.actor import NotAllowedError
from fleet.errors import ExpectedError

#: The most characters of the name of a what-if.
NAME_MAX = 100


class Fault(StrEnum):
    """The reasons why a what-if is refused; `%(…)s` stands for a value."""

    NO_ROUND = "there is no round of proposals that is done"
    EARLIER = "the round is of earlier software, which did not keep what it was calculated with"
    NAME_MISSING = "give the what-if a name"
    NAME_TOO_LONG = "the name has at most 100 characters"
    NOTHING = "say what is to be different"
    TOO_MANY = "at most 20 changes of a sort are asked at once"
    DEPOT_UNKNOWN = "the round did not calculate the depot %(value)s"
    DEPOT_CLOSED = "no vehicle stands at the depot %(value)s any more"
    VEHICLE_UNKNOWN = "the round did not calculate the vehicle %(value)s"
    VEHICLE_GONE = "the vehicle %(value)s has left the fleet since the round"
    VEHICLE_ELSEWHERE = "the vehicle %(value)s is of none of the depots"
    STAYS_AND_GOES = "the vehicle %(value)s cannot both stay and go"
    DECIDED_TO_GO = "it is decided that the vehicle %(value)s leaves: make that undecided first"
    DECIDED_TO_STAY = "it is decided that the vehicle %(value)s stays: make that undecided first"
    LITTLE_KNOWN = "too little is known of the vehicle %(value)s, so it stays"
    FIGURE_TWICE = "%(value)s: a figure can have one value only"
    FIGURE_NO_NUMBER = "%(value)s is no number"
    FIGURE_BOUNDS = "%(value)s is not between %(least)s and %(most)s"
    FIGURE_SAME = "%(value)s is what the round was calculated with"
    NEED_UNKNOWN = "no kind of vehicle of the round offers %(value)s"
    KIND_UNKNOWN = "the round knows no kind %(value)s"
    MORE_BOUNDS = "from 1 to 20 vehicles more of a kind can be asked for"
    PEAK_BOUNDS = "a peak day has from 0 to 500 % more trips, and up to 100 % of vehicles missing"
    PEAK_NOTHING = "a peak day with no more trips and no missing vehicle is a usual day"


class WhatIfError(ExpectedError, ValueError):
    """A what-if is refused: `field` is the part of it that is wrong, and `fault` says why, with
    `values`. It is the part at the place `at`, from 0, where there are several of a sort. `beside`
    are the other faults of the same what-if."""

    def __init__(self, field: str, fault: Fault, at: int = 0, **values: str) -> None:
        super().__init__(f"{field}: {fault.value % values if values else fault.value}")
        self.field = field
        self.fault = fault
        self.at = at
        self.values = values
        self.beside: Sequence[WhatIfError] = ()

    @property
    def every(self) -> Sequence["WhatIfError"]:
        """All faults of the what-if, this one first."""
        return (self, *self.beside)


def refuse_faulty(found: Sequence[WhatIfError]) -> None:
    """Raises the first of the faults, with the others beside it."""
    if found:
        first, *others = found
        first.beside = others
        raise first


class NoWhatIfError(ExpectedError, LookupError):
    """There is no such what-if, or none that the actor sees."""


class NotOwnError(NotAllowedError):
    """Only who asked a what-if keeps it, shares it or throws it away."""

    def __init__(self, message: str) -> None:
        super().__init__(None, message)


class NotDoneError(ExpectedError, ValueError):
    """The what-if has no answer, so that it cannot be kept or shared."""


class RoundSupersededError(ExpectedError, ValueError):
    """The what-if is asked beside a version of a round that is not the latest one, `newer`."""

    def __init__(self, round_id: int, newer: int) -> None:
        super().__init__(f"the round {round_id} is superseded: ask beside round {newer}")
        self.newer = newer
