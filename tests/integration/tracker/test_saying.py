"""What people say of a milestone: it is kept with who said it, two people do not overwrite each
other, and a fact answers where nobody has."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from access.accounts import add_account, close_account
from access.roles import ROLE_PERMISSIONS, Role
from db.connect import Pool
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.errors import ChangedSinceError
from fleet.localtime import local_now
from register.devices import enrol_device
from tests.factories.actors import SOMEBODY
from tests.factories.locks import lock_waiters, until_waiting
from tests.factories.vehicles import put_cars
from tracker.changing import lock
from tracker.contacts import (
    ContactDetails,
    ContactRefusedError,
    NoContactError,
    add_contact,
    addresses,
    change_contact,
    contacts,
    note_heard,
)
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.facts import Fact
from tracker.milestone import MilestoneStatus, NeededDecision
from tracker.milestones import NoMilestoneError, changes_since, milestone, milestones, read_progress
from tracker.plans import plans
from tracker.quarter import Quarter
from tracker.saying import (
    Assignment,
    MergedMilestoneError,
    PostponedQuarterError,
    Said,
    UnexplainedStatusError,
    answer_by,
    assign,
    need_decision,
    say,
    say_in_own_words,
    set_political,
)
from tracker.shipped import load_programme

MARKET, CHIPS, DATA = "markedsdialog", "chips", "dataindsamling"
STARTED = Said(MilestoneStatus.IN_PROGRESS)


@pytest.fixture
async def plan(pool: Pool) -> Pool:
    """A database with the programme that comes with the system."""
    await load_programme(pool, read_programme(FLEET_PROGRAMME))
    return pool


async def test_a_postponed_milestone_keeps_its_new_quarter_while_it_goes_on(plan: Pool) -> None:
    until = Quarter(2025, 3)
    await say(plan, SOMEBODY, MARKET, Said(MilestoneStatus.POSTPONED, "udbud", until))
    moved, changes = await milestone(plan, MARKET)
    assert (moved.status, moved.due, moved.planned) == ("postponed", until, Quarter(2025, 1))
    assert changes[0].before["postponed_year"] is None
    await say(plan, SOMEBODY, MARKET, STARTED)
    assert (await milestone(plan, MARKET))[0].due == until
    await say(plan, SOMEBODY, MARKET, Said(MilestoneStatus.NOT_STARTED))
    back, changes = await milestone(plan, MARKET)
    assert back.due == Quarter(2025, 1)
    assert changes[0].before["postponed_quarter"] == 3


@pytest.mark.parametrize("until", [None, Quarter(2025, 1), Quarter(2024, 4)])
async def test_a_milestone_is_postponed_to_a_later_quarter_only(
    plan: Pool, until: Quarter | None
) -> None:
    with pytest.raises(PostponedQuarterError):
        await say(plan, SOMEBODY, MARKET, Said(MilestoneStatus.POSTPONED, "", until))
    assert (await milestone(plan, MARKET))[1] == []


async def test_a_milestone_is_given_up_for_a_reason(plan: Pool) -> None:
    with pytest.raises(UnexplainedStatusError):
        await say(plan, SOMEBODY, MARKET, Said(MilestoneStatus.DROPPED, "  "))
    await say(plan, SOMEBODY, MARKET, Said(MilestoneStatus.DROPPED, "ingen penge"))
    found, _ = await milestone(plan, MARKET)
    assert (found.status, found.note, found.late(date(2027, 1, 1))) == (
        "dropped",
        "ingen penge",
        False,
    )


async def test_milestones_that_are_merged_never_lead_back(plan: Pool) -> None:
    merged = MilestoneStatus.MERGED
    await say(plan, SOMEBODY, CHIPS, Said(merged, "", into=DATA))
    await say(plan, SOMEBODY, DATA, Said(merged, "", into=MARKET))
    assert (await milestone(plan, CHIPS))[0].merged_into == DATA
    for one, into in ((MARKET, CHIPS), (MARKET, MARKET), (MARKET, "no such"), (MARKET, None)):
        with pytest.raises(MergedMilestoneError):
            await say(plan, SOMEBODY, one, Said(merged, "", into=into))
    await say(plan, SOMEBODY, DATA, STARTED)
    assert (await milestone(plan, DATA))[0].merged_into is None


async def test_the_second_of_two_people_is_told_and_overwrites_nothing(plan: Pool) -> None:
    seen = (await milestone(plan, MARKET))[0].revision
    await say(plan, SOMEBODY, MARKET, Said(MilestoneStatus.DONE, "først"), seen=seen)
    with pytest.raises(ChangedSinceError):
        await say(plan, SOMEBODY, MARKET, Said(MilestoneStatus.DROPPED, "så"), seen=seen)
    found, changes = await milestone(plan, MARKET)
    assert (found.status, found.note, len(changes)) == (MilestoneStatus.DONE, "først", 1)
    await say(plan, SOMEBODY, MARKET, Said(MilestoneStatus.DROPPED, "så"), seen=found.revision)
    assert (await milestone(plan, MARKET))[0].note == "så"


async def test_saying_the_same_once_more_ends_the_silence_and_stays_in_the_history(
    plan: Pool,
) -> None:
    await say(plan, SOMEBODY, MARKET, STARTED)
    first = (await milestone(plan, MARKET))[0].said_at
    await say(plan, SOMEBODY, MARKET, STARTED)
    found, changes = await milestone(plan, MARKET)
    assert len(changes) == 2
    assert first is not None
    assert found.said_at is not None
    assert found.said_at > first


async def test_a_fact_answers_until_a_person_says_otherwise_with_a_reason(plan: Pool) -> None:
    assert (await milestone(plan, CHIPS))[0].status is MilestoneStatus.NOT_STARTED
    await plan.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(plan, "v1", "v2")
    for device, vehicle in (("d1", "v1"), ("d2", "v2")):
        await enrol_device(plan, SOMEBODY, device)
        await plan.execute("UPDATE device SET vehicle_id = $2 WHERE device = $1", device, vehicle)
    await plan.execute(
        "INSERT INTO device_state (device, first_ts, last_ts) VALUES ('d1', $1, $1)", local_now()
    )
    waits, _ = await milestone(plan, CHIPS)
    assert waits.answer is not None
    assert (waits.status, waits.answer.holds, waits.answer.count) == ("not_started", False, 1)
    await plan.execute(
        "INSERT INTO device_state (device, first_ts, last_ts) VALUES ('d2', $1, $1)", local_now()
    )
    found, changes = await milestone(plan, CHIPS)
    assert found.answer is not None
    assert found.answer.at is not None
    assert (found.status, found.answer.count, changes) == (MilestoneStatus.DONE, 2, [])
    with pytest.raises(UnexplainedStatusError):
        await say(plan, SOMEBODY, CHIPS, STARTED)
    await say(plan, SOMEBODY, CHIPS, Said(MilestoneStatus.IN_PROGRESS, "kun halvdelen"))
    denied, _ = await milestone(plan, CHIPS)
    assert denied.status is MilestoneStatus.IN_PROGRESS
    assert denied.answer is not None
    assert denied.answer.holds


async def test_data_is_collected_when_it_spans_four_weeks(plan: Pool) -> None:
    await enrol_device(plan, SOMEBODY, "d1")
    await plan.execute(
        "INSERT INTO device_state (device, first_ts, last_ts) VALUES ('d1', $1, $1)", local_now()
    )
    for days, status in ((27, MilestoneStatus.NOT_STARTED), (28, MilestoneStatus.DONE)):
        await plan.execute(
            "UPDATE device_state SET first_ts = last_ts - make_interval(days => $1)", days
        )
        assert (await milestone(plan, DATA))[0].status is status


async def test_any_fact_may_answer_any_milestone_or_none(plan: Pool) -> None:
    await answer_by(plan, SOMEBODY, MARKET, Fact.FLEET_UNIT)
    found, _ = await milestone(plan, MARKET)
    assert found.answer is not None
    assert (found.answer.fact, found.answer.holds) == (Fact.FLEET_UNIT, False)
    await answer_by(plan, SOMEBODY, MARKET, None)
    assert (await milestone(plan, MARKET))[0].answer is None


async def test_milestones_are_given_to_an_owner_a_deputy_and_a_centre(plan: Pool) -> None:
    road_team = await add_contact(plan, SOMEBODY, ContactDetails(name="Vejteamet", centre="Vej"))
    park_team = await add_contact(
        plan, SOMEBODY, ContactDetails(name="Parkteamet", email="park@k.dk")
    )
    all_three = Assignment(owner_id=road_team, deputy_id=park_team, centre="Vej")
    assert await assign(plan, SOMEBODY, [MARKET, CHIPS, MARKET], all_three) == 2
    assert await assign(plan, SOMEBODY, [MARKET], all_three) == 0
    found, changes = await milestone(plan, MARKET)
    assert found.owner is not None
    assert found.deputy is not None
    assert (found.owner.name, found.deputy.name, found.centre) == ("Vejteamet", "Parkteamet", "Vej")
    assert changes[0].content == {"owner_id": road_team, "deputy_id": park_team, "centre": "Vej"}
    await assign(plan, SOMEBODY, [MARKET], Assignment(owner_id=None))
    found, _ = await milestone(plan, MARKET)
    assert (found.owner, found.centre) == (None, "Vej")
    for wrong in (Assignment(owner_id=999), Assignment(deputy_id=999)):
        with pytest.raises(NoContactError):
            await assign(plan, SOMEBODY, [MARKET], wrong)
    with pytest.raises(NoMilestoneError):
        await assign(plan, SOMEBODY, [CHIPS, "no such"], Assignment(centre="Park"))
    assert (await milestone(plan, CHIPS))[0].centre == "Vej"


async def test_an_owner_who_says_something_does_not_lock_out_who_gives_them_the_same(
    plan: Pool,
) -> None:
    road_team = await add_contact(plan, SOMEBODY, ContactDetails(name="Vejteamet"))
    async with plan.acquire() as saying, saying.transaction():
        await lock(saying, MARKET)
        giving = asyncio.create_task(
            assign(plan, SOMEBODY, [MARKET], Assignment(owner_id=road_team, centre="Vej"))
        )
        await until_waiting(plan)
        await note_heard(saying, road_team, None)
    assert await giving == 1
    assert (await contacts(plan))[0].heard_at is not None


async def test_who_has_left_is_given_nothing_new_and_covers_nothing(plan: Pool) -> None:
    road_team = await add_contact(plan, SOMEBODY, ContactDetails(name="Vejteamet"))
    await assign(plan, SOMEBODY, [MARKET], Assignment(owner_id=road_team))
    await change_contact(plan, SOMEBODY, road_team, ContactDetails(name="Vejteamet", has_left=True))
    with pytest.raises(NoContactError):
        await assign(plan, SOMEBODY, [CHIPS], Assignment(owner_id=road_team))
    found, _ = await milestone(plan, MARKET)
    assert found.owner is not None
    assert found.owner.has_left
    today = local_now().date()
    assert (await read_progress(plan, today, today)).whole.owned == 0


async def test_a_contact_has_a_name_of_their_own_and_an_address_that_is_one(plan: Pool) -> None:
    details = ContactDetails(name="Vejteamet", email="road_team@k.dk")
    road_team = await add_contact(plan, SOMEBODY, details)
    for wrong in (
        details,
        ContactDetails(name=" "),
        ContactDetails(name="Parkteamet", email="park_team"),
        ContactDetails(name="Parkteamet", email="park_team hansen@k.dk"),
        ContactDetails(name="Parkteamet", account_id=999),
    ):
        with pytest.raises(ContactRefusedError):
            await add_contact(plan, SOMEBODY, wrong)
    park_team = await add_contact(plan, SOMEBODY, ContactDetails(name="Parkteamet"))
    with pytest.raises(ContactRefusedError):
        await change_contact(plan, SOMEBODY, park_team, details)
    with pytest.raises(ChangedSinceError):
        await change_contact(plan, SOMEBODY, road_team, details, seen=7)
    assert await addresses(plan, SOMEBODY, [road_team]) == {road_team: "road_team@k.dk"}
    with pytest.raises(NotAllowedError):
        await addresses(plan, Actor("R", frozenset({Permission.FIGURES_READ})), [road_team])


async def test_a_contact_whose_account_was_closed_can_be_said_to_have_left(plan: Pool) -> None:
    account_id = (await add_account(plan, SOMEBODY, "Vejteamet", Role.READER)).account_id
    details = ContactDetails(name="Vejteamet", account_id=account_id)
    road_team = await add_contact(plan, SOMEBODY, details)
    await close_account(plan, SOMEBODY, account_id)
    await change_contact(plan, SOMEBODY, road_team, replace(details, has_left=True))
    (found,) = await contacts(plan)
    assert found.left_at is not None
    with pytest.raises(ContactRefusedError):
        await add_contact(plan, SOMEBODY, replace(details, name="Parkteamet"))


async def test_two_who_give_contacts_the_same_name_are_told_so(plan: Pool) -> None:
    park_team = await add_contact(plan, SOMEBODY, ContactDetails(name="Parkteamet"))
    async with plan.acquire() as other, other.transaction():
        await other.execute("INSERT INTO plan_contact (name) VALUES ('Vejteamet')")
        naming = asyncio.create_task(
            change_contact(plan, SOMEBODY, park_team, ContactDetails(name="Vejteamet"))
        )
        await until_waiting(plan)
    with pytest.raises(ContactRefusedError):
        await naming


async def test_who_answers_by_a_link_says_something_of_their_own_milestones_only(
    plan: Pool,
) -> None:
    road_team = await add_contact(plan, SOMEBODY, ContactDetails(name="Vejteamet"))
    park_team = await add_contact(plan, SOMEBODY, ContactDetails(name="Parkteamet"))
    await assign(plan, SOMEBODY, [MARKET], Assignment(owner_id=road_team, deputy_id=park_team))
    by_link = Actor("Parkteamet", frozenset({Permission.PLAN_REPORT}))
    await say(plan, by_link, MARKET, STARTED, contact_id=park_team)
    with pytest.raises(NotAllowedError):
        await say(plan, by_link, CHIPS, STARTED, contact_id=park_team)
    heard = {one.contact_id: one.heard_at for one in await contacts(plan)}
    assert heard[park_team] is not None
    assert heard[road_team] is None


async def test_a_decision_that_is_needed_counts_until_it_is_taken_back_or_nothing_is_left(
    plan: Pool,
) -> None:
    today = local_now().date()

    async def counted() -> int:
        return (await read_progress(plan, today, today)).whole.needs_decision

    await need_decision(plan, SOMEBODY, MARKET, " Udvalget ", date(2027, 1, 12))
    found, _ = await milestone(plan, MARKET)
    assert found.decision == NeededDecision("Udvalget", date(2027, 1, 12))
    assert await counted() == 1
    await need_decision(plan, SOMEBODY, MARKET, "", date(2027, 1, 12))
    assert ((await milestone(plan, MARKET))[0].decision, await counted()) == (None, 0)
    await need_decision(plan, SOMEBODY, MARKET, "Udvalget", None)
    await say(plan, SOMEBODY, MARKET, Said(MilestoneStatus.DONE))
    assert await counted() == 0


async def test_own_words_stand_beside_those_of_the_document(plan: Pool) -> None:
    before, _ = await milestone(plan, MARKET)
    await say_in_own_words(plan, SOMEBODY, MARKET, "Snak")
    await set_political(plan, SOMEBODY, MARKET, is_political=True)
    found, changes = await milestone(plan, MARKET)
    assert (found.title, found.text, found.is_political) == ("Snak", before.text, True)
    assert [one.status for one in changes] == [None, None]


async def test_progress_from_the_database_is_that_of_the_milestones(plan: Pool) -> None:
    await say(plan, SOMEBODY, CHIPS, STARTED)
    today = date(2026, 11, 28)
    (one,) = await plans(plan)
    found = await read_progress(plan, today, today, one.plan_id)
    shown = await milestones(plan, one.plan_id)
    assert found.whole.total == len(shown) == 9
    assert found.whole.late == sum(m.late(today) for m in shown) == 9
    assert found.by_quarter.keys() == {m.due for m in shown}
    (change,) = await changes_since(plan, one.plan_id, local_now().replace(hour=0, minute=0))
    assert (change.milestone_id, change.status) == (CHIPS, MilestoneStatus.IN_PROGRESS)


@pytest.mark.parametrize("role", [Role.READER, Role.DEPARTMENT_HEAD])
async def test_readers_and_heads_see_and_change_nothing(plan: Pool, role: Role) -> None:
    reader = Actor("R", ROLE_PERMISSIONS[role])
    for act in (
        say(plan, reader, MARKET, STARTED),
        assign(plan, reader, [MARKET], Assignment(centre="x")),
        need_decision(plan, reader, MARKET, "x", None),
        set_political(plan, reader, MARKET, is_political=True),
        say_in_own_words(plan, reader, MARKET, "x"),
        answer_by(plan, reader, MARKET, None),
        add_contact(plan, reader, ContactDetails(name="x")),
    ):
        with pytest.raises(NotAllowedError):
            await act
    assert (await milestone(plan, MARKET))[1] == []


async def test_two_milestones_that_are_merged_into_each_other_at_once_make_no_circle(
    plan: Pool,
) -> None:
    async with plan.acquire() as connection, connection.transaction():
        # Both wait, and go on at the same moment.
        for one in (CHIPS, DATA):
            await lock(connection, one)
        both = asyncio.gather(
            say(plan, SOMEBODY, CHIPS, Said(MilestoneStatus.MERGED, into=DATA)),
            say(plan, SOMEBODY, DATA, Said(MilestoneStatus.MERGED, into=CHIPS)),
            return_exceptions=True,
        )
        while await lock_waiters(plan) < 2:  # noqa: ASYNC110 - others hold it
            await asyncio.sleep(0.01)
    done = await both
    assert [type(one) for one in done if one is not None] == [MergedMilestoneError]
    assert len([one for one in await milestones(plan) if one.merged_into is not None]) == 1
