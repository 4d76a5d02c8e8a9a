"""Plans that are typed in, for programs: their programmes, initiatives and milestones."""

from typing import Annotated

from pydantic import Field

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    FreeText,
    Name,
    RequestBody,
    ResponseBody,
    Revision,
    example,
)
from api.rest.frame.operations import Call, Operation
from fleet.actor import Permission
from tracker.documents.removal import remove_plan
from tracker.plans import Resource
from tracker.typed import (
    ProgrammeDetails,
    TypedMilestone,
    TypedSpan,
    add_initiative,
    add_milestone,
    add_programme,
    add_typed_plan,
    change_plan,
    change_programme,
)

_Line = Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")]
_Lines = Annotated[list[_Line], Field(max_length=100)]
_YEAR = Annotated[int, Field(ge=1990, le=2200)]
_QUARTER = Annotated[int, Field(ge=1, le=4)]


class PlanRemoval(RequestBody):
    """The reason for which a plan is removed. `revision` is the one that was read."""

    model_config = example(reason="Indlæst to gange", revision=1)

    reason: Annotated[FreeText, Field(min_length=1)]
    revision: Revision | None = None


class NewTypedPlan(RequestBody):
    """A plan without a document."""

    model_config = example(name="Årsplan 2027", year=2027)

    name: Name
    year: _YEAR


class PlanBody(RequestBody):
    """The name by which people call a plan, and the policies that it serves. `revision` is the one
    that was read."""

    model_config = example(name="Årsplan 2027", policies=["Klimaplan"], revision=1)

    name: Annotated[FreeText, Field(max_length=128)]
    policies: Annotated[list[_Line], Field(max_length=200)]
    revision: Revision | None = None


class ResourceBody(RequestBody):
    """The work of a centre. `aarsvaerk`: years of work of one person; null: a share without a
    number."""

    centre: FreeText
    aarsvaerk: Annotated[float | None, Field(ge=0, le=10_000)] = None


_Resources = Annotated[list[ResourceBody], Field(max_length=50)]


class NewProgramme(RequestBody):
    """A programme of a plan."""

    model_config = example(
        name="Flådestyring",
        number="4.1",
        purpose="Færre og grønnere køretøjer",
        success_criteria=["Halvdelen af køretøjerne er elektriske"],
        resources=[{"centre": "Vej og Park", "aarsvaerk": 0.5}],
    )

    name: Name
    number: Annotated[FreeText, Field(max_length=32)] = ""
    purpose: FreeText = ""
    success_criteria: _Lines = Field(default_factory=list[str])
    partners_internal: _Lines = Field(default_factory=list[str])
    partners_external: _Lines = Field(default_factory=list[str])
    resources: _Resources = Field(default_factory=list[ResourceBody])

    @property
    def details(self) -> ProgrammeDetails:
        return ProgrammeDetails(
            name=self.name,
            number=self.number,
            purpose=self.purpose,
            success_criteria=self.success_criteria,
            partners_internal=self.partners_internal,
            partners_external=self.partners_external,
            resources=[Resource(one.centre, one.aarsvaerk) for one in self.resources],
        )


class ProgrammeBody(NewProgramme):
    """A programme as it is to be. `revision` is the one that was read."""

    model_config = example(name="Flådestyring", number="4.2", revision=1)

    revision: Revision | None = None


class NewInitiative(RequestBody):
    """An initiative of a programme; without a section its name stands for it."""

    model_config = example(name="Ladning", section="4.1.1")

    name: Name
    section: Annotated[FreeText, Field(max_length=128)] = ""


class SpanBody(RequestBody):
    """Quarters of a year, from one to another."""

    year: _YEAR
    quarter_from: _QUARTER
    quarter_to: _QUARTER


class NewMilestone(RequestBody):
    """A milestone of a programme, or of one of its initiatives. Several `spans` make one that
    recurs, with an occurrence in each; none: it has no quarter."""

    model_config = example(
        text="Ladestandere er sat op",
        spans=[{"year": 2027, "quarter_from": 1, "quarter_to": 2}],
    )

    text: Annotated[FreeText, Field(min_length=1)]
    initiative_id: Name | None = None
    parent_id: Name | None = None
    spans: Annotated[list[SpanBody], Field(max_length=40)] = Field(default_factory=list[SpanBody])


