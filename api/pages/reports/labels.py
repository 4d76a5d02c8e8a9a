"""The words of the documents of a round."""

from api.pages.reports.views import Standing
from api.pages.words.language import mark
from api.pages.words.vocabulary import Vocabulary

VOCABULARY = Vocabulary(
    labels={
        Standing: {
            Standing.OPEN: mark("Awaits a decision"),
            Standing.ACCEPTED: mark("Accepted"),
            Standing.DONE: mark("Carried out"),
            Standing.REJECTED: mark("Rejected"),
        }
    }
)
