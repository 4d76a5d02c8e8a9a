"""Sample views of the pages of assumptions and catalogue, computed from what the product ships."""

from datetime import UTC, date, datetime

from api.pages import basis_views as views
from api.pages.assumptions import is_estimate
from api.pages.basis_forms import kind_values
from api.pages.catalogue import kind_row, term_view
from api.pages.future_views import FuturePage, RulingEntry
from api.pages.language import Language
from api.pages.views import Notice, Page, Period
from optimiser.assumptions import Figure, Group, Key, quantities, shipped
from optimiser.candidates import Fate, Ruling
from optimiser.catalogue import starter
from optimiser.green import GreenCheck, Obstacle
from optimiser.ownership import kind_figures, ownership

WHEN = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
KM = 15_000.0
FIGURES = shipped().at(2026)


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
    )


def assumption_page(key: Key, *, refused: bool) -> views.AssumptionPage:
    quantity = quantities()[key]
    return views.AssumptionPage(
        key=key,
        unit=quantity.unit,
        least=quantity.least,
        most=quantity.most,
        switch=key is Key.WELL_TO_WHEEL,
        year=2026,
        series=[
            assumption(figure, own=figure.valid_from == 2026, holds=figure.valid_from == 2026)
            for figure in shipped().figures
            if figure.key is key
        ],
        history=[
            views.AssumptionChange(
                valid_from=2026,
                value=value,
                source="Energinet, miljødeklaration <2026>",
                note="Timeopgjort",
                changed_by="Flådeenheden",
                changed_at=WHEN,
            )
            for value in (None, 37.0)
        ]
        if refused
        else (),
        values={"value": "x", "valid_from": "26", "source": "", "who": ""},
        errors={
            "value": "Write a number, as 1,234.5",
            "source": "Write where the figure is from, so that others can check it",
        }
        if refused
        else {},
    )


def kind_page(name: str, *, refused: bool = False) -> views.KindPage:
    kind = next(kind for kind in starter() if kind.kind == name)
    cost, model = ownership(kind, FIGURES, KM), kind_figures(kind, FIGURES)
    return views.KindPage(
        row=kind_row(kind, cost, FIGURES, {name: 4}),
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
        use_unit="kWh",
        history=[
            views.KindChange(
                offered=True,
                origin=views.Origin.COMPUTED,
                source=kind.source,
                note=kind.note,
                changed_by="Flådeenheden",
                changed_at=WHEN,
            )
        ],
        action=f"/catalogue/{name}",
        values=kind_values(kind, Language.DANISH),
        errors={"price_kr": "Write either a price or a yearly amount, not both"} if refused else {},
        notice=None if refused else Notice.KIND_SAVED,
    )


ROWS = [kind_row(kind, ownership(kind, FIGURES, KM), FIGURES, {}) for kind in starter()]


def future_page(check: GreenCheck | None, fate: Fate, *, refused: bool = False) -> FuturePage:
    return FuturePage(
        vehicle_id="LTK/042",
        name="LTK-042 <diesel>",
        kind="varebil-diesel",
        kind_name="Varebil, diesel",
        department="Vej & Park",
        depot="Vej og Park, Firskovvej",
        period=Period(date(2026, 9, 21), date(2026, 11, 15), 38),
        fate=fate,
        contract_end=date(2029, 4, 30),
        keep_until=date(2027, 11, 15),
        heard_share=0.42,
        coverage_min=0.8,
        mileage_km=84_200.0,
        offers=("cargo", "towbar"),
        needs=("cargo",),
        green=check,
        history=[
            RulingEntry(
                ruling=Ruling.STAY,
                needs=("cargo",),
                reason="Bruges til glatførebekæmpelse",
                ruled_by="Leder, Vej & Park",
                ruled_at=WHEN,
            )
        ],
        values={"ruling": "stay", "needs": "cargo; kran", "reason": "", "who": ""},
        errors={"needs": "The vehicle can only be needed for what its kind offers"}
        if refused
        else {},
    )


BASIS_PAGES: dict[str, Page] = {
    "future": future_page(
        GreenCheck(
            obstacle=Obstacle.CONTRACT,
            kind="Elvarebil, stor",
            extra_kr_year=6_120.0,
            saved_co2_t_year=2.4,
        ),
        Fate.CONTRACT,
    ),
    "future-range": future_page(
        GreenCheck(
            obstacle=Obstacle.RANGE,
            kind="Elvarebil, stor",
            day=date(2026, 11, 4),
            km=241.0,
            range_km=214.5,
        ),
        Fate.SILENT,
        refused=True,
    ),
    "future-need": future_page(GreenCheck(obstacle=Obstacle.NEED, missing=("crane",)), Fate.RULED),
    "future-charging": future_page(
        GreenCheck(obstacle=Obstacle.CHARGING, kind="Elbil, lille", day=date(2026, 11, 4)),
        Fate.CAN_GO,
    ),
    "future-empty": future_page(None, Fate.MACHINE),
    "assumptions": views.AssumptionsPage(
        year=2026,
        groups=[
            views.AssumptionGroup(
                group=group,
                rows=[
                    assumption(FIGURES.figure(key), own=key is Key.GRID_G_KWH)
                    for key, quantity in quantities().items()
                    if quantity.group is group
                ],
            )
            for group in Group
        ],
        own=1,
        estimates=7,
        notice=Notice.FIGURE_SAVED,
    ),
    "assumption": assumption_page(Key.GRID_G_KWH, refused=True),
    "assumption-switch": assumption_page(Key.WELL_TO_WHEEL, refused=False),
    "catalogue": views.CataloguePage(
        year=2026, km_year=KM, well_to_wheel=True, kinds=ROWS[:6], suggested=ROWS[6:]
    ),
    "catalogue-empty": views.CataloguePage(
        year=2026, km_year=KM, well_to_wheel=False, kinds=(), suggested=ROWS
    ),
    "kind": kind_page("elvarebil-stor"),
    "kind-refused": kind_page("elcykel", refused=True),
    "kind-new": views.KindPage(
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
        use_unit="",
        history=(),
        action="/catalogue",
        values={"offered": "yes", "origin": "computed", "year": "2026"},
    ),
}
