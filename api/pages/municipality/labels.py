"""The words of the pages of the municipality; see `words.vocabulary`."""

from api.pages.municipality.holiday_names import say_holiday
from api.pages.municipality.views import Notice
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from register.municipality.first_run import Step

LABELS: Labels = {
    Step: {
        Step.NAME: mark("The name of the municipality"),
        Step.CLOSING_DAYS: mark("Closing days"),
        Step.DEPOTS: mark("Depots"),
        Step.VEHICLES: mark("Vehicles"),
        Step.SOURCES: mark("Trackers or driving logs"),
        Step.DATA: mark("The first trips"),
        Step.PROPOSALS: mark("The first proposals"),
    },
    Notice: {
        Notice.NAMED: mark("The name is saved."),
        Notice.DAY_CLOSED: mark("The closing day is saved, and the use is counted without it."),
        Notice.DAY_OPENED: mark("The closing day is removed."),
        Notice.DAYS_SETTLED: mark("It is noted that you have no closing days of your own."),
    },
}

VOCABULARY = Vocabulary(labels=LABELS, filters={"holiday": say_holiday})
