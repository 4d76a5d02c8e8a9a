"""A milestone with what it is compared by."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracker.importer.plan_file import Milestone, PlanFile
from tracker.matching.sections import Section
from tracker.matching.words import Stems, plain, stems

_YEAR = re.compile(r"\b20\d\d\b")

#: The section of the new plan, and the quarters.
Slot = tuple[Section, int | None, int | None]


@dataclass(slots=True)
class Compared:
    """A milestone of a plan, its place in it, and what it is compared by: `exact` is its text with
    all years as one, `plain` that without signs and case (`words.plain`)."""

    milestone: Milestone
    place: int
    slot: Slot
    exact: str
    plain: str
    stems: Stems
    #: The plain text of the milestone above it.
    parent: str
    #: It has no counterpart yet.
    is_open: bool = True


def compared(
    plan: PlanFile, texts: Mapping[str, str], sections: Mapping[Section, Section]
) -> list[Compared]:
    """The milestones of a plan. `texts` are their plain texts by their ids, and `sections` those of
    the new plan by those of the old one."""
    return [
        Compared(
            milestone=one,
            place=place,
            slot=(sections.get(one.section, one.section), one.quarter_from, one.quarter_to),
            exact=_YEAR.sub("year", one.text),
            plain=texts[one.id],
            stems=stems(one.text),
            parent=texts.get(one.parent or "", ""),
        )
        for place, one in enumerate(plan.milestones)
    ]


def plain_texts(plan: PlanFile) -> dict[str, str]:
    """The plain texts of the milestones of a plan by their ids."""
    return {one.id: plain(one.text) for one in plan.milestones}


def still_open(ones: Iterable[Compared]) -> list[Compared]:
    """Those that have no counterpart yet."""
    return [one for one in ones if one.is_open]
