"""The words of what waits and of sending; see `words.vocabulary`."""

from api.pages.sendings.views import Notice
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary

LABELS: Labels = {
    Notice: {
        Notice.SENT_BY_MAIL: mark("It is sent, and a mail with a link is on its way."),
        Notice.SENT_TO_PAGE: mark(
            "It is sent, and waits on the recipient's page. No mail tells of it: there is no mail"
            " server, or the recipient has no e-mail address."
        ),
        Notice.SENT_SOME: mark(
            "It is sent, but for what was sent before and still waits for its answer."
        ),
    },
}

VOCABULARY = Vocabulary(labels=LABELS)
