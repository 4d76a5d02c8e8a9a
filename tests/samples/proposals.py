"""Sample views of the pages of proposals, rounds and reports."""

from dataclasses import replace
from datetime import date

from api.pages.choices.list_parts import asked_part
from api.pages.frame.views import PageView
from api.pages.proposals import views as proposal_views
from api.pages.proposals.forms import DECIDED_MEANWHILE, NOTHING_DECIDED_ON_SEVERAL
from api.pages.reports.views import ReportPage
from costs.assumptions import shipped_assumptions
from costs.budget import MoneyTerms
from costs.kind_figures import LikePrice
from costs.own_cost import NoSale
from costs.peak_days import PeakDayName
from fleet.period import Period
from fleet.vehicle import Energy
from optimiser.carried.no_room import Unfit
from optimiser.carried.saved_before import SavedBefore
from optimiser.carried.since_before import (
    Closing,
    ComparedProposal,
    RoundComparison,
    Since,
)
from optimiser.depot.alike import AlikeVehicle, FirstBy
from optimiser.depot.change_money import (
    LackingFigure,
    PriceHolder,
    UncountedPurchase,
    UncountedSale,
)
from optimiser.depot.charge_points import PointsNeed
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Arrival, Bundle, Decision, StayReason, TripTaker
from optimiser.depot.green import Obstacle
from optimiser.depot.nearest_today import WithdrawnChanges
from optimiser.ledger.standing import StandingDecision
from optimiser.model.remark import Remark, of_kind, of_rules, remark
from optimiser.parts.depot_plan import (
    CountChange,
    DepotPlan,
    DepotRule,
    FleetFigures,
    RuleBreak,
    SpareToday,
    TightDay,
)
from optimiser.parts.workshop import Shifts
from optimiser.rounds.decisions import DecisionEntry, Status, Verdict
from optimiser.rounds.failure import FailureReason
from optimiser.rounds.overview import (
    Machine,
    NarrowedTo,
    NotCalculated,
    Round,
    RoundRun,
    RoundState,
)
from optimiser.rounds.proposals import (
    InPresentVersion,
    LaterRounds,
    Proposal,
    ProposalSums,
    joined,
    sum_proposals,
)
from optimiser.rounds.studies import RoundEnds, StudyFailure
from optimiser.rounds.summary import RoundSummary
from optimiser.studies.backtest import Backtest, FleetReplay
from optimiser.studies.charging import ChargingNeed
from optimiser.studies.curve import CurvePoint
from optimiser.studies.peak_day import PeakDayOutcome
from optimiser.studies.policies import Policy, PolicyCost, PolicyStudy
from optimiser.studies.sensitivity import MovedFigure, figure_moves
from optimiser.studies.study import DepotCharging
from register.inventory.since_round import ClosingDepot
from tests.samples.parts import first_part
from tests.samples.places import CAR, NOW, PERIOD, ROADS, SILENT, TOWN_HALL
from tests.samples.round_basis import CHANGES

SUMS = ProposalSums(
    decisions=3,
    saving_kr_year=214_310.0,
    saving_co2_t_year=3.2,
    upfront_kr=1_240_000.0,
    unpriced=1,
    uncounted_kr=520_000.0,
    grid_kr=22_550.0,
)

