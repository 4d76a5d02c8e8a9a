"""A published plan from its document to the committee, and two of its ten owners answer a quarter.

Whoever keeps the plan imports it, gives the milestones to their owners and asks them by mail. One
owner answers by keyboard, one on a phone, who meets the words of another person. The report tells
what changed since the last, the committee's page what is to be decided, a calendar shows the days,
and those who are silent are reminded once.
"""

import re
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp
import pytest
from icalendar import Calendar
from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from access.roles import Role
from api.settings import Settings
from db.connect import Pool
from fleet.localtime import local_now
from tests.browser.conftest import picture, visitor_of
from tests.browser.hands import HANDS, Typing
from tests.factories.access import visitor
from tests.factories.actors import SOMEBODY
from tests.factories.follow_up import OwnedPlan, this_quarter, with_mail
from tests.factories.mail_server import Inbox, mail_inbox
from tests.factories.page_text import words
from tests.factories.whole import served, whole_app
from tracker.contacts import ContactDetails, add_contact
from tracker.follow_up.rounds import follow_ups
from tracker.indicators import IndicatorDetails, IndicatorKind, add_indicator, say_value
from tracker.milestone import MilestoneStatus
from tracker.milestones import milestones
from tracker.plans import plans, programmes
from tracker.saying import Assignment, Said, assign, say

OWNERS = 10

LOANS, CHARGERS = "Aftale om lån hos hold {} er indgået.", "Standere hos hold {} er sat op."

KEYBOARD = Typing()

PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Site:
    url: str
    pool: Pool
    settings: Settings
    inbox: Inbox


@pytest.fixture
async def site(pool: Pool, settings: Settings) -> AsyncGenerator[Site]:
    async with mail_inbox() as inbox:
        mailing = with_mail(settings, inbox)
        async with served(whole_app(pool, mailing)[0]) as url:
            yield Site(url, pool, mailing, inbox)


def document() -> str:
    """A plan of two programmes, with two milestones of this quarter for each owner."""
    now = this_quarter()
    heading = f"{now.quarter}. kvartal {now.year}"
    lines = [f"Handleplan for flåden {now.year}", "", "1.1 Fælles biler", "", "Mål"]
    lines += ["- Færre biler står stille.", "", "Tidsplan", heading]
    lines += [f"- {LOANS.format(owner)}" for owner in range(OWNERS)]
    lines += ["", "1.2 Ladning", "", "Mål", "- Alle elbiler lader om natten.", "", "Tidsplan"]
    lines += [heading, *(f"- {CHARGERS.format(owner)}" for owner in range(OWNERS)), ""]
    return "\n".join(lines)


def mail_of(owner: int) -> str:
    return f"hold{owner}@kommune.dk"


def sends(tab: Page, address: str, value: str = "") -> Locator:
    """The button that sends the form of an address."""
    of = f"[value='{value}']" if value else ""
    return tab.locator(f"form[method=post][action='{address}'] button[type=submit]{of}")


async def imported(site: Site, tab: Page) -> OwnedPlan:
    """Import the plan and give its milestones to ten owners, the first one by the pages."""
    await tab.goto("/plan/import")
    file: FilePayload = {"name": "plan.txt", "mimeType": "", "buffer": document().encode()}
    await HANDS.hand_over(tab.locator("#file"), file)
    await HANDS.press(sends(tab, "/plan/import"))
    await expect(tab.locator(".alert").first).to_contain_text("Intet er gemt endnu")
    assert await milestones(site.pool) == []
    await picture(tab, "plan-walk-read")
    await HANDS.write(tab.locator("#name"), "Flåden")
    await HANDS.press(sends(tab, "/plan/import/confirm"))
    own = {one.text: one.milestone_id for one in await milestones(site.pool)}
    assert len(own) == 2 * OWNERS
    await tab.goto("/plan/owners")
    await HANDS.write(tab.locator("#name"), "Hold 0")
    await HANDS.write(tab.locator("#email"), mail_of(0))
    await HANDS.press(sends(tab, "/plan/owners"))
    await tab.goto("/plan?q=hold+0")
    for name in (LOANS, CHARGERS):
        await tab.locator(f"input[name=milestone][value='{own[name.format(0)]}']").check()
    await HANDS.choose(tab.locator("#new-owner"), "Hold 0")
    await HANDS.press(sends(tab, "/plan/assign"))
    people = {"Hold 0": 0}
    for owner in range(1, OWNERS):
        details = ContactDetails(name=f"Hold {owner}", email=mail_of(owner))
        people[details.name] = await add_contact(site.pool, SOMEBODY, details)
        given = [own[name.format(owner)] for name in (LOANS, CHARGERS)]
        await assign(site.pool, SOMEBODY, given, Assignment(owner_id=people[details.name]))
    assert {one.owner.name for one in await milestones(site.pool) if one.owner} == people.keys()
    [plan] = await plans(site.pool)
    return OwnedPlan(site.pool, site.settings, site.inbox, plan.plan_id, own, people)


