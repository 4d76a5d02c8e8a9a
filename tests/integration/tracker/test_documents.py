"""Plans of documents: what a person confirmed is what is exported, and a corrected document leaves
what people said."""

from asyncio import gather
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples

from db.connect import Pool
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.errors import ChangedSinceError
from fleet.localtime import local_now
from tests.factories.actors import SOMEBODY
from tests.factories.plan_files import PLAN, plan_files
from tracker.contacts import ContactDetails, add_contact
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.documents.again import take_again
from tracker.documents.comparing import OtherYearError, ShippedPlanError, compare_again
from tracker.documents.exporting import export_plan
from tracker.documents.matching import Answers, UnansweredError
from tracker.documents.next_year import take_next_year
from tracker.documents.placing import PlanRefusedError, with_quarters
from tracker.documents.taking import KnownDocumentError, SourceFile, take_plan
from tracker.importer.plan_file import Milestone, PlanFile
from tracker.milestone import Milestone as Stored
from tracker.milestone import MilestoneStatus
from tracker.milestones import milestone, milestones, read_progress
from tracker.plans import NoPlanError, initiatives, plan, plans, programmes, strands
from tracker.quarter import Quarter
from tracker.saying import Assignment, Said, assign, say, say_in_own_words
from tracker.shipped import load_programme
from tracker.typed import (
    ProgrammeDetails,
    TypedMilestone,
    TypedSpan,
    add_initiative,
    add_milestone,
    add_programme,
)

SOURCE = SourceFile("plan.pdf", "0" * 64)
CORRECTED = SourceFile("rettet.pdf", "1" * 64)


async def by_text(pool: Pool, plan_id: int) -> dict[str, Stored]:
    return {one.text: one for one in await milestones(pool, plan_id, with_gone=True)}


def changed(**texts: dict[str, object]) -> PlanFile:
    """`PLAN` with other values of the milestones with these ids."""
    return PLAN.model_copy(
        update={
            "milestones": tuple(
                one.model_copy(update=texts.get(one.id, {})) for one in PLAN.milestones
            )
        }
    )


def without(*ids: str) -> PlanFile:
    return PLAN.model_copy(
        update={
            "milestones": tuple(one for one in PLAN.milestones if one.id not in ids),
            "strands": (),
        }
    )


async def test_a_confirmed_plan_is_all_that_its_file_holds(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN, name="Årsplan", confirmed=["m002"])
    found = await plan(pool, plan_id)
    assert found.reading is not None
    assert (found.name, found.year, found.reading.file_name, found.reading.confirmed_by) == (
        "Årsplan",
        2026,
        "plan.pdf",
        str(SOMEBODY),
    )
    assert [one.name for one in await programmes(pool, plan_id)] == [
        "Grøn omstilling",
        "Flådestyring",
    ]
    assert [one.name for one in await initiatives(pool, plan_id)] == [
        "Ladning",
        "En særlig indsats",
    ]
    own = await by_text(pool, plan_id)
    assert own["Standere valgt"].initiative == "Ladning"
    # What stands in a programme itself is of none of its initiatives.
    assert (own["Status – sendt"].programme, own["Status – sendt"].initiative) == (
        "Flådestyring",
        "",
    )
    lost = own["Standere sat op"]
    assert (lost.is_inferred, lost.quarter_confirmed_by) == (True, str(SOMEBODY))
    assert own["Rådhuset har strøm"].parent_id == lost.milestone_id
    assert all(one.is_taken for one in own.values())
    (strand,) = await strands(pool, plan_id)
    assert list(strand.milestones) == [
        own["Status – sendt"].milestone_id,
        own["Status – læst"].milestone_id,
    ]
    assert await export_plan(pool, plan_id) == PLAN


