"""Sample views of the overview."""

from dataclasses import replace

from api.pages.frame import views
from api.pages.frame.views import PageView
from api.pages.municipality.views import shown_checklist
from api.pages.overview import views as overview_views
from api.supervisor import PartName
from register.contact import Contact
from register.municipality.first_run import checklist
from tests.samples.ledger import ACCOUNT
from tests.samples.municipality import ALL_THERE, NOTHING
from tests.samples.places import CAR, NOW, PERIOD, ROADS, SILENT, TOWN_HALL
from tests.samples.plan import MILESTONES
from tests.samples.proposals import ENDS, NARROWED, ROUND
from tests.samples.trial import TRIAL
from tests.samples.use import DAYS, USES

FULL = overview_views.OverviewPage(
    as_of=NOW,
    checklist=shown_checklist(checklist(ALL_THERE)),
    failed_parts=[
        overview_views.FailedPart(
            name=PartName.MQTT, up=False, kind="RecursionError", failed_at=NOW, failures=12
        ),
        overview_views.FailedPart(
            name=PartName.WRITER, up=True, kind="KeyError", failed_at=NOW, failures=1
        ),
    ],
    vehicles=60,
    trackers_heard=59,
    not_heard_total=14,
    not_heard=[
        overview_views.NotHeard(device="d1", vehicle=SILENT, contact=Contact.SILENT, last_ping=NOW),
        overview_views.NotHeard(
            device="353691840012347", vehicle=None, contact=Contact.NEVER, last_ping=None
        ),
    ],
    without_tracker=2,
    intake=overview_views.Intake(received_today=41_234, quarantined=views.BoundedCount(14)),
    trips_begun_today=187,
    trips_period=8_405,
    period=PERIOD,
    days=replace(DAYS, address="/", errors={}, later=None),
    has_data=True,
    days_used_share=0.634,
    unknown=3,
    round=ROUND,
    ends=ENDS,
    pending=True,
    round_works=False,
    depots=[
        overview_views.DepotUse(depot=TOWN_HALL, vehicles=10, peak=7, peak_at=NOW),
        overview_views.DepotUse(depot=ROADS, vehicles=17, peak=15, peak_at=None),
    ],
    least_used=[
        overview_views.LeastUsed(
            vehicle=CAR,
            kind="Lille elbil",
            depot=ROADS.name,
            days_used_share=0.04,
            figures=USES[0],
            by_hours=False,
        )
    ],
    late=MILESTONES[:1],
    late_total=7,
    milestones=MILESTONES[1:3],
    plan_waits=False,
    requests_wait=2,
    late_proposals=[row.undertaken.whole for row in ACCOUNT.late],
    trial=TRIAL,
)

OVERVIEW_PAGES: dict[str, PageView] = {
    "overview": FULL,
    # As who sees no single trips is shown it.
    "overview-figures": replace(FULL, intake=None, trips_begun_today=None),
    "overview-empty": overview_views.OverviewPage(
        as_of=NOW,
        checklist=shown_checklist(checklist(NOTHING)),
        failed_parts=(),
        vehicles=0,
        trackers_heard=0,
        not_heard_total=0,
        not_heard=(),
        without_tracker=0,
        intake=overview_views.Intake(received_today=0, quarantined=views.BoundedCount(0)),
        trips_begun_today=0,
        trips_period=0,
        period=None,
        days=None,
        has_data=False,
        days_used_share=None,
        unknown=0,
        round=None,
        ends=None,
        pending=False,
        round_works=False,
        depots=(),
        least_used=(),
        late=(),
        late_total=0,
        milestones=(),
        plan_waits=True,
        late_proposals=[],
    ),
}
OVERVIEW = OVERVIEW_PAGES["overview"]
assert isinstance(OVERVIEW, overview_views.OverviewPage)
OVERVIEW_PAGES["overview-narrowed"] = replace(OVERVIEW, intake=None, round=NARROWED)
