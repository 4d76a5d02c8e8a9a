"""Ten owners get a link by mail.

One answers by keyboard on a desktop, and one on a phone, who meets the words of another person.
Those who are silent are reminded once.
"""

from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, expect

from access.roles import Role
from api.settings import Settings
from db.connect import Pool
from tests.browser.conftest import picture, visitor_of
from tests.browser.hands import HANDS, Typing
from tests.factories.access import visitor
from tests.factories.actors import SOMEBODY
from tests.factories.follow_up import Owned, OwnedPlan, owned_plan, this_quarter
from tests.factories.mail_server import mail_inbox
from tests.factories.whole import served, whole_app
from tracker.milestone import MilestoneStatus
from tracker.milestones import milestone
from tracker.saying import Said, say

OWNERS = 10

KEYBOARD = Typing()


@dataclass(frozen=True)
class Site:
    url: str
    plan: OwnedPlan

    def address(self, owner: int) -> str:
        """The address in the mail to an owner."""
        return f"{self.url}/follow-up?token={self.plan.tokens(mail_of(owner))[0]}"

    def field(self, name: str, text: str, value: str = "") -> str:
        """How a field of a milestone is found, or one of its choices."""
        end = f"-{value}" if value else ""
        return f"[id='{name}-{self.plan.milestones[text]}{end}']"


def mail_of(owner: int) -> str:
    return f"ansvarlig{owner}@kommune.dk"


def owned() -> dict[str, Owned]:
    now = this_quarter()
    found: dict[str, Owned] = {}
    for owner in range(OWNERS):
        name = f"Team {owner}"
        found[f"Aftale om lån af køretøjer {owner}"] = (now.before, name, None, "Natur og Miljø")
        found[f"Ladestandere ved materielgården {owner}"] = (now, name, None, "Natur og Miljø")
        found[f"Evaluering af forsøget {owner}"] = (now.next, name, None, "Natur og Miljø")
    return found


@pytest.fixture
async def site(pool: Pool, settings: Settings) -> AsyncGenerator[Site]:
    async with mail_inbox() as inbox:
        people = {f"Team {owner}": mail_of(owner) for owner in range(OWNERS)}
        plan = await owned_plan(pool, settings, inbox, people, owned())
        async with served(whole_app(pool, plan.settings)[0]) as url:
            yield Site(url, plan)


async def test_two_of_ten_owners_answer_in_minutes_and_each_silent_one_is_reminded_once(
    site: Site, chromium: Browser
) -> None:
    plan, pool = site.plan, site.plan.pool
    one = await plan.begin()
    assert Counter(plan.inbox.recipients) == Counter(map(mail_of, range(OWNERS)))
    late, now = "Aftale om lån af køretøjer {}", "Ladestandere ved materielgården {}"

    # By keyboard alone, on a desktop.
    desk = await visitor_of(chromium, site.url, "desktop")
    tab = desk.pages[0]
    await tab.goto(site.address(0))
    await expect(tab.locator("h1")).to_contain_text("Hvor langt er dine milepæle?")
    await picture(tab, "follow-up-desktop")
    until = tab.locator(site.field("until", late.format(0)))
    await expect(until).to_be_hidden()
    postponed = tab.locator(site.field("progress", late.format(0), "postponed"))
    await KEYBOARD.tick(postponed)
    await expect(until).to_be_visible()
    await KEYBOARD.tick(tab.locator(site.field("progress", now.format(0), "done")))
    await KEYBOARD.press(tab.get_by_role("button", name="Send mit svar"))
    # The error stands at its field, and nothing is lost.
    wrong = tab.locator(f"{site.field('until', late.format(0))}[aria-invalid]")
    await expect(wrong).to_be_visible()
    await expect(tab.locator(site.field("progress", now.format(0), "done"))).to_be_checked()
    await picture(tab, "follow-up-desktop-refused")
    after = this_quarter().next
    await KEYBOARD.choose(until, f"{after.quarter}. kvartal {after.year}")
    await KEYBOARD.press(tab.get_by_role("button", name="Send mit svar"))
    await expect(tab.locator(".alert-success")).to_contain_text("Tak, dit svar er gemt.")
    found, _ = await milestone(pool, plan.milestones[late.format(0)])
    assert (found.status, found.postponed) == (MilestoneStatus.POSTPONED, after)

    # On a phone, while somebody else says something of the same milestone.
    phone = await visitor_of(chromium, site.url, "phone")
    tab = phone.pages[0]
    await tab.goto(site.address(1))
    await HANDS.tick(tab.locator(site.field("progress", late.format(1), "in_progress")))
    await HANDS.tick(tab.locator(site.field("progress", now.format(1), "decision")))
    await HANDS.write(tab.locator(site.field("decider", now.format(1))), "Udvalget")
    await picture(tab, "follow-up-phone")
    theirs = Said(MilestoneStatus.DONE, "Strøm fra i går")
    await say(pool, SOMEBODY, plan.milestones[now.format(1)], theirs)
    await HANDS.press(tab.get_by_role("button", name="Send mit svar"))
    await expect(tab.locator(".answer .alert-warning")).to_contain_text("Strøm fra i går")
    await picture(tab, "follow-up-phone-contested")
    await HANDS.tick(tab.locator(site.field("stands", now.format(1), "theirs")))
    await HANDS.press(tab.get_by_role("button", name="Send mit svar"))
    await expect(tab.locator(".alert-success")).to_contain_text("Tak, dit svar er gemt.")
    found, _ = await milestone(pool, plan.milestones[now.format(1)])
    assert (found.status, found.note) == (MilestoneStatus.DONE, "Strøm fra i går")
    assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # Who keeps the plan sees who has answered.
    keeper = await visitor(pool, Role.ADMINISTRATOR, "Flora")
    await keeper.sit_at(desk, site.url)
    tab = desk.pages[0]
    await tab.goto(f"{site.url}/plan/follow-up/{one.follow_up_id}")
    await expect(tab.locator(".tile-figure").first).to_have_text("2 af 10")
    await expect(tab.get_by_role("row", name="Team 0")).to_contain_text("Besvaret 2 af 2")
    await picture(tab, "follow-up-coverage")
    await tab.goto(f"{site.url}/plan/follow-up")
    await picture(tab, "follow-up-start")

    plan.inbox.taken.clear()
    one = await plan.at(one, days=-3)
    for _ in range(3):
        await plan.tell(one)
    assert Counter(plan.inbox.recipients) == Counter(map(mail_of, range(2, OWNERS)))
    for context in (desk, phone):
        await context.close()
