"""Owners are asked by mail how far their milestones are: each once, reminded once, and after the
day those who stand in for them."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from access.mail.outbox import unsent_mails
from access.mail.sender import send_due
from api.pages.letters.follow_up import follow_up_words
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor, NotAllowedError
from fleet.localtime import local_now
from tests.factories.actors import SOMEBODY
from tests.factories.command import REPOSITORY, flaade, own_environment
from tests.factories.follow_up import KEEPER, Owned, OwnedPlan, owned_plan, this_quarter
from tests.factories.locks import until_waiting
from tests.factories.mail_server import SENDER, mail_inbox
from tracker.contacts import ContactDetails, change_contact
from tracker.documents.removal import remove_plan
from tracker.follow_up.answers import (
    Answer,
    AnswersRefusedError,
    LinkClosedError,
    answer,
    items_of,
)
from tracker.follow_up.asking import Group
from tracker.follow_up.centres import centre_contacts, set_centre_contact
from tracker.follow_up.coverage import coverage
from tracker.follow_up.links import (
    LINK_PREFIX,
    LinkState,
    link_of,
    people_with_links,
    revoke,
    send_anew,
)
from tracker.follow_up.rounds import (
    FollowUpRefusedError,
    NoFollowUpError,
    close_follow_up,
    follow_up,
    open_follow_up,
)
from tracker.milestone import MilestoneStatus
from tracker.milestones import milestone
from tracker.saying import Said, say

STARTED = Said(MilestoneStatus.IN_PROGRESS, "i gang")

PEOPLE = {
    "Vejteamet": "vej@kommune.dk",
    "Byteamet": "by@kommune.dk",
    "Uden adresse": "",
    "Stedfortræder": "sted@kommune.dk",
    "Centerkontakt": "center@kommune.dk",
}


def milestones() -> dict[str, Owned]:
    now = this_quarter()
    return {
        "Sen": (now.before, "Vejteamet", "Stedfortræder", "Miljø"),
        "Nu": (now, "Vejteamet", None, "Miljø"),
        "Udateret": (None, "Byteamet", None, ""),
        "Kommer": (now.next, "Vejteamet", None, ""),
        "Uden svar": (now, "Uden adresse", "Stedfortræder", "Miljø"),
        "Kun center": (now, "Uden adresse", None, "Miljø"),
        "Ingen": (now, None, None, ""),
    }


@pytest.fixture
async def plan(pool: Pool, settings: Settings) -> AsyncGenerator[OwnedPlan]:
    async with mail_inbox() as inbox:
        made = await owned_plan(pool, settings, inbox, PEOPLE, milestones())
        await set_centre_contact(pool, KEEPER, "Miljø", made.people["Centerkontakt"])
        yield made


async def test_each_owner_gets_one_mail_and_who_cannot_be_written_to_is_stood_in_for(
    plan: OwnedPlan,
) -> None:
    one = await plan.begin()
    expected = {"vej@kommune.dk", "by@kommune.dk", "sted@kommune.dk", "center@kommune.dk"}
    assert sorted(plan.inbox.recipients) == sorted(expected)
    # However often, and from however many processes at once.
    assert await asyncio.gather(*(plan.tell(one) for _ in range(3))) == [0, 0, 0]
    assert len(plan.inbox.taken) == 4
    (token,) = plan.tokens("vej@kommune.dk")
    items = await items_of(plan.pool, await plan.link(token))
    assert [(each.milestone.title, each.group) for each in items] == [
        ("Sen", Group.EARLIER),
        ("Nu", Group.NOW),
        ("Kommer", Group.COMING),
    ]
    (token,) = plan.tokens("sted@kommune.dk")
    items = await items_of(plan.pool, await plan.link(token))
    assert [each.milestone.title for each in items] == ["Uden svar"]
    (token,) = plan.tokens("center@kommune.dk")
    items = await items_of(plan.pool, await plan.link(token))
    assert [each.milestone.title for each in items] == ["Kun center"]
    found = await coverage(plan.pool, one)
    assert (found.owners, found.answered, found.silent, found.unowned) == (3, 0, 3, 1)
    without = next(each for each in found.people if each.contact.name == "Uden adresse")
    assert (without.is_reachable, without.instead) == (False, "Stedfortræder, Centerkontakt")


async def test_only_the_hash_of_a_link_is_stored_once_its_mail_is_sent(plan: OwnedPlan) -> None:
    await plan.begin()
    (token,) = plan.tokens("vej@kommune.dk")
    for table in ("mail", "follow_up_link", "audit_entry", "plan_change"):
        texts = [str(dict(row)) for row in await plan.pool.fetch(f"SELECT * FROM {table}")]
        assert texts
        assert not any(token in text for text in texts), table


async def test_who_is_silent_is_reminded_once_then_the_deputy_and_then_the_centre(
    plan: OwnedPlan,
) -> None:
    one = await plan.begin()
    plan.inbox.taken.clear()
    assert await plan.tell(one) == 0  # it is early
    await say(plan.pool, SOMEBODY, plan.milestones["Udateret"], STARTED)  # it has been answered for
    one = await plan.at(one, days=-2)
    assert await plan.tell(one) == 3
    assert await plan.tell(one) == 0
    reminded = ["center@kommune.dk", "sted@kommune.dk", "vej@kommune.dk"]
    assert sorted(plan.inbox.recipients) == reminded
    assert all("Påmindelse" in message["Subject"] for _, message in plan.inbox.taken)
    plan.inbox.taken.clear()
    one = await plan.at(one, days=1)
    assert await plan.tell(one) == 2  # those who come next in each line
    assert sorted(plan.inbox.recipients) == ["center@kommune.dk", "sted@kommune.dk"]
    token = plan.tokens("sted@kommune.dk")[0]
    titles = [each.milestone.title for each in await items_of(plan.pool, await plan.link(token))]
    assert titles == ["Sen", "Uden svar"]
    plan.inbox.taken.clear()
    one = await plan.at(one, days=1 + plan.settings.follow_up_fallback_days)
    assert await plan.tell(one) == 1  # the late one has a third
    assert plan.inbox.recipients == ["center@kommune.dk"]
    assert await plan.tell(one) == 0


async def test_mails_wait_while_the_server_is_away_and_none_goes_out_twice(plan: OwnedPlan) -> None:
    plan.inbox.refuse["RCPT"] = "450 later"
    one = await plan.begin()
    assert plan.inbox.taken == []
    assert len(await unsent_mails(plan.pool)) == 4
    plan.inbox.refuse.clear()
    await plan.pool.execute("UPDATE mail SET next_at = now()")
    assert await plan.tell(one) == 0
    await send_due(plan.pool, plan.inbox.server)
    assert sorted(plan.inbox.recipients) == sorted(set(plan.inbox.recipients))
    assert len(plan.inbox.taken) == 4


async def test_an_owner_answers_by_a_link_and_the_history_names_them(plan: OwnedPlan) -> None:
    one = await plan.begin()
    (token,) = plan.tokens("vej@kommune.dk")
    link = await plan.link(token)
    answers = [
        Answer(milestone_id=plan.milestones[text], said=STARTED, seen=2) for text in ("Sen", "Nu")
    ]
    await answer(plan.pool, link, token, "192.0.2.7", answers, [])
    found, changes = await milestone(plan.pool, plan.milestones["Nu"])
    assert (found.status, found.note) == (MilestoneStatus.IN_PROGRESS, "i gang")
    assert changes[0].actor == f"{LINK_PREFIX}Vejteamet"
    entry = await plan.pool.fetchrow("SELECT * FROM audit_entry ORDER BY change_id DESC LIMIT 1")
    assert entry is not None
    assert (entry["actor"], entry["source"]) == (f"{LINK_PREFIX}Vejteamet", "192.0.2.7")
    after = await coverage(plan.pool, one)
    assert (after.owners, after.answered, after.silent) == (3, 1, 2)
    # What is another's is not theirs to answer, and of all nothing is stored.
    wrong = [
        Answer(milestone_id=plan.milestones["Udateret"], said=STARTED, seen=2),
        Answer(milestone_id=plan.milestones["Kommer"], said=STARTED, seen=2),
        Answer(milestone_id=plan.milestones["Nu"], said=STARTED, seen=2),
    ]
    with pytest.raises(AnswersRefusedError) as refused:
        await answer(plan.pool, link, token, "", wrong, [])
    assert set(refused.value.faults) == {plan.milestones["Udateret"], plan.milestones["Nu"]}
    assert (await milestone(plan.pool, plan.milestones["Kommer"]))[0].said_at is None


async def test_a_link_changes_nothing_after_its_quarter_or_when_it_was_revoked(
    plan: OwnedPlan,
) -> None:
    one = await plan.begin()
    token = plan.tokens("vej@kommune.dk")[0]
    link = await plan.link(token)
    answers = [Answer(milestone_id=plan.milestones["Nu"], said=STARTED, seen=2)]
    vej = plan.people["Vejteamet"]
    assert await send_anew(plan.pool, KEEPER, one.follow_up_id, vej, None) is not None
    today = local_now().date()
    assert (await plan.link(token)).state(today) is LinkState.REVOKED
    with pytest.raises(LinkClosedError):
        await answer(plan.pool, link, token, "", answers, [])
    new = await send_anew(plan.pool, KEEPER, one.follow_up_id, vej, None)
    assert new is not None
    assert (await plan.link(new)).state(today) is LinkState.OPEN
    await revoke(plan.pool, KEEPER, one.follow_up_id, vej)
    with pytest.raises(NoFollowUpError):
        await revoke(plan.pool, KEEPER, one.follow_up_id, vej)
    last = await send_anew(plan.pool, KEEPER, one.follow_up_id, vej, None)
    assert last is not None
    await close_follow_up(plan.pool, KEEPER, one.follow_up_id)
    assert (await plan.link(last)).state(today) is LinkState.CLOSED
    with pytest.raises(LinkClosedError):
        await answer(plan.pool, link, last, "", answers, [])
    assert (await milestone(plan.pool, plan.milestones["Nu"]))[0].said_at is None
    assert await link_of(plan.pool, "no such") is None
    with pytest.raises(FollowUpRefusedError):
        await close_follow_up(plan.pool, KEEPER, one.follow_up_id)
    with pytest.raises(FollowUpRefusedError):
        await send_anew(plan.pool, KEEPER, one.follow_up_id, vej, None)


async def test_a_link_whose_days_are_over_or_whose_person_left_does_not_work(
    plan: OwnedPlan,
) -> None:
    one = await plan.begin()
    token = plan.tokens("vej@kommune.dk")[0]
    today = local_now().date()
    await change_contact(
        plan.pool,
        KEEPER,
        plan.people["Vejteamet"],
        ContactDetails(name="Vejteamet", email="vej@kommune.dk", has_left=True),
    )
    assert (await plan.link(token)).state(today) is LinkState.REVOKED
    await plan.pool.execute(
        "UPDATE follow_up SET due_on = $1, ends_on = $1", today - timedelta(days=1)
    )
    assert (await plan.link(token)).state(today) is LinkState.CLOSED
    assert not (await follow_up(plan.pool, one.follow_up_id)).is_open(today)


async def test_a_quarter_is_followed_up_once_and_can_be_begun_again(plan: OwnedPlan) -> None:
    one = await plan.begin()
    with pytest.raises(FollowUpRefusedError):
        await open_follow_up(plan.pool, KEEPER, plan.plan_id, this_quarter(), None, plan.settings)
    await close_follow_up(plan.pool, KEEPER, one.follow_up_id)
    again = await open_follow_up(
        plan.pool, KEEPER, plan.plan_id, this_quarter(), None, plan.settings
    )
    assert again == one.follow_up_id
    assert await plan.tell(await follow_up(plan.pool, again)) == 0
    before = await plan.pool.fetchval("SELECT count(*) FROM plan_change WHERE subject='follow_up'")
    assert before == 3
    with pytest.raises(NotAllowedError):
        await close_follow_up(plan.pool, Actor("Læser"), again)


async def test_who_gets_an_owner_later_is_asked_then(plan: OwnedPlan) -> None:
    one = await plan.begin()
    plan.inbox.taken.clear()
    details = ContactDetails(name="Uden adresse", email="ny@kommune.dk")
    await change_contact(plan.pool, KEEPER, plan.people["Uden adresse"], details)
    assert await plan.tell(one) == 1
    assert plan.inbox.recipients == ["ny@kommune.dk"]
    assert (await centre_contacts(plan.pool)) == {"Miljø": plan.people["Centerkontakt"]}


async def test_who_sits_at_the_machine_does_the_same(
    plan: OwnedPlan, database_url: str, tmp_path: Path
) -> None:
    async def run(*command: str) -> str:
        done = await asyncio.to_thread(
            flaade,
            *("plan", "follow-up", *command),
            cwd=tmp_path,
            FLAADE_DATABASE_URL=database_url,
            FLAADE_SMTP_HOST="127.0.0.1",
            FLAADE_SMTP_FROM=SENDER,
        )
        return f"{done.returncode} {' '.join((done.stdout + done.stderr).split())}"

    now = this_quarter()
    quarter = f"{now.year}-{now.quarter}"
    begun = await run("start", str(plan.plan_id), "--quarter", quarter)
    assert begun.startswith("0 follow-up 1: 4 mails, answers by "), begun
    assert (await run("start", str(plan.plan_id), "--quarter", quarter)).startswith("2 ")
    assert "0 of 3 owners answered" in await run("show", "1")
    silent = str(plan.people["Uden adresse"])
    assert "/follow-up?token=" in await run("link", "1", silent)
    assert "is on its way" in await run("link", "1", str(plan.people["Vejteamet"]))
    assert await run("close", "1") == "0 follow-up 1 is closed"
    assert (await run("show", "9")).startswith("2 ")


#: Makes the links and mails of a follow-up until it is killed.
TELLING = """
import asyncio, sys
from api.pages.letters.follow_up import follow_up_words
from api.settings import load_settings
from db.connect import open_pool
from tests.factories.follow_up import KEEPER
from tracker.follow_up.rounds import follow_up
from tracker.follow_up.telling import tell_owners

