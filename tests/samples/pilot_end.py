"""Sample views of the pages of the end of the pilot."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from api.pages.frame.views import PageView
from api.pages.pilot_end import views
from api.pages.pilot_end.forms import choice_values, goal_values
from api.pages.reports.views import KeptReportPage
from api.pages.words.language import Language
from optimiser.pilot_end.chosen import ChoiceEntry
from optimiser.pilot_end.elsewhere import found_elsewhere
from optimiser.pilot_end.evaluation import Decided, Evaluation, evaluate
from optimiser.pilot_end.figures import compared
from optimiser.pilot_end.goals import Goal, GoalChange, GoalText, Metric
from optimiser.pilot_end.measures import (
    Doubt,
    Hired,
    PeriodMeasures,
    PilotVehicle,
    doubts,
    measured,
)
from optimiser.pilot_end.roll_out import (
    RollOutChoice,
    SourceCounts,
    WaitingVehicle,
    pilot_saving,
    planned,
)
from reports.frozen import ReportKind
from tests.samples.ledger import ACCOUNT, TODAY
from tests.samples.places import NOW
from tests.samples.reports import REPORT_PAGES


def vehicle(number: int, *, is_known: bool = True) -> PilotVehicle:
    return PilotVehicle(
        vehicle_id=f"v{number}",
        department="Hjemmepleje",
        depot_id="raadhuset",
        is_green=number % 2 == 0,
        is_heard=is_known,
        is_known=is_known,
        days_known=40,
        days_used=30,
        away_h=200.0,
        km=1_800.0 if is_known else 0.0,
        fixed_kr_year=47_000.0,
        kr_km=1.2,
        co2_g_km=140.0,
    )


def period(
    first: date, last: date, vehicles: int, *, unknown: int = 0, hired: Hired | None = None
) -> PeriodMeasures:
    members = [vehicle(number, is_known=number >= unknown) for number in range(vehicles)]
    return measured((first, last), 40, 50, members, hired, 1_500.0)


BEFORE = period(date(2025, 9, 22), date(2025, 11, 16), 12, hired=Hired(months=1, kr=4_000.0))
AFTER = period(date(2026, 9, 21), date(2026, 11, 15), 10, hired=Hired(months=1, kr=5_500.0))
SPRING = period(date(2026, 4, 6), date(2026, 4, 19), 11, unknown=6)


def goal(number: int, metric: Metric, target: float, by: date) -> Goal:
    text = GoalText(metric=metric, target=target, by=by, source="Budget 2026, <side 12>")
    return Goal(goal_id=number, text=text, changes=number, actor="Flådechef", at=NOW)


AHEAD, PAST = date(2027, 12, 31), date(2026, 6, 30)
GOALS = [
    goal(1, Metric.FEWER_VEHICLES, 0.1, PAST),
    goal(2, Metric.LOWER_CO2, 0.3, AHEAD),
    goal(3, Metric.SAVED_KR, 500_000.0, PAST),
    goal(4, Metric.SAVED_CO2, 20.0, AHEAD),
    goal(5, Metric.CARRIED_OUT, 0.9, AHEAD),
]
DECIDED = Decided(proposals=8, proposed=9, accepted=2, rejected=1, open=6, done=1, late=1)


def evaluation(
    before: PeriodMeasures | None,
    after: PeriodMeasures | None,
    *,
    is_whole: bool = True,
    goals: Sequence[Goal] = GOALS,
) -> Evaluation:
    return evaluate(
        today=TODAY,
        before=before,
        after=after,
        doubts=doubts(before, after, 0.8),
        decided=DECIDED,
        account=ACCOUNT,
        goals=goals,
        is_whole=is_whole,
    )


def page_of(found: Evaluation) -> views.EvaluationPage:
    both = {"before": found.before, "after": found.after}
    days = {
        f"{side}-{end}": None if one is None else day
        for side, one in both.items()
        for end, day in (
            ("from", None if one is None else one.first),
            ("to", None if one is None else one.last),
        )
    }
    return views.EvaluationPage(
        found=found,
        figures=compared(found),
        elsewhere=found_elsewhere(),
        asked=views.AskedPeriods(days=days),
        as_of=NOW,
        known_min=0.8,
    )


WAITING = [
    WaitingVehicle(
        vehicle_id=f"w{number}",
        department=("Vej & Park", "Jobcenter", "")[number % 3],
        depot_id=f"d{number % 4}",
        depot=("Materielgården", "Rådhuset", "Søhuset", "Værkstedet")[number % 4],
        depot_waits=number % 4 > 1,
    )
    for number in range(43)
]
CHOICE = RollOutChoice(start=date(2027, 1, 1), chips_month=15, departments=("Jobcenter",))
SAVING = pilot_saving(
    [("raadhuset", ACCOUNT.rows[1])], {"raadhuset": 9, "materiel": 3}, date(2025, 9, 22)
)
PLAN = views.RollOutPage(
    plan=planned(WAITING, CHOICE, SAVING),
    vehicles=55,
    sources=SourceCounts(trackers=30, logs=12),
    is_whole=True,
    entries=[ChoiceEntry(choice=CHOICE, actor="Flådechef", at=NOW)],
    changes=1,
    values=choice_values(CHOICE),
    as_of=NOW,
    notice=views.Notice.PLAN_CHOSEN,
)
GOAL_PAGE = views.GoalPage(
    goal=GOALS[0],
    history=[
        GoalChange(text=GOALS[0].text, actor="Flådechef", at=NOW),
        GoalChange(text=None, actor="Flådechef", at=NOW),
    ],
    values=goal_values(GOALS[0].text, Language.DANISH),
    by=PAST,
)
WHOLE = page_of(evaluation(BEFORE, AFTER))
ALONE = page_of(evaluation(BEFORE, None))
KEPT = REPORT_PAGES["kept-report"]
assert isinstance(KEPT, KeptReportPage)

PILOT_END_PAGES: dict[str, PageView] = {
    "evaluation": replace(WHOLE, notice=views.Notice.GOAL_STATED),
    "evaluation-doubtful": replace(
        page_of(evaluation(replace(BEFORE, hired=None), SPRING)),
        asked=views.AskedPeriods(
            days=WHOLE.asked.days,
            errors={"after-to": "The last day lies before the first"},
            query={"after-from": "2026-04-06", "after-to": "2026-04-01"},
        ),
    ),
    "evaluation-before": ALONE,
    "evaluation-none": page_of(evaluation(None, None)),
    "evaluation-head": replace(
        page_of(evaluation(BEFORE, AFTER, is_whole=False)),
        asked=replace(WHOLE.asked, in_weeks=True, told=(date(2026, 1, 5), date(2026, 6, 28))),
    ),
    "evaluation-bare": replace(
        ALONE, found=replace(ALONE.found, goals=(), decided=Decided(), doubts=[Doubt.NO_AFTER])
    ),
    "evaluation-refused": replace(
        WHOLE,
        values={"metric": "lower_co2", "target": "x", "source": ""},
        errors={"target": "Enter a number above 0; a share is at most 100 per cent"},
    ),
    "goal": GOAL_PAGE,
    "roll-out": PLAN,
    "roll-out-unmeasured": replace(PLAN, plan=planned(WAITING, CHOICE, None), entries=()),
    "roll-out-head": replace(
        PLAN, plan=PLAN.plan.of(frozenset({"Jobcenter"})), is_whole=False, entries=()
    ),
    "roll-out-none": replace(PLAN, plan=planned([], CHOICE, SAVING), notice=None),
    "roll-out-no-vehicles": replace(PLAN, plan=planned([], CHOICE, None), vehicles=0, entries=()),
    "roll-out-none-of-head": replace(PLAN, plan=planned([], CHOICE, None), is_whole=False),
    "roll-out-refused": replace(
        PLAN,
        notice=None,
        errors={"departments": "A line names a department of which no vehicle is"},
    ),
    **{
        f"kept-{kind.value}": replace(
            KEPT, kept=replace(KEPT.kept, kind=kind, round_id=None, number=None, version=None)
        )
        for kind in (ReportKind.EVALUATION, ReportKind.ROLL_OUT)
    },
}
