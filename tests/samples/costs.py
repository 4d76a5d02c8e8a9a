"""Sample views of the pages of assumptions and catalogue, computed from what the product ships."""

from dataclasses import replace
from typing import Any

from api.pages.costs import views
from api.pages.costs.capabilities import Capabilities
from api.pages.costs.catalogue import kind_row, term_view
from api.pages.costs.forms import kind_values
from api.pages.costs.views import Notice
from api.pages.frame.forms import Seen
from api.pages.frame.views import PageView
from api.pages.words.language import Language
from costs.assumptions import (
    Figure,
    FigureGroup,
    FigureKey,
    is_estimate,
    is_out_of_date,
    quantities,
    shipped_assumptions,
)
from costs.assumptions_stored import AssumptionChange
from costs.catalogue import starter_catalogue
from costs.measured_range import MeasuredRange, SeasonRange
from costs.ownership import catalogue_range_km, figures_by_kind, kind_figures, ownership
from fleet.vehicle import Energy
from optimiser.rounds.basis import RoundDependences
from optimiser.studies.dependence import FigureDependence, KindDependence
from tests.samples.parts import first_part
from tests.samples.places import NOW

KM = 15_000.0


FIGURES = shipped_assumptions().at(2026)
FIGURES_HELD = [FIGURES.figure(key) for key in quantities()]


CAPABILITIES = Capabilities({"cargo": "gods", "lift": "lift", "towbar": "anhængertræk"}, {})


def assumption(figure: Figure, *, own: bool = False, holds: bool = True) -> views.AssumptionRow:
    return views.AssumptionRow(
        key=figure.key,
        value=figure.value,
        unit=quantities()[figure.key].unit,
        valid_from=figure.valid_from,
        source=figure.source,
        note=figure.note,
        own=own,
        estimate=is_estimate(figure.source),
        holds=holds,
        old=holds and is_out_of_date(figure, 2026),
    )


def assumption_page(key: FigureKey, *, refused: bool) -> views.AssumptionPage:
    quantity = quantities()[key]
    return views.AssumptionPage(
        seen=Seen(1),
        key=key,
        unit=quantity.unit,
        least=quantity.least,
        most=quantity.most,
        switch=key is FigureKey.WELL_TO_WHEEL,
        year=2026,
        series=[
            assumption(figure, own=figure.valid_from == 2026, holds=figure.valid_from == 2026)
            for figure in shipped_assumptions().figures
            if figure.key is key
        ],
        history=[
            AssumptionChange(
                key=key,
                valid_from=2026,
                value=value,
                source="Energinet, miljødeklaration <2026>",
                note="Timeopgjort",
                actor="Flådeenheden",
                at=NOW,
            )
            for value in (None, 37.0)
        ]
        if refused
        else (),
        values={"value": "x", "valid_from": "26", "source": ""},
        errors={
            "value": "Enter a number, as 1,234.5",
            "source": "Write where the figure is from, so that others can check it",
        }
        if refused
        else {},
    )


def kind_page(name: str, *, refused: bool = False) -> views.KindPage:
    kind = next(kind for kind in starter_catalogue() if kind.kind == name)
    measured = MeasuredRange(SeasonRange(212, 1_860, 214), SeasonRange(268, 1_260, 131))
    if kind.energy is Energy.ELECTRIC:
        kind = replace(kind, measured=measured)
    cost, model = ownership(kind, FIGURES, KM), kind_figures(kind, FIGURES)
    return views.KindPage(
        seen=Seen(1),
        row=kind_row(kind, cost, FIGURES, {name: 4}, CAPABILITIES),
        source=kind.source,
        note=kind.note,
        figures_year=kind.year,
        year=2026,
        km_year=KM,
        well_to_wheel=True,
        lines=[
            views.CostLine(
                key=line.key,
                kr_year=line.kr_year,
                terms=[term_view(term, kind) for term in line.inputs],
            )
            for line in cost.lines
        ],
        co2_kr_t=1500.0,
        charge_km_h=model.charge_km_h,
        upfront_kr=model.upfront_kr,
        measured=kind.measured,
        catalogue_range_km=catalogue_range_km(kind, FIGURES),
        use_unit="kWh",
        history=[
            views.KindHistoryEntry(
                offered=True,
                origin=views.Origin.COMPUTED,
                source=kind.source,
                note=kind.note,
                actor="Flådeenheden",
                at=NOW,
            )
        ],
        action=f"/catalogue/{name}",
        values=kind_values(kind, Language.DANISH, CAPABILITIES.written(kind.offers)),
        errors={"price_kr": "Enter either a price or a yearly amount, not both"} if refused else {},
        notice=None if refused else Notice.KIND_SAVED,
    )


