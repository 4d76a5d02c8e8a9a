"""Sample views of the pages of what-ifs."""

from dataclasses import replace
from datetime import date

from api.pages.choices.list_parts import asked_part
from api.pages.frame.views import PageView
from api.pages.what_ifs import views
from costs.assumptions import FigureKey, quantities, shipped_assumptions
from costs.peak_days import PeakDayName
from fleet.period import Period
from optimiser.model.remark import Remark, remark
from optimiser.parts.depot_plan import FleetFigures
from optimiser.rounds.failure import FailureReason
from optimiser.what_if.answer import (
    STAYS,
    Answer,
    BoughtDifference,
    Fate,
    FleetAccount,
    Outcome,
)
from optimiser.what_if.changes import (
    AddedNeed,
    ChangedFigure,
    Changes,
    MoreOfKind,
    ReadyFor,
)
from optimiser.what_if.offers import OfferedVehicle, WhatIfOffer
from optimiser.what_if.stored import (
    AskedOfRound,
    DifferingVehicle,
    WhatIf,
    WhatIfEntry,
    WhatIfState,
)
from tests.samples.places import NOW

FIGURES = {key: shipped_assumptions().at(2026)[key] for key in FigureKey}

BEFORE = FleetAccount(
    figures=FleetFigures(
        vehicles=18,
        green_vehicles=10,
        cost_kr_year=912_000.0,
        co2_t_year=12.4,
        fallback_trips_year=13.0,
    ),
    lower_bound_kr_year=911_000.0,
    co2_kr_t=750.0,
)
AFTER = replace(
    BEFORE,
    figures=replace(BEFORE.figures, vehicles=19, cost_kr_year=953_000.0, fallback_trips_year=0.0),
)

ANSWER = Answer(
    before=BEFORE,
    after=AFTER,
    unchanged=BEFORE,
    bought=(BoughtDifference(depot_id="raadhuset", kind="Lille elbil", before=0, after=1),),
    differing=4,
    is_anew=True,
    peak_is_met=False,
)

CHANGES = Changes(
    stay=("v1",),
    go=("v9",),
    figures=(ChangedFigure(key=FigureKey.ELECTRICITY_KR_KWH, value=3.5),),
    needs=(AddedNeed(vehicle_id="v1", capability="cargo"),),
    more=(MoreOfKind(depot_id="raadhuset", kind="van", count=2),),
    peak=ReadyFor(name=PeakDayName.SNOW, more_trips_pct=40.0, missing_pct=10.0),
)

WHAT_IF = WhatIf(
    what_if_id=7,
    round_id=3,
    number=2,
    version=1,
    name="Vi beholder en varebil mere",
    depots=["raadhuset"],
    depot_names=["Rådhuset"],
    changes=CHANGES,
    hidden_changes=0,
    asked_by="MB",
    asked_at=NOW,
    state=WhatIfState.DONE,
    parts=2,
    solved_parts=2,
    finished_at=NOW,
    reason=None,
    detail=None,
    answer=ANSWER,
    kept_at=None,
    shared_at=None,
    revision=1,
    is_own=True,
    is_superseded=False,
)

ASKED = views.WhatIfPage(
    row=WHAT_IF,
    changes=CHANGES,
    vehicles=[
        DifferingVehicle(
            vehicle_id="v1",
            name="Bil 1",
            depot_id="raadhuset",
            before=Outcome(fate=Fate.LEAVES),
            after=STAYS,
        ),
        DifferingVehicle(
            vehicle_id="v2",
            name="Bil 2",
            depot_id="raadhuset",
            before=Outcome(fate=Fate.REPLACED, by="Lille elbil"),
            after=Outcome(fate=Fate.MOVES, to="nord"),
        ),
        DifferingVehicle(
            vehicle_id="v3",
            name="Bil 3",
            depot_id="raadhuset",
            before=STAYS,
            after=Outcome(fate=Fate.MOVES, to="syd"),
        ),
    ],
    asked=AskedOfRound(
        figures=FIGURES,
        kinds={"van": "Varebil"},
        vehicles={"v1": "Bil 1", "v9": "Bil 9"},
        period=Period(date(2026, 9, 28), date(2026, 11, 22)),
        year_over_period=1.0,
    ),
    capabilities={"cargo": "gods"},
    depots={"raadhuset": "Rådhuset", "nord": "Nordgården"},
    units={key: quantity.unit for key, quantity in quantities().items()},
    history=[WhatIfEntry(content={"act": "requested"}, actor="MB", at=NOW)],
)