DECISIONS = [
    Decision(
        key=DecisionKey(Action.POOL, "vej-park"),
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
        key=DecisionKey(Action.DISPOSE, "LTK-009"),
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
        money=MoneyTerms(
            saving_kr_year=47_907.0,
            unpaid_kr_year=-150.0,
            contract_end=date(2027, 4, 30),
            exit_kr=12_000.0,
            sale_kr=40_000.0,
        ),
        lacks=(LackingFigure.YEARLY,),
        days_used=4,
        trips=24,
        km=217.0,
        taken_over_by=(TripTaker("Lille elbil 3", 20), TripTaker("+ Varevogn, el 1", 2)),
        to_fallback=2,
        tight_days=(date(2026, 11, 4), date(2026, 11, 5)),
        first_by=FirstBy.CONTRACT,
        instead=(
            AlikeVehicle("LTK-011", "Lille elbil 3"),
            AlikeVehicle("LTK-012", "Lille elbil 4"),
        ),
    ),
    Decision(
        key=DecisionKey(Action.REPLACE, "LTK/042"),
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
        left_out_kr_year=None,
        left_out_trips=4,
        upfront_kr=None,
        charge_points=1,
        money=MoneyTerms(
            saving_kr_year=-1_250.0, contract_end=date(2027, 2, 28), charge_points_kr=18_000.0
        ),
        lacks=tuple(LackingFigure),
        uncounted_sale=UncountedSale(reason=NoSale.CONTRACT, kr=90_000.0),
        uncounted_purchase=UncountedPurchase(
            held_by=PriceHolder.STATED,
            count=1,
            like=LikePrice(name="Elvarebil med lift", price_kr=480_000.0, source="skøn", year=2026),
            points=1,
            point_kr=40_000.0,
        ),
        trips=220,
        km=6_400.0,
    ),
    Decision(
        key=DecisionKey(Action.BUY, "raadhus", "ladcykel"),
        action=Action.BUY,
        depot_id=TOWN_HALL.id,
        new_kind="Ladcykel",
        new_energy=Energy.BICYCLE,
        count=3,
        saving_kr_year=8_400.0,
        left_out_kr_year=None,
        left_out_spare=1,
        upfront_kr=96_000.0,
        trips=64,
        km=190.0,
    ),
    Decision(
        key=DecisionKey(Action.KEEP, "LTK/042"),
        action=Action.KEEP,
        depot_id=TOWN_HALL.id,
        vehicle_id=SILENT.id,
        vehicle=SILENT.name,
        kind="Varevogn, diesel",
        energy=Energy.DIESEL,
        left_out_kr_year=None,
        left_out_trips=7,
        upfront_kr=0.0,
        trips=26,
        km=900.0,
        why=StayReason.TRIPS,
        not_green=Obstacle.COST,
        not_green_kr_year=4_310.0,
    ),
    Decision(
        key=DecisionKey(Action.MOVE, "LTK-009", to="raadhus / Drift <ny>"),
        action=Action.MOVE,
        depot_id=ROADS.id,
        vehicle_id=CAR.id,
        vehicle=CAR.name,
        kind="Lille elbil",
        energy=Energy.ELECTRIC,
        departments=("Vej & Park",),
        saving_kr_year=6_200.0,
        saving_co2_t_year=0.3,
        left_out_kr_year=6_100.0,
        upfront_kr=18_000.0,
        money=MoneyTerms(saving_kr_year=6_200.0, charge_points_kr=18_000.0),
        charge_points=1,
        days_used=4,
        trips=24,
        km=217.0,
        taken_over_by=(TripTaker("Lille elbil 3", 24),),
        first_by=FirstBy.AGE,
        apart=DecisionKey(Action.DISPOSE, "LTK-009"),
        arrival=Arrival(
            depot_id=TOWN_HALL.id,
            department="Drift <ny>",
            saving_kr_year=-40_100.0,
            saving_co2_t_year=0.3,
            money=MoneyTerms(saving_kr_year=-40_100.0, charge_points_kr=18_000.0),
            charge_points=1,
            days_used=19,
            trips=61,
            km=1_240.0,
        ),
    ),
    Decision(
        key=DecisionKey(Action.KEEP, "LTK-013"),
        action=Action.KEEP,
        depot_id=TOWN_HALL.id,
        vehicle_id="LTK-013",
        vehicle="Lille elbil <5>",
        kind="Lille elbil",
        energy=Energy.ELECTRIC,
        left_out_kr_year=-31_200.0,
        upfront_kr=0.0,
        trips=11,
        km=140.0,
        why=StayReason.WORKSHOP,
    ),
]

CHANGED = ((), ((MovedFigure.ENERGY_PRICE, 0.8), (MovedFigure.DEMAND, 1.2)), None, (), None, (), ())

VERDICTS = (
    Verdict.ACCEPTED,
    Verdict.QUESTION,
    None,
    Verdict.REJECTED,
    None,
    None,
    None,
)

#: What became of proposals of an earlier round.
LATER = (
    LaterRounds(2, 41, False, True),
    None,
    LaterRounds(2, None, True, False),
    LaterRounds(2, None, False, False),
    LaterRounds(2, 41, False, False),
    LaterRounds(2, 41, True, False),
    LaterRounds(2, None, False, True),
)