class PlanMade(ResponseBody):
    """The plan that was made or changed."""

    id: int


class PlanRemoved(ResponseBody):
    """The plan that was removed, and how many people had a link by which they were asked about it:
    it says now that the plan was removed."""

    id: int
    people_with_links: int


class PartMade(ResponseBody):
    """The part that was made or changed."""

    id: str


class MilestonesMade(ResponseBody):
    """The milestones that were made, one for each span."""

    milestones: list[str]


async def new_plan(call: Call[NewTypedPlan]) -> PlanMade:
    return PlanMade(
        id=await add_typed_plan(call.pool, call.actor, call.asked.name, call.asked.year)
    )


async def change(call: Call[PlanBody]) -> PlanMade:
    plan_id, asked = call.id("plan_id"), call.asked
    await change_plan(
        call.pool, call.actor, plan_id, asked.name, asked.policies, seen=asked.revision
    )
    return PlanMade(id=plan_id)


async def remove(call: Call[PlanRemoval]) -> PlanRemoved:
    plan_id, asked = call.id("plan_id"), call.asked
    people = await remove_plan(call.pool, call.actor, plan_id, asked.reason, seen=asked.revision)
    return PlanRemoved(id=plan_id, people_with_links=people)


async def new_programme(call: Call[NewProgramme]) -> PartMade:
    plan_id = call.id("plan_id")
    return PartMade(id=await add_programme(call.pool, call.actor, plan_id, call.asked.details))


async def programme(call: Call[ProgrammeBody]) -> PartMade:
    programme_id, asked = call.name("programme_id"), call.asked
    await change_programme(call.pool, call.actor, programme_id, asked.details, seen=asked.revision)
    return PartMade(id=programme_id)


async def new_initiative(call: Call[NewInitiative]) -> PartMade:
    asked = call.asked
    return PartMade(
        id=await add_initiative(
            call.pool, call.actor, call.name("programme_id"), asked.name, asked.section
        )
    )


async def new_milestone(call: Call[NewMilestone]) -> MilestonesMade:
    asked = call.asked
    typed = TypedMilestone(
        programme_id=call.name("programme_id"),
        initiative_id=asked.initiative_id,
        text=asked.text,
        spans=[TypedSpan(one.year, one.quarter_from, one.quarter_to) for one in asked.spans],
        parent_id=asked.parent_id,
    )
    return MilestonesMade(milestones=list(await add_milestone(call.pool, call.actor, typed)))


_CHANGED = mark("somebody changed it since it was read")

TYPED = (
    Operation(
        "POST",
        "/v1/typed-plans",
        Permission.PLAN_MANAGE,
        mark("Make a plan without a document"),
        NewTypedPlan,
        PlanMade,
        new_plan,
        located="/v1/plans/{id}",
    ),
    Operation(
        "PUT",
        "/v1/plans/{plan_id}",
        Permission.PLAN_MANAGE,
        mark("Say what a plan is called, and which policies it serves"),
        PlanBody,
        PlanMade,
        change,
        conflict=_CHANGED,
    ),
    Operation(
        "POST",
        "/v1/plans/{plan_id}/removal",
        Permission.PLAN_MANAGE,
        mark("Remove a plan on which nobody has reported"),
        PlanRemoval,
        PlanRemoved,
        remove,
        conflict=mark("somebody has reported on the plan, or changed it since it was read"),
    ),
    Operation(
        "POST",
        "/v1/plans/{plan_id}/programmes",
        Permission.PLAN_MANAGE,
        mark("Add a programme to a plan"),
        NewProgramme,
        PartMade,
        new_programme,
    ),
    Operation(
        "PUT",
        "/v1/programmes/{programme_id}",
        Permission.PLAN_MANAGE,
        mark("Say something else of a programme"),
        ProgrammeBody,
        PartMade,
        programme,
        conflict=_CHANGED,
    ),
    Operation(
        "POST",
        "/v1/programmes/{programme_id}/initiatives",
        Permission.PLAN_MANAGE,
        mark("Add an initiative to a programme"),
        NewInitiative,
        PartMade,
        new_initiative,
    ),
    Operation(
        "POST",
        "/v1/programmes/{programme_id}/milestones",
        Permission.PLAN_MANAGE,
        mark("Add a milestone to a programme, once or in several quarters"),
        NewMilestone,
        MilestonesMade,
        new_milestone,
    ),
)
