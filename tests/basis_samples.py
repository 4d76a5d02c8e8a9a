"""Sample views of the pages of assumptions and catalogue, computed from what the product ships."""

from datetime import UTC, datetime

from api.pages import basis_views as views
from api.pages.assumptions import is_estimate
from api.pages.basis_forms import kind_values
from api.pages.catalogue import kind_row, term_view
from api.pages.language import Language
from api.pages.views import Notice, Page
from optimiser.assumptions import Figure, Group, Key, quantities, shipped
from optimiser.catalogue import starter
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

BASIS_PAGES: dict[str, Page] = {
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