PROPOSALS = [
    Proposal(
        proposal_id=31 + i,
        depot_id=decision.depot_id,
        depot=ROADS.name if decision.depot_id == ROADS.id else TOWN_HALL.name,
        decision=decision,
        verdict=VERDICTS[i],
        decided_in=None if VERDICTS[i] is None else 1 + i % 2,
        decided_by=None if VERDICTS[i] is None else "<b>MB</b>",
        decided_at=None if VERDICTS[i] is None else NOW,
        overturned_by=CHANGED[i],
        begins=date(2026, 12, 1),
        to_depot=None if decision.arrival is None else TOWN_HALL.name,
        least_saving_kr_year=10_000.0,
    )
    for i, decision in enumerate(DECISIONS)
]

COMPARED = RoundComparison(
    number=2,
    before=1,
    rows=[
        ComparedProposal(proposal=PROPOSALS[0], since=Since.CARRIED),
        ComparedProposal(
            proposal=replace(
                PROPOSALS[1],
                verdict=Verdict.DONE,
                decided_in=1,
                decided_by="<b>MB</b>",
                decided_at=NOW,
                register_follows=False,
            ),
            since=Since.CARRIED,
        ),
        ComparedProposal(
            proposal=PROPOSALS[1],
            since=Since.CARRIED,
            is_proposed=False,
            unfit=Unfit.NO_VEHICLE,
        ),
        ComparedProposal(
            proposal=PROPOSALS[2],
            since=Since.CHANGED,
            before=SavedBefore(saving_kr_year=1_234.0, is_alike=False, other_kind="Brintbil <9>"),
        ),
        ComparedProposal(proposal=PROPOSALS[3], since=Since.NEW),
        ComparedProposal(proposal=PROPOSALS[4]),
        ComparedProposal(proposal=PROPOSALS[5], is_proposed=False),
    ],
    gone=[ComparedProposal(proposal=PROPOSALS[6], since=Since.GONE, is_proposed=False)],
    sums=dict.fromkeys(Since, SUMS),
    unproposed=1,
    closing=[
        Closing(
            depot=ClosingDepot(
                depot_id="øst",
                name="Gården <øst>",
                last_day=date(2026, 12, 31),
                vehicles=[f"Bil {number} <ny>" for number in range(9)],
            ),
            decided=[PROPOSALS[1]],
        )
    ],
)

STANDING = [
    StandingDecision(
        proposal=one,
        status=status,
        paid_kr_year=one.decision.saving_kr_year,
        decided_by="<b>MB</b>",
        decided_at=NOW,
        reason="Den <skal> bruges" if status is Status.REJECTED else "",
        no_room=Unfit.CONTRACT if status is Status.NO_ROOM else None,
    )
    for one, status in zip(
        PROPOSALS,
        (Status.ACCEPTED, Status.REPORTED, Status.DONE, Status.REJECTED, Status.NO_ROOM),
        strict=False,
    )
]

ROUND = Round(
    round_id=7,
    number=2,
    version=3,
    finished_at=NOW,
    period=Period(PERIOD.first, PERIOD.last),
    co2_kr_t=1_500.0,
    co2_max_t_year=31.5,
    workshop=Shifts(),
    proposals=PROPOSALS,
    summary=RoundSummary(
        baseline=FleetFigures(
            vehicles=60,
            green_vehicles=22,
            cost_kr_year=3_412_840.4,
            co2_t_year=96.44,
            fallback_trips_year=0.0,
        ),
        spare_today=SpareToday(kr_year=18_420.0, trips_year=31.2, co2_t_year=0.1),
        driven=FleetFigures(
            vehicles=60,
            green_vehicles=22,
            cost_kr_year=3_478_350.0,
            co2_t_year=118.9,
            fallback_trips_year=0.0,
        ),
        proposed=FleetFigures(
            vehicles=51,
            green_vehicles=31,
            cost_kr_year=2_986_115.9,
            co2_t_year=61.2,
            fallback_trips_year=117.3,
        ),
        gap=0.00241,
        withdrawn=WithdrawnChanges(changes=3, kr_year=7_420.0, least_kr_year=5_000.0),
        policies_kr_year=41_300.0,
        unknown=3,
        lower_bound_kr_year=2_978_919.2,
        seconds=18.4,
    ),
    changes=SUMS,
    breaks=[
        (ROADS.name, RuleBreak(rule=DepotRule.OWN_VEHICLE, today=2, proposed=1)),
        (TOWN_HALL.name, RuleBreak(rule=DepotRule.OWN_VEHICLE, today=1, proposed=0)),
        (TOWN_HALL.name, RuleBreak(rule=DepotRule.RESERVE, today=1, proposed=1)),
    ],
    undecided=1,
    undecided_shared=2,
    machines=[Machine("m1", "Hjullæsser <gul>")],
    without_trips=["Materielgården <gammel>"],
    not_calculated=[
        NotCalculated(depots=["Plejecenter <Nord>"], reason=FailureReason.PROCESS_DIED)
    ],
)

