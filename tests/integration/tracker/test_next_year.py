"""The plan of the next year takes over what goes on."""

import pytest

from db.connect import Pool
from tests.factories.actors import SOMEBODY
from tests.factories.plan_files import PLAN
from tracker.contacts import ContactDetails, add_contact
from tracker.documents.matching import Answers
from tracker.documents.next_year import take_next_year
from tracker.documents.placing import PlanRefusedError
from tracker.documents.taking import SourceFile, take_plan
from tracker.milestone import MilestoneStatus
from tracker.milestones import milestone, milestones
from tracker.plans import NoPlanError, plan
from tracker.saying import Assignment, Said, assign, say

SOURCE = SourceFile("plan.pdf", "0" * 64)
AFTER = SourceFile("næste.pdf", "1" * 64)
NEXT = PLAN.model_copy(update={"year": 2027})


async def test_what_goes_on_keeps_its_owner_and_begins_anew(pool: Pool) -> None:
    before = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    old = {one.document_id: one.milestone_id for one in await milestones(pool, before)}
    owner = await add_contact(pool, SOMEBODY, ContactDetails(name="Vejteamet"))
    await assign(pool, SOMEBODY, [old["m001"]], Assignment(owner_id=owner, centre="Vej"))
    await say(pool, SOMEBODY, old["m001"], Said(MilestoneStatus.IN_PROGRESS, "halvt"))
    answers = Answers(same={"m003": old["m001"]}, new=["m001"])
    taken = await take_next_year(pool, SOMEBODY, before, AFTER, NEXT, answers=answers, name="2027")
    found, changes = await milestone(pool, taken.milestones["m003"])
    assert found.owner is not None
    assert (found.owner.name, found.centre, found.follows) == ("Vejteamet", "Vej", old["m001"])
    assert (found.status, found.note) == (MilestoneStatus.NOT_STARTED, "")
    assert changes[0].content["follows"] == old["m001"]
    assert (await milestone(pool, taken.milestones["m001"]))[0].owner is None
    assert (await milestone(pool, old["m001"]))[0].note == "halvt"
    assert (await plan(pool, taken.plan_id)).follows == before


async def test_the_next_year_comes_after_and_names_what_is_there(pool: Pool) -> None:
    before = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    for file, same in ((PLAN, {}), (NEXT, {"none": "none"}), (NEXT, {"m001": "none"})):
        with pytest.raises(PlanRefusedError):
            await take_next_year(pool, SOMEBODY, before, AFTER, file, answers=Answers(same=same))
    with pytest.raises(NoPlanError):
        await take_next_year(pool, SOMEBODY, 999, AFTER, NEXT)
    assert {one.plan_id for one in await milestones(pool)} == {before}