OFFER = WhatIfOffer(
    round_id=3,
    number=2,
    version=1,
    depots={"raadhuset": "Rådhuset", "nord": "Nordgården"},
    depot_id="raadhuset",
    vehicles=[
        OfferedVehicle(
            vehicle_id=f"v{number}",
            name=f"Bil {number}",
            kind="Lille benzinbil",
            outcome=outcome,
            is_known=True,
        )
        for number, outcome in enumerate(
            (STAYS, Outcome(fate=Fate.LEAVES), Outcome(fate=Fate.MOVES, to="nord"), STAYS), start=1
        )
    ],
    kinds=[("van", "Varebil"), ("ev", "Lille elbil")],
    capabilities=["cargo"],
    figures=FIGURES,
)
FORM = views.AskPage(
    offer=OFFER,
    figures=[
        views.OfferedFigure(key=key, value=FIGURES[key], unit=quantities()[key].unit)
        for key in (FigureKey.PETROL_KR_L, FigureKey.ELECTRICITY_KR_KWH)
    ],
    capabilities=[("cargo", "gods")],
)


def _open(state: WhatIfState) -> WhatIf:
    return replace(WHAT_IF, state=state, answer=None, solved_parts=1)


WHAT_IF_PAGES: dict[str, PageView] = {
    "what-ifs": views.WhatIfsPage(
        part=asked_part(
            [
                WHAT_IF,
                replace(WHAT_IF, what_if_id=6, shared_at=NOW, is_superseded=True),
                replace(_open(WhatIfState.RUNNING), what_if_id=5, kept_at=NOW),
                replace(
                    WHAT_IF,
                    what_if_id=4,
                    answer=replace(ANSWER, before=AFTER, after=BEFORE),
                ),
                replace(WHAT_IF, what_if_id=3, answer=replace(ANSWER, after=BEFORE)),
            ],
            {},
            "/what-ifs",
        ),
        may_see=True,
        notice=views.Notice.THROWN,
    ),
    "what-ifs-empty": views.WhatIfsPage(part=asked_part([], {}, "/what-ifs"), may_see=True),
    "what-ifs-of-a-reader": views.WhatIfsPage(part=asked_part([], {}, "/what-ifs"), may_see=False),
    "what-if": replace(ASKED, notice=views.Notice.KEPT),
    "what-if-shared": replace(
        ASKED, row=replace(WHAT_IF, shared_at=NOW, kept_at=NOW, is_superseded=True)
    ),
    "what-if-kept": replace(
        ASKED, row=replace(WHAT_IF, kept_at=NOW), trouble=views.Trouble.CHANGED
    ),
    "what-if-of-another": replace(
        ASKED, row=replace(WHAT_IF, is_own=False, shared_at=NOW, hidden_changes=2)
    ),
    "what-if-same": replace(
        ASKED,
        row=replace(
            WHAT_IF,
            answer=replace(
                ANSWER, after=BEFORE, bought=(), differing=0, is_anew=False, peak_is_met=None
            ),
        ),
        vehicles=[],
    ),
    "what-if-running": replace(ASKED, row=_open(WhatIfState.RUNNING), vehicles=[]),
    "what-if-failed": replace(
        ASKED,
        row=replace(
            _open(WhatIfState.FAILED),
            reason=FailureReason.REFUSED,
            detail=remark(Remark.NO_MORE, kind="Varebil", count=2),
        ),
        vehicles=[],
    ),
    "what-if-died": replace(
        ASKED,
        row=replace(_open(WhatIfState.FAILED), reason=FailureReason.PROCESS_DIED),
        vehicles=[],
    ),
    "what-if-cancelled": replace(ASKED, row=_open(WhatIfState.CANCELLED), vehicles=[]),
    "ask-what-if": FORM,
    "ask-what-if-ticked": replace(
        FORM, stay=["v2", "v4"], go=["v1"], superseded=True, values={"name": "Vinter"}
    ),
    "ask-what-if-refused": replace(
        FORM,
        values={"name": "", "figure-1": "petrol_kr_l", "value-1": "x", "peak": "snow"},
        errors={"name": "Give the what-if a name", "value-1": "This is no number"},
    ),
    "ask-what-if-no-depot": replace(FORM, offer=replace(OFFER, depot_id=None, vehicles=[])),
    "ask-what-if-no-round": views.AskPage(offer=None),
}
