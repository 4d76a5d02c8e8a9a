"""The tables of a round for Excel, of the values that the pages show: GET
/proposals/report.xlsx."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from api.pages.costs.labels import VOCABULARY as COSTS
from api.pages.proposals.labels import VOCABULARY as PROPOSALS
from api.pages.reports.views import ReportPage
from api.pages.transition.labels import VOCABULARY as TRANSITION
from api.pages.words.language import Language, mark, translations
from costs.budget import BudgetYear
from optimiser.parts.depot_plan import FleetFigures
from optimiser.rounds.decisions import Status
from optimiser.rounds.proposals import Proposal
from reports.workbook import Column, Figure, Sheet, Unit, Value


class Words:
    """Texts and labels in a language."""

    def __init__(self, language: Language) -> None:
        self._text = translations(language).gettext

    def __call__(self, text: str, unit: str = "") -> str:
        """A text, with a unit after it in brackets."""
        return f"{self._text(text)} ({self._text(unit)})" if unit else self._text(text)

    def label(self, value: StrEnum) -> str:
        return self._text(_LABELS[type(value)][value])

    def decided(self, proposal: Proposal) -> str:
        """The status of a proposal; where its parts do not stand alike, that of each."""
        if proposal.status is not Status.PARTLY:
            return self.label(proposal.status)
        return "; ".join(
            f"{part.decision.vehicle or part.decision.new_kind}: {self.label(part.status)}"
            for part in proposal.parts
        )


_LABELS = {**COSTS.labels, **PROPOSALS.labels, **TRANSITION.labels}

KR = mark("DKK")
_KR_YEAR = mark("DKK a year")
_TONNES_YEAR = mark("tonnes CO₂e a year")
KW = "kW"


def report_sheets(view: ReportPage, language: Language) -> Sequence[Sheet]:
    """The tables of a round, as the report has them: its figures, its proposals, the depots, the
    years of the budget, and the curve of cost against CO2e."""
    words = Words(language)
    sheets = [_figures(view, words), _proposals(view, words)]
    if view.standing:
        sheets.append(_standing(view, words))
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
        Column(words(mark("Today, driven as well as possible")), Unit.KR),
        Column(words(mark("Proposed")), Unit.KR),
        Column(words(mark("Today, as really driven")), Unit.KR),
    ]
    found, rows = view.round, list[Sequence[Value]]()
    if found is not None and found.summary is not None:
        summary = found.summary
        fleets = (summary.baseline, summary.proposed, summary.driven)

        def row(name: str, unit: str, figure: Callable[[FleetFigures], Value]) -> Sequence[Value]:
            known = (None if fleet is None else figure(fleet) for fleet in fleets)
            return (words(name), unit and words(unit), *known)

        rows += [
            row(mark("Vehicles"), "", lambda fleet: fleet.vehicles),
            row(mark("of which green"), "", lambda fleet: fleet.green_vehicles),
            row(mark("Cost that is paid"), _KR_YEAR, found.paid_kr_year),
            row(mark("Value of the CO₂e"), _KR_YEAR, found.co2_kr_year),
            row(
                mark("Emissions"),
                _TONNES_YEAR,
                lambda fleet: Figure(fleet.co2_t_year, Unit.TONNES),
            ),
            row(
                mark("Round trips by taxi, hire or own car a year"),
                "",
                lambda fleet: fleet.fallback_trips_year,
            ),
        ]
    if found is not None:
        saving = words(mark("The proposals save"))
        rows.append((saving, words(_KR_YEAR), None, found.saving_kr_year, None))
        emitted = Figure(found.saving_co2_t_year, Unit.TONNES)
        rows.append((saving, words(_TONNES_YEAR), None, emitted, None))
        if found.rejected_since:
            rejected = words(mark("of which was rejected since the plan was calculated"))
            rows.append((rejected, words(_KR_YEAR), None, found.rejected_since_kr_year, None))
    if view.is_being_studied:
        rows.append((_progress(view, words), "", None, None, None))
    return Sheet(words(mark("In short")), columns, rows)


def _progress(view: ReportPage, words: Words) -> str:
    """That studies are under way, so that the workbook does not have their figures yet."""
    said = mark(
        "Sensitivity, charging, backtest and curve are worked out in the background: %(done)s of"
        " %(all)s are done."
    )
    return words(said) % {"done": view.studied, "all": view.parts}


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
        Column(words(mark("Saved in the round before"), _KR_YEAR), Unit.KR),
        Column(words(mark("CO₂e saved"), _TONNES_YEAR), Unit.TONNES),
        Column(words(mark("If left out"), _KR_YEAR), Unit.KR),
        Column(words(mark("To be paid first"), KR), Unit.KR),
        Column(words(mark("Grid connection, once besides"), KR), Unit.KR),
        Column(words(mark("Takes effect")), Unit.DAY),
        Column(words(mark("Decision"))),
        Column(words(mark("Shared with others"))),
    ]
    rows: list[Sequence[Value]] = [
        (
            _listed(words.label(part.decision.action) for part in one.singles),
            _listed(part.decision.vehicle for part in one.singles),
            _listed(part.decision.kind for part in one.singles),
            _listed(part.decision.new_kind for part in one.singles),
            sum(part.decision.count for part in one.singles),
            ", ".join(one.decision.departments),
            _listed(dict.fromkeys(part.depot for part in one.singles)),
            _listed(part.to_depot for part in one.singles),
            one.decision.saving_kr_year,
            None
            if (before := view.saved_before.get(one.proposal_id)) is None
            else before.saving_kr_year,
            one.decision.saving_co2_t_year,
            one.decision.left_out_kr_year,
            one.decision.upfront_kr,
            one.grid_kr,
            one.budget.departure.day,
            words.decided(one),
            words(mark("yes")) if one.shared else "",
        )
        for one in view.rows
    ]
    return Sheet(words(mark("Proposals")), columns, rows)


def _standing(view: ReportPage, words: Words) -> Sheet:
    """The decisions that stand, vehicle by vehicle, with follow-up's figures."""
    columns = [
        Column(words(mark("Proposal"))),
        Column(words(mark("Vehicle"))),
        Column(words(mark("New kind"))),
        Column(words(mark("Depot"))),
        Column(words(mark("Decision"))),
        Column(words(mark("Saves a year, as a budget has it"), _KR_YEAR), Unit.KR),
        Column(words(mark("Reason"))),
    ]
    rows: list[Sequence[Value]] = [
        (
            words.label(one.proposal.decision.action),
            one.proposal.decision.vehicle,
            one.proposal.decision.new_kind,
            one.proposal.depot,
            words.label(one.status),
            one.paid_kr_year,
            one.reason or (None if one.no_room is None else words.label(one.no_room)),
        )
        for group in view.standings
        for one in group.rows
    ]
    return Sheet(words(mark("The decisions that stand")), columns, rows)