#: The round as the head of a department sees it, who has a depot alone or has none.
NARROWED = replace(
    ROUND, year_over_period=0.93, narrowed=NarrowedTo(alone=[TOWN_HALL.name], shared=[ROADS.name])
)


def joint_of(*parts: Proposal) -> Proposal:
    """Proposals as one that is decided as a whole."""
    decisions = [one.decision for one in parts]
    whole = Bundle(
        keys=tuple(one.key for one in decisions),
        departments=("Plejen", "Teknik & <Miljø>"),
        saving_kr_year=sum(one.saving_kr_year for one in decisions),
        saving_co2_t_year=sum(one.saving_co2_t_year for one in decisions),
        left_out_kr_year=None,
        left_out_trips=7,
        left_out_spare=0,
        upfront_kr=None,
        charge_points=1,
        terms=tuple(MoneyTerms(saving_kr_year=one.saving_kr_year) for one in decisions),
    )
    [found] = joined([replace(one, decision=replace(one.decision, bundle=whole)) for one in parts])
    return found


#: Two that are decided as one, and the same of which somebody rejected a part alone.
JOINT = joint_of(*(replace(one, verdict=None) for one in (PROPOSALS[2], PROPOSALS[1])))
JOINT_MIXED = joint_of(replace(PROPOSALS[2], verdict=Verdict.REJECTED), JOINT.parts[1])

SHARED_ONLY = replace(
    ROUND, summary=None, narrowed=NarrowedTo(alone=(), shared=[ROADS.name]), not_calculated=()
)

#: Proposals as the head of a department sees them whose vehicles share a depot with others.
SHARED = replace(
    PROPOSALS[0],
    decision=replace(DECISIONS[0], departments=("Vej & Park",)),
    other_departments=1,
    study_hidden=True,
)
TAKEN_BY_OTHERS = replace(
    PROPOSALS[1],
    decision=replace(DECISIONS[1], taken_over_by=DECISIONS[1].taken_over_by[1:]),
    taken_by_others=20,
    study_hidden=True,
)

BACKTEST = Backtest(
    first=date(2026, 9, 21),
    split=date(2026, 10, 26),
    last=date(2026, 11, 15),
    chosen=FleetReplay(vehicles=15, trips=912, to_fallback=7, beyond=1, short_days=1),
    today=FleetReplay(vehicles=17, trips=912, to_fallback=1, beyond=1, short_days=0),
    workshop=FleetReplay(vehicles=14, trips=912, to_fallback=19, beyond=1, short_days=4),
    workshop_today=FleetReplay(vehicles=16, trips=912, to_fallback=12, beyond=1, short_days=2),
    proposed=FleetReplay(vehicles=16, trips=912, to_fallback=3, beyond=1, short_days=1),
    workshop_proposed=FleetReplay(vehicles=15, trips=912, to_fallback=14, beyond=1, short_days=3),
)

