"""The words of the follow-up of plans; see `words.vocabulary`."""

from api.pages.follow_up.forms import Progress, Stands
from api.pages.follow_up.views import Notice
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from tracker.follow_up.asking import Group

LABELS: Labels = {
    Progress: {
        Progress.NOT_STARTED: mark("Not started"),
        Progress.IN_PROGRESS: mark("In progress"),
        Progress.DONE: mark("Done"),
        Progress.POSTPONED: mark("Postponed"),
        Progress.DROPPED: mark("Given up"),
        Progress.DECISION: mark("Waits for a decision"),
    },
    Stands: {
        Stands.THEIRS: mark("What the other person said"),
        Stands.MINE: mark("What I say below"),
    },
    Group: {
        Group.EARLIER: mark("From earlier quarters"),
        Group.NOW: mark("Of this quarter"),
        Group.UNDATED: mark("Without a quarter"),
        Group.COMING: mark("What comes later"),
    },
    Notice: {
        Notice.ANSWERED: mark(
            "Thank you, your answer is saved. You can change it here until the quarter is closed."
        ),
        Notice.ANSWERED_SOME: mark(
            "Your answer is saved. Some of the milestones still wait for a word from you."
        ),
        Notice.STARTED: mark("The follow-up has begun, and the mails are on their way."),
        Notice.STARTED_WITHOUT_MAIL: mark(
            "The follow-up has begun. No mail server is set up: make the links here and hand them"
            " over."
        ),
        Notice.CLOSED: mark("The quarter is closed. Its links change nothing any more."),
        Notice.SENT: mark("A new link is on its way, and the earlier ones do not work any more."),
        Notice.REVOKED: mark("The links of this person do not work any more."),
        Notice.CENTRE_SAVED: mark("It is saved who is written to for the centre."),
    },
}

VOCABULARY = Vocabulary(labels=LABELS)
