"""The other details of a milestone, for programs: its decision, its words, and what answers it."""

from typing import Annotated

from pydantic import Field

from api.pages.words.language import mark
from api.rest.frame.bodies import Day, FreeText, RequestBody, Revision, example
from api.rest.frame.operations import Call, Operation
from api.rest.plans.milestones import MilestoneTold, show_milestone
from api.rest.plans.typed import SpanBody
from fleet.actor import Permission
from tracker.facts import Fact
from tracker.saying import answer_by, need_decision, say_in_own_words, set_political
from tracker.typed import TypedSpan, change_words


class _SeenBody(RequestBody):
    """Base of what is said of a milestone. With a `revision`, which is the one that was read, it is
    refused if somebody changed the milestone since."""

    revision: Revision | None = None


class DecisionBody(_SeenBody):
    """The body that is to decide something of a milestone, and before which day; "" is nobody any
    more."""

    model_config = example(by="Teknik- og Miljøudvalget", before="2027-03-01")

    by: Annotated[FreeText, Field(max_length=128)]
    before: Annotated[Day | None, Field(strict=False)] = None


class OwnWordsBody(_SeenBody):
    """The short name of a milestone; "": the words of the document."""

    model_config = example(own_words="Ladestandere")

    own_words: Annotated[FreeText, Field(max_length=200)]


class PoliticalBody(_SeenBody):
    """Whether a milestone goes to the committee."""

    model_config = example(is_political=True)

    is_political: bool


class FactBody(_SeenBody):
    """The fact of the system that answers a milestone; null: none."""

    model_config = example(fact="chips_installed")

    fact: Annotated[Fact | None, Field(strict=False)]


class WordsBody(_SeenBody):
    """The words of a milestone, and its quarters in the plan; null: it has none."""

    model_config = example(
        text="Ladestandere er sat op", span={"year": 2027, "quarter_from": 1, "quarter_to": 1}
    )

    text: Annotated[FreeText, Field(min_length=1)]
    span: SpanBody | None


async def decision(call: Call[DecisionBody]) -> MilestoneTold:
    asked = call.asked
    await need_decision(
        call.pool,
        call.actor,
        call.name("milestone"),
        asked.by,
        asked.before,
        seen=asked.revision,
    )
    return await show_milestone(call)


async def own_words(call: Call[OwnWordsBody]) -> MilestoneTold:
    asked = call.asked
    await say_in_own_words(
        call.pool, call.actor, call.name("milestone"), asked.own_words, seen=asked.revision
    )
    return await show_milestone(call)


async def political(call: Call[PoliticalBody]) -> MilestoneTold:
    asked = call.asked
    await set_political(
        call.pool,
        call.actor,
        call.name("milestone"),
        is_political=asked.is_political,
        seen=asked.revision,
    )
    return await show_milestone(call)


async def fact(call: Call[FactBody]) -> MilestoneTold:
    asked = call.asked
    await answer_by(call.pool, call.actor, call.name("milestone"), asked.fact, seen=asked.revision)
    return await show_milestone(call)


async def words(call: Call[WordsBody]) -> MilestoneTold:
    asked, span = call.asked, call.asked.span
    await change_words(
        call.pool,
        call.actor,
        call.name("milestone"),
        asked.text,
        None if span is None else TypedSpan(span.year, span.quarter_from, span.quarter_to),
        seen=asked.revision,
    )
    return await show_milestone(call)


_ONE = "/v1/milestones/{milestone}"
_CHANGED = mark("somebody changed the milestone since it was read")

ONE_MILESTONE = (
    Operation(
        "PUT",
        f"{_ONE}/decision",
        Permission.PLAN_REPORT,
        mark("Say who is to decide something of a milestone, and before when"),
        DecisionBody,
        MilestoneTold,
        decision,
        conflict=_CHANGED,
    ),
    Operation(
        "PUT",
        f"{_ONE}/own-words",
        Permission.PLAN_MANAGE,
        mark("Say what a milestone is called in short"),
        OwnWordsBody,
        MilestoneTold,
        own_words,
        conflict=_CHANGED,
    ),
    Operation(
        "PUT",
        f"{_ONE}/political",
        Permission.PLAN_MANAGE,
        mark("Say whether a milestone goes to the committee"),
        PoliticalBody,
        MilestoneTold,
        political,
        conflict=_CHANGED,
    ),
    Operation(
        "PUT",
        f"{_ONE}/fact",
        Permission.PLAN_MANAGE,
        mark("Let a fact of the system answer a milestone"),
        FactBody,
        MilestoneTold,
        fact,
        conflict=_CHANGED,
    ),
    Operation(
        "PUT",
        f"{_ONE}/words",
        Permission.PLAN_MANAGE,
        mark("Correct the words and quarters of a milestone"),
        WordsBody,
        MilestoneTold,
        words,
        conflict=_CHANGED,
    ),
)
