"""The words for the status of a milestone; see `words.vocabulary`."""

from api.pages.plan.views import Notice
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from tracker.plan import MilestoneStatus

LABELS: Labels = {
    MilestoneStatus: {
        MilestoneStatus.NOT_STARTED: mark("Not started"),
        MilestoneStatus.IN_PROGRESS: mark("In progress"),
        MilestoneStatus.DONE: mark("Done"),
    },
    Notice: {
        Notice.MILESTONE_SAVED: mark("The milestone is saved."),
    },
}

BADGES: Labels = {
    MilestoneStatus: {
        MilestoneStatus.NOT_STARTED: "badge-neutral",
        MilestoneStatus.IN_PROGRESS: "badge-info",
        MilestoneStatus.DONE: "badge-success",
    },
}

VOCABULARY = Vocabulary(labels=LABELS, badges=BADGES)
