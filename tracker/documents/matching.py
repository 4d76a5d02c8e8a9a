"""Finds the milestones of a plan again in a corrected document, and those that go on in the next
year's."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

from tracker.importer.plan_file import Milestone, PlanFile
from tracker.matching.compare import compare
from tracker.matching.difference import Difference

#: What two milestones must have in common to be the same, the surest first. Where several have it,
#: they are the same in their order.
_KEYS: Sequence[Callable[[Milestone], Hashable]] = (
    lambda one: (one.section, one.text, one.year, one.quarter_from, one.quarter_to),
    lambda one: (one.section, one.text),
    lambda one: (one.text, one.quarter_from, one.quarter_to),
    lambda one: one.text,
    lambda one: (one.section, _plain(one.text)),
    lambda one: _plain(one.text),
)


@dataclass(frozen=True, slots=True)
class Matched:
    """The milestones of an earlier file in a later one, by their ids: the later of each earlier one
    that is there again, those that are new and those that are gone."""

    later: Mapping[str, str]
    new: Sequence[str]
    gone: Sequence[str]


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """The milestones of a plan in a corrected document: the ids in the document of those that are
    there again, and what a person is to be asked about, which counts as new and gone until they
    say that it is the same."""

    later: Mapping[str, str]
    asked: Sequence[Difference]


def found_again(plan: PlanFile, corrected: PlanFile, gone: Collection[str] = ()) -> FoundAgain:
    """Find the milestones of a plan in a corrected document: by their words (`match`), and where
    the words were corrected by what is like them in the same place (`compare`). `gone` are those
    that an earlier document lacked, which come back with the same words only."""
    matched = match(plan.milestones, corrected.milestones)
    later = dict(matched.later)
    left_here, left_there = {*matched.gone} - {*gone}, {*matched.new}
    if not left_here or not left_there:
        return FoundAgain(later, ())
    here = tuple(one for one in plan.milestones if one.id not in gone)
    asked: list[Difference] = []
    for one in compare(plan.model_copy(update={"milestones": here, "strands": ()}), corrected):
        old, new = {own.id for own in one.old} & left_here, {own.id for own in one.new} & left_there
        if not old or not new:
            continue
        if one.is_sure and len(one.old) == len(one.new) == 1:
            later[one.old[0].id] = one.new[0].id
        else:
            asked.append(one)
    return FoundAgain(later, tuple(asked))


def going_on(differences: Collection[Difference]) -> Mapping[str, str]:
    """The milestones of the next year that surely go on, by their ids, with the ids of those of the
    year before. What was split goes on in each of its parts, and what was merged in the first."""
    return {
        new.id: one.old[0].id for one in differences if one.is_sure and one.old for new in one.new
    }


def match(earlier: Sequence[Milestone], later: Sequence[Milestone]) -> Matched:
    """Find the same milestones by their words, whatever their sections, quarters and places are
    now. One whose words were changed by more than case and signs is new, and the earlier one
    gone."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for key in _KEYS:
        waiting: defaultdict[Hashable, list[str]] = defaultdict(list)
        for one in reversed(later):
            if one.id not in taken:
                waiting[key(one)].append(one.id)
        for one in earlier:
            if one.id not in found and (same := waiting.get(key(one))):
                found[one.id] = same.pop()
                taken.add(found[one.id])
    return Matched(
        later=found,
        new=[one.id for one in later if one.id not in taken],
        gone=[one.id for one in earlier if one.id not in found],
    )


def _plain(text: str) -> str:
    """A text without what a correction of the typesetting changes: case, blanks and signs."""
    return "".join(filter(str.isalnum, text.casefold()))
