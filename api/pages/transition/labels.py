"""The words of the transition; see `words.vocabulary`."""

from api.pages.transition.picture import Happening
from api.pages.transition.views import Shown
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from optimiser.transition.contracts import Holding

LABELS: Labels = {
    Holding: {
        Holding.LEASED: mark("Contract"),
        Holding.ENDED: mark("Contract that has ended"),
        Holding.NO_END: mark("Yearly payment without an end"),
        Holding.OWNED: mark("Owned"),
        Holding.UNKNOWN: mark("Not known"),
    },
    Happening: {
        Happening.LEAVES: mark("leaves"),
        Happening.REPLACED: mark("is replaced"),
        Happening.MOVES: mark("moves"),
        Happening.COMES: mark("comes"),
        Happening.SHARED: mark("is shared"),
    },
    Shown: {
        Shown.ALL: mark("All vehicles"),
        Shown.CHANGING: mark("Those that change"),
        Shown.ENDED: mark("Those whose contract has ended"),
        Shown.UNKNOWN: mark("Those of which too little is known"),
    },
}

VOCABULARY = Vocabulary(labels=LABELS)
