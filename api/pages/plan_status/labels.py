"""The words of the status of plans; see `words.vocabulary`."""

from api.pages.plan_status.words import MOVES, OUTCOMES
from api.pages.words.vocabulary import Labels, Vocabulary
from tracker.since.moves import Move
from tracker.since.promises import Outcome

LABELS: Labels = {Move: MOVES, Outcome: OUTCOMES}

VOCABULARY = Vocabulary(labels=LABELS)
