"""The yearly cost of ownership and emissions of a kind, line by line, and the model's figures.

Costs are yearly amounts of equal size over the evaluation period at the discount rate (annuity),
so that kinds of different prices compare. The module computes CO2e at the vehicle (tank to wheel,
where electricity is 0 by definition) and with the production of fuel and power (well to wheel). The
assumptions say which of the two the optimiser uses; the pages show both.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from costs.assumptions import FigureKey, YearFigures
from costs.catalogue import CatalogueKind, Specification, StatedFigures
from costs.kind_figures import KindFigures
from costs.measured_range import SeasonRange
from fleet.vehicle import Energy

G_PER_KG = 1000.0
G_PER_T = 1e6


@dataclass(frozen=True, slots=True)
class Fuel:
    """The unit of an energy and the keys of its assumptions.

    A key is None where the energy emits nothing or nothing is known. `co2_g` is the number of grams
    in one unit of the emission factors, which are kg per litre or g per kWh.
    """

    unit: str
    price: FigureKey
    real_over_wltp: FigureKey | None
    ttw: FigureKey | None
    wtw: FigureKey
    co2_g: float


FUELS: dict[Energy, Fuel] = {
    Energy.PETROL: Fuel(
        "l",
        FigureKey.PETROL_KR_L,
        FigureKey.PETROL_REAL_OVER_WLTP,
        FigureKey.PETROL_TTW_KG_L,
        FigureKey.PETROL_WTW_KG_L,
        G_PER_KG,
    ),
    Energy.DIESEL: Fuel(
        "l",
        FigureKey.DIESEL_KR_L,
        FigureKey.DIESEL_REAL_OVER_WLTP,
        FigureKey.DIESEL_TTW_KG_L,
        FigureKey.DIESEL_WTW_KG_L,
        G_PER_KG,
    ),
    Energy.HVO: Fuel(
        "l",
        FigureKey.HVO_KR_L,
        FigureKey.DIESEL_REAL_OVER_WLTP,
        FigureKey.HVO_TTW_KG_L,
        FigureKey.HVO_WTW_KG_L,
        G_PER_KG,
    ),
    Energy.BIOGAS: Fuel(
        "kg",
        FigureKey.BIOGAS_KR_KG,
        FigureKey.GAS_REAL_OVER_WLTP,
        FigureKey.BIOGAS_TTW_KG_KG,
        FigureKey.BIOGAS_WTW_KG_KG,
        G_PER_KG,
    ),
    Energy.HYDROGEN: Fuel(
        "kg",
        FigureKey.HYDROGEN_KR_KG,
        FigureKey.GAS_REAL_OVER_WLTP,
        None,
        FigureKey.HYDROGEN_WTW_KG_KG,
        G_PER_KG,
    ),
    Energy.ELECTRIC: Fuel(
        "kWh",
        FigureKey.ELECTRICITY_KR_KWH,
        FigureKey.ELECTRIC_REAL_OVER_WLTP,
        None,
        FigureKey.GRID_G_KWH,
        1.0,
    ),
    Energy.BICYCLE: Fuel(
        "kWh", FigureKey.ELECTRICITY_KR_KWH, None, None, FigureKey.GRID_G_KWH, 1.0
    ),
}


class LineKey(StrEnum):
    """The lines of the yearly cost."""

    DEPRECIATION = "depreciation"
    INTEREST = "interest"
    YEARLY = "yearly"
    TAX = "tax"
    INSURANCE = "insurance"
    SERVICE = "service"
    CHARGE_POINT = "charge_point"
    ENERGY = "energy"
    WEAR = "wear"
    STATED_FIXED = "stated_fixed"
    STATED_KM = "stated_km"


#: The lines that pay for the vehicle itself.
CAPITAL_LINES = (LineKey.DEPRECIATION, LineKey.INTEREST, LineKey.YEARLY)


class CostInput(StrEnum):
    """The inputs of a line that are no assumptions."""

    PRICE = "price_kr"
    RESIDUAL = "residual_share"
    YEARLY = "yearly_kr"
    TAX = "tax_kr_year"
    INSURANCE = "insurance_kr_year"
    SERVICE = "service_kr_year"
    SERVICE_KM = "service_kr_km"
    WLTP_USE = "wltp_use_100km"
    REAL_USE = "real_use_100km"
    CHARGE_POINTS = "charge_points"
    STATED_FIXED = "fixed_kr_year"
    STATED_KM = "kr_km"
    KM_YEAR = "km_year"


@dataclass(frozen=True, slots=True)
class CostTerm:
    """A value from which a line is computed, with its source; "" where the reader gave it."""

    what: CostInput | FigureKey
    value: float
    source: str


@dataclass(frozen=True, slots=True)
class OwnershipLine:
    """One line of the yearly cost, with its inputs. `per_km` lines grow with the km driven."""

    key: LineKey
    kr_year: float
    per_km: bool
    inputs: tuple[CostTerm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """The cost and CO2e of a year with one vehicle of a kind that drives `km_year`.

    `fixed_kr_year`, `kr_km` and `co2_g_km` are the figures of the model. `lines` hold no CO2e.
    `co2_ttw_g_km` (tank to wheel) and `co2_wtw_g_km` (well to wheel) are None for a kind with
    stated figures, of which only `co2_g_km` is known.
    """

    kind: CatalogueKind
    km_year: float
    lines: tuple[OwnershipLine, ...]
    fixed_kr_year: float
    kr_km: float
    co2_g_km: float
    co2_ttw_g_km: float | None
    co2_wtw_g_km: float | None
    co2_kr_t: float

    @property
    def kr_year(self) -> float:
        """The sum of the lines."""
        return sum(line.kr_year for line in self.lines)

    @property
    def co2_t_year(self) -> float:
        return self.co2_g_km * self.km_year / G_PER_T

    @property
    def co2_kr_year(self) -> float:
        """The value of the CO2e, which nobody is billed for."""
        return self.co2_t_year * self.co2_kr_t


def annuity(capital_kr: float, rate: float, years: float) -> float:
    """The equal yearly payment that repays `capital_kr` over `years` at `rate` a year."""
    if rate == 0:
        return capital_kr / years
    # 1 - (1 + rate)^-years, exact for small rates too. The capital is multiplied last: its product
    # with the smallest rate would have no digits left.
    return capital_kr * (rate / -math.expm1(-years * math.log1p(rate)))


def ownership(kind: CatalogueKind, figures: YearFigures, km_year: float) -> Ownership:
    """The cost of a year with one vehicle of `kind` that drives `km_year`, under `figures`."""
    spec = kind.figures
    if isinstance(spec, StatedFigures):
        lines = _stated_lines(kind, spec, km_year)
        ttw = wtw = None
        co2_g_km = spec.co2_g_km
        kr_km = spec.kr_km
    else:
        lines = [*_fixed_lines(kind, spec, figures), *_km_lines(kind, spec, figures, km_year)]
        fuel, use = FUELS[kind.energy], consumption_km(kind, spec, figures)
        ttw = 0.0 if fuel.ttw is None else use * figures[fuel.ttw] * fuel.co2_g
        wtw = use * figures[fuel.wtw] * fuel.co2_g
        co2_g_km = wtw if figures.well_to_wheel else ttw
        kr_km = use * figures[fuel.price] + spec.service_kr_km
    return Ownership(
        kind=kind,
        km_year=km_year,
        lines=tuple(lines),
        fixed_kr_year=sum(line.kr_year for line in lines if not line.per_km),
        kr_km=kr_km,
        co2_g_km=co2_g_km,
        co2_ttw_g_km=ttw,
        co2_wtw_g_km=wtw,
        co2_kr_t=figures[FigureKey.CO2_KR_T],
    )


def consumption_km(kind: CatalogueKind, spec: Specification, figures: YearFigures) -> float:
    """The consumption in litres, kWh or kg per km in real traffic."""
    if spec.real_use_100km is not None:
        return spec.real_use_100km / 100
    assert spec.wltp_use_100km is not None
    key = FUELS[kind.energy].real_over_wltp
    return spec.wltp_use_100km / 100 * (1.0 if key is None else figures[key])


def kind_figures(kind: CatalogueKind, figures: YearFigures) -> KindFigures:
    """The figures of a kind for the optimiser: stated by the municipality, or computed."""
    cost = ownership(kind, figures, 0.0)
    spec = kind.figures
    range_km = charge_km_h = kwh_km = charge_kw = upfront_kr = capital_kr_year = price_kr = None
    charge_points = 0.0
    if isinstance(spec, StatedFigures):
        range_km, charge_km_h = spec.range_km, spec.charge_km_h
    else:
        if kind.energy in (Energy.ELECTRIC, Energy.BICYCLE):
            kwh_km = consumption_km(kind, spec, figures)
        if spec.wltp_range_km is not None and spec.battery_kwh is not None:
            range_km = spec.wltp_range_km * figures[FigureKey.WINTER_RANGE_OVER_WLTP]
            charge_kw = spec.charge_kw or figures[FigureKey.CHARGE_POINT_KW]
            charge_km_h = range_km * charge_kw / spec.battery_kwh
        capital_kr_year = sum(line.kr_year for line in cost.lines if line.key in CAPITAL_LINES)
        price_kr, charge_points = spec.price_kr, spec.charge_points
        if spec.price_kr is not None:
            upfront_kr = spec.price_kr + spec.charge_points * figures[FigureKey.CHARGE_POINT_KR]
    if range_km is not None and kind.measured is not None:
        planned = kind.measured.planned_with(range_km)
        if planned is not None:
            if charge_km_h is not None:  # the same energy in an hour lasts as far as it really does
                charge_km_h *= planned.range_km / range_km
            range_km = planned.range_km
    return KindFigures(
        kind=kind.kind,
        name=kind.name,
        energy=kind.energy,
        offers=kind.offers,
        fixed_kr_year=cost.fixed_kr_year,
        kr_km=cost.kr_km,
        co2_g_km=cost.co2_g_km,
        range_km=range_km,
        charge_km_h=charge_km_h,
        offered=kind.offered,
        limits=kind.limits,
        kwh_km=kwh_km,
        charge_kw=charge_kw,
        upfront_kr=upfront_kr,
        capital_kr_year=capital_kr_year,
        price_kr=price_kr,
        charge_points=charge_points,
        charge_point_kr=figures[FigureKey.CHARGE_POINT_KR],
        charge_point_kr_year=_charge_point_kr_year(figures),
        kr_year_of_value=annuity(
            1.0, figures[FigureKey.DISCOUNT_RATE], figures[FigureKey.PERIOD_YEARS]
        ),
        notice_months=int(figures[FigureKey.NOTICE_MONTHS]),
    )


def catalogue_range_km(kind: CatalogueKind, figures: YearFigures) -> float | None:
    """The planning range of a kind without what was measured."""
    return kind_figures(replace(kind, measured=None), figures).range_km


def range_planned_with(kind: CatalogueKind, figures: YearFigures) -> SeasonRange | None:
    """The measured range that plans use for a kind; None: they use the catalogue's."""
    range_km = catalogue_range_km(kind, figures)
    if kind.measured is None or range_km is None:
        return None
    return kind.measured.planned_with(range_km)