@examples(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(plan_file=plan_files())
async def test_what_is_exported_is_what_was_taken_whatever_the_plan(
    pool: Pool, plan_file: PlanFile
) -> None:
    source = SourceFile("plan.pdf", uuid4().hex * 2)
    plan_id = await take_plan(pool, SOMEBODY, source, plan_file)
    exported = await export_plan(pool, plan_id)
    assert exported == plan_file
    assert PlanFile.model_validate_json(exported.model_dump_json()) == exported
    # The same document again changes nothing.
    read = await take_again(pool, SOMEBODY, plan_id, source, plan_file)
    assert (read.changed, read.added, read.gone, read.back) == ([], [], [], [])
    assert await export_plan(pool, plan_id) == plan_file


@pytest.mark.parametrize(
    "wrong",
    [
        PLAN.model_copy(update={"year": None}),
        changed(m001={"quarter_to": None}),
        changed(m001={"quarter_from": 3}),
        changed(m001={"text": " "}),
        changed(m001={"parent": "m003"}, m002={"parent": "m001"}),
        changed(m001={"text": "nul\0"}),
        PLAN.model_copy(update={"title": "\ud800"}),
    ],
)
async def test_a_plan_that_does_not_hold_together_is_refused_and_nothing_is_stored(
    pool: Pool, wrong: PlanFile
) -> None:
    with pytest.raises(PlanRefusedError):
        await take_plan(pool, SOMEBODY, SOURCE, wrong)
    assert await plans(pool) == []


async def test_corrected_quarters_are_those_of_the_person(pool: Pool) -> None:
    corrected = with_quarters(PLAN, {"m002": (2026, 3, 4)})
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, corrected, confirmed=["m002"])
    found = (await by_text(pool, plan_id))["Standere sat op"]
    assert (found.due, found.quarter_as_written) == (Quarter(2026, 4), "Kvartal 2026")


async def test_a_corrected_document_keeps_what_people_said(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN, confirmed=["m002"])
    own = await by_text(pool, plan_id)
    chosen, built = own["Standere valgt"].milestone_id, own["Standere sat op"].milestone_id
    owner = await add_contact(pool, SOMEBODY, ContactDetails(name="Vejteamet"))
    await assign(pool, SOMEBODY, [chosen, built], Assignment(owner_id=owner, centre="Vej"))
    await say(pool, SOMEBODY, chosen, Said(MilestoneStatus.DONE, "valgt"))
    until = Quarter(2026, 4)
    await say(pool, SOMEBODY, built, Said(MilestoneStatus.POSTPONED, "frost", until))
    await say_in_own_words(pool, SOMEBODY, built, "Op")
    # One moves to another quarter, one is new, one is gone, and the ids are others'.
    later = PLAN.model_copy(
        update={
            "milestones": (
                Milestone(id="m001", section="2.1.1", text="Ny", line_from=9, line_to=9),
                *(
                    one.model_copy(
                        update={
                            "id": f"m{int(one.id[1:]) + 1:03}",
                            "parent": "m003" if one.parent else None,
                            "line_from": one.line_from + 5,
                        }
                        | ({"quarter_to": 3} if one.id == "m002" else {})
                    )
                    for one in PLAN.milestones[:4]
                ),
            ),
            "strands": (),
        }
    )
    seen = (await plan(pool, plan_id)).revision
    read = await take_again(pool, SOMEBODY, plan_id, CORRECTED, later, seen=seen)
    assert (len(read.same), read.changed, len(read.added), read.back) == (3, [built], 1, [])
    assert read.gone == [own["Status – læst"].milestone_id]
    found = await by_text(pool, plan_id)
    assert found["Standere valgt"].source.line_from == 15
    done, moved = found["Standere valgt"], found["Standere sat op"]
    assert (done.milestone_id, done.status, done.note) == (chosen, MilestoneStatus.DONE, "valgt")
    assert done.owner is not None
    assert (done.owner.name, done.centre) == ("Vejteamet", "Vej")
    assert (moved.milestone_id, moved.status, moved.due, moved.title) == (
        built,
        MilestoneStatus.POSTPONED,
        until,
        "Op",
    )
    assert moved.planned == Quarter(2026, 3)
    assert found["Rådhuset har strøm"].parent_id == built
    # What only stands elsewhere in the document did not change.
    assert [one.status for one in (await milestone(pool, chosen))[1]] == ["done", None, None]
    assert await export_plan(pool, plan_id) == later
    assert (await plan(pool, plan_id)).reading is not None
    today = local_now().date()
    assert (await read_progress(pool, today, today, plan_id)).whole.total == 5


