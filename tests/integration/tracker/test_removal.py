"""A plan on which nobody has reported can be removed, and all that was kept of it stays."""

import pytest

from db.connect import Pool
from fleet.errors import ChangedSinceError
from fleet.localtime import local_now
from tests.factories.actors import SOMEBODY
from tests.factories.plan_files import PLAN
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.documents.removal import ReportedPlanError, UnexplainedRemovalError, remove_plan
from tracker.documents.taking import SourceFile, take_plan
from tracker.indicators import (
    IndicatorDetails,
    IndicatorKind,
    NoIndicatorError,
    add_indicator,
    indicators,
    say_value,
)
from tracker.milestone import MilestoneStatus
from tracker.milestones import NoMilestoneError, milestone, milestones, read_progress
from tracker.plans import NoPlanError, plan, plans, programmes, strands
from tracker.saying import Said, say
from tracker.shipped import load_programme
from tracker.typed import ProgrammeDetails, add_programme

SOURCE = SourceFile("plan.pdf", "0" * 64)
COUNTED = IndicatorDetails(name="Elbiler", kind=IndicatorKind.OUTPUT)


async def test_a_plan_is_removed_with_its_reason_and_its_history_stays(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    first, *_ = [one.milestone_id for one in await milestones(pool, plan_id)]
    (programme_id, _) = [one.programme_id for one in await programmes(pool, plan_id)]
    indicator_id = await add_indicator(pool, SOMEBODY, COUNTED, programme_id=programme_id)
    with pytest.raises(UnexplainedRemovalError):
        await remove_plan(pool, SOMEBODY, plan_id, " ")
    with pytest.raises(ChangedSinceError):
        await remove_plan(pool, SOMEBODY, plan_id, "dobbelt", seen=9)
    await remove_plan(pool, SOMEBODY, plan_id, "dobbelt", seen=1)
    assert (await plan(pool, plan_id)).removed_at is not None
    today = local_now().date()
    assert (await read_progress(pool, today, today)).whole.total == 0
    shown = (plans, milestones, strands, indicators)
    assert [await read(pool) for read in shown] == [[], [], [], []]
    _, changes = await milestone(pool, first)
    assert [[*one.content] for one in changes] == [["gone_at"], ["added"]]
    kept = await pool.fetchrow(
        "SELECT content, actor FROM plan_change ORDER BY change_id DESC LIMIT 1"
    )
    assert kept is not None
    assert (kept["content"]["reason"], kept["actor"]) == ("dobbelt", str(SOMEBODY))
    audited = await pool.fetchrow("SELECT act, detail FROM audit_entry ORDER BY at DESC LIMIT 1")
    assert audited is not None
    assert (audited["act"], audited["detail"]["reason"]) == ("removed", "dobbelt")
    # Nobody changes it any more, and its document can be taken again.
    with pytest.raises(NoMilestoneError):
        await say(pool, SOMEBODY, first, Said(MilestoneStatus.DONE))
    with pytest.raises(NoIndicatorError):
        await say_value(pool, SOMEBODY, indicator_id, today, 1)
    for gone in (
        remove_plan(pool, SOMEBODY, plan_id, "igen"),
        add_programme(pool, SOMEBODY, plan_id, ProgrammeDetails(name="Ny")),
    ):
        with pytest.raises(NoPlanError):
            await gone
    assert await take_plan(pool, SOMEBODY, SOURCE, PLAN) != plan_id


async def test_a_plan_on_which_somebody_reported_stays(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    (programme_id, _) = [one.programme_id for one in await programmes(pool, plan_id)]
    indicator_id = await add_indicator(pool, SOMEBODY, COUNTED, programme_id=programme_id)
    await say_value(pool, SOMEBODY, indicator_id, local_now().date(), 3)
    other = await take_plan(pool, SOMEBODY, SourceFile("anden.pdf", "1" * 64), PLAN)
    said, *_ = [one.milestone_id for one in await milestones(pool, other)]
    await say(pool, SOMEBODY, said, Said(MilestoneStatus.IN_PROGRESS))
    for one in (plan_id, other):
        with pytest.raises(ReportedPlanError):
            await remove_plan(pool, SOMEBODY, one, "en fejl")
    assert {one.plan_id for one in await plans(pool)} == {plan_id, other}


async def test_the_plan_that_comes_with_the_system_stays_away_when_it_was_removed(
    pool: Pool,
) -> None:
    content = read_programme(FLEET_PROGRAMME)
    await load_programme(pool, content)
    (shipped,) = await plans(pool)
    await remove_plan(pool, SOMEBODY, shipped.plan_id, "vi har vores egen")
    await load_programme(pool, content)
    assert (await plans(pool), await milestones(pool)) == ([], [])
