"""Sample views of the pages of the municipality."""

from dataclasses import replace
from datetime import date

from api.pages.frame.forms import Seen
from api.pages.frame.views import PageView
from api.pages.municipality import views
from register.municipality.closing_days import ClosingDay
from register.municipality.first_run import FirstRunFacts, checklist
from tests.samples.parts import first_part

NOTHING = FirstRunFacts(
    is_named=False,
    closing_days_known=False,
    depots_waiting=0,
    depots=0,
    vehicles=0,
    vehicles_told_of=0,
    trackers=0,
    log_waits=False,
    has_positions=False,
    has_refused=False,
    has_trips=False,
    kinds_on_offer=False,
    latest_round=None,
    has_proposals=False,
)
ALL_THERE = FirstRunFacts(
    is_named=True,
    closing_days_known=True,
    depots=8,
    depots_waiting=0,
    vehicles=60,
    vehicles_told_of=60,
    trackers=58,
    log_waits=False,
    has_positions=True,
    has_refused=True,
    has_trips=True,
    kinds_on_offer=True,
    latest_round="done",
    has_proposals=True,
)
#: What each step finds on the way.
ON_THE_WAY = [
    replace(NOTHING, is_named=True, depots=1, trackers=3),
    replace(NOTHING, is_named=True, depots=3, depots_waiting=2, vehicles=60),
    replace(NOTHING, vehicles=60, log_waits=True, has_refused=True),
    replace(NOTHING, vehicles=60, vehicles_told_of=12, trackers=12, has_positions=True),
    replace(NOTHING, vehicles=60, vehicles_told_of=12, has_trips=True),
    replace(NOTHING, vehicles=60, has_trips=True, kinds_on_offer=True),
    replace(ALL_THERE, latest_round="running", has_proposals=False),
    replace(ALL_THERE, latest_round="failed", has_proposals=False),
]

MUNICIPALITY_PAGES: dict[str, PageView] = {
    "municipality": views.MunicipalityPage(
        name="Lyngby-Taarbæk Kommune",
        year=2026,
        part=first_part(
            [
                *[
                    ClosingDay(date(2026, 6, n), "Grundlovsdag", "Lokalaftale 2026", "HR")
                    for n in range(1, 31)
                ],
                ClosingDay(date(2026, 12, 25), "Juledag", "", ""),
            ],
        ),
        days_known=True,
        seen=Seen(1),
        notice=views.Notice.DAY_CLOSED,
    ),
    "municipality-new": views.MunicipalityPage(
        name="Kommunen",
        year=2026,
        part=first_part(),
        days_known=False,
        seen=Seen(0),
        values={"day": "", "day_name": "Grundlovsdag"},
        errors={"day": "Choose a day"},
    ),
    "start": views.StartPage(views.shown_checklist(checklist(NOTHING))),
    "start-done": views.StartPage(views.shown_checklist(checklist(ALL_THERE))),
    **{
        f"start-{number}": views.StartPage(views.shown_checklist(checklist(facts)))
        for number, facts in enumerate(ON_THE_WAY)
    },
}
