"""The words of the mails about what is said of proposals."""

from functools import partial

from access.mail.outbox import Letter
from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from api.settings import Settings
from optimiser.talk.entries import EntryKind
from optimiser.talk.telling import News, Words

#: A mail is in the language of the municipality; which one its reader chose is in their browser.
LANGUAGE = Language.DANISH

SUBJECTS = {
    EntryKind.SENDING: mark("Proposals about your vehicles wait for your answer"),
    EntryKind.QUESTION: mark("A question about a proposal waits for your answer"),
    EntryKind.ANSWER: mark("There is an answer about a proposal"),
}

_FIRST = {
    EntryKind.QUESTION: mark("%(who)s asks about a proposal:"),
    EntryKind.ANSWER: mark("%(who)s answers about a proposal:"),
}

ANSWER_BY = mark("The answer is asked for by %(day)s.")
SILENCE = mark("Nothing is decided before somebody decides.")
READ_HERE = mark("Read and answer here:")


def mail_words(settings: Settings) -> Words:
    """What puts news into a mail; None where there is no mail server."""
    if not settings.sends_mail:
        return None
    return partial(_letter, settings.pages_address)


def _letter(pages_address: str, news: News) -> Letter:
    catalogue, formats = translations(LANGUAGE), Formats(LANGUAGE)
    gettext, ngettext = catalogue.gettext, catalogue.ngettext
    values = {"who": news.actor, "count": formats.number(news.proposals)}
    if news.kind is EntryKind.SENDING:
        first = ngettext(
            "%(who)s sends you %(count)s proposal about the vehicles of your department.",
            "%(who)s sends you %(count)s proposals about the vehicles of your department.",
            news.proposals,
        )
    else:
        first = gettext(_FIRST[news.kind])
    parts = [first % values]
    if news.text:
        parts.append(news.text)
    if news.answer_day is not None:
        parts.append(gettext(ANSWER_BY) % {"day": formats.day(news.answer_day)})
    if news.kind in (EntryKind.SENDING, EntryKind.QUESTION):
        parts.append(gettext(SILENCE))
    place = "mine" if news.proposal_id is None else f"{news.proposal_id}#talk"
    parts.append(f"{gettext(READ_HERE)}\n{pages_address}/proposals/{place}")
    return Letter(gettext(SUBJECTS[news.kind]), "\n\n".join(parts) + "\n")
