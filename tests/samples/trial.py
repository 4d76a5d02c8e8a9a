"""Sample views of the pages of the trial."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from api.pages.choices.list_parts import asked_part
from api.pages.frame.views import PageView
from api.pages.proposals.views import ProposalPage
from api.pages.trial import views
from api.pages.trial.months import TrialMonth
from optimiser.duties.dispatch import Lack
from optimiser.trial.day import DayState
from optimiser.trial.stored import (
    DepotTrial,
    MissedTrip,
    ReasonSums,
    SharedDepot,
    Trial,
    TrialDay,
    TrialSums,
)
from tests.samples.places import CAR
from tests.samples.proposals import PROPOSAL_PAGES

FIRST = date(2026, 10, 26)
BAD = TrialSums(
    coped=16,
    missed_days=3,
    unknown=2,
    still=7,
    trips=61,
    missed=4,
    missed_km=84.5,
    missed_kr=532.93,
    missed_co2_kg=10.9,
)
GOOD = TrialSums(coped=20, still=8, trips=84)
NOTHING = TrialSums(unknown=28)

TRIAL = Trial(
    number=2,
    since=FIRST,
    first=FIRST,
    last=FIRST + timedelta(days=27),
    by_week=False,
    depots=[
        DepotTrial(depot_id="raadhuset", name="Rådhuset <b>", sums=BAD),
        DepotTrial(depot_id="vej-park", name="Vej og Park", sums=GOOD),
    ],
)
LONG = [
    DepotTrial(depot_id=f"d{n}", name=f"Depot {n}", sums=NOTHING if n % 3 else BAD)
    for n in range(30)
]
REASONS = [
    ReasonSums(reason=reason, trips=4 - n // 2, km=20.0, kr=132.0, own_only=n % 2)
    for n, reason in enumerate(Lack)
]


def tried(number: int, state: DayState, missed: int = 0, unknown: tuple[str, ...] = ()) -> TrialDay:
    return TrialDay(
        depot_id="raadhuset",
        depot="Rådhuset <b>",
        day=FIRST + timedelta(days=number),
        state=state,
        version=1,
        vehicles=6,
        trips=0 if state is DayState.STILL else 4,
        missed=missed,
        missed_km=20.0 * missed,
        missed_kr=132.5 * missed,
        missed_co2_kg=2.6 * missed,
        unknown=unknown,
    )


def _state(number: int) -> DayState:
    if number % 7 >= 5:
        return DayState.STILL
    return {9: DayState.UNKNOWN, 10: DayState.MISSED}.get(number, DayState.COPED)


DAYS = [
    tried(
        number,
        _state(number),
        int(_state(number) is DayState.MISSED),
        (CAR.name, "Bil <i>") if number in (9, 10) else (),
    )
    for number in range(28)
]


def miss(number: int, vehicle: str | None = CAR.name) -> MissedTrip:
    start = datetime(2026, 11, 5, 8, 15, tzinfo=UTC) + timedelta(days=number)
    return MissedTrip(
        depot_id="raadhuset",
        depot="Rådhuset <b>",
        day=start.date(),
        trip_number=number,
        reason=list(Lack)[number % len(Lack)],
        km=21.4,
        kr=134.3,
        co2_kg=2.8,
        own_only=number == 1,
        vehicle_id=None if vehicle is None else CAR.id,
        vehicle=vehicle,
        start=None if vehicle is None else start,
        end=None if vehicle is None else start + timedelta(hours=2),
    )


MISSES = [*(miss(number) for number in range(5)), miss(6, None)]

DEPOT = views.DepotTrialPage(
    trial=TRIAL,
    depot_id="raadhuset",
    depot="Rådhuset <b>",
    found=TRIAL.depots[0],
    shared=None,
    days=DAYS,
    months=asked_part(TrialMonth.of(DAYS), {}, "/trial/raadhuset", name="months", most=1),
    reasons=REASONS,
    misses=asked_part(MISSES, {}, "/trial/raadhuset", name="misses", most=4),
    all_misses=len(MISSES),
    is_named=True,
    planned_trips_year=12.0,
)
SHARED = SharedDepot(depot_id="byen", name="Byen", missed=1)
PAGE = views.TrialPage(
    trial=TRIAL, part=asked_part(TRIAL.depots, {}, "/trial"), reasons=REASONS[:2]
)
PROPOSAL_PAGE = PROPOSAL_PAGES["proposal"]
assert isinstance(PROPOSAL_PAGE, ProposalPage)

TRIAL_PAGES: dict[str, PageView] = {
    "trial": PAGE,
    "trial-many": replace(
        PAGE, trial=replace(TRIAL, depots=LONG), part=asked_part(LONG, {}, "/trial")
    ),
    "trial-none": views.TrialPage(trial=None, part=asked_part([], {}, "/trial")),
    "trial-first-day": replace(
        PAGE,
        trial=replace(TRIAL, depots=(), by_week=True, shared=[SHARED]),
        part=asked_part([], {}, "/trial"),
        reasons=(),
    ),
    "trial-first-night": replace(
        PAGE,
        trial=replace(TRIAL, depots=(), last=FIRST - timedelta(days=1)),
        part=asked_part([], {}, "/trial"),
        reasons=(),
    ),
    "trial-first-week": replace(
        PAGE,
        trial=replace(TRIAL, depots=(), last=FIRST - timedelta(days=1), by_week=True),
        part=asked_part([], {}, "/trial"),
        reasons=(),
    ),
    "trial-depot": DEPOT,
    "trial-depot-asks-why": replace(
        DEPOT,
        is_named=False,
        values={"why": "<b>"},
        errors={"why": "Write in 3 to 200 characters why you look"},
    ),
    "trial-depot-by-week": replace(
        DEPOT, trial=replace(TRIAL, by_week=True), days=None, misses=None, is_named=False
    ),
    "trial-depot-shared": replace(
        DEPOT, found=None, shared=SHARED, days=(), planned_trips_year=None
    ),
    "trial-depot-none": replace(
        DEPOT,
        found=None,
        days=(),
        reasons=(),
        misses=asked_part([], {}, "/trial/raadhuset", name="misses"),
        all_misses=0,
        planned_trips_year=None,
    ),
    "trial-depot-unknown": replace(
        DEPOT, found=DepotTrial(depot_id="raadhuset", name="Rådhuset", sums=NOTHING)
    ),
    "proposal-tried": replace(PROPOSAL_PAGE, trial=TRIAL.depots[0]),
}