async def kept(tab: Page, plan: OwnedPlan) -> str:
    """Keep the report of the quarter; returns its number."""
    now = this_quarter()
    await tab.goto(f"/plan/status?plan={plan.plan_id}&quarter={now.year}-{now.quarter}")
    await HANDS.press(sends(tab, "/plan/status"))
    return urlsplit(tab.url).path.rpartition("/")[2]


async def by_keyboard(tab: Page, plan: OwnedPlan) -> None:
    """The first owner has reached one milestone, and needs a decision for the other."""
    await tab.goto(f"/follow-up?token={plan.tokens(mail_of(0))[0]}")
    loans, chargers = (plan.milestones[name.format(0)] for name in (LOANS, CHARGERS))
    await KEYBOARD.tick(tab.locator(f"[id='progress-{loans}-done']"))
    await KEYBOARD.tick(tab.locator(f"[id='progress-{chargers}-decision']"))
    await KEYBOARD.write(tab.locator(f"[id='decider-{chargers}']"), "Udvalget")
    await KEYBOARD.press(tab.get_by_role("button", name="Send mit svar"))
    await expect(tab.locator(".alert-success")).to_contain_text("Tak, dit svar er gemt.")


async def on_a_phone(tab: Page, plan: OwnedPlan) -> None:
    """The second owner answers while somebody else says another thing of the same milestone."""
    await tab.goto(f"/follow-up?token={plan.tokens(mail_of(1))[0]}")
    loans, chargers = (plan.milestones[name.format(1)] for name in (LOANS, CHARGERS))
    await HANDS.tick(tab.locator(f"[id='progress-{loans}-postponed']"))
    after = this_quarter().next
    until = tab.locator(f"[id='until-{loans}']")
    await HANDS.choose(until, f"{after.quarter}. kvartal {after.year}")
    await HANDS.tick(tab.locator(f"[id='progress-{chargers}-in_progress']"))
    await say(plan.pool, SOMEBODY, chargers, Said(MilestoneStatus.DONE, "Strøm fra i går"))
    await HANDS.press(tab.get_by_role("button", name="Send mit svar"))
    await expect(tab.locator(".answer .alert-warning")).to_contain_text("Strøm fra i går")
    await HANDS.tick(tab.locator(f"[id='stands-{chargers}-theirs']"))
    await HANDS.press(tab.get_by_role("button", name="Send mit svar"))
    await expect(tab.locator(".alert-success")).to_contain_text("Tak, dit svar er gemt.")