def figures_by_kind(kinds: Iterable[CatalogueKind], figures: YearFigures) -> dict[str, KindFigures]:
    """The figures of all `kinds` under the year's assumptions, by the ids of the kinds."""
    return {kind.kind: kind_figures(kind, figures) for kind in kinds}


def assumed_rules(figures: YearFigures) -> dict[str, float]:
    """The rules of a round that are assumptions: the value of CO2e, and the fallback by taxi, hire
    or own car."""
    petrol = FigureKey.PETROL_WTW_KG_L if figures.well_to_wheel else FigureKey.PETROL_TTW_KG_L
    return {
        "co2_kr_t": figures[FigureKey.CO2_KR_T],
        "fallback_kr_trip": figures[FigureKey.FALLBACK_KR_TRIP],
        "fallback_kr_km": figures[FigureKey.MILEAGE_HIGH_KR_KM],
        "fallback_co2_g_km": figures[FigureKey.FALLBACK_L_KM] * figures[petrol] * G_PER_KG,
    }


def _stated_lines(
    kind: CatalogueKind, stated: StatedFigures, km_year: float
) -> list[OwnershipLine]:
    source = kind.source
    return [
        OwnershipLine(
            LineKey.STATED_FIXED,
            stated.fixed_kr_year,
            per_km=False,
            inputs=(CostTerm(CostInput.STATED_FIXED, stated.fixed_kr_year, source),),
        ),
        OwnershipLine(
            LineKey.STATED_KM,
            stated.kr_km * km_year,
            per_km=True,
            inputs=(CostTerm(CostInput.STATED_KM, stated.kr_km, source), _km(km_year)),
        ),
    ]


