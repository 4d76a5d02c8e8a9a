"""Places what the file of a plan holds: each initiative in a programme, each milestone in a
programme and, where it has one, an initiative."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from db.storable_values import UNSTORABLE_CHARACTERS
from fleet.errors import ExpectedError
from tracker.importer.plan_file import Milestone, PlanFile, Programme


class PlanRefusedError(ExpectedError, ValueError):
    """The file of a plan does not hold together, or says no year. The message says where."""


@dataclass(frozen=True, slots=True)
class PlacedProgramme:
    """A programme under its name in the file. `written` is None where the file names a programme
    that it does not describe."""

    name: str
    written: Programme | None


@dataclass(frozen=True, slots=True)
class PlacedInitiative:
    """An initiative, in the programme with that number of the list."""

    programme: int
    section: str
    title: str


@dataclass(frozen=True, slots=True)
class PlacedMilestone:
    """A milestone, in the programme and initiative with those numbers of the lists; None: in its
    programme itself."""

    programme: int
    initiative: int | None
    milestone: Milestone


@dataclass(frozen=True, slots=True)
class PlacedPlan:
    """All that a file holds, each in its place and in the order of the file."""

    programmes: Sequence[PlacedProgramme]
    initiatives: Sequence[PlacedInitiative]
    milestones: Sequence[PlacedMilestone]


def placed(plan: PlanFile) -> PlacedPlan:
    """The places of what a file holds.

    A milestone stands in the programme that its section names, else in the first initiative of its
    section. Where the file describes no programme for it, one stands for that section.

    Raises:
        PlanRefusedError: a quarter has no end or ends before it begins, or a text has a character
            that cannot be stored.
    """
    _require_whole(plan)
    programmes = [PlacedProgramme(_name(one), one) for one in plan.programmes]
    numbers: dict[str, int] = {}
    for number, one in enumerate(programmes):
        numbers.setdefault(one.name, number)
    described = frozenset(numbers)

    def programme_of(name: str) -> int:
        if name not in numbers:
            numbers[name] = len(programmes)
            programmes.append(PlacedProgramme(name, None))
        return numbers[name]

    initiatives = [
        PlacedInitiative(programme_of(one.programme or ""), one.section or "", one.title)
        for one in plan.initiatives
    ]
    first: dict[str, int] = {}
    for number, one in enumerate(initiatives):
        first.setdefault(one.section, number)
    milestones: list[PlacedMilestone] = []
    for one in plan.milestones:
        section = one.section or ""
        if section not in described and section in first:
            initiative = first[section]
            programme = initiatives[initiative].programme
            milestones.append(PlacedMilestone(programme, initiative, one))
        else:
            milestones.append(PlacedMilestone(programme_of(section), None, one))
    return PlacedPlan(programmes, initiatives, milestones)


def with_quarters(
    plan: PlanFile, quarters: Mapping[str, tuple[int | None, int | None, int | None]]
) -> PlanFile:
    """The plan with the quarters that a person corrected, by the ids of milestones: the year, and
    the first and the last quarter. What the document has as the quarter's words stays."""
    return plan.model_copy(
        update={
            "milestones": tuple(
                one.model_copy(
                    update=dict(
                        zip(("year", "quarter_from", "quarter_to"), quarters[one.id], strict=True)
                    )
                )
                if one.id in quarters
                else one
                for one in plan.milestones
            )
        }
    )


def _name(programme: Programme) -> str:
    """By which name initiatives and milestones know a programme."""
    return programme.number or programme.title or ""


def _require_whole(plan: PlanFile) -> None:
    for one in plan.milestones:
        first, last = one.quarter_from, one.quarter_to
        if (first is None) != (last is None) or (
            first is not None and last is not None and first > last
        ):
            raise PlanRefusedError(f"milestone {one.id}: quarters {first} to {last} are no span")
        if not one.text.strip():
            raise PlanRefusedError(f"milestone {one.id} has no words")
    _require_no_circle({one.id: one.parent for one in plan.milestones})
    for text in _texts(plan.model_dump()):
        if UNSTORABLE_CHARACTERS.search(text):
            raise PlanRefusedError(f"a character cannot be stored: {text[:60]!r}")


def _require_no_circle(parents: Mapping[str, str | None]) -> None:
    ends: set[str] = set()
    for one in parents:
        above: dict[str, None] = {}
        at: str | None = one
        while at is not None and at not in ends:
            if at in above:
                raise PlanRefusedError(f"milestone {at} stands under itself")
            above[at] = None
            at = parents.get(at)
        ends.update(above)


def _texts(value: object) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in cast("Mapping[str, object]", value).values():
            yield from _texts(one)
    elif isinstance(value, Sequence):
        for one in cast("Sequence[object]", value):
            yield from _texts(one)
