"""Asks and reminds the people of follow-ups by mail, each once, and declares the job that does it.

All of it can be done again at any moment: what was sent is not sent twice. So a process that ends
in the middle is followed by one that sends the rest.
"""

from datetime import timedelta

from db.connect import Pool
from db.job import PeriodicJob
from fleet.actor import Actor, Permission
from fleet.localtime import local_day, local_now
from tracker.follow_up.asking import Days, silent_for
from tracker.follow_up.letters import Words
from tracker.follow_up.links import Reason, links, send_link
from tracker.follow_up.rounds import FollowUp, follow_ups, wanted_of
from tracker.follow_up.settings import FollowUpSettings

#: The name under which the job sends mails.
BY_ITSELF = Actor.trusted("follow-up of plans")


async def tell_owners(
    pool: Pool, actor: Actor, one: FollowUp, words: Words | None, settings: FollowUpSettings
) -> int:
    """Send the mails of an open follow-up that are due today: to who is first asked for a milestone
    of which nobody has said anything, as a reminder before the day, and after it to the next in
    the line. Without a mail server none is sent, and the page says so.

    Returns:
        How many mails were made.
    """
    actor.require(Permission.PLAN_MANAGE)
    today = local_now().date()
    if words is None or not one.is_open(today):
        return 0
    days = Days(one.answer_by, settings.follow_up_remind_days, settings.follow_up_fallback_days)
    wanted = await wanted_of(pool, one)
    known = await links(pool, one.follow_up_id)
    sent = 0
    for step in days.steps(today):
        has = {link.contact_id for link in known if link.step == step}
        for contact_id, milestones in silent_for(wanted, step).items():
            if contact_id not in has:
                sent += await send_link(
                    pool, actor, one, contact_id, step, Reason.ASKED, milestones, words
                )
    if days.is_reminding(today):
        # Whose links were revoked gets no other.
        latest = today - timedelta(days=settings.follow_up_first_days)
        asked = {
            link.contact_id for link in known if link.is_live and local_day(link.made_at) <= latest
        }
        reminded = {link.contact_id for link in known if link.reason is Reason.REMINDED}
        for contact_id, milestones in silent_for(wanted, 0).items():
            if contact_id in asked - reminded:
                sent += await send_link(
                    pool, actor, one, contact_id, 0, Reason.REMINDED, milestones, words
                )
    return sent


def follow_up_job(pool: Pool, settings: FollowUpSettings, words: Words | None) -> PeriodicJob:
    """The job that asks who was not asked yet, reminds who is silent, and asks who stands in.

    It does so in the hours of work (UTC)."""

    async def tell() -> None:
        for one in await follow_ups(pool, only_open=True):
            await tell_owners(pool, BY_ITSELF, one, words, settings)

    return PeriodicJob("follow_up_plans", "*/10 6-15 * * 1-5", tell)
