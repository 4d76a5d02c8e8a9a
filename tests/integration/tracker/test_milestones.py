"""The plan in the database: it is loaded, changed with its history, and late by the day."""

from datetime import UTC, date, datetime

import pytest

from db.connect import Pool
from fleet.actor import Actor
from tests.factories.actors import SOMEBODY
from tests.factories.plan_files import PLAN
from tracker.content import InitiativeContent, MilestoneContent, ProgrammeContent
from tracker.documents.removal import remove_plan
from tracker.documents.taking import SourceFile, take_plan
from tracker.milestone import Milestone, MilestoneStatus, OpenMilestones, open_milestones
from tracker.milestones import NoMilestoneError, milestone, milestones, standings
from tracker.saying import Said, say
from tracker.shipped import load_programme

PROGRAMME = ProgrammeContent(
    programme_id="green",
    name="En grøn flåde",
    purpose="Hvorfor",
    initiative=(
        InitiativeContent(
            initiative_id="charging",
            name="Ladning",
            milestones=(
                MilestoneContent(milestone_id="map", year=2026, quarter=1, title="Kort"),
                MilestoneContent(milestone_id="build", year=2026, quarter=3, title="Byg"),
            ),
        ),
        InitiativeContent(
            initiative_id="buying",
            name="Indkøb",
            milestones=(MilestoneContent(milestone_id="buy", year=2026, quarter=1, title="Køb"),),
        ),
    ),
)


@pytest.fixture
async def plan(pool: Pool) -> Pool:
    """A database whose only plan is `PROGRAMME`."""
    await load_programme(pool, PROGRAMME)
    return pool


async def by_id(pool: Pool) -> dict[str, Milestone]:
    return {one.milestone_id: one for one in await milestones(pool)}


async def test_a_programme_is_loaded_by_quarter_and_initiative_and_nothing_of_it_is_begun(
    plan: Pool,
) -> None:
    found = await milestones(plan)
    assert [one.milestone_id for one in found] == ["map", "buy", "build"]
    assert {one.programme for one in found} == {"En grøn flåde"}
    assert [one.initiative for one in found] == ["Ladning", "Indkøb", "Ladning"]
    assert {(one.status, one.note) for one in found} == {(MilestoneStatus.NOT_STARTED, "")}


async def test_a_change_is_kept_with_who_made_it_and_leaves_the_others_alone(plan: Pool) -> None:
    await say(plan, Actor.trusted("MB"), "map", Said(MilestoneStatus.NOT_STARTED, ""))
    before = await by_id(plan)
    await say(plan, Actor.trusted("MB"), "map", Said(MilestoneStatus.IN_PROGRESS, "i gang"))
    await say(plan, Actor.trusted("Vejdrift"), "map", Said(MilestoneStatus.DONE, ""))
    found, changes = await milestone(plan, "map")
    assert (found.status, found.note) == (MilestoneStatus.DONE, "")
    assert [(one.status, one.note, one.actor) for one in changes] == [
        (MilestoneStatus.DONE, "", "Vejdrift"),
        (MilestoneStatus.IN_PROGRESS, "i gang", "MB"),
        (MilestoneStatus.NOT_STARTED, "", "MB"),
    ]
    assert changes[1].at <= changes[0].at <= datetime.now(UTC)
    after = await by_id(plan)
    assert {name: after[name] for name in ("buy", "build")} == {
        name: before[name] for name in ("buy", "build")
    }
    assert (await milestone(plan, "buy"))[1] == []


async def test_a_change_of_what_is_not_there_changes_nothing(plan: Pool) -> None:
    before = await milestones(plan)
    with pytest.raises(NoMilestoneError):
        await say(plan, Actor.trusted("MB"), "no such", Said(MilestoneStatus.DONE, ""))
    with pytest.raises(NoMilestoneError):
        await milestone(plan, "no such")
    assert await milestones(plan) == before
    assert await plan.fetchval("SELECT count(*) FROM milestone_change") == 0


async def test_what_is_late_follows_from_the_day_and_from_what_is_done(plan: Pool) -> None:
    spring, autumn = date(2026, 4, 1), date(2026, 10, 1)
    # Nobody has taken the programme yet.
    assert open_milestones(await milestones(plan), autumn) == OpenMilestones([], [])
    await say(plan, Actor.trusted("MB"), "buy", Said(MilestoneStatus.IN_PROGRESS, ""))
    assert [one.milestone_id for one in open_milestones(await milestones(plan), spring).late] == [
        "map",
        "buy",
    ]
    assert [one.milestone_id for one in open_milestones(await milestones(plan), spring).coming] == [
        "build"
    ]
    await say(plan, Actor.trusted("MB"), "map", Said(MilestoneStatus.DONE, ""))
    later = open_milestones(await milestones(plan), autumn)
    assert [one.milestone_id for one in later.late] == ["buy", "build"]
    assert later.coming == []


async def test_a_programme_that_is_loaded_again_keeps_what_people_said_and_adds_what_is_new(
    plan: Pool,
) -> None:
    await say(plan, Actor.trusted("MB"), "map", Said(MilestoneStatus.DONE, "færdig"))
    more = MilestoneContent(milestone_id="drive", year=2027, quarter=2, title="Kør")
    charging, buying = PROGRAMME.initiative
    longer = buying.model_copy(update={"milestones": (*buying.milestones, more)})
    await load_programme(plan, PROGRAMME.model_copy(update={"initiative": (charging, longer)}))
    found = await by_id(plan)
    assert list(found) == ["map", "buy", "build", "drive"]
    assert (found["map"].status, found["map"].note) == (MilestoneStatus.DONE, "færdig")


async def test_standings_are_those_of_now_whatever_changed(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SourceFile("plan.txt", "0" * 64), PLAN)
    other = await take_plan(pool, SOMEBODY, SourceFile("other.txt", "1" * 64), PLAN)
    first = (await milestones(pool, plan_id))[0].milestone_id

    async def told() -> dict[str, MilestoneStatus]:
        of_all = {one.milestone_id: one for one in await standings(pool)}
        for one in (plan_id, other):
            assert [of_all[each.milestone_id] for each in await standings(pool, one)] == list(
                await standings(pool, one)
            )
        return {key: one.status for key, one in of_all.items()}

    before = await told()
    await say(pool, SOMEBODY, first, Said(MilestoneStatus.DONE))
    assert await told() == {**before, first: MilestoneStatus.DONE}
    # A change that no act made, and one that is taken back, are seen, too.
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("UPDATE milestone SET status = 'in_progress'")
        assert (await told())[first] is MilestoneStatus.DONE
        await transaction.rollback()
    assert await told() == {**before, first: MilestoneStatus.DONE}
    await pool.execute("UPDATE milestone SET status = 'in_progress' WHERE milestone_id = $1", first)
    assert await told() == {**before, first: MilestoneStatus.IN_PROGRESS}
    await remove_plan(pool, SOMEBODY, other, "Taget to gange")
    assert {one.plan_id for one in await standings(pool)} == {plan_id}
    assert await standings(pool, other) == []