async def test_a_plan_goes_from_its_document_to_the_committee(
    site: Site, chromium: Browser
) -> None:
    keeper = await visitor(site.pool, Role.ADMINISTRATOR, "Flora")
    desk = await visitor_of(chromium, site.url, "desktop")
    await keeper.sit_at(desk, site.url)
    tab = desk.pages[0]
    plan = await imported(site, tab)
    today = local_now().date()
    programme = (await programmes(site.pool, plan.plan_id))[0].programme_id
    details = IndicatorDetails(name="Elbiler", kind=IndicatorKind.OUTCOME, unit="biler", target=35)
    indicator = await add_indicator(site.pool, SOMEBODY, details, programme_id=programme)
    for days, value in ((60, 12), (0, 20)):
        await say_value(site.pool, SOMEBODY, indicator, today - timedelta(days=days), value)
    first = await kept(tab, plan)

    # Each owner gets one mail, and two answer.
    await tab.goto("/plan/follow-up")
    now = this_quarter()
    await HANDS.choose(tab.locator("#quarter"), f"{now.quarter}. kvartal {now.year}")
    day = today + timedelta(days=20)
    await HANDS.write(tab.locator("#answer_by"), day.isoformat())
    await HANDS.press(sends(tab, "/plan/follow-up"))
    [one] = await follow_ups(site.pool, plan.plan_id, only_open=True)
    await plan.tell(one)
    assert Counter(site.inbox.recipients) == Counter(map(mail_of, range(OWNERS)))
    await by_keyboard(tab, plan)
    phone = await visitor_of(chromium, site.url, "phone")
    await on_a_phone(phone.pages[0], plan)
    await phone.close()

    # The next report tells what changed since the first one, and no more.
    second = await kept(tab, plan)
    assert second != first
    report = words(await tab.content())
    assert f"Sammenlignet med rapport nr. {first}." in report
    changes = report.partition("Ændret siden")[2].partition("Ansvarlige og opfølgning")[0]
    assert re.search(rf"Flyttet ud af kvartalet .*{LOANS.format(1)}.*Nået siden da", changes)
    done = changes.partition("Nået siden da")[2]
    assert (LOANS.format(0) in done, CHARGERS.format(1) in done) == (True, True)
    told = {name for name in plan.milestones if name in changes}
    assert told == {LOANS.format(0), LOANS.format(1), CHARGERS.format(1)}
    await expect(tab.locator(".status-picture").first).to_be_visible()
    image = await tab.screenshot(full_page=True)
    width, height = (int.from_bytes(image[at : at + 4]) for at in (16, 20))
    assert (image.startswith(PNG), width) == (True, 1280)
    assert height > 1_500  # the whole of it
    await picture(tab, "plan-walk-report")

    # Page, report and interface tell the same progress.
    assert "2 af 20 milepæle er nået." in report
    await tab.goto(f"/plan?plan={plan.plan_id}")
    await expect(tab.locator(".page-sub").first).to_contain_text("2 af 20 er færdige (10 %)")
    tiles = await tab.locator(".plan-tiles .tile-figure").all_inner_texts()
    async with (
        keeper.client(base_url=site.url) as session,
        session.get(f"/v1/plans/{plan.plan_id}/progress") as answer,
    ):
        whole = (await answer.json())["whole"]
    found = [whole[name] for name in ("late", "needs_decision")]
    assert [int(text) for text in tiles[:2]] == found == [0, 1]
    assert int(tiles[4]) == whole["total"] - whole["by_status"]["done"] == 18
    assert int(tiles[5]) == whole["by_status"]["done"] == 2

    # The committee sees what it is to decide.
    await tab.goto("/plan/meetings")
    await HANDS.write(tab.locator("#committee"), "Teknik- og Miljøudvalget")
    await HANDS.write(tab.locator("#day"), day.isoformat())
    await HANDS.press(sends(tab, "/plan/meetings"))
    meeting = urlsplit(tab.url).path
    await tab.locator("#offer-1").check()
    await HANDS.press(sends(tab, f"{meeting}/agenda", "on"))
    agenda = tab.locator("table[aria-labelledby=agenda-heading] tbody tr")
    await expect(agenda).to_have_count(1)
    await expect(agenda).to_contain_text(CHARGERS.format(0))
    await picture(tab, "plan-walk-committee")

    # A calendar has a day for each milestone and for the meeting.
    await tab.goto("/plan/calendars")
    await HANDS.write(tab.locator("#label"), "Sekretariatet")
    await HANDS.press(sends(tab, "/plan/calendars"))
    # The address is that of the settings, at which this server does not answer.
    shown = urlsplit(await tab.locator("code").inner_text())
    feed = f"{site.url}{shown.path}?{shown.query}"
    async with aiohttp.ClientSession() as stranger, stranger.get(feed) as answer:
        assert answer.status == 200
        events = Calendar.from_ical(await answer.read()).events
    ends = {str(event["SUMMARY"]): event.start for event in events}
    assert all(ends[name] == now.last_day for name in plan.milestones.keys() - told)
    assert ends[LOANS.format(1)] == now.next.last_day
    assert any("Teknik- og Miljøudvalget" in name and on == day for name, on in ends.items())

    # Those who were silent are reminded once.
    site.inbox.taken.clear()
    one = await plan.at(one, days=-3)
    for _ in range(3):
        await plan.tell(one)
    assert Counter(site.inbox.recipients) == Counter(map(mail_of, range(2, OWNERS)))
    await desk.close()
