"""The words for what all pages share; see `words.vocabulary`."""

from access.roles import Role
from api.pages.frame.views import Section
from api.pages.words.calendar_periods import CalendarPeriod
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from fleet.actor import Permission

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
    Permission: {
        Permission.FIGURES_READ: mark("see figures of the fleet, proposals and the plan"),
        Permission.TRACKS_READ: mark("see when and where a vehicle drove"),
        Permission.REGISTER_CHANGE: mark("change vehicles, depots and closing days"),
        Permission.PRIVATE_CHANGE: mark("make a vehicle private"),
        Permission.TELEMETRY_MANAGE: mark("manage trackers and their keys"),
        Permission.LOGS_IMPORT: mark("import driving logs"),
        Permission.COSTS_CHANGE: mark("change assumptions and kinds of vehicle"),
        Permission.ROUNDS_REQUEST: mark("start rounds of proposals"),
        Permission.PROPOSALS_DECIDE: mark("decide on proposals"),
        Permission.PLAN_REPORT: mark("report on the plan"),
        Permission.ACCOUNTS_MANAGE: mark("manage accounts and tokens"),
        Permission.AUDIT_READ: mark("see who did what"),
    },
    CalendarPeriod: {
        CalendarPeriod.WEEK: mark("Week"),
        CalendarPeriod.MONTH: mark("Month"),
        CalendarPeriod.QUARTER: mark("Quarter"),
        CalendarPeriod.YEAR: mark("Year"),
    },
}

VOCABULARY = Vocabulary(labels=LABELS)
