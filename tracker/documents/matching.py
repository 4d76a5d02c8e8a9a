"""Finds the milestones of a plan again in a corrected document, and those that go on in the next
year's."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from fleet.errors import ExpectedError
from tracker.importer.plan_file import Milestone, PlanFile
from tracker.matching.compare import compare

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
class Question:
    """A milestone of a document that may be one of the `candidates` of the plan, in other words or
    elsewhere. A person says which, or that it is another."""

    milestone: Milestone
    candidates: Sequence[Milestone]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A person's answers to questions: `same` has the ids in the document of milestones that are
    those of the plan with these ids, and `new` those that are others. `rest_is_new`: so is each
    of which nothing is said."""

    same: Mapping[str, str] = field(default_factory=dict[str, str])
    new: Collection[str] = ()
    rest_is_new: bool = False


NO_ANSWERS = Answers()


class UnansweredError(ExpectedError, ValueError):
    """A person is to be asked about milestones before a document is taken."""

    def __init__(self, questions: Sequence[Question]) -> None:
        told = "; ".join(
            f"{one.milestone.id} ({one.milestone.text}) may be "
            + " or ".join(f"{old.id} ({old.text})" for old in one.candidates)
            for one in questions
        )
        super().__init__(f"say which milestones are the same: {told}")
        self.questions = questions


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """The milestones of a plan in a corrected document: the ids in the document of those that are
    there again, and what a person is to be asked about, which counts as new and gone until they
    say that it is the same."""

    later: Mapping[str, str]
    asked: Sequence[Question]


@dataclass(frozen=True, slots=True)
class GoingOn:
    """The milestones of the next year's document that go on from the year before: the ids of those
    of the plan before, by the ids in the document, and what a person is to be asked about."""

    earlier: Mapping[str, str]
    asked: Sequence[Question]


def found_again(
    plan: PlanFile,
    corrected: PlanFile,
    gone: Collection[str] = (),
    answers: Answers = NO_ANSWERS,
) -> FoundAgain:
    """Find the milestones of a plan in a corrected document: by what a person answered, by their
    words (`match`), and where the words were corrected by what is like them in the same place
    (`compare`). `gone` are those that an earlier document lacked, which come back with the same
    words only."""
    answered = {old: new for new, old in answers.same.items()}
    plan = without(plan, answered)
    corrected = without(corrected, {*answers.same, *answers.new})
    matched = match(plan.milestones, corrected.milestones)
    later = {**matched.later, **answered}
    left_here, left_there = {*matched.gone} - {*gone}, {*matched.new}
    if not left_here or not left_there:
        return FoundAgain(later, ())
    here = tuple(one for one in plan.milestones if one.id not in gone)
    asked: list[tuple[Sequence[Milestone], Sequence[Milestone]]] = []
    for one in compare(plan.model_copy(update={"milestones": here, "strands": ()}), corrected):
        old = [own for own in one.old if own.id in left_here]
        new = [own for own in one.new if own.id in left_there]
        if not old or not new:
            continue
        if one.is_sure and len(one.old) == len(one.new) == 1:
            later[one.old[0].id] = one.new[0].id
        else:
            asked.append((new, old))
    return FoundAgain(later, _questions(asked, answers))


def going_on(before: PlanFile, following: PlanFile, answers: Answers = NO_ANSWERS) -> GoingOn:
    """Find the milestones of the next year that go on: by what a person answered, and what is sure.
    What was split goes on in each of its parts, and what was merged in the first."""
    before = without(before, set(answers.same.values()))
    following = without(following, {*answers.same, *answers.new})
    earlier = dict(answers.same)
    asked: list[tuple[Sequence[Milestone], Sequence[Milestone]]] = []
    for one in compare(before, following):
        if one.is_sure and one.old:
            earlier |= {new.id: one.old[0].id for new in one.new}
        elif one.old and one.new:
            asked.append((one.new, one.old))
    return GoingOn(earlier, _questions(asked, answers))


def _questions(
    asked: Collection[tuple[Sequence[Milestone], Sequence[Milestone]]], answers: Answers
) -> Sequence[Question]:
    """The questions to a person: one for each milestone of the document."""
    if answers.rest_is_new:
        return ()
    candidates: dict[str, tuple[Milestone, dict[str, Milestone]]] = {}
    for news, olds in asked:
        for new in news:
            candidates.setdefault(new.id, (new, {}))[1].update({old.id: old for old in olds})
    return tuple(Question(new, tuple(olds.values())) for new, olds in candidates.values())


def without(plan: PlanFile, ids: Collection[str]) -> PlanFile:
    """A plan without the milestones with these ids."""
    if not ids:
        return plan
    left = tuple(one for one in plan.milestones if one.id not in ids)
    return plan.model_copy(update={"milestones": left, "strands": ()})


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
