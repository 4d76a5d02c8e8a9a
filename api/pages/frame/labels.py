"""The words for what all pages share; see `words.vocabulary`."""

from access.roles import Role
from api.pages.frame.views import Section
from api.pages.words.calendar_periods import CalendarPeriod
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary

LABELS: Labels = {
    Section: {
        Section.OVERVIEW: mark("Overview"),
        Section.VEHICLES: mark("Vehicles"),
        Section.USE: mark("Use of the fleet"),
        Section.PROPOSALS: mark("Proposals"),
        Section.ASSUMPTIONS: mark("Assumptions"),
        Section.PLAN: mark("Plan"),
        Section.INTAKE: mark("Intake"),
    },
    Role: {
        Role.ADMINISTRATOR: mark("Administrator"),
        Role.FLEET_UNIT: mark("Fleet unit"),
        Role.DEPARTMENT_HEAD: mark("Department head"),
        Role.READER: mark("Reader"),
    },
    CalendarPeriod: {
        CalendarPeriod.WEEK: mark("Week"),
        CalendarPeriod.MONTH: mark("Month"),
        CalendarPeriod.QUARTER: mark("Quarter"),
        CalendarPeriod.YEAR: mark("Year"),
    },
}

VOCABULARY = Vocabulary(labels=LABELS)
