"""The words for the status of a milestone; see `words.vocabulary`."""

from api.pages.plan.choice import By
from api.pages.plan.shipped_words import say_programme
from api.pages.plan.views import Notice
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from tracker.facts import Fact
from tracker.finding import Matter
from tracker.milestone import MilestoneStatus

LABELS: Labels = {
    MilestoneStatus: {
        MilestoneStatus.NOT_STARTED: mark("Not started"),
        MilestoneStatus.IN_PROGRESS: mark("In progress"),
        MilestoneStatus.DONE: mark("Done"),
        MilestoneStatus.POSTPONED: mark("Postponed"),
        MilestoneStatus.MERGED: mark("Merged into another"),
        MilestoneStatus.DROPPED: mark("Given up"),
    },
    By: {
        By.PROGRAMME: mark("By programme"),
        By.QUARTER: mark("By quarter"),
        By.OWNER: mark("By owner"),
        By.CENTRE: mark("By centre"),
        By.DECISION: mark("Decisions"),
        By.STRAND: mark("Strands"),
    },
    Matter: {
        Matter.LATE: mark("Late"),
        Matter.NEEDS_DECISION: mark("Decision needed"),
        Matter.UNOWNED: mark("Without owner"),
        Matter.SILENT: mark("Silent"),
        Matter.OPEN: mark("Open"),
        Matter.DONE: mark("Done"),
    },
    Fact: {
        Fact.CHIPS_INSTALLED: mark("Every vehicle that has a tracker was heard"),
        Fact.DATA_COLLECTED: mark("There are four weeks of driving"),
        Fact.FLEET_UNIT: mark("Somebody has an account of the fleet unit"),
        Fact.FIRST_ROUND: mark("Proposals of a first round were sent"),
        Fact.SECOND_ROUND: mark("Proposals of a second round were sent"),
        Fact.EVALUATION: mark("The evaluation was made"),
        Fact.ROLL_OUT: mark("The roll-out plan was made"),
    },
    Notice: {
        Notice.MILESTONE_SAVED: mark("The milestone is saved."),
        Notice.PLAN_TAKEN: mark("The plan is stored."),
        Notice.DOCUMENT_GONE: mark("The document waited too long to be confirmed: read it again."),
        Notice.PLAN_REMOVED: mark("The plan is removed."),
        Notice.PLAN_KNOWN: mark("The document is that of this plan, which is stored already."),
        Notice.CONTACT_SAVED: mark("The contact is saved."),
        Notice.ASSIGNED: mark("The milestones are given to them."),
        Notice.TOO_MANY_CHOSEN: mark(
            "Nothing is changed: at most 2,000 milestones are given to somebody in one go."
        ),
        Notice.NOTHING_CHOSEN: mark("Nothing is changed: choose milestones, and who gets them."),
    },
}

BADGES: Labels = {
    MilestoneStatus: {
        MilestoneStatus.NOT_STARTED: "badge-neutral",
        MilestoneStatus.IN_PROGRESS: "badge-info",
        MilestoneStatus.DONE: "badge-success",
        MilestoneStatus.POSTPONED: "badge-warning",
        MilestoneStatus.MERGED: "badge-neutral",
        MilestoneStatus.DROPPED: "badge-neutral",
    },
}

VOCABULARY = Vocabulary(labels=LABELS, badges=BADGES, filters={"programme": say_programme})