def _fixed_lines(
    kind: CatalogueKind, spec: Specification, figures: YearFigures
) -> list[OwnershipLine]:
    source = kind.source
    rate, years = figures[FigureKey.DISCOUNT_RATE], figures[FigureKey.PERIOD_YEARS]
    lines: list[OwnershipLine] = []
    if spec.price_kr is not None:
        residual = spec.price_kr * spec.residual_share
        depreciation = (spec.price_kr - residual) / years
        yearly = annuity(spec.price_kr - residual / (1 + rate) ** years, rate, years)
        bought = (
            CostTerm(CostInput.PRICE, spec.price_kr, source),
            CostTerm(CostInput.RESIDUAL, spec.residual_share, source),
            _assumed(figures, FigureKey.PERIOD_YEARS),
        )
        lines += [
            OwnershipLine(LineKey.DEPRECIATION, depreciation, per_km=False, inputs=bought),
            OwnershipLine(
                LineKey.INTEREST,
                yearly - depreciation,
                per_km=False,
                inputs=(*bought, _assumed(figures, FigureKey.DISCOUNT_RATE)),
            ),
        ]
    plain = (
        (LineKey.YEARLY, CostInput.YEARLY, spec.yearly_kr or 0.0),
        (LineKey.TAX, CostInput.TAX, spec.tax_kr_year),
        (LineKey.INSURANCE, CostInput.INSURANCE, spec.insurance_kr_year),
        (LineKey.SERVICE, CostInput.SERVICE, spec.service_kr_year),
    )
    lines += [
        OwnershipLine(key, amount, per_km=False, inputs=(CostTerm(what, amount, source),))
        for key, what, amount in plain
        if amount
    ]
    if spec.charge_points:
        point = _charge_point_kr_year(figures)
        lines.append(
            OwnershipLine(
                LineKey.CHARGE_POINT,
                spec.charge_points * point,
                per_km=False,
                inputs=(
                    CostTerm(CostInput.CHARGE_POINTS, spec.charge_points, source),
                    _assumed(figures, FigureKey.CHARGE_POINT_KR),
                    _assumed(figures, FigureKey.CHARGE_POINT_YEARS),
                    _assumed(figures, FigureKey.DISCOUNT_RATE),
                ),
            )
        )
    return lines


