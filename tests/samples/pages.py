"""A realistic view for every page, for tests of what pages look like without a database."""

from access.roles import Role
from api.door.needs import Need
from api.pages.frame import views
from api.pages.frame.views import PageView
from api.pages.routes import SUBJECTS
from fleet.actor import Permission
from tests.samples.access import ACCESS_PAGES
from tests.samples.audit import AUDIT_PAGES
from tests.samples.costs import COST_PAGES
from tests.samples.depot_days import DEPOT_DAYS_PAGES
from tests.samples.follow_up import FOLLOW_UP_PAGES
from tests.samples.future import FUTURE_PAGES
from tests.samples.indicators import INDICATOR_PAGES
from tests.samples.intake import INTAKE_PAGES
from tests.samples.interface import INTERFACE_PAGES
from tests.samples.ledger import LEDGER_PAGES
from tests.samples.logs import LOG_PAGES
from tests.samples.meetings import MEETING_PAGES
from tests.samples.municipality import MUNICIPALITY_PAGES
from tests.samples.overview import OVERVIEW_PAGES
from tests.samples.pilot_end import PILOT_END_PAGES
from tests.samples.plan import PLAN_PAGES
from tests.samples.plan_status import PLAN_STATUS_PAGES
from tests.samples.proposals import PROPOSAL_PAGES
from tests.samples.purchases import PURCHASE_PAGES
from tests.samples.register import REGISTER_PAGES
from tests.samples.reports import REPORT_PAGES
from tests.samples.round_basis import ROUND_BASIS_PAGES
from tests.samples.talk import TALK_PAGES
from tests.samples.trackers import TRACKER_PAGES
from tests.samples.transition import TRANSITION_PAGES
from tests.samples.trial import TRIAL_PAGES
from tests.samples.use import USE_PAGES
from tests.samples.vehicle_lists import VEHICLE_LIST_PAGES
from tests.samples.vehicles import VEHICLE_PAGES
from tests.samples.what_ifs import WHAT_IF_PAGES
from tests.samples.zones import ZONE_PAGES

PAGES: dict[str, PageView] = {
    **USE_PAGES,
    **VEHICLE_PAGES,
    **PROPOSAL_PAGES,
    **DEPOT_DAYS_PAGES,
    **REPORT_PAGES,
    **TRANSITION_PAGES,
    **TALK_PAGES,
    **FUTURE_PAGES,
    **COST_PAGES,
    **ROUND_BASIS_PAGES,
    **INTAKE_PAGES,
    **TRACKER_PAGES,
    **ZONE_PAGES,
    **LOG_PAGES,
    **REGISTER_PAGES,
    **VEHICLE_LIST_PAGES,
    **OVERVIEW_PAGES,
    **PLAN_PAGES,
    **FOLLOW_UP_PAGES,
    **PLAN_STATUS_PAGES,
    **MEETING_PAGES,
    **INDICATOR_PAGES,
    **LEDGER_PAGES,
    **PURCHASE_PAGES,
    **PILOT_END_PAGES,
    **TRIAL_PAGES,
    **WHAT_IF_PAGES,
    **MUNICIPALITY_PAGES,
    **AUDIT_PAGES,
    **ACCESS_PAGES,
    **INTERFACE_PAGES,
    "not-allowed": views.NotAllowedPage(
        Permission.COSTS_CHANGE, (Role.ADMINISTRATOR, Role.FLEET_UNIT)
    ),
    "other-department": views.NotAllowedPage(None),
    "error-404": views.ErrorPage(404),
    "error-403": views.ErrorPage(403),
    "error-405": views.ErrorPage(405),
    "error-408": views.ErrorPage(408),
    "error-413": views.ErrorPage(413, back="/logs", limit_mb=8),
    "error-422": views.ErrorPage(422),
    "error-500": views.ErrorPage(500),
}

#: What the addresses ask for that stand on the pages.
NEEDS_OF_PAGES: dict[tuple[str, str], Need] = {
    (route.definition.method, route.definition.path): route.need
    for subject in SUBJECTS
    for route in subject.routes
}