async def tell():
    settings = load_settings()
    async with open_pool(settings.database_url) as pool:
        one = await follow_up(pool, int(sys.argv[1]))
        await tell_owners(pool, KEEPER, one, follow_up_words(settings), settings)

asyncio.run(tell())
"""


async def test_a_process_that_is_killed_between_links_leaves_each_owner_one_mail(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    people = {f"Ejer {n}": f"ejer{n}@kommune.dk" for n in range(60)}
    now = this_quarter()
    owned: dict[str, Owned] = {f"Resultat {name}": (now, name, None, "") for name in people}
    async with mail_inbox() as inbox:
        plan = await owned_plan(pool, settings, inbox, people, owned)
        number = await open_follow_up(
            pool, KEEPER, plan.plan_id, now, local_now().date() + timedelta(20), settings
        )
        # The mails wait for whoever sends them: none is sent by the process that is killed.
        environment = own_environment() | {
            "FLAADE_DATABASE_URL": database_url,
            "FLAADE_SMTP_HOST": "127.0.0.1",
            "FLAADE_SMTP_PORT": str(inbox.port),
            "FLAADE_SMTP_FROM": SENDER,
            "FLAADE_PAGES_URL": "https://flaade.example",
            "PYTHONPATH": str(REPOSITORY),
        }
        # The mail of the thirty-first link waits for a row of another transaction, so that the
        # process is surely killed between that link and its mail.
        async with pool.acquire() as connection:
            held = connection.transaction()
            await held.start()
            last = await connection.fetchval(
                "SELECT nextval(pg_get_serial_sequence('follow_up_link', 'link_id'))"
            )
            await connection.execute(
                "INSERT INTO mail (cause, name, recipient, subject, body)"
                " VALUES ($1, $2, $2, $2, $2)",
                f"follow-up link {last + 31}",
                "en anden",
            )
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", TELLING, str(number), env=environment
            )
            await until_waiting(connection)
            process.kill()
            await process.wait()
            await held.rollback()
        one = await follow_up(pool, number)
        for table in ("follow_up_link", "mail"):
            assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 30, table
        await plan.tell(one)
        await plan.tell(one)
        assert sorted(inbox.recipients) == sorted(people.values())
        assert await pool.fetchval("SELECT count(*) FROM follow_up_link") == len(people)


async def test_the_removal_of_a_plan_ends_its_links_and_the_mails_that_wait(
    plan: OwnedPlan,
) -> None:
    one = await plan.begin()
    (token,) = plan.tokens("vej@kommune.dk")
    before = len(plan.inbox.taken)
    assert await people_with_links(plan.pool, plan.plan_id) == 4
    words = follow_up_words(plan.settings)
    contact_id = plan.people["Vejteamet"]
    assert await send_anew(plan.pool, KEEPER, one.follow_up_id, contact_id, words) is None
    assert await remove_plan(plan.pool, KEEPER, plan.plan_id, "Indlæst to gange") == 4
    await send_due(plan.pool, plan.inbox.server)
    assert len(plan.inbox.taken) == before
    link = await plan.link(token)
    assert link.state(local_now().date()) is LinkState.REMOVED
    assert await people_with_links(plan.pool, plan.plan_id) == 0
    said = [Answer(milestone_id=plan.milestones["Nu"], said=STARTED, seen=1)]
    with pytest.raises(LinkClosedError):
        await answer(plan.pool, link, token, "", said, [])
    assert await plan.tell(one) == 0
    with pytest.raises(NoFollowUpError):
        await follow_up(plan.pool, one.follow_up_id)


async def test_the_days_before_a_reminder_are_a_setting(plan: OwnedPlan) -> None:
    one = await plan.begin()
    plan.inbox.taken.clear()
    one = await plan.at(one, days=-2)  # who was asked, was three days ago
    later = replace(plan, settings=plan.settings.model_copy(update={"follow_up_first_days": 4}))
    assert await later.tell(one) == 0
    assert await plan.tell(one) > 0