DEPOT_PLAN = DepotPlan(
    depot_id=ROADS.id,
    baseline=FleetFigures(
        vehicles=17,
        green_vehicles=4,
        cost_kr_year=1_412_000.0,
        co2_t_year=40.2,
        fallback_trips_year=0.0,
    ),
    proposed=FleetFigures(
        vehicles=15,
        green_vehicles=6,
        cost_kr_year=1_197_690.0,
        co2_t_year=37.1,
        fallback_trips_year=14.2,
    ),
    peak=15,
    peak_at=NOW,
    changes=(
        CountChange(kind="Varevogn, diesel", energy=Energy.DIESEL, count_now=8, count=6),
        CountChange(kind="Lille elbil", energy=Energy.ELECTRIC, count_now=9, count=9),
    ),
    tight_days=(TightDay(day=date(2026, 11, 4), out=15, vehicles=15, to_fallback=2),),
    departments=("Skolernes tekniske service", "Vej & Park"),
    apart=True,
    unknown=(SILENT.name,),
    charge_points=PointsNeed(
        existing=9.0, today=9.0, proposed=11.0, to_build=2, kr=36_000.0, is_known=True
    ),
)

CHARGING = ChargingNeed(
    vehicles=6, charging_at_once=4, unmanaged_kw=44.0, managed_kw=7.31, kwh=4_120.0
)

PEAKS = [
    PeakDayOutcome(
        name=PeakDayName.ELECTION,
        days_year=1,
        more_trips=0.4,
        missing_share=0.0,
        trips=84,
        missing=0,
        not_driven=1,
        without_vehicle=12,
        without_vehicle_today=3,
        unserved_kr_year=7_104.0,
        ready_kr_year=61_240.0,
        ready_vehicles=(("Lille elbil", 1), ("Lille elbil", 1), ("Varevogn, diesel", 1)),
    ),
    PeakDayOutcome(
        name=PeakDayName.SNOW,
        days_year=5,
        more_trips=0.1,
        missing_share=0.15,
        trips=66,
        missing=2,
        without_vehicle=4,
        without_vehicle_today=0,
        unserved_kr_year=11_920.0,
        ready_kr_year=None,
        ready_vehicles=(),
    ),
    PeakDayOutcome(
        name=PeakDayName.ILLNESS,
        days_year=10,
        more_trips=0.15,
        missing_share=0.0,
        trips=69,
        missing=0,
        without_vehicle=0,
        without_vehicle_today=0,
        unserved_kr_year=0.0,
        ready_kr_year=0.0,
        ready_vehicles=(),
    ),
]

DEPOT_ROWS = [
    proposal_views.DepotRow(
        name=ROADS.name,
        plan=DEPOT_PLAN,
        charging=DepotCharging(depot_id=ROADS.id, today=CHARGING, proposed=CHARGING),
        backtest=BACKTEST,
        peaks=PEAKS,
        budget=ROUND.budget_of(ROADS.id),
        going=[CAR.name],
    ),
    proposal_views.DepotRow(
        name=TOWN_HALL.name,
        plan=replace(DEPOT_PLAN, charge_points=None),
        charging=None,
        backtest=None,
        budget=ROUND.budget_of(TOWN_HALL.id),
        coming=[CAR.name],
    ),
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
        key=f"{62.0 - 5.5 * i:.6f}",
    )
    for i in range(10)
]


def curve_point(cost_kr_year: float, co2_t_year: float) -> CurvePoint:
    return CurvePoint(
        cost_kr_year=cost_kr_year,
        co2_t_year=co2_t_year,
        lower_bound_kr_year=cost_kr_year - 3_000.0,
        counts={"elbil-lille": 51},
        prices_kr_t={TOWN_HALL.id: 0.0},
    )


ENDS = RoundEnds(
    cheapest=curve_point(2_900_000.0, 62.0),
    greenest=curve_point(2_954_000.0, 45.5),
    within_share=0.02,
)

POLICIES = PolicyStudy(
    free=replace(DEPOT_PLAN.proposed, cost_kr_year=2_850_000.0, co2_t_year=63.4, vehicles=48),
    costs=(
        PolicyCost(Policy.GREEN_KEEP, 1_200.0),
        PolicyCost(Policy.RESERVE, 31_000.0),
        PolicyCost(Policy.NO_FALLBACK, 8_400.0),
    ),
)