def _charge_point_kr_year(figures: YearFigures) -> float:
    """What one charge point costs a year."""
    return annuity(
        figures[FigureKey.CHARGE_POINT_KR],
        figures[FigureKey.DISCOUNT_RATE],
        figures[FigureKey.CHARGE_POINT_YEARS],
    )


def _km_lines(
    kind: CatalogueKind, spec: Specification, figures: YearFigures, km_year: float
) -> list[OwnershipLine]:
    source, fuel = kind.source, FUELS[kind.energy]
    if spec.real_use_100km is not None:
        use = (CostTerm(CostInput.REAL_USE, spec.real_use_100km, source),)
    else:
        assert spec.wltp_use_100km is not None
        factor = () if fuel.real_over_wltp is None else (_assumed(figures, fuel.real_over_wltp),)
        use = (CostTerm(CostInput.WLTP_USE, spec.wltp_use_100km, source), *factor)
    energy = OwnershipLine(
        LineKey.ENERGY,
        consumption_km(kind, spec, figures) * figures[fuel.price] * km_year,
        per_km=True,
        inputs=(_km(km_year), *use, _assumed(figures, fuel.price)),
    )
    wear = OwnershipLine(
        LineKey.WEAR,
        spec.service_kr_km * km_year,
        per_km=True,
        inputs=(_km(km_year), CostTerm(CostInput.SERVICE_KM, spec.service_kr_km, source)),
    )
    return [energy, wear]


def _assumed(figures: YearFigures, key: FigureKey) -> CostTerm:
    figure = figures.figure(key)
    return CostTerm(key, figure.value, figure.source)


def _km(km_year: float) -> CostTerm:
    return CostTerm(CostInput.KM_YEAR, km_year, "")
