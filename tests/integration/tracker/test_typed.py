"""Plans that people type in: programmes, initiatives and milestones, once or in every quarter."""

import pytest

from db.connect import Pool
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.errors import ChangedSinceError
from tests.factories.actors import SOMEBODY
from tests.factories.plan_files import PLAN
from tracker.documents.exporting import export_plan
from tracker.documents.taking import SourceFile, take_plan
from tracker.milestones import NoMilestoneError, milestone, milestones
from tracker.plans import NoPlanError, Resource, initiatives, plan, programmes, strands
from tracker.quarter import Quarter
from tracker.typed import (
    NoProgrammeError,
    ProgrammeDetails,
    TypedMilestone,
    TypedRefusedError,
    TypedSpan,
    add_initiative,
    add_milestone,
    add_programme,
    add_typed_plan,
    change_plan,
    change_programme,
    change_words,
)

SOURCE = SourceFile("plan.json", "0" * 64)
EXPORTED = SourceFile("eksport.json", "1" * 64)
DETAILS = ProgrammeDetails(
    name="Grøn flåde",
    number="4",
    purpose="Mindre CO2e",
    success_criteria=["Flere elbiler", " "],
    partners_internal=["Vej"],
    resources=[Resource("Vej", 0.5), Resource("Park", None)],
)
QUARTERS = [TypedSpan(2026, quarter, quarter) for quarter in (1, 2, 3, 4)]


async def test_what_is_typed_stands_in_the_plan_and_is_exported_without_a_difference(
    pool: Pool,
) -> None:
    plan_id = await add_typed_plan(pool, SOMEBODY, " Årsplan ", 2026)
    programme_id = await add_programme(pool, SOMEBODY, plan_id, DETAILS)
    initiative_id = await add_initiative(pool, SOMEBODY, programme_id, "Ladning")
    (top,) = await add_milestone(
        pool,
        SOMEBODY,
        TypedMilestone(
            programme_id=programme_id,
            initiative_id=initiative_id,
            text="Standere sat op",
            spans=[TypedSpan(2026, 1, 3)],
        ),
    )
    (under,) = await add_milestone(
        pool,
        SOMEBODY,
        TypedMilestone(
            programme_id=programme_id, initiative_id=initiative_id, text="Strøm", parent_id=top
        ),
    )
    in_programme = TypedMilestone(programme_id=programme_id, text="Status sendt", spans=QUARTERS)
    every = await add_milestone(pool, SOMEBODY, in_programme)
    (found,) = await programmes(pool, plan_id)
    assert (found.name, found.success_criteria, found.is_taken) == (
        "Grøn flåde",
        ["Flere elbiler"],
        True,
    )
    assert found.resources == [Resource("Vej", 0.5), Resource("Park", None)]
    own = {one.milestone_id: one for one in await milestones(pool, plan_id)}
    assert own.keys() == {top, under, *every}
    assert (own[top].initiative, own[top].due) == ("Ladning", Quarter(2026, 3))
    assert (own[under].parent_id, own[under].level, own[under].due) == (top, "sub", None)
    assert [own[one].due for one in every] == [Quarter(2026, q) for q in (1, 2, 3, 4)]
    (strand,) = await strands(pool, plan_id)
    assert (list(strand.milestones), strand.title) == (list(every), "Status sendt")
    exported = await export_plan(pool, plan_id)
    again = await take_plan(pool, SOMEBODY, EXPORTED, exported)
    assert await export_plan(pool, again) == exported
    copied = {one.text: one for one in await milestones(pool, again)}
    assert copied["Standere sat op"].initiative == "Ladning"
    assert (copied["Status sendt"].initiative, copied["Strøm"].parent_id) == (
        "",
        copied["Standere sat op"].milestone_id,
    )


async def test_what_is_said_once_more_leaves_no_change(pool: Pool) -> None:
    plan_id = await add_typed_plan(pool, SOMEBODY, "Årsplan", 2026)
    programme_id = await add_programme(pool, SOMEBODY, plan_id, DETAILS)
    kept = await pool.fetchval("SELECT count(*) FROM plan_change")
    await change_plan(pool, SOMEBODY, plan_id, "Årsplan", [])
    await change_programme(pool, SOMEBODY, programme_id, DETAILS)
    assert await pool.fetchval("SELECT count(*) FROM plan_change") == kept