def _listed(texts: Iterable[str | None]) -> str | None:
    """The texts of the parts of a proposal in one cell; None: there are none."""
    return "; ".join(text for text in texts if text) or None


def budget_columns(words: Words) -> list[Column]:
    """The columns of a budget year."""
    return [
        Column(words(mark("Year"))),
        *(
            Column(words(name, KR), Unit.KR)
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


def budget_amounts(year: BudgetYear) -> Sequence[Value]:
    """What these columns have of a year."""
    return (
        str(year.year),
        *(year.running_kr, year.sale_kr, year.exit_kr, year.price_kr, year.charge_points_kr),
        year.total_kr,
    )


def _years(title: str, years: Iterable[BudgetYear], words: Words) -> Sheet:
    return Sheet(title, budget_columns(words), [budget_amounts(year) for year in years])


def _depots(view: ReportPage, words: Words) -> Sheet:
    years = [year.year for year in view.depots[0].budget.years]
    columns = [
        Column(words(mark("Depot"))),
        Column(words(mark("Vehicles today")), Unit.COUNT),
        Column(words(mark("Vehicles proposed")), Unit.COUNT),
        Column(words(mark("Saves"), _KR_YEAR), Unit.KR),
        Column(words(mark("CO₂e saved"), _TONNES_YEAR), Unit.TONNES),
        Column(words(mark("Tight days")), Unit.COUNT),
        Column(words(mark("Charging vehicles, proposed")), Unit.COUNT),
        Column(words(mark("Peak, unmanaged"), KW), Unit.KW),
        Column(words(mark("Peak, managed"), KW), Unit.KW),
        Column(words(mark("Charge points")), Unit.COUNT),
        Column(words(mark("To be built")), Unit.COUNT),
        *(Column(f"{year} ({words(KR)})", Unit.KR) for year in years),
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
                one.plan.tight_days_count,
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
