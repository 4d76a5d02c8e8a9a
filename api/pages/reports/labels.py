"""The words of the documents of a round."""

from api.pages.reports.views import Standing
from api.pages.words.language import mark
from api.pages.words.vocabulary import Vocabulary
from reports.certificate import Unchecked

VOCABULARY = Vocabulary(
    labels={
        Standing: {
            Standing.OPEN: mark("Awaits a decision"),
            Standing.ACCEPTED: mark("Accepted"),
            Standing.DONE: mark("Carried out"),
            Standing.REJECTED: mark("Rejected"),
        },
        Unchecked: {
            Unchecked.DATA_CHANGED: mark(
                "It cannot be checked any more: trips, vehicles or assumptions were changed or"
                " deleted since, as private time is."
            ),
            Unchecked.WRONG: mark("The checker finds a fault in it: tell who runs the system."),
        },
    }
)
