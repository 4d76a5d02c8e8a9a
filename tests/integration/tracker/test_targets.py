"""Numbers in milestones are offered as targets of indicators, and none becomes one unasked."""

from datetime import date

import pytest

from db.connect import Pool
from tests.factories.actors import SOMEBODY
from tests.factories.plan_files import PLAN
from tracker.documents.again import take_again
from tracker.documents.next_year import take_next_year
from tracker.documents.placing import PlanRefusedError
from tracker.documents.taking import SourceFile, take_plan
from tracker.documents.targets import offered_targets, open_targets
from tracker.importer.plan_file import PlanFile
from tracker.indicators import indicators
from tracker.plans import plans

SOURCE = SourceFile("plan.txt", "0" * 64)


def with_texts(*texts: str, year: int = 2026) -> PlanFile:
    """The plan with other words of its first milestones."""
    first = [
        one.model_copy(update={"text": text})
        for one, text in zip(PLAN.milestones, texts, strict=False)
    ]
    return PLAN.model_copy(
        update={"milestones": (*first, *PLAN.milestones[len(first) :]), "year": year}
    )


NUMBERED = with_texts("20 standere er valgt, og 50 % af bilerne kører på el")


async def test_a_chosen_number_is_a_target_by_the_end_of_its_quarter(pool: Pool) -> None:
    counted, share = offered_targets(NUMBERED)
    assert (counted.key, share.key) == ("m001=20 standere", "m001=50 %")
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, NUMBERED, targets=[counted.key])
    (made,) = await indicators(pool, plan_id)
    details = made.details
    assert (details.name, details.unit, details.target) == ("Standere", "standere", 20)
    assert (details.target_day, details.source) == (date(2026, 3, 31), "plan.txt")
    (left,) = await open_targets(pool, plan_id)
    assert (left.milestone_id, left.details.unit) == (made.milestone_id, "%")
    assert left.details.name == NUMBERED.milestones[0].text


async def test_no_number_is_a_target_unasked(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, NUMBERED)
    await take_again(pool, SOMEBODY, plan_id, SOURCE, NUMBERED)
    await take_next_year(
        pool,
        SOMEBODY,
        plan_id,
        SourceFile("next.txt", "1" * 64),
        NUMBERED.model_copy(update={"year": 2027}),
    )
    assert await indicators(pool) == []


async def test_a_corrected_document_adds_no_target_twice(pool: Pool) -> None:
    keys = [one.key for one in offered_targets(NUMBERED)]
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, NUMBERED, targets=keys[:1])
    more = with_texts(NUMBERED.milestones[0].text, "5 standere er sat op")
    every = [one.key for one in offered_targets(more)]
    await take_again(pool, SOMEBODY, plan_id, SourceFile("more.txt", "2" * 64), more, targets=every)
    found = await indicators(pool, plan_id)
    assert sorted((one.details.target, one.details.unit) for one in found) == [
        (5, "standere"),
        (20, "standere"),
        (50, "%"),
    ]
    assert await open_targets(pool, plan_id) == []


async def test_the_plan_of_the_next_year_has_targets_of_its_own(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, NUMBERED, targets=["m001=50 %"])
    after = NUMBERED.model_copy(update={"year": 2027})
    source = SourceFile("next.txt", "1" * 64)
    taken = await take_next_year(pool, SOMEBODY, plan_id, source, after, targets=["m001=50 %"])
    (made,) = await indicators(pool, taken.plan_id)
    assert made.milestone_id == taken.milestones["m001"]
    assert len(await indicators(pool)) == 2


async def test_a_number_that_no_milestone_has_is_refused_and_nothing_stored(pool: Pool) -> None:
    with pytest.raises(PlanRefusedError, match="m001=21 standere"):
        await take_plan(pool, SOMEBODY, SOURCE, NUMBERED, targets=["m001=21 standere"])
    assert all(one.is_shipped for one in await plans(pool))
