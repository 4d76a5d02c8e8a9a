"""A realistic view for every page, for tests of what pages look like without a database."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from api.pages import (
    intake_views,
    log_views,
    overview_views,
    plan_views,
    proposal_views,
    use_views,
    vehicle_views,
    views,
    zone_views,
)
from api.pages.spans import Span
from api.pages.trip_class import TripClass
from api.pages.views import Choice, Page
from fleet import period
from fleet.vehicle import Energy
from ingest.contact import Contact
from ingest.gate import Reason
from ingest.registry import Key
from optimiser.answer import Change, DepotPlan, Figures
from optimiser.charging import Charging
from optimiser.decisions import Decision, Taker, Tight, Why
from optimiser.dispatch import Backtest, Replay
from optimiser.green import Obstacle
from optimiser.remark import Remark
from optimiser.sensitivity import Moved, moves
from optimiser.service import Reason as RoundReason
from optimiser.study import DepotCharging
from optimiser.verdicts import Action
from tests.basis_samples import BASIS_PAGES, CHANGES
from trips.calendar import Calendar
from trips.concurrency import crossings
from trips.driving_log import Field
from trips.log_uploads import UploadLine
from trips.nights import Sleeps
from trips.usage import DayRows, GroupUse, Use, use_of_each, use_together
from trips.zones import ZoneKind, circle, polygon

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
PERIOD = views.Period(date(2026, 9, 21), date(2026, 11, 15), 38)
TOWN_HALL = Choice("raadhus", "Rådhuset")
ROADS = Choice("vej-park", "Vej og Park, Firskovvej")
CAR = Choice("LTK-009", "LTK-009 <elbil>")
SILENT = Choice("LTK/042", "LTK-042")

ROWS = [
    vehicle_views.VehicleRow(
        vehicle_id=CAR.id,
        name=CAR.name,
        kind="Lille elbil",
        department="Center for Trafik, Miljø og Bæredygtighed",
        depot=ROADS.name,
        energy=Energy.ELECTRIC,
        last_ping=NOW,
        days_used_share=0.637,
        km=2029.6,
        trips=412,
        status=views.Status.IN_USE,
    ),
    vehicle_views.VehicleRow(
        vehicle_id=SILENT.id,
        name=SILENT.name,
        kind="Varevogn, diesel",
        department="Fællesadministrationen",
        depot=TOWN_HALL.name,
        energy=Energy.DIESEL,
        last_ping=None,
        days_used_share=None,
        km=0.0,
        trips=0,
        status=views.Status.UNKNOWN,
    ),
]

ROUND = proposal_views.Round(
    round_id=7,
    number=2,
    version=3,
    finished_at=NOW,
    period=PERIOD,
    baseline=proposal_views.FleetFigures(
        vehicles=60,
        green_vehicles=22,
        cost_kr_year=3_412_840.4,
        co2_t_year=96.44,
        fallback_trips_year=0.0,
    ),
    proposed=proposal_views.FleetFigures(
        vehicles=51,
        green_vehicles=31,
        cost_kr_year=2_986_115.9,
        co2_t_year=61.2,
        fallback_trips_year=117.3,
    ),
    gap=0.00241,
    lower_bound_kr_year=2_978_919.2,
    seconds=18.4,
    undecided=1,
    without_trips=["Materielgården <gammel>"],
)

DECISIONS = [
    Decision(
        key="pool:vej-park",
        action=Action.POOL,
        depot_id=ROADS.id,
        count=2,
        departments=("Vej & Park", "Skolernes tekniske service"),
        saving_kr_year=12_400.0,
        saving_co2_t_year=0.02,
        left_out_kr_year=96_310.0,
        upfront_kr=0.0,
        trips=1_412,
        km=18_220.0,
    ),
    Decision(
        key="dispose:LTK-009",
        action=Action.DISPOSE,
        depot_id=ROADS.id,
        vehicle_id=CAR.id,
        vehicle=CAR.name,
        kind="Lille elbil",
        energy=Energy.ELECTRIC,
        departments=("Vej & Park",),
        contract_end=date(2027, 4, 30),
        saving_kr_year=47_907.0,
        saving_co2_t_year=-0.1,
        left_out_kr_year=37_884.0,
        upfront_kr=0.0,
        days_used=4,
        trips=24,
        km=217.0,
        taken_over_by=(Taker("Lille elbil 3", 20), Taker("+ Varevogn, el 1", 2)),
        to_fallback=2,
        tight_days=(date(2026, 11, 4), date(2026, 11, 5)),
    ),
    Decision(
        key="replace:LTK/042",
        action=Action.REPLACE,
        depot_id=TOWN_HALL.id,
        vehicle_id=SILENT.id,
        vehicle=SILENT.name,
        kind="Varevogn, diesel",
        energy=Energy.DIESEL,
        new_kind="Stor elvarebil med lift",
        new_energy=Energy.ELECTRIC,
        saving_kr_year=-1_250.0,
        saving_co2_t_year=2.4,
        left_out_kr_year=310.0,
        upfront_kr=None,
        trips=220,
        km=6_400.0,
    ),
    Decision(
        key="buy:raadhus:ladcykel",
        action=Action.BUY,
        depot_id=TOWN_HALL.id,
        new_kind="Ladcykel",
        new_energy=Energy.BICYCLE,
        count=3,
        saving_kr_year=8_400.0,
        upfront_kr=96_000.0,
        trips=64,
        km=190.0,
    ),
    Decision(
        key="keep:LTK/042",
        action=Action.KEEP,
        depot_id=TOWN_HALL.id,
        vehicle_id=SILENT.id,
        vehicle=SILENT.name,
        kind="Varevogn, diesel",
        energy=Energy.DIESEL,
        left_out_kr_year=135_786.0,
        upfront_kr=0.0,
        trips=26,
        km=900.0,
        why=Why.WORTH,
        not_green=Obstacle.COST,
        not_green_kr_year=4_310.0,
    ),
]

CHANGED = ((), ((Moved.ENERGY_PRICE, 0.8), (Moved.DEMAND, 1.2)), None, (), None)
VERDICTS = (
    proposal_views.Verdict.ACCEPTED,
    proposal_views.Verdict.QUESTION,
    None,
    proposal_views.Verdict.REJECTED,
    None,
)

PROPOSALS = [
    proposal_views.ProposalRow(
        proposal_id=31 + i,
        depot=ROADS.name if decision.depot_id == ROADS.id else TOWN_HALL.name,
        decision=decision,
        verdict=VERDICTS[i],
        changed_by=CHANGED[i],
    )
    for i, decision in enumerate(DECISIONS)
]

SUMS = proposal_views.Sums(
    decisions=3,
    saving_kr_year=214_310.0,
    saving_co2_t_year=3.2,
    upfront_kr=1_240_000.0,
    unpriced=1,
)

BACKTEST = Backtest(
    first=date(2026, 9, 21),
    split=date(2026, 10, 26),
    last=date(2026, 11, 15),
    chosen=Replay(vehicles=15, trips=912, to_fallback=7, beyond=1, short_days=(date(2026, 11, 4),)),
    today=Replay(vehicles=17, trips=912, to_fallback=1, beyond=1, short_days=()),
)

DEPOT_PLAN = DepotPlan(
    depot_id=ROADS.id,
    baseline=Figures(
        vehicles=17,
        green_vehicles=4,
        cost_kr_year=1_412_000.0,
        co2_t_year=40.2,
        fallback_trips_year=0.0,
    ),
    proposed=Figures(
        vehicles=15,
        green_vehicles=6,
        cost_kr_year=1_197_690.0,
        co2_t_year=37.1,
        fallback_trips_year=14.2,
    ),
    peak=15,
    peak_at=NOW,
    changes=(
        Change(kind="Varevogn, diesel", energy=Energy.DIESEL, count_now=8, count=6),
        Change(kind="Lille elbil", energy=Energy.ELECTRIC, count_now=9, count=9),
    ),
    tight_days=(Tight(day=date(2026, 11, 4), out=15, vehicles=15, to_fallback=2),),
    departments=("Skolernes tekniske service", "Vej & Park"),
    apart=True,
    unknown=(SILENT.name,),
)

CHARGING = Charging(vehicles=6, charging_at_once=4, unmanaged_kw=44.0, managed_kw=7.31, kwh=4_120.0)

DEPOT_ROWS = [
    proposal_views.DepotRow(
        name=ROADS.name,
        plan=DEPOT_PLAN,
        charging=DepotCharging(depot_id=ROADS.id, today=CHARGING, proposed=CHARGING),
        backtest=BACKTEST,
    ),
    proposal_views.DepotRow(name=TOWN_HALL.name, plan=DEPOT_PLAN, charging=None, backtest=None),
]

POINTS = [
    proposal_views.CurvePoint(
        cost_kr_year=2_900_000.0 + 6_000.0 * i * i,
        co2_t_year=62.0 - 5.5 * i,
        lower_bound_kr_year=2_897_000.0 + 5_900.0 * i * i,
        gap=0.0011,
        vehicles=51 + i // 3,
        green_vehicles=31 + i,
        fleet=[("Varevogn, diesel", 20 - i), ("Lille elbil", 31 + i), ("Ladcykel", 2)],
    )
    for i in range(10)
]

MILESTONES = [
    plan_views.Milestone(
        milestone_id=f"m{index}",
        title="Fælles aftale om lån af køretøjer mellem centrene",
        initiative="Deling på tværs",
        year=2026,
        quarter=index + 1,
        progress=progress,
        note="Afventer svar.\nRykket i oktober." if index else "",
    )
    for index, progress in enumerate(plan_views.Progress)
]


def track(turn: float) -> list[tuple[float, float]]:
    """A curve from the town hall and out, (lon, lat)."""
    return [
        (12.5036 + 0.03 * t * math.cos(turn + t), 55.7709 + 0.02 * t * math.sin(turn + t))
        for t in (i / 40 for i in range(41))
    ]


TRIPS = [
    vehicle_views.TripRow(
        start=NOW - timedelta(hours=hour),
        end=NOW - timedelta(hours=hour) + timedelta(minutes=7 + hour),
        km=3.4 + hour,
        start_place=TOWN_HALL.name if hour % 2 else None,
        end_place=ROADS.name if hour % 3 else None,
        track=track(hour),
    )
    for hour in range(6)
]

VEHICLE = vehicle_views.VehiclePage(
    row=ROWS[0],
    range_km=210.0,
    contract_end=date(2028, 4, 30),
    period=PERIOD,
    engine_hours=412.3,
    tracker=vehicle_views.TrackerHealth(
        device="353691840012347",
        last_ping=NOW,
        silent=True,
        pings_24h=812,
        expected_h=1,
        covered_share=0.97,
        quarantined=3,
    ),
    week_use=[[min(1.0, hour * day / 100) for hour in range(24)] for day in range(7)],
    day=date(2026, 11, 20),
    earlier=date(2026, 11, 19),
    later=date(2026, 11, 21),
    trips=TRIPS,
    depots=[
        vehicle_views.Site(TOWN_HALL.name, 55.7709, 12.5036),
        vehicle_views.Site(ROADS.name, 55.778, 12.5165),
    ],
    tiles_url=None,
    trip_class=TripClass(own=None, of_kind="van", refinding=False),
    asleep=zone_views.Asleep(
        vehicle=CAR,
        own_depot=ROADS.name,
        sleeps=Sleeps.OTHER_DEPOT,
        depot=TOWN_HALL.name,
        nights=51,
    ),
)

CALENDAR = Calendar(
    period.Period(PERIOD.first, PERIOD.last, frozenset({date(2026, 10, 12)})), NOW.timestamp()
)


def day_rows(silent: int) -> DayRows:
    """Two vehicles that drive on weekdays; the second is silent for its last `silent` days."""
    count = CALENDAR.period.days
    day = np.concatenate((np.arange(count), np.arange(count - silent)))
    vehicle = np.repeat((0, 1), (count, count - silent))
    km = np.where(CALENDAR.weekday[day] < 5, 12.5 + day % 30, 0.0)
    return DayRows(
        vehicle=vehicle,
        day=day,
        heard=np.full(len(day), (1 << 24) - 1),
        trips=(km > 0).astype(np.int64) * 4,
        km=km,
        driving_s=km * 100,
        away_s=km * 800,
        engine_hours=np.zeros(len(day)),
    )


def fleet_group(silent: int) -> tuple[list[Use], GroupUse]:
    rows = day_rows(silent)
    uses = use_of_each(CALENDAR, rows, 2, 0.8)
    midnights = CALENDAR.midnights[rows.day]
    spans = np.stack((midnights + 7 * 3600, midnights + 7 * 3600 + rows.away_s), axis=1)
    return uses, use_together(CALENDAR, uses, rows, crossings(spans, rows.vehicle))


USES, GROUP = fleet_group(20)
NOTHING = day_rows(0).where(np.zeros(0, dtype=np.int64))

USE_ROWS = [
    use_views.UseRow(
        vehicle=vehicle,
        kind="Lille elbil",
        department="Center for Trafik, Miljø og Bæredygtighed",
        depot=ROADS.name,
        by_hours=by_hours,
        last_ping=last_ping,
        status=status,
        use=use,
    )
    for vehicle, by_hours, last_ping, status, use in (
        (CAR, False, NOW, views.Status.IN_USE, USES[0]),
        (SILENT, True, None, views.Status.UNKNOWN, USES[1]),
    )
]

DAYS = views.PeriodChoice(
    address="/use",
    first=date(2026, 10, 1),
    last=date(2026, 12, 31),
    wrong="The first day lies after the last. The latest weeks are shown instead.",
    latest=views.PeriodLink({"depot": ROADS.id}, current=False),
    latest_weeks=8,
    spans={
        span: views.PeriodLink(
            {"depot": ROADS.id, "from": str(first), "to": str(last)}, current=span is Span.QUARTER
        )
        for span in Span
        for first, last in [span.around(PERIOD.last)]
    },
    earlier=views.PeriodLink({"from": "2026-07-01", "to": "2026-09-30"}, current=False),
    later=views.PeriodLink({"from": "2027-01-01", "to": "2027-03-31"}, current=False),
    data=(PERIOD.first, PERIOD.last),
    counted=(date(2026, 10, 1), PERIOD.last),
    outside=False,
)

USE = use_views.UsePage(
    chosen=use_views.Chosen(depot=ROADS.id),
    departments=["Hjemmeplejen", "Vej & Park"],
    depots=[TOWN_HALL, ROADS],
    kinds=[Choice("lille-elbil", "Lille elbil")],
    period=PERIOD,
    days=DAYS,
    has_data=True,
    group=GROUP,
    working_hours_away=11.4,
    peaks=[use_views.Stretch(NOW - timedelta(hours=3), NOW)],
    peaks_total=12,
    breakdowns=[
        use_views.Breakdown(
            by,
            [
                use_views.GroupRow(name=name, query={by: name}, group=GROUP)
                for name in ("Center for Trafik, Miljø og Bæredygtighed", "Hjemmeplejen")
            ],
        )
        for by in ("department", "depot", "kind")
    ],
    rows=USE_ROWS,
)

YEAR_DAYS = [
    use_views.YearDay(
        day=date(2025, 11, 17) + timedelta(days=i),
        level=None if 200 < i < 230 else i * 7 % 6,
        hours=i % 9,
        km=i % 41,
        works=i % 7 < 5,
    )
    for i in range(370)
]

PAGES: dict[str, Page] = {
    "use": USE,
    "use-empty": replace(
        USE,
        chosen=use_views.Chosen(),
        period=None,
        days=replace(DAYS, wrong=None, counted=None, outside=True),
        has_data=False,
        rows=(),
        group=use_together(CALENDAR, [], NOTHING, crossings(np.zeros((0, 2)), NOTHING.vehicle)),
    ),
    "year": use_views.YearPage(
        row=USE_ROWS[0],
        period=PERIOD,
        days=YEAR_DAYS,
        months=[use_views.YearMonth(date(2026, month, 1), USES[month % 2]) for month in (11, 10)],
        longest=[use_views.LongDay(date(2026, 10, 14), 141.2, 9.1)],
        earlier=date(2025, 11, 16),
        later=date(2027, 1, 3),
    ),
    "year-empty": use_views.YearPage(
        row=USE_ROWS[1], period=None, days=(), months=(), longest=(), earlier=None, later=None
    ),
    "closing-days": use_views.ClosingDaysPage(
        year=2026,
        days=[
            use_views.ClosingDay(date(2026, 6, 5), "Grundlovsdag", "Lokalaftale 2026", "HR"),
            use_views.ClosingDay(date(2026, 12, 25), "Juledag", "", ""),
        ],
        values={"name": "<b>"},
        errors={"day": "Choose a day"},
        notice=views.Notice.DAY_CLOSED,
    ),
    "overview": overview_views.OverviewPage(
        as_of=NOW,
        vehicles=60,
        trackers_heard=59,
        silent=[overview_views.SilentTracker(vehicle=SILENT, last_ping=None)],
        pings_today=41_234,
        trips_today=187,
        trips_period=8_405,
        period=PERIOD,
        days=replace(DAYS, address="/", wrong=None, later=None),
        has_data=True,
        days_used_share=0.634,
        unknown=3,
        quarantined=14,
        round=ROUND,
        depots=[
            overview_views.DepotUse(depot=TOWN_HALL, vehicles=10, peak=7, peak_at=NOW),
            overview_views.DepotUse(depot=ROADS, vehicles=17, peak=15, peak_at=None),
        ],
        least_used=[
            overview_views.LeastUsed(
                vehicle=CAR, kind="Lille elbil", depot=ROADS.name, days_used_share=0.04, km=61.0
            )
        ],
        milestones=MILESTONES[:3],
    ),
    "overview-empty": overview_views.OverviewPage(
        as_of=NOW,
        vehicles=0,
        trackers_heard=0,
        silent=(),
        pings_today=0,
        trips_today=0,
        trips_period=0,
        period=None,
        days=None,
        has_data=False,
        days_used_share=None,
        unknown=0,
        quarantined=0,
        round=None,
        depots=(),
        least_used=(),
        milestones=(),
    ),
    "vehicles": vehicle_views.VehiclesPage(
        rows=ROWS * 5,
        total=60,
        depots=[TOWN_HALL, ROADS],
        depot_id=ROADS.id,
        sort=vehicle_views.VehicleSort.KM,
        descending=True,
        period=PERIOD,
    ),
    "vehicles-empty": vehicle_views.VehiclesPage(
        rows=(),
        total=0,
        depots=(),
        depot_id=None,
        sort=vehicle_views.VehicleSort.NAME,
        descending=False,
        period=None,
    ),
    "vehicle": VEHICLE,
    "vehicle-empty": vehicle_views.VehiclePage(
        row=ROWS[1],
        range_km=None,
        contract_end=None,
        period=None,
        engine_hours=None,
        tracker=None,
        week_use=None,
        day=None,
        earlier=None,
        later=None,
        trips=(),
        depots=(),
        tiles_url=None,
        trip_class=TripClass(own="patient", of_kind="car", refinding=True),
        asleep=None,
        values={"trip_class": "tank"},
        errors={"trip_class": "Choose one of the classes in the list"},
        notice=views.Notice.TRIP_CLASS_SAVED,
    ),
    "proposals": proposal_views.ProposalsPage(
        run=None,
        round=ROUND,
        rows=PROPOSALS,
        total=4,
        depots=[TOWN_HALL, ROADS],
        depot_id=ROADS.id,
        show=proposal_views.Show.OPEN,
        accepted=SUMS,
        every=SUMS,
        pending=True,
        parts=8,
        studied=3,
        values={"who": ""},
        errors={"who": "Write your initials or role, so that others can see who did this"},
        notice=views.Notice.ROUND_REQUESTED,
    ),
    "proposals-running": proposal_views.ProposalsPage(
        run=proposal_views.Run(
            round_id=8,
            number=2,
            version=4,
            state=proposal_views.RunState.RUNNING,
            requested_at=NOW,
            requested_by="flådeenheden",
            reason=None,
            message="",
            parts=8,
            answered=3,
        ),
        round=None,
    ),
    "proposals-failed": proposal_views.ProposalsPage(
        run=proposal_views.Run(
            round_id=8,
            number=3,
            version=1,
            state=proposal_views.RunState.FAILED,
            requested_at=NOW,
            requested_by="flådeenheden",
            reason=RoundReason.REFUSED,
            message="rules: turnaround_min: -5 is negative",
            parts=0,
            answered=0,
        ),
        round=ROUND,
        total=4,
        accepted=SUMS,
        every=SUMS,
    ),
    "proposals-empty": proposal_views.ProposalsPage(run=None, round=None),
    "proposal": proposal_views.ProposalPage(
        row=PROPOSALS[1],
        number=2,
        version=3,
        period=PERIOD,
        plan=DEPOT_PLAN,
        outcomes=[
            (moved, factor, None if moved is Moved.DEMAND else factor > 1)
            for moved, factor in moves(0.2)
        ],
        stated=("Lastbil <med kran>",),
        no_backtest="",
        backtest=BACKTEST,
        history=[
            proposal_views.DecisionEntry(
                verdict=proposal_views.Verdict.QUESTION,
                comment="Kan den nå sin lange tur i januar?",
                decided_by="Leder, hjemmeplejen",
                decided_at=NOW,
            )
        ],
        values={"verdict": "rejected", "comment": "", "who": "<b>MB</b>"},
        errors={"comment": "Write why the proposal is rejected"},
        notice=views.Notice.QUESTION,
    ),
    **{
        f"proposal-{PROPOSALS[i].decision.action}": proposal_views.ProposalPage(
            row=PROPOSALS[i],
            number=1,
            version=1,
            period=PERIOD,
            plan=DEPOT_PLAN,
            outcomes=None,
            stated=(),
            backtest=None,
            no_backtest="",
            history=(),
        )
        for i in (0, 2, 3, 4)
    },
    "curve": proposal_views.CurvePage(
        round=ROUND,
        points=POINTS,
        today=(3_260_000.0, 66.4),
        proposed=(2_940_000.0, 51.2),
        price_max_kr_t=100_000.0,
        cap_t=31.5,
        parts=8,
        studied=8,
    ),
    "curve-empty": proposal_views.CurvePage(
        round=None,
        points=(),
        today=None,
        proposed=None,
        price_max_kr_t=100_000.0,
        cap_t=None,
        parts=0,
        studied=0,
    ),
    "depots": proposal_views.DepotsPage(round=ROUND, rows=DEPOT_ROWS, parts=8, studied=5),
    "depots-failed": proposal_views.DepotsPage(
        round=ROUND,
        rows=DEPOT_ROWS,
        parts=8,
        studied=6,
        failures=[
            proposal_views.StudyFailure(
                depot_ids=(ROADS.id,),
                depots=(ROADS.name,),
                reason=RoundReason.WORKER_DIED,
                message="",
            ),
            proposal_views.StudyFailure(
                depot_ids=(TOWN_HALL.id,),
                depots=(TOWN_HALL.name,),
                reason=RoundReason.REFUSED,
                message="kind 'elbil': range_km: 0 allows no trip; empty means no limit",
            ),
        ],
    ),
    "proposal-failed": proposal_views.ProposalPage(
        row=replace(PROPOSALS[1], study_failed=True),
        number=2,
        version=3,
        period=PERIOD,
        plan=DEPOT_PLAN,
        outcomes=None,
        stated=(),
        backtest=None,
        no_backtest=Remark.CAP_NOT_PROVEN.text(cap="31.5"),
        history=(),
    ),
    "depots-empty": proposal_views.DepotsPage(round=None, rows=(), parts=0, studied=0),
    "rounds": proposal_views.RoundsPage(
        rows=[
            proposal_views.RoundRow(
                round=ROUND,
                requested_by="Flådeenheden",
                proposed=SUMS,
                accepted=SUMS,
                done=SUMS,
                rejected=2,
                changes=CHANGES,
            )
        ],
        ended=[
            proposal_views.EndedRound(
                number=2,
                version=1,
                state=proposal_views.RunState.CANCELLED,
                requested_at=NOW,
                requested_by="Flådeenheden",
                reason=None,
                message="",
                cancelled_by="Leder",
            ),
            proposal_views.EndedRound(
                number=3,
                version=1,
                state=proposal_views.RunState.FAILED,
                requested_at=NOW,
                requested_by="Flådeenheden",
                reason=RoundReason.NO_TRIPS,
                message="",
                cancelled_by=None,
            ),
        ],
    ),
    "rounds-empty": proposal_views.RoundsPage(rows=(), ended=()),
    "report": proposal_views.ReportPage(
        as_of=NOW,
        round=ROUND,
        rows=PROPOSALS[:4],
        accepted=SUMS,
        every=SUMS,
        depots=DEPOT_ROWS,
        points=POINTS,
    ),
    "report-empty": proposal_views.ReportPage(
        as_of=NOW, round=None, rows=(), accepted=SUMS, every=SUMS, depots=(), points=()
    ),
    "plan": plan_views.PlanPage(
        programmes=[
            plan_views.Programme(
                name="Flådeprogrammet",
                purpose="Færre, grønnere og bedre udnyttede køretøjer.",
                quarters=[
                    plan_views.Quarter(
                        year=2026,
                        quarter=quarter,
                        current=quarter == 4,
                        milestones=[m for m in MILESTONES if m.quarter == quarter],
                    )
                    for quarter in range(1, 5)
                ],
            )
        ],
        notice=views.Notice.MILESTONE_SAVED,
    ),
    "plan-empty": plan_views.PlanPage(programmes=()),
    "milestone": plan_views.MilestonePage(
        milestone=MILESTONES[3],
        programme="Flådeprogrammet",
        history=[
            plan_views.MilestoneChange(
                progress=plan_views.Progress.DELAYED,
                note="Afventer svar.",
                changed_by="Projektleder",
                changed_at=NOW,
            )
        ],
    ),
    **BASIS_PAGES,
    "intake": intake_views.IntakePage(
        pings_24h=158_221,
        devices_24h=59,
        latest=[
            intake_views.PingRow(
                device="353691840012347",
                vehicle=CAR if speed is not None else None,
                ts=NOW,
                received_at=NOW,
                lat=55.7709,
                lon=12.5036,
                speed_kmh=speed,
            )
            for speed in (13.4, None)
        ],
        quarantine=[
            intake_views.QuarantineGroup(
                device="353691840099120" if index else "",
                reason=reason,
                detail="1970-01-01T00:00:07+00:00 is before 2010-01-01T00:00:00+00:00",
                messages=11,
                first_received=NOW,
                last_received=NOW,
                releasable=bool(index),
            )
            for index, reason in enumerate(Reason)
        ],
        evicted=[intake_views.Evicted("teltonika_tcp", Reason.UNKNOWN_DEVICE, 41_200)],
        notice=views.Notice.RELEASED,
    ),
    "intake-empty": intake_views.IntakePage(pings_24h=0, devices_24h=0, latest=(), quarantine=()),
    "private": vehicle_views.PrivatePage(
        vehicle=CAR,
        private_now=True,
        periods=[
            vehicle_views.PrivateEntry(
                private_id=2,
                begins=NOW,
                ends=None,
                duty_weekdays=[0, 1, 2, 3, 4],
                duty_begins=time(7),
                duty_ends=time(16),
                duty_on_holidays=False,
                note="",
                set_by="Flådeenheden",
                set_at=NOW,
                deleted=0,
                ended_by=None,
                ended_at=None,
                active=True,
            ),
            vehicle_views.PrivateEntry(
                private_id=1,
                begins=NOW - timedelta(days=2),
                ends=NOW - timedelta(days=1),
                duty_weekdays=None,
                duty_begins=None,
                duty_ends=None,
                duty_on_holidays=False,
                note="Lånt i weekenden",
                set_by="MB",
                set_at=NOW,
                deleted=120,
                ended_by="Leder, hjemmeplejen",
                ended_at=NOW,
                active=False,
            ),
        ],
        dropped=1_204,
        values={"kind": "duty", "weekday-0": "1", "duty_begins": "07:00"},
        errors={"duty_ends": "Write a time such as 07:00"},
        notice=None,
    ),
    "private-empty": vehicle_views.PrivatePage(
        vehicle=CAR, private_now=False, periods=(), dropped=0
    ),
    "keys": intake_views.KeysPage(
        keys=[
            Key(
                key_id=index,
                device=None if index % 2 else "353691840012347",
                gateway="flespi" if index % 2 else None,
                label="Leverandørens gateway, 2027" if index else "",
                created_at=NOW,
                last_used_at=NOW if index else None,
                revoked_at=NOW if index == 2 else None,
            )
            for index in range(3)
        ],
        made="m2Zr8bq0oXWJ9pYtVd3uKc7LhAfE5sNgQ1RiTzMxB4w",
        values={"kind": "device", "name": "ny", "label": ""},
        errors={"name": "The device is not enrolled"},
    ),
    "keys-empty": intake_views.KeysPage(keys=()),
    "live": intake_views.LivePage(
        rows=[
            intake_views.LiveRow(
                device="353691840012347",
                vehicle=CAR if index else None,
                contact=state,
                last_ping=None if state is Contact.NEVER else NOW - timedelta(minutes=9**index),
                silence_s=None if state is Contact.NEVER else 60.0 * 9**index,
                interval_s=None if state is Contact.NEVER else 10.0,
                protocol="teltonika_tcp",
                soc_pct=81.0 if index == 1 else None,
                charging=True,
                battery_v=12.64 if index == 2 else None,
                tracker_battery_pct=88.0 if index == 3 else None,
            )
            for index, state in enumerate(Contact)
        ],
        counts={state: 11 * index for index, state in enumerate(Contact)},
        shown=Contact.LATE,
        as_of=NOW,
    ),
    "zones": zone_views.ZonesPage(
        zones=[
            replace(
                circle(TOWN_HALL.id, TOWN_HALL.name, ZoneKind.DEPOT, 55.77, 12.50, 150),
                active_from=date(2026, 10, 1),
            ),
            polygon(
                "yard", ROADS.name, ZoneKind.DEPOT, [[(12.4, 55.8), (12.41, 55.8), (12.4, 55.81)]]
            ),
        ],
        proposed=[
            zone_views.ProposedZone(
                number=1,
                lat=55.79,
                lon=12.52,
                radius_m=90.0,
                vehicles=4,
                nights=61,
                near=[(ROADS.name, 142.0)],
            ),
        ],
        asleep=[
            zone_views.Asleep(
                vehicle=CAR, own_depot=ROADS.name, sleeps=sleeps, depot=None, nights=51
            )
            for sleeps in Sleeps
        ],
        waiting=3,
        period=PERIOD,
        tiles_url=None,
        values={"name": "Gården", "shape": "[]"},
        errors={"shape": "Gården: omridset krydser sig selv ved 55.77050, 12.50100"},
        notice=views.Notice.ZONE_SAVED,
    ),
    "logs": log_views.LogsPage(
        uploads=[
            UploadLine(
                upload_id=2,
                name="kørebog-2026-uge-46-hjemmeplejen-distrikt-nord.xlsx",
                uploaded_at=NOW,
                trips=None,
                vehicles=None,
                refused=None,
            ),
            UploadLine(
                upload_id=1, name="oktober.csv", uploaded_at=NOW, trips=412, vehicles=9, refused=17
            ),
        ],
        keep_days=30,
        errors={"file": "Choose a driving log: CSV, Excel or LibreOffice"},
    ),
    "log-columns": log_views.ColumnsPage(
        upload_id=2,
        name="kørebog-2026-uge-46-hjemmeplejen-distrikt-nord.xlsx",
        rows=1240,
        headings=[
            ("Registreringsnummer", CAR.name),
            ("Afgang", "02-11-2026 08:00"),
            ("Km", "12,5"),
        ],
        chosen={Field.VEHICLE: "Registreringsnummer", Field.START: "Afgang", Field.KM: "Km"},
        preview=[
            log_views.LogRow(
                row=row,
                cells={Field.VEHICLE: CAR.name, Field.START: "02-11-2026 08:00", Field.KM: "12,5"},
                reason="",
            )
            for row in range(2, 12)
        ],
        errors={"end": "Choose the column that holds this"},
    ),
    "log-report": log_views.LogReportPage(
        upload_id=1,
        name="oktober.csv",
        trips=412,
        vehicles=9,
        refused=17,
        shown=[
            log_views.RefusedRow(
                row=14,
                reason="Afgang: 31-02-2026 08:00 er ikke en dato og et klokkeslæt",
                cells=f"{CAR.name}; 31-02-2026 08:00; 02-11-2026 10:00; 12,5",
            )
        ],
    ),
    "zones-empty": zone_views.ZonesPage(
        zones=(), proposed=(), asleep=(), waiting=0, period=None, tiles_url=None
    ),
    "live-empty": intake_views.LivePage(
        rows=(), counts=dict.fromkeys(Contact, 0), shown=None, as_of=NOW
    ),
    "error-404": views.ErrorPage(404),
    "error-403": views.ErrorPage(403),
    "error-422": views.ErrorPage(422),
    "error-500": views.ErrorPage(500),
}
