"""The page of a link: what is on it, and the act by which a contact answers all of it in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.connect import Pool
from db.scope.seen import unscoped
from fleet.errors import ExpectedError
from fleet.localtime import local_now
from tracker.changing import lock
from tracker.facts_stored import fact_answers
from tracker.follow_up.asking import Group, theirs
from tracker.follow_up.links import Link, is_live
from tracker.follow_up.rounds import wanted_of
from tracker.indicators import Indicator, indicators, say_value_within
from tracker.milestone import Milestone, NeededDecision
from tracker.milestones import milestones_of
from tracker.saying import Said, need_decision_within, say_within


class LinkClosedError(ExpectedError, LookupError):
    """A link does not work any more: the quarter is over, or the link was revoked."""


class AnswersRefusedError(ExpectedError, ValueError):
    """Some of the answers are refused, and nothing is stored. `faults` are the errors by the ids of
    milestones, and by those of indicators."""

    def __init__(self, faults: Mapping[str | int, ExpectedError]) -> None:
        super().__init__("some of the answers are refused, and nothing is stored")
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A milestone on the page of a link, with the indicators whose values people say.
    `is_wanted`: a word of it is wanted in the quarter. `is_answered`: somebody has said something
    of it since the follow-up began."""

    milestone: Milestone
    group: Group
    indicators: Sequence[Indicator]
    is_wanted: bool
    is_answered: bool

    @property
    def is_known(self) -> bool:
        """Whether it is done without a word of a person: a fact of the system answers it."""
        return self.milestone.said_at is None and not self.milestone.status.is_open


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody says of a milestone whose revision they saw (`seen`). `decision`: none is
    needed any more where it is None."""

    milestone_id: str
    said: Said
    seen: int
    decision: NeededDecision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewValue:
    """The value of an indicator today, and where it comes from."""

    indicator_id: int
    value: float
    source: str


@unscoped
async def items_of(pool: Pool, link: Link) -> Sequence[Item]:
    """The milestones on the page of a link: each group in the order of the quarters."""
    shown = theirs(await wanted_of(pool, link.follow_up), link.contact_id, link.step)
    found = await milestones_of(pool, [one.milestone_id for one in shown])
    measured: dict[str, list[Indicator]] = {}
    for one in await indicators(pool, link.follow_up.plan_id):
        if one.milestone_id is not None and one.details.figure is None:
            measured.setdefault(one.milestone_id, []).append(one)
    items = [
        Item(
            milestone=found[one.milestone_id],
            group=one.group,
            indicators=measured.get(one.milestone_id, ()),
            is_wanted=one.is_counted,
            is_answered=one.is_answered,
        )
        for one in shown
        if one.milestone_id in found
    ]
    order = list(Group)
    return sorted(items, key=lambda one: (order.index(one.group), one.milestone.due or ()))


@unscoped
async def answer(
    pool: Pool,
    link: Link,
    token: str,
    source: str,
    answers: Sequence[Answer],
    values: Sequence[NewValue],
) -> None:
    """Answer by a link with this token, from a network address. All of it is stored or nothing.

    Raises:
        LinkClosedError: the link does not work any more.
        AnswersRefusedError: see there.
    """
    actor, today = link.actor(source), local_now().date()
    facts = await fact_answers(pool)
    faults: dict[str | int, ExpectedError] = {}
    async with pool.acquire() as connection, connection.transaction():
        if not await is_live(connection, token, today):
            raise LinkClosedError("the quarter is over, or the link was revoked")
        # Two who answer the same milestones lock them in the same order, and before the contacts.
        for milestone_id in sorted(one.milestone_id for one in answers):
            await lock(connection, milestone_id)
        for one in answers:
            needed = one.decision
            try:
                await say_within(
                    connection,
                    actor,
                    one.milestone_id,
                    one.said,
                    facts,
                    seen=one.seen,
                    contact_id=link.contact_id,
                )
                await need_decision_within(
                    connection,
                    actor,
                    one.milestone_id,
                    "" if needed is None else needed.by,
                    None if needed is None else needed.before,
                )
            except ExpectedError as fault:
                faults[one.milestone_id] = fault
        for value in sorted(values, key=lambda each: each.indicator_id):
            try:
                await say_value_within(
                    connection, actor, value.indicator_id, today, value.value, source=value.source
                )
            except ExpectedError as fault:
                faults[value.indicator_id] = fault
        if faults:
            raise AnswersRefusedError(faults)
