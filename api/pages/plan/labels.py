"""The words for where a milestone stands; see `words.vocabulary`."""

from api.pages.plan.views import Notice, Progress
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary

LABELS: Labels = {
    Progress: {
        Progress.NOT_STARTED: mark("Not started"),
        Progress.IN_PROGRESS: mark("In progress"),
        Progress.DONE: mark("Done"),
    },
    Notice: {
        Notice.MILESTONE_SAVED: mark("The milestone is saved."),
    },
}

BADGES: Labels = {
    Progress: {
        Progress.NOT_STARTED: "badge-neutral",
        Progress.IN_PROGRESS: "badge-info",
        Progress.DONE: "badge-success",
    },
}

VOCABULARY = Vocabulary(labels=LABELS, badges=BADGES)