CURVE = proposal_views.Curve(
    points=POINTS,
    choices=[
        proposal_views.FleetChoice(
            name=name,
            cost_kr_year=cost,
            co2_t_year=tonnes,
            vehicles=51,
            green_vehicles=31,
            key=f"{tonnes:.6f}" if name in ("cheapest", "greenest") else None,
        )
        for name, cost, tonnes in (
            (proposal_views.FleetName.TODAY, 3_260_000.0, 66.4),
            (proposal_views.FleetName.PROPOSED, 2_911_000.0, 61.2),
            (proposal_views.FleetName.CHEAPEST, 2_900_000.0, 62.0),
            (proposal_views.FleetName.GREENEST, 2_954_000.0, 45.5),
            (proposal_views.FleetName.FREE, 2_850_000.0, 63.4),
        )
    ],
    ends=ENDS,
    policies=POLICIES,
    cap_t=31.5,
    price_max_kr_t=100_000.0,
)

PROPOSAL_PAGES: dict[str, PageView] = {
    "proposals": proposal_views.ProposalsPage(
        has_trips=True,
        run=None,
        round=ROUND,
        period=PERIOD,
        part=asked_part(COMPARED.every, {}, "/proposals", {}),
        total=4,
        compared=COMPARED,
        departments=("Drift <ny>", "Plejen"),
        department="Plejen",
        since=Since.CARRIED,
        order=proposal_views.ProposalOrder.SAVING,
        in_address="since=carried",
        several=proposal_views.SeveralRefused(
            values={"verdict": "rejected", "comment": "<for> dyrt"},
            chosen=frozenset({PROPOSALS[0].proposal_id}),
            errors={"chosen": NOTHING_DECIDED_ON_SEVERAL},
            reasons={PROPOSALS[0].proposal_id: DECIDED_MEANWHILE},
        ),
        depots=[TOWN_HALL, ROADS],
        depot_id=ROADS.id,
        show=proposal_views.VerdictFilter.OPEN,
        accepted=SUMS,
        every=SUMS,
        pending=True,
        parts=8,
        studied=3,
        ends=ENDS,
        policies=POLICIES,
        out_of_date=shipped_assumptions().at(2026).out_of_date,
        refused="A round is already under way",
        notice=proposal_views.Notice.ROUND_REQUESTED,
    ),
    **{
        f"proposals-{name}": proposal_views.ProposalsPage(
            has_trips=True,
            run=None,
            round=found,
            period=PERIOD,
            part=asked_part(
                [ComparedProposal(proposal=one) for one in (SHARED, whole)],
                {},
                "/proposals",
                {},
            ),
            total=1,
            compared=RoundComparison(
                number=1,
                before=None,
                rows=[ComparedProposal(proposal=SHARED)],
                gone=(),
                sums={},
                unproposed=0,
            ),
            accepted=SUMS,
            every=SUMS,
            shared=1,
            parts=1,
            studied=1,
        )
        for name, found, whole in (
            ("narrowed", NARROWED, JOINT),
            ("shared", SHARED_ONLY, JOINT_MIXED),
        )
    },
    "proposals-running": proposal_views.ProposalsPage(
        has_trips=True,
        run=RoundRun(
            round_id=8,
            number=2,
            version=4,
            state=RoundState.RUNNING,
            requested_at=NOW,
            requested_by="flådeenheden",
            reason=None,
            detail=None,
            parts=8,
            planned_parts=3,
            cancelled_by=None,
        ),
        round=None,
    ),
    "proposals-failed": proposal_views.ProposalsPage(
        has_trips=True,
        run=RoundRun(
            round_id=8,
            number=3,
            version=1,
            state=RoundState.FAILED,
            requested_at=NOW,
            requested_by="flådeenheden",
            reason=FailureReason.REFUSED,
            detail=remark(Remark.NEGATIVE, row=of_rules(), name="turnaround_min", value=-5.0),
            parts=0,
            planned_parts=0,
            cancelled_by=None,
        ),
        round=ROUND,
        period=PERIOD,
        total=4,
        accepted=SUMS,
        every=SUMS,
    ),
    "proposals-empty": proposal_views.ProposalsPage(run=None, round=None, has_trips=False),
    "proposal": proposal_views.ProposalPage(
        row=PROPOSALS[1],
        whole=PROPOSALS[1],
        number=2,
        version=3,
        present=InPresentVersion(3, 8),
        later=None,
        is_latest=True,
        newer=None,
        status=Status.WAITING,
        period=PERIOD,
        year_over_period=1.0,
        plan=DEPOT_PLAN,
        outcomes=[
            (moved, factor, None if moved is MovedFigure.DEMAND else factor > 1)
            for moved, factor in figure_moves(0.2)
        ],
        stated=("Lastbil <med kran>",),
        no_backtest=None,
        backtest=BACKTEST,
        history=[
            DecisionEntry(
                verdict=Verdict.REOPENED,
                comment="Kontrakten <er> forlænget",
                actor="<b>MB</b>",
                at=NOW,
            ),
            DecisionEntry(
                verdict=Verdict.QUESTION,
                comment="Kan den nå sin lange tur i januar?",
                actor="<b>MB</b>",
                at=NOW,
            ),
        ],
        values={"verdict": "rejected", "comment": ""},
        errors={"comment": "Write why the proposal is rejected"},
        notice=proposal_views.Notice.QUESTION,
    ),
    **{
        f"proposal-{name}": proposal_views.ProposalPage(
            row=row,
            whole=row,
            number=2,
            version=3,
            present=InPresentVersion(*present),
            later=None,
            is_latest=False,
            newer=present[1],
            status=Status.ACCEPTED,
            period=PERIOD,
            year_over_period=1.1,
            plan=None,
            outcomes=None,
            stated=(),
            backtest=None,
            no_backtest=None,
            history=(),
        )
        for name, row, present in (
            ("shared", SHARED, (4, None)),
            ("taken-by-others", TAKEN_BY_OTHERS, (4, 9)),
        )
    },
    **{
        f"proposal-{name}": proposal_views.ProposalPage(
            row=PROPOSALS[i],
            whole=PROPOSALS[i],
            number=1,
            version=1,
            present=InPresentVersion(1, 8),
            later=LATER[i],
            is_latest=LATER[i] is None,
            newer=None if (superseding := LATER[i]) is None else superseding.newer,
            status=PROPOSALS[1].status,
            period=PERIOD,
            year_over_period=1.1,
            plan=DEPOT_PLAN,
            outcomes=None,
            stated=(),
            backtest=None,
            no_backtest=None,
            history=(),
        )
        for i, name in (
            (0, "pool"),
            (2, "replace"),
            (3, "buy"),
            (4, "keep"),
            (5, "move"),
            (6, "workshop"),
        )
    },
    **{
        f"proposal-{name}": proposal_views.ProposalPage(
            row=whole.parts[0],
            whole=whole,
            number=2,
            version=3,
            present=InPresentVersion(3, 8),
            later=None,
            is_latest=True,
            newer=None,
            status=whole.status,
            period=PERIOD,
            year_over_period=1.0,
            plan=DEPOT_PLAN,
            outcomes=None,
            stated=(),
            backtest=None,
            no_backtest=None,
            history=(),
        )
        for name, whole in (("joint", JOINT), ("joint-mixed", JOINT_MIXED))
    },
    "curve": proposal_views.CurvePage(
        round=ROUND,
        curve=CURVE,
        parts=8,
        studied=8,
    ),
    "curve-chosen": proposal_views.CurvePage(
        round=replace(ROUND, chosen_prices={TOWN_HALL.id: 5_400.0}),
        curve=replace(CURVE, cap_t=None, chosen=ENDS.greenest.key),
        parts=8,
        studied=8,
        refused="The fleets have changed since you saw them. Choose among those below.",
    ),
    "curve-empty": proposal_views.CurvePage(
        round=None,
        curve=None,
        parts=0,
        studied=0,
    ),
    "depots": proposal_views.DepotsPage(
        round=ROUND, period=PERIOD, rows=[*DEPOT_ROWS] * 9, parts=8, studied=5
    ),
    "depots-failed": proposal_views.DepotsPage(
        round=ROUND,
        period=PERIOD,
        rows=DEPOT_ROWS,
        parts=8,
        studied=6,
        failures=[
            StudyFailure(
                depot_ids=(ROADS.id,),
                depots=(ROADS.name,),
                reason=FailureReason.WORKER_DIED,
                detail=None,
            ),
            StudyFailure(
                depot_ids=(TOWN_HALL.id,),
                depots=(TOWN_HALL.name,),
                reason=FailureReason.REFUSED,
                detail=remark(Remark.ZERO_LIMIT, row=of_kind("elbil"), name="range_km"),
            ),
        ],
    ),
    "proposal-failed": proposal_views.ProposalPage(
        row=replace(PROPOSALS[1], study_failed=True),
        whole=replace(PROPOSALS[1], study_failed=True),
        number=2,
        version=3,
        present=InPresentVersion(3, 8),
        later=None,
        is_latest=True,
        newer=None,
        status=Status.WAITING,
        period=PERIOD,
        year_over_period=1.0,
        plan=DEPOT_PLAN,
        outcomes=None,
        stated=(),
        backtest=None,
        no_backtest=remark(Remark.CAP_NOT_PROVEN, cap=31.5),
        history=(),
    ),
    "depots-empty": proposal_views.DepotsPage(round=None, rows=(), parts=0, studied=0),
    "rounds": proposal_views.RoundsPage(
        part=first_part(
            [
                proposal_views.RoundRow(
                    round=ROUND,
                    requested_by="Flådeenheden",
                    proposed=SUMS,
                    accepted=SUMS,
                    done=SUMS,
                    rejected=2,
                    changes=CHANGES,
                    earlier=[(5, 1), (6, 2)],
                )
            ]
        ),
        ended=[
            RoundRun(
                round_id=9,
                parts=0,
                planned_parts=0,
                number=2,
                version=1,
                state=RoundState.CANCELLED,
                requested_at=NOW,
                requested_by="Flådeenheden",
                reason=None,
                detail=None,
                cancelled_by="Leder",
            ),
            RoundRun(
                round_id=9,
                parts=0,
                planned_parts=0,
                number=3,
                version=1,
                state=RoundState.FAILED,
                requested_at=NOW,
                requested_by="Flådeenheden",
                reason=FailureReason.NO_TRIPS,
                detail=None,
                cancelled_by=None,
            ),
        ],
    ),
    "rounds-shared": proposal_views.RoundsPage(
        part=first_part(
            [
                proposal_views.RoundRow(
                    round=SHARED_ONLY,
                    requested_by="Flådeenheden",
                    proposed=SUMS,
                    accepted=SUMS,
                    done=SUMS,
                    rejected=0,
                )
            ]
        ),
        ended=[],
    ),
    "rounds-empty": proposal_views.RoundsPage(part=first_part(), ended=()),
    "report": ReportPage(
        standing=STANDING,
        accepted_kr_year=123_456.78,
        as_of=NOW,
        round=ROUND,
        period=PERIOD,
        rows=PROPOSALS[:4],
        accepted=SUMS,
        every=SUMS,
        depots=DEPOT_ROWS,
        shared=sum_proposals(()),
        curve=CURVE,
    ),
    **{
        f"report-{name}": ReportPage(
            as_of=NOW,
            round=found,
            period=PERIOD,
            rows=PROPOSALS[:4],
            accepted=SUMS,
            every=SUMS,
            shared=SUMS,
            depots=(),
        )
        for name, found, whole in (
            ("narrowed", NARROWED, JOINT),
            ("shared", SHARED_ONLY, JOINT_MIXED),
        )
    },
    "report-studied": ReportPage(
        as_of=NOW,
        round=ROUND,
        period=PERIOD,
        rows=PROPOSALS[:4],
        accepted=SUMS,
        every=SUMS,
        depots=DEPOT_ROWS,
        shared=sum_proposals(()),
        parts=8,
        studied=3,
    ),
    "report-long": ReportPage(
        as_of=NOW,
        round=ROUND,
        period=PERIOD,
        rows=[replace(PROPOSALS[number % 4], proposal_id=100 + number) for number in range(25)],
        accepted=SUMS,
        every=SUMS,
        depots=DEPOT_ROWS * 8,
        shared=sum_proposals(()),
        curve=CURVE,
    ),
    "report-empty": ReportPage(
        as_of=NOW,
        round=None,
        period=None,
        rows=(),
        accepted=SUMS,
        every=SUMS,
        depots=(),
        shared=SUMS,
    ),
}