async def test_a_programme_is_changed_with_what_stands_under_its_name(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    _, second = await programmes(pool, plan_id)
    await change_programme(pool, SOMEBODY, second.programme_id, DETAILS, seen=second.revision)
    (_, changed) = await programmes(pool, plan_id)
    assert (changed.number, changed.name, changed.purpose) == ("4", "Grøn flåde", "Mindre CO2e")
    with pytest.raises(ChangedSinceError):
        await change_programme(pool, SOMEBODY, second.programme_id, DETAILS, seen=second.revision)
    exported = await export_plan(pool, plan_id)
    assert {one.section for one in exported.milestones} == {"2.1.1", "4"}
    again = await take_plan(pool, SOMEBODY, EXPORTED, exported)
    assert {one.programme for one in await milestones(pool, again)} == {
        "Grøn omstilling",
        "Grøn flåde",
    }
    assert await pool.fetchval("SELECT before->>'name' FROM plan_change") == "Flådestyring"


async def test_the_name_and_policies_of_a_plan_are_what_people_say(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    seen = (await plan(pool, plan_id)).revision
    await change_plan(pool, SOMEBODY, plan_id, "Årsplan", ["Klimaplan"], seen=seen)
    found = await plan(pool, plan_id)
    assert (found.name, found.policies) == ("Årsplan", ["Klimaplan"])
    with pytest.raises(ChangedSinceError):
        await change_plan(pool, SOMEBODY, plan_id, "Anden", [], seen=seen)
    with pytest.raises(NoPlanError):
        await change_plan(pool, SOMEBODY, 999, "Anden", [])


async def test_words_and_quarter_that_were_read_wrong_are_corrected(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    own = {one.document_id: one for one in await milestones(pool, plan_id)}
    lost = own["m002"]
    span = TypedSpan.of(Quarter(2026, 4))
    await change_words(pool, SOMEBODY, lost.milestone_id, " Sat op ", span, seen=lost.revision)
    found, changes = await milestone(pool, lost.milestone_id)
    assert (found.text, found.due, found.quarter_confirmed_by) == (
        "Sat op",
        Quarter(2026, 4),
        str(SOMEBODY),
    )
    assert changes[0].before["text"] == "Standere sat op"
    with pytest.raises(ChangedSinceError):
        await change_words(pool, SOMEBODY, lost.milestone_id, "x", None, seen=lost.revision)
    with pytest.raises(NoMilestoneError):
        await change_words(pool, SOMEBODY, "none", "x", None)


async def test_what_is_typed_wrong_is_refused_and_nothing_of_it_is_stored(pool: Pool) -> None:
    plan_id = await add_typed_plan(pool, SOMEBODY, "Årsplan", 2026)
    programme_id = await add_programme(pool, SOMEBODY, plan_id, DETAILS)
    other = await add_typed_plan(pool, SOMEBODY, "Anden", 2026)
    others = await add_programme(pool, SOMEBODY, other, DETAILS)
    theirs = await add_initiative(pool, SOMEBODY, others, "Deres")
    (strange,) = await add_milestone(
        pool, SOMEBODY, TypedMilestone(programme_id=others, text="Deres")
    )

    def typed(**values: object) -> TypedMilestone:
        return TypedMilestone(**{"programme_id": programme_id, "text": "Et", **values})  # pyright: ignore[reportArgumentType]

    for wrong in (
        typed(text=" "),
        typed(spans=[TypedSpan(2026, 3, 1)]),
        typed(spans=[TypedSpan(2026, 1, None)]),
        typed(spans=[TypedSpan(1, 1, 1)]),
        typed(spans=[QUARTERS[0], QUARTERS[0]]),
    ):
        with pytest.raises(TypedRefusedError):
            await add_milestone(pool, SOMEBODY, wrong)
    for elsewhere in (
        typed(programme_id="none"),
        typed(initiative_id=theirs),
        typed(parent_id=strange),
    ):
        with pytest.raises(NoProgrammeError):
            await add_milestone(pool, SOMEBODY, elsewhere)
    for details in (ProgrammeDetails(name=" "), DETAILS):
        with pytest.raises(TypedRefusedError):
            await add_programme(pool, SOMEBODY, plan_id, details)
    for name in (" ", "4"):
        with pytest.raises(TypedRefusedError):
            await add_initiative(pool, SOMEBODY, programme_id, name)
    for name, year in ((" ", 2026), ("x", 1)):
        with pytest.raises(TypedRefusedError):
            await add_typed_plan(pool, SOMEBODY, name, year)
    assert await milestones(pool, plan_id) == []
    assert await initiatives(pool, plan_id) == []


async def test_who_may_only_report_types_nothing_in(pool: Pool) -> None:
    reporter = Actor("R", frozenset({Permission.FIGURES_READ, Permission.PLAN_REPORT}))
    for act in (
        add_typed_plan(pool, reporter, "x", 2026),
        add_programme(pool, reporter, 1, DETAILS),
        add_initiative(pool, reporter, "p1", "x"),
        add_milestone(pool, reporter, TypedMilestone(programme_id="p1", text="x")),
        change_plan(pool, reporter, 1, "x", []),
        change_programme(pool, reporter, "p1", DETAILS),
        change_words(pool, reporter, "m1", "x", None),
    ):
        with pytest.raises(NotAllowedError):
            await act
