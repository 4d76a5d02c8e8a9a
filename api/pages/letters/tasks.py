"""The words of the mails about tasks that the ledger placed on other days."""

from collections.abc import Mapping
from functools import partial

from access.mail.outbox import Letter
from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from api.settings import Settings
from optimiser.ledger.moved_tasks import MovedTask, Words
from optimiser.ledger.steps import Step

#: A mail is in the language of the municipality; which one its reader chose is in their browser.
LANGUAGE = Language.DANISH

#: The words of each step, which the pages of the ledger have, too.
STEPS: Mapping[Step, str] = {
    Step.GIVE_NOTICE: mark("Give notice on the lease"),
    Step.ORDER: mark("Order the vehicle"),
    Step.CHARGER: mark("Have the charge point built"),
    Step.TELL_USERS: mark("Tell the users"),
    Step.HAND_OVER: mark("Hand the vehicle over"),
    Step.MOVE: mark("Move the vehicle"),
    Step.KEYS: mark("Keys and booking for everybody"),
    Step.RECEIVE: mark("Receive what was bought"),
}

SUBJECT = mark("Your tasks have another day")
FIRST = mark("Tasks that you have got another day, as the register of vehicles was changed:")
LINE = mark("%(step)s: from %(before)s to %(after)s")
OWN_DAY = mark("Where you need another day, choose it on the page of the task.")
READ_HERE = mark("See them here:")


def task_words(settings: Settings) -> Words:
    """The function that puts tasks that moved into a mail; None where there is no mail server."""
    if not settings.sends_mail:
        return None
    return partial(_letter, settings.pages_address)


def _letter(pages_address: str, moved: list[MovedTask]) -> Letter:
    say, formats = translations(LANGUAGE).gettext, Formats(LANGUAGE)
    lines = [
        "- "
        + say(LINE)
        % {
            "step": say(STEPS[one.step]),
            "before": formats.day(one.before),
            "after": formats.day(one.after),
        }
        + f"\n  {pages_address}/ledger/tasks/{one.task_id}"
        for one in moved
    ]
    parts = [say(FIRST), "\n".join(lines), say(OWN_DAY)]
    parts.append(f"{say(READ_HERE)}\n{pages_address}/proposals/mine")
    return Letter(say(SUBJECT), "\n\n".join(parts) + "\n")
