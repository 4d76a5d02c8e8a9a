"""The words of what is said about proposals; see `words.vocabulary`."""

from collections.abc import Mapping

from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from optimiser.talk.entries import EntryKind
from optimiser.talk.faults import TalkFault

LABELS: Labels = {
    EntryKind: {
        EntryKind.SENDING: mark("Sent"),
        EntryKind.QUESTION: mark("Question"),
        EntryKind.ANSWER: mark("Answer"),
        EntryKind.COMMENT: mark("Comment"),
    },
}

BADGES: Labels = {
    EntryKind: {
        EntryKind.SENDING: "badge-info",
        EntryKind.QUESTION: "badge-info",
        EntryKind.ANSWER: "badge-success",
        EntryKind.COMMENT: "badge-neutral",
    },
}

#: The field at which something is refused, and why.
FAULTS: Mapping[TalkFault, tuple[str, str]] = {
    TalkFault.NO_PROPOSALS: ("proposal", mark("Choose at least one proposal")),
    TalkFault.TOO_MANY: ("proposal", mark("At most 500 proposals are sent at once")),
    TalkFault.NO_RECIPIENT: (
        "recipient",
        mark("Nobody signs in to this account as a department head any more: choose another one"),
    ),
    TalkFault.NOT_CONCERNED: (
        "recipient",
        mark("A proposal is about none of the departments of the recipient"),
    ),
    TalkFault.FOR_FLEET_UNIT: ("recipient", mark("A department head asks the fleet unit")),
    TalkFault.ALREADY_SENT: (
        "proposal",
        mark("These are sent already, and wait for an answer: nothing is sent twice"),
    ),
    TalkFault.DAY_MISSING: ("answer_day", mark("Choose the day by which you ask for the answer")),
    TalkFault.DAY_PAST: ("answer_day", mark("The day lies in the past: choose a later one")),
    TalkFault.DAY_FAR: ("answer_day", mark("The day is too far away")),
    TalkFault.TEXT_EMPTY: ("said", mark("Enter a text")),
    TalkFault.TEXT_TOO_LONG: ("said", mark("The text may be at most 2,000 characters")),
}

DAY_UNREADABLE = mark("Enter the day as a date")
NOTHING_WAITS = mark("Somebody answered this meanwhile, or decided: see the conversation")

VOCABULARY = Vocabulary(labels=LABELS, badges=BADGES)
