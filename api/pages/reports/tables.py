"""The tables of a round for Excel, of the values that the pages show: GET
/proposals/report.xlsx."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from api.pages.proposals.labels import VOCABULARY
from api.pages.proposals.views import ReportPage
from api.pages.words.language import Language, mark, translations
from costs.budget import BudgetYear
from reports.workbook import Column, Figure, Sheet, Unit, Value


class Words:
    """Texts and labels in a language."""

    def __init__(self, language: Language) -> None:
        self._text = translations(language).gettext

    def __call__(self, text: str, unit: str = "") -> str:
        """A text, with a unit after it in brackets."""
        return f"{self._text(text)} ({self._text(unit)})" if unit else self._text(text)

    def label(self, value: StrEnum) -> str:
        return self._text(VOCABULARY.labels[type(value)][value])


_KR = mark("kr.")
_KR_YEAR = mark("kr. a year")
_TONNES_YEAR = mark("tonnes CO₂e a year")
_KW = "kW"


def report_sheets(view: ReportPage, language: Language) -> Sequence[Sheet]:
    """The tables of a round, as the report has them: its figures, its proposals, the depots, the
    years of the budget, and the curve of cost against CO2e."""
    words = Words(language)
    sheets = [_figures(view, words), _proposals(view, words)]
    if view.round is not None:
        sheets.append(_years(words(mark("Budget years")), view.round.budget.years, words))
    if view.depots:
        sheets.append(_depots(view, words))
    if view.curve is not None:
        sheets.append(_curve(view, words))
    return sheets


def _figures(view: ReportPage, words: Words) -> Sheet:
    columns = [
        Column(words(mark("Figure"))),
        Column(words(mark("Unit"))),
        Column(words(mark("Today")), Unit.KR),
        Column(words(mark("Proposed")), Unit.KR),
    ]
    found, rows = view.round, list[Sequence[Value]]()
    if found is not None and found.summary is not None:
        now, then = found.summary.baseline, found.summary.proposed
        rows += [
            (words(mark("Vehicles")), "", now.vehicles, then.vehicles),
            (words(mark("of which green")), "", now.green_vehicles, then.green_vehicles),
            (
                words(mark("Cost that is paid")),
                words(_KR_YEAR),
                found.paid_kr_year(now),
                found.paid_kr_year(then),
            ),
            (
                words(mark("Value of the CO₂e")),
                words(_KR_YEAR),
                found.co2_kr_year(now),
                found.co2_kr_year(then),
            ),
            (
                words(mark("Emissions")),
                words(_TONNES_YEAR),
                Figure(now.co2_t_year, Unit.TONNES),
                Figure(then.co2_t_year, Unit.TONNES),
            ),
            (
                words(mark("Round trips by taxi, hire or own car a year")),
                "",
                now.fallback_trips_year,
                then.fallback_trips_year,
            ),
        ]
    if found is not None:
        saving = words(mark("The proposals save"))
        rows.append((saving, words(_KR_YEAR), None, found.saving_kr_year))
        emitted = Figure(found.saving_co2_t_year, Unit.TONNES)
        rows.append((saving, words(_TONNES_YEAR), None, emitted))
    return Sheet(words(mark("In short")), columns, rows)


def _proposals(view: ReportPage, words: Words) -> Sheet:
    columns = [
        Column(words(mark("Proposal"))),
        Column(words(mark("Vehicle"))),
        Column(words(mark("Kind"))),
        Column(words(mark("New kind"))),
        Column(words(mark("Number")), Unit.COUNT),
        Column(words(mark("Department"))),
        Column(words(mark("Depot"))),
        Column(words(mark("To depot"))),
        Column(words(mark("Saves"), _KR_YEAR), Unit.KR),
        Column(words(mark("CO₂e saved"), _TONNES_YEAR), Unit.TONNES),
        Column(words(mark("If left out"), _KR_YEAR), Unit.KR),
        Column(words(mark("To be paid first"), _KR), Unit.KR),
        Column(words(mark("Takes hold")), Unit.DAY),
        Column(words(mark("Decision"))),
        Column(words(mark("Shared with others"))),
    ]
    rows: list[Sequence[Value]] = [
        (
            words.label(one.decision.action),
            one.decision.vehicle,
            one.decision.kind,
            one.decision.new_kind,
            one.decision.count,
            ", ".join(one.decision.departments),
            one.depot,
            one.to_depot,
            one.decision.saving_kr_year,
            one.decision.saving_co2_t_year,
            one.decision.left_out_kr_year,
            one.decision.upfront_kr,
            one.budget.departure.day,
            words(mark("Awaits a decision")) if one.verdict is None else words.label(one.verdict),
            words(mark("yes")) if one.shared else "",
        )
        for one in view.rows
    ]
    return Sheet(words(mark("Proposals")), columns, rows)


def _years(title: str, years: Iterable[BudgetYear], words: Words) -> Sheet:
    columns = [
        Column(words(mark("Year"))),
        *(
            Column(words(name, _KR), Unit.KR)
            for name in (
                mark("Running costs"),
                mark("Sales"),
                mark("Leaving contracts early"),
                mark("Vehicles bought"),
                mark("Charge points built"),
                mark("Saved in all"),
            )
        ),
    ]
    rows = [
        (
            str(year.year),
            *(year.running_kr, year.sale_kr, year.exit_kr, year.price_kr, year.charge_points_kr),
            year.total_kr,
        )
        for year in years
    ]
    return Sheet(title, columns, rows)


def _depots(view: ReportPage, words: Words) -> Sheet:
    years = [year.year for year in view.depots[0].budget.years]
    columns = [
        Column(words(mark("Depot"))),
        Column(words(mark("Vehicles today")), Unit.COUNT),
        Column(words(mark("Vehicles proposed")), Unit.COUNT),
        Column(words(mark("Saves"), _KR_YEAR), Unit.KR),
        Column(words(mark("CO₂e saved"), _TONNES_YEAR), Unit.TONNES),
        Column(words(mark("Tight days")), Unit.COUNT),
        Column(words(mark("Charging vehicles")), Unit.COUNT),
        Column(words(mark("Peak, unmanaged"), _KW), Unit.KW),
        Column(words(mark("Peak, managed"), _KW), Unit.KW),
        Column(words(mark("Charge points")), Unit.COUNT),
        Column(words(mark("To be built")), Unit.COUNT),
        *(Column(f"{year} ({words(_KR)})", Unit.KR) for year in years),
    ]
    rows: list[Sequence[Value]] = []
    for one in view.depots:
        now, then, need = one.plan.baseline, one.plan.proposed, one.plan.charge_points
        charging = None if one.charging is None else one.charging.proposed
        rows.append(
            (
                one.name,
                now.vehicles,
                then.vehicles,
                now.cost_kr_year - then.cost_kr_year,
                now.co2_t_year - then.co2_t_year,
                len(one.plan.tight_days),
                None if charging is None else charging.vehicles,
                None if charging is None else charging.unmanaged_kw,
                None if charging is None else charging.managed_kw,
                None if need is None else need.existing,
                None if need is None else need.to_build,
                *(year.total_kr for year in one.budget.years),
            )
        )
    return Sheet(words(mark("Depots")), columns, rows)


def _curve(view: ReportPage, words: Words) -> Sheet:
    columns = [
        Column(words(mark("Fleet"))),
        Column(words(mark("CO₂e"), _TONNES_YEAR), Unit.TONNES),
        Column(words(mark("Cost that is paid"), _KR_YEAR), Unit.KR),
        Column(words(mark("Proven at least"), _KR_YEAR), Unit.KR),
        Column(words(mark("Vehicles")), Unit.COUNT),
        Column(words(mark("of which green")), Unit.COUNT),
    ]
    assert view.curve is not None, "the caller has seen that there is one"
    rows: list[Sequence[Value]] = [
        (
            words.label(one.name),
            *(one.co2_t_year, one.cost_kr_year, None, one.vehicles, one.green_vehicles),
        )
        for one in view.curve.choices
    ]
    rows += [
        (
            ", ".join(f"{count} {kind}" for kind, count in one.fleet),
            *(one.co2_t_year, one.cost_kr_year, one.lower_bound_kr_year),
            *(one.vehicles, one.green_vehicles),
        )
        for one in view.curve.points
    ]
    return Sheet(words(mark("Cost against CO₂e")), columns, rows)
