"""The words for what all pages share; see `words.vocabulary`."""

from collections.abc import Mapping

from access.roles import Role
from access.tokens import PROGRAM_PREFIX
from api.actors import AT_COMMAND_LINE
from api.pages.frame.views import Section
from api.pages.words.calendar_periods import CalendarPeriod
from api.pages.words.language import Language, mark, translations
from api.pages.words.seasons import season_words
from api.pages.words.units import say_unit
from api.pages.words.vocabulary import Labels, Vocabulary
from fleet.actor import Permission
from tracker.follow_up.links import LINK_PREFIX
from tracker.follow_up.telling import BY_ITSELF

LABELS: Labels = {
    Section: {
        Section.OVERVIEW: mark("Overview"),
        Section.VEHICLES: mark("Vehicles"),
        Section.USE: mark("Use of the fleet"),
        Section.PROPOSALS: mark("Proposals"),
        Section.LEDGER: mark("Follow-up"),
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
        Permission.VEHICLES_REQUEST: mark("ask for a vehicle"),
        Permission.PURCHASES_DECIDE: mark("answer requests for vehicles and record purchases"),
        Permission.PLAN_REPORT: mark("report on the plan"),
        Permission.PLAN_MANAGE: mark("import plans and give milestones to owners"),
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

#: The names under which parts of the system act, and a person at the machine itself.
ACTOR_NAMES: Mapping[str, str] = {
    str(AT_COMMAND_LINE): mark("IT operations, at the server"),
    "first start": mark("the first start"),
    "OpenID Connect": mark("the municipality's sign-in"),
    "register": mark("the register's file"),
    str(BY_ITSELF): mark("the follow-up of plans"),
}

PROGRAM_NAME = mark("the program {name}")
NAME_BY_LINK = mark("{name}, by a link in a mail")


def say_actor(name: str, /, language: Language) -> str:
    """Who did something: a person by their name, a program and the system in words."""
    say = translations(language).gettext
    if name.startswith(PROGRAM_PREFIX):
        return say(PROGRAM_NAME).format(name=name.removeprefix(PROGRAM_PREFIX))
    if name.startswith(LINK_PREFIX):
        return say(NAME_BY_LINK).format(name=name.removeprefix(LINK_PREFIX))
    return say(ACTOR_NAMES[name]) if name in ACTOR_NAMES else name


VOCABULARY = Vocabulary(
    labels=LABELS,
    filters={
        "actor": say_actor,
        "unit": say_unit,
        "season_words": season_words,
    },
)