async def test_what_is_gone_comes_back_with_all_that_was_said(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    gone = (await by_text(pool, plan_id))["Standere valgt"].milestone_id
    await say(pool, SOMEBODY, gone, Said(MilestoneStatus.DONE, "valgt"))
    assert (await take_again(pool, SOMEBODY, plan_id, SOURCE, without("m001"))).gone == [gone]
    assert (await milestone(pool, gone))[0].gone_at is not None
    read = await take_again(pool, SOMEBODY, plan_id, SOURCE, without("m002", "m003"))
    assert (read.back, len(read.gone)) == ([gone], 2)
    found, _ = await milestone(pool, gone)
    assert (found.gone_at, found.note) == (None, "valgt")


async def test_a_person_says_which_milestone_one_with_other_words_is(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    known = (await by_text(pool, plan_id))["Standere valgt"].milestone_id
    other = changed(m001={"text": "Ladestandere er udvalgt"})
    answers = Answers(same={"m001": known})
    read = await take_again(pool, SOMEBODY, plan_id, SOURCE, other, answers=answers)
    assert (read.changed, read.added, read.gone) == ([known], [], [])
    found, changes = await milestone(pool, known)
    assert found.text == "Ladestandere er udvalgt"
    assert changes[0].before == {"text": "Standere valgt"}
    for wrong in (
        Answers(same={"m001": "none"}),
        Answers(same={"none": known}),
        Answers(same={"m001": known, "m002": known}),
        Answers(same={"m001": known}, new=["m001"]),
    ):
        with pytest.raises(PlanRefusedError):
            await take_again(pool, SOMEBODY, plan_id, SOURCE, other, answers=wrong)


async def test_what_is_not_sure_is_asked_before_a_document_is_taken(pool: Pool) -> None:
    long = "Ladestandere til rådhusets køretøjer er udbudt, og en leverandør er valgt"
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, changed(m001={"text": long}))
    known = (await by_text(pool, plan_id))[long].milestone_id
    doubtful = changed(m001={"text": "En leverandør af ladestandere er valgt i år"})
    with pytest.raises(UnansweredError) as asked:
        await take_again(pool, SOMEBODY, plan_id, CORRECTED, doubtful)
    (question,) = asked.value.questions
    assert (question.milestone.id, [one.id for one in question.candidates]) == ("m001", [known])
    assert (await by_text(pool, plan_id)).keys() >= {long}
    compared = await compare_again(pool, SOMEBODY, plan_id, doubtful)
    assert [one.milestone.id for one in compared.asked] == ["m001"]
    following = doubtful.model_copy(update={"year": 2027})
    with pytest.raises(UnansweredError):
        await take_next_year(pool, SOMEBODY, plan_id, CORRECTED, following)
    rest = Answers(rest_is_new=True)
    taken = await take_next_year(pool, SOMEBODY, plan_id, CORRECTED, following, answers=rest)
    assert "m001" not in taken.goes_on
    read = await take_again(
        pool, SOMEBODY, plan_id, SOURCE, doubtful, answers=Answers(same={"m001": known})
    )
    assert (read.changed, read.added, read.gone) == ([known], [], [])


async def test_who_confirmed_a_quarter_did_so_of_that_one(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN, confirmed=["m002"])
    await take_again(pool, SOMEBODY, plan_id, SOURCE, PLAN)
    assert (await by_text(pool, plan_id))["Standere sat op"].quarter_confirmed_by == str(SOMEBODY)
    await take_again(pool, SOMEBODY, plan_id, SOURCE, changed(m002={"quarter_to": 3}))
    assert (await by_text(pool, plan_id))["Standere sat op"].quarter_confirmed_by is None


async def test_two_people_do_not_read_a_plan_again_over_each_other(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    seen = (await plan(pool, plan_id)).revision
    await take_again(pool, SOMEBODY, plan_id, SOURCE, without("m001"), seen=seen)
    with pytest.raises(ChangedSinceError):
        await take_again(pool, SOMEBODY, plan_id, SOURCE, PLAN, seen=seen)
    with pytest.raises(NoPlanError):
        await take_again(pool, SOMEBODY, 999, SOURCE, PLAN)


async def test_what_came_with_the_system_has_no_document_to_correct(pool: Pool) -> None:
    await load_programme(pool, read_programme(FLEET_PROGRAMME))
    (shipped,) = await plans(pool)
    before = await milestones(pool)
    with pytest.raises(ShippedPlanError):
        await take_again(pool, SOMEBODY, shipped.plan_id, SOURCE, PLAN)
    assert await milestones(pool) == before


async def test_who_may_only_report_takes_no_plan(pool: Pool) -> None:
    reporter = Actor("R", frozenset({Permission.FIGURES_READ, Permission.PLAN_REPORT}))
    with pytest.raises(NotAllowedError):
        await take_plan(pool, reporter, SOURCE, PLAN)


async def test_a_document_is_taken_once_whoever_confirms_it_twice(pool: Pool) -> None:
    both = await gather(
        *(take_plan(pool, SOMEBODY, SOURCE, PLAN) for _ in range(2)), return_exceptions=True
    )
    (plan_id,) = [one for one in both if isinstance(one, int)]
    (known,) = [one for one in both if isinstance(one, KnownDocumentError)]
    assert known.plan_id == plan_id
    assert [one.plan_id for one in await plans(pool)] == [plan_id]
    other = await take_plan(pool, SOMEBODY, CORRECTED, PLAN)
    with pytest.raises(KnownDocumentError):
        await take_again(pool, SOMEBODY, other, SOURCE, PLAN)
    await take_again(pool, SOMEBODY, plan_id, SOURCE, PLAN)


async def test_a_document_of_another_year_is_no_corrected_one(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    later = PLAN.model_copy(update={"year": 2027})
    with pytest.raises(OtherYearError, match="2027"):
        await take_again(pool, SOMEBODY, plan_id, CORRECTED, later)
    assert await export_plan(pool, plan_id) == PLAN


async def test_what_was_typed_stays_when_the_document_is_read_again(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    first, second = [one.programme_id for one in await programmes(pool, plan_id)]
    own_programme = await add_programme(
        pool, SOMEBODY, plan_id, ProgrammeDetails(name="Egen", purpose="Vores")
    )
    own_initiative = await add_initiative(pool, SOMEBODY, first, "Egen indsats")
    spans = [TypedSpan(2026, quarter, quarter) for quarter in (1, 2)]
    typed = [
        *await add_milestone(
            pool, SOMEBODY, TypedMilestone(programme_id=second, text="Eget møde", spans=spans)
        ),
        *await add_milestone(
            pool,
            SOMEBODY,
            TypedMilestone(programme_id=first, initiative_id=own_initiative, text="Eget mål"),
        ),
        *await add_milestone(
            pool, SOMEBODY, TypedMilestone(programme_id=own_programme, text="Endnu et")
        ),
    ]
    owner = await add_contact(pool, SOMEBODY, ContactDetails(name="Vejteamet"))
    await assign(pool, SOMEBODY, typed, Assignment(owner_id=owner))
    await say(pool, SOMEBODY, typed[0], Said(MilestoneStatus.IN_PROGRESS, "halvt"))
    # The document lacks the second programme now, and one of its milestones has a typed one's id.
    left = [one for one in PLAN.milestones if one.section != "4.1"]
    left[0] = left[0].model_copy(update={"id": "typed 1"})
    corrected = PLAN.model_copy(
        update={
            "programmes": PLAN.programmes[:1],
            "initiatives": PLAN.initiatives[:1],
            "milestones": tuple(left),
            "strands": (),
        }
    )
    read = await take_again(pool, SOMEBODY, plan_id, CORRECTED, corrected)
    assert (read.changed, read.added, len(read.gone)) == ([], [], 2)
    found = {one.milestone_id: one for one in await milestones(pool, plan_id)}
    assert found.keys() >= set(typed)
    assert {one.owner.name for one in map(found.get, typed) if one and one.owner} == {"Vejteamet"}
    assert (found[typed[0]].status, found[typed[0]].note) == (MilestoneStatus.IN_PROGRESS, "halvt")
    there = [one for one in await programmes(pool, plan_id) if one.gone_at is None]
    assert [one.programme_id for one in there] == [first, second, own_programme]
    assert there[2].purpose == "Vores"
    assert [one.name for one in await initiatives(pool, plan_id) if one.gone_at is None] == [
        "Ladning",
        "Egen indsats",
    ]
    (strand,) = await strands(pool, plan_id)
    assert list(strand.milestones) == typed[:2]
    # What is exported with them and read again changes nothing, and they stay once more.
    exported = await export_plan(pool, plan_id)
    read = await take_again(pool, SOMEBODY, plan_id, CORRECTED, exported)
    assert (read.changed, read.added, read.gone) == ([], [], [])
    assert await export_plan(pool, plan_id) == exported
    read = await take_again(pool, SOMEBODY, plan_id, CORRECTED, corrected)
    assert (read.added, read.gone) == ([], [])
    (more,) = await add_milestone(pool, SOMEBODY, TypedMilestone(programme_id=second, text="Mere"))
    ids = [one.document_id for one in await milestones(pool, plan_id)]
    assert len(set(ids)) == len(ids)
    assert more not in typed