ROWS = [
    kind_row(kind, ownership(kind, FIGURES, KM), FIGURES, {}, CAPABILITIES)
    for kind in starter_catalogue()
]


FOLLOWED: dict[str, Any] = {"fossil": 31, "followed": 4, "followed_by_all": 30}


GROUPS = [
    views.AssumptionGroup(
        group=group,
        rows=[
            assumption(FIGURES.figure(key), own=key is FigureKey.GRID_G_KWH)
            for key, quantity in quantities().items()
            if quantity.group is group
        ],
    )
    for group in FigureGroup
]


KINDS = figures_by_kind(starter_catalogue(), FIGURES)


#: What a round depends on: the price of petrol, and that of a charge point.
DEPENDS = RoundDependences(
    4,
    {
        key: FigureDependence(key=key, cost_kr_year=cost, saving_kr_year=saving)
        for key, cost, saving in (
            (FigureKey.PETROL_KR_L, 3_120.4, 9_870.2),
            (FigureKey.CHARGE_POINT_KR, 480.0, -480.0),
        )
    },
    [
        KindDependence(kind="el", name="Lille elbil", fixed_kr_year=46_000.0, now=13, then=17),
        KindDependence(kind="crane", name="Lastbil <kran>", fixed_kr_year=240_000.0, now=1, then=1),
    ],
)


COST_PAGES: dict[str, PageView] = {
    "assumptions": views.AssumptionsPage(
        year=2026,
        groups=GROUPS,
        own=1,
        estimates=7,
        old=sum(is_out_of_date(figure, 2026) for figure in FIGURES_HELD),
        depends=DEPENDS,
        notice=Notice.FIGURE_SAVED,
    ),
    "assumption": assumption_page(FigureKey.GRID_G_KWH, refused=True),
    "assumption-switch": assumption_page(FigureKey.WELL_TO_WHEEL, refused=False),
    "catalogue": views.CataloguePage(
        year=2026,
        km_year=KM,
        well_to_wheel=True,
        part=first_part(
            [replace(row, kind=f"{row.kind}-{n}") for n in range(8) for row in ROWS[:6]]
        ),
        suggested=ROWS[6:],
        **FOLLOWED,
    ),
    "catalogue-empty": views.CataloguePage(
        year=2026,
        km_year=KM,
        well_to_wheel=False,
        part=first_part(),
        suggested=ROWS,
        **FOLLOWED,
    ),
    "catalogue-refused": views.CataloguePage(
        year=2026,
        km_year=KM,
        well_to_wheel=True,
        part=first_part(),
        suggested=ROWS,
        **FOLLOWED,
        errors={"kind": "Choose at least one kind"},
    ),
    "capabilities": views.CapabilitiesPage(
        seen=Seen(1),
        rows=[
            views.CapabilityRow(
                code="towbar",
                field="name-towbar",
                name="Træk <13 pol>",
                kinds=("Ladvogn", "Varebil, diesel"),
                named_by="Værksted",
                named_at=NOW,
            ),
            views.CapabilityRow(
                code="crane",
                field="name-crane",
                name="kran",
                kinds=(),
                named_by=None,
                named_at=None,
            ),
        ],
        values={"name-towbar": "Træk <13 pol>", "name-crane": "kran;"},
        errors={"name-crane": "A name cannot hold a ;, which separates capabilities"},
    ),
    "kind": kind_page("elvarebil-stor"),
    "kind-refused": kind_page("elcykel", refused=True),
    "kind-new": views.KindPage(
        seen=Seen(1),
        row=None,
        source="",
        note="",
        figures_year=2026,
        year=2026,
        km_year=KM,
        well_to_wheel=True,
        lines=(),
        co2_kr_t=1500.0,
        charge_km_h=None,
        upfront_kr=None,
        measured=None,
        catalogue_range_km=None,
        use_unit="",
        history=(),
        action="/catalogue",
        values={"offered": "yes", "origin": "computed", "year": "2026"},
    ),
}
