"""The words of the mails of a follow-up."""

from collections.abc import Callable
from functools import partial

from access.mail.outbox import Letter
from api.door.link_addresses import follow_up_address
from api.pages.frame.labels import say_actor
from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from api.settings import Settings
from tracker.follow_up.letters import News, Words

#: A mail is in the language of the municipality; which one its reader chose is in their browser.
LANGUAGE = Language.DANISH

SUBJECT = mark("How far are your milestones? Q%(quarter)s %(year)s")
REMINDER = mark("Reminder: how far are your milestones? Q%(quarter)s %(year)s")
PLAN = mark("It is about the plan %(plan)s in the %(quarter)s. quarter of %(year)s.")
STANDS_IN = mark("You are asked because nobody has answered for them yet.")
MINUTES = mark("One page, a few minutes, no account and no password:")
ANSWER_BY = mark("Please answer by %(day)s. The link works until %(last)s.")
OWN_LINK = mark("The link is yours: whoever has it can answer in your name.")
TURN_TO = mark("Questions? Turn to %(who)s.")


def follow_up_words(settings: Settings) -> Words | None:
    """The writer of mails with news of a follow-up; None where there is no mail server."""
    if not settings.sends_mail:
        return None
    address: Callable[[str], str] = partial(follow_up_address, settings)
    return partial(_letter, address)


def _letter(address: Callable[[str], str], news: News) -> Letter:
    catalogue, formats = translations(LANGUAGE), Formats(LANGUAGE)
    gettext, one = catalogue.gettext, news.follow_up
    values = {
        "plan": one.plan,
        "year": str(one.quarter.year),
        "quarter": str(one.quarter.quarter),
        "day": formats.day(one.answer_by),
        "last": formats.day(one.ends_on),
    }
    parts: list[str] = []
    if news.milestones is not None:
        text = catalogue.ngettext(
            "%(count)s milestone waits for a word from you: how far is it?",
            "%(count)s milestones wait for a word from you: how far are they?",
            news.milestones,
        )
        parts.append(text % {"count": formats.number(news.milestones)})
    parts.append(gettext(PLAN) % values)
    if news.stands_in:
        parts.append(gettext(STANDS_IN))
    parts.append(f"{gettext(MINUTES)}\n{address(news.token)}")
    parts.append(gettext(ANSWER_BY) % values)
    parts.append(gettext(OWN_LINK))
    who = say_actor(one.turn_to, LANGUAGE)
    if one.turn_to_address:
        who = f"{who}, {one.turn_to_address}"
    parts.append(gettext(TURN_TO) % {"who": who})
    subject = gettext(REMINDER if news.is_reminder else SUBJECT) % values
    return Letter(subject, "\n\n".join(parts) + "\n")
