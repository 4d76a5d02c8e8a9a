"""The tables of the evaluation and of the roll-out plan for Excel, of the values that the pages
show."""

from collections.abc import Sequence
from enum import StrEnum

from api.pages.pilot_end.labels import LABELS
from api.pages.pilot_end.views import EvaluationPage, RollOutPage
from api.pages.words.language import Language, mark, translations
from optimiser.pilot_end.figures import ComparedFigure, Quantity
from optimiser.pilot_end.goals import Metric
from reports.workbook import Column, Figure, Sheet, Unit, Value


class _Words:
    """Texts and labels in a language."""

    def __init__(self, language: Language) -> None:
        self._text = translations(language).gettext

    def __call__(self, text: str, unit: str = "") -> str:
        """A text, with a unit after it in brackets."""
        return f"{self._text(text)} ({self._text(unit)})" if unit else self._text(text)

    def label(self, value: StrEnum) -> str:
        return self._text(LABELS[type(value)][value])


_KR_YEAR = mark("DKK a year")
_TONNES_YEAR = mark("tonnes CO₂e a year")
_KR = mark("DKK")
_TONNES = mark("tonnes CO₂e")

_UNITS = {
    Quantity.COUNT: (Unit.COUNT, ""),
    Quantity.SHARE: (Unit.SHARE, ""),
    Quantity.HOURS: (Unit.COUNT, mark("hours a year")),
    Quantity.KM: (Unit.COUNT, mark("km a year")),
    Quantity.KR: (Unit.KR, _KR_YEAR),
    Quantity.TONNES: (Unit.TONNES, _TONNES_YEAR),
}


def evaluation_sheets(view: EvaluationPage, language: Language) -> Sequence[Sheet]:
    """The tables of an evaluation: its figures, the decisions, the goals, and what others found."""
    words = _Words(language)
    return [
        _figures(view.figures, words),
        _decisions(view, words),
        _goals(view, words),
        _elsewhere(view, words),
    ]


def roll_out_sheets(view: RollOutPage, language: Language) -> Sequence[Sheet]:
    """The tables of the plan: its rows, its months, and what the expected saving rests on."""
    words = _Words(language)
    plan = view.plan
    rows: list[Sequence[Value]] = [
        (
            one.month,
            one.department,
            one.chips,
            ", ".join(one.depots),
            ", ".join(one.depots_to_draw),
            one.saves_from,
            None if one.saving is None else one.saving.kr_year,
            None if one.saving is None else one.saving.kr_low,
            None if one.saving is None else one.saving.kr_high,
            None if one.saving is None else one.saving.co2_t_year,
        )
        for one in plan.rows
    ]
    columns = [
        Column(words(mark("Month")), Unit.DAY),
        Column(words(mark("Department"))),
        Column(words(mark("Trackers")), Unit.COUNT),
        Column(words(mark("Depots"))),
        Column(words(mark("Depots to be drawn"))),
        Column(words(mark("Saves from about")), Unit.DAY),
        Column(words(mark("Expected to be saved"), _KR_YEAR), Unit.KR),
        Column(words(mark("At the least"), _KR_YEAR), Unit.KR),
        Column(words(mark("At the most"), _KR_YEAR), Unit.KR),
        Column(words(mark("Expected to be saved"), _TONNES_YEAR), Unit.TONNES),
    ]
    months = Sheet(
        words(mark("By month")),
        [
            Column(words(mark("Month")), Unit.DAY),
            Column(words(mark("Trackers")), Unit.COUNT),
            Column(words(mark("Trackers so far")), Unit.COUNT),
        ],
        plan.months,
    )
    return [Sheet(words(mark("Roll-out plan")), columns, rows), months, _basis(view, words)]


def _figures(figures: Sequence[ComparedFigure], words: _Words) -> Sheet:
    columns = [
        Column(words(mark("Figure"))),
        Column(words(mark("Unit"))),
        Column(words(mark("Before")), Unit.KR),
        Column(words(mark("After")), Unit.KR),
        Column(words(mark("Difference")), Unit.KR),
    ]
    rows: list[Sequence[Value]] = []
    for one in figures:
        unit, name = _UNITS[one.measure.quantity]
        values = [
            None if value is None else Figure(value, unit)
            for value in (one.before, one.after, one.change)
        ]
        rows.append((words.label(one.measure), words(name) if name else "", *values))
    return Sheet(words(mark("Before and after")), columns, rows)


def _decisions(view: EvaluationPage, words: _Words) -> Sheet:
    found, total = view.found, view.found.total
    decided = found.decided
    rows: list[Sequence[Value]] = [
        (words(mark("Proposals")), "", decided.proposals),
        (words(mark("Changes proposed")), "", decided.proposed),
        (words(mark("Accepted")), "", decided.accepted),
        (words(mark("Rejected")), "", decided.rejected),
        (words(mark("Awaits a decision")), "", decided.open),
        (words(mark("Carried out")), "", decided.done),
        (words(mark("Late")), "", decided.late),
        (words(mark("Accepted savings a year")), words(_KR_YEAR), found.accepted_kr_year),
        (words(mark("Carried-out savings a year")), words(_KR_YEAR), found.carried_kr_year),
        (words(mark("Promised so far")), words(_KR), total.promised_kr),
        (words(mark("Achieved so far")), words(_KR), total.achieved_kr),
        (words(mark("Of which leaked")), words(_KR), total.leaked_kr),
        (words(mark("Promised so far")), words(_TONNES), _tonnes(total.promised_co2_t)),
        (words(mark("Achieved so far")), words(_TONNES), _tonnes(total.achieved_co2_t)),
        (words(mark("Value of that CO₂e, which nobody pays")), words(_KR), total.achieved_co2_kr),
    ]
    columns = [
        Column(words(mark("Figure"))),
        Column(words(mark("Unit"))),
        Column(words(mark("Number")), Unit.KR),
    ]
    return Sheet(words(mark("Decisions")), columns, rows)


def _goals(view: EvaluationPage, words: _Words) -> Sheet:
    columns = [
        Column(words(mark("Goal"))),
        Column(words(mark("At least")), Unit.KR),
        Column(words(mark("Today")), Unit.KR),
        Column(words(mark("To be reached by")), Unit.DAY),
        Column(words(mark("Is it reached?"))),
        Column(words(mark("Why it cannot be told"))),
        Column(words(mark("Where it was decided"))),
    ]
    rows: list[Sequence[Value]] = [
        (
            words.label(one.goal.metric),
            Figure(one.goal.target, _unit_of(one.goal.metric)),
            None if one.value is None else Figure(one.value, _unit_of(one.goal.metric)),
            one.goal.by,
            words.label(one.outcome),
            "" if one.why is None else words.label(one.why),
            one.goal.text.source,
        )
        for one in view.found.goals
    ]
    return Sheet(words(mark("Goals")), columns, rows)


def _elsewhere(view: EvaluationPage, words: _Words) -> Sheet:
    columns = [
        Column(words(mark("Who"))),
        Column(words(mark("A result"))),
        *(
            Column(words(name), Unit.SHARE)
            for name in (mark("Fewer vehicles"), mark("Lower cost"), mark("Less CO₂e"))
        ),
        Column(words(mark("Source"))),
    ]
    rows: list[Sequence[Value]] = [
        (
            words.label(one.key),
            words(mark("yes")) if one.is_result else words(mark("Calculated, not reached")),
            *(one.vehicles, one.cost, one.co2),
            one.source,
        )
        for one in view.elsewhere
    ]
    return Sheet(words(mark("What others found")), columns, rows)


def _basis(view: RollOutPage, words: _Words) -> Sheet:
    pilot, saving = view.plan.pilot, view.plan.saving
    rows: list[Sequence[Value]] = [
        (words(mark("Vehicles with a tracker")), "", view.sources.trackers),
        (words(mark("Vehicles with a driving log alone")), "", view.sources.logs),
        (words(mark("Trackers a month")), "", view.plan.choice.chips_month),
        (words(mark("Depots to be drawn")), "", view.plan.depots_to_draw),
    ]
    if pilot is not None and saving is not None:
        each = pilot.per_vehicle
        rows += [
            (words(mark("Saved for each vehicle of the pilot")), words(_KR_YEAR), each.kr_year),
            (words(mark("At the least, of a depot")), words(_KR_YEAR), each.kr_low),
            (words(mark("At the most, of a depot")), words(_KR_YEAR), each.kr_high),
            (words(mark("Vehicles of the pilot")), "", pilot.vehicles),
            (words(mark("Depots of the pilot")), "", pilot.depots),
            (words(mark("Proposals that are carried out")), "", pilot.proposals),
            (words(mark("Months of them that have ended, taken together")), "", pilot.months),
            (words(mark("Months from the first data until they saved")), "", pilot.lag_months),
            (words(mark("Expected to be saved")), words(_KR_YEAR), saving.kr_year),
            (
                words(mark("Expected to be saved")),
                words(_TONNES_YEAR),
                _tonnes(saving.co2_t_year),
            ),
        ]
    columns = [
        Column(words(mark("Figure"))),
        Column(words(mark("Unit"))),
        Column(words(mark("Number")), Unit.KR),
    ]
    return Sheet(words(mark("What it rests on")), columns, rows)


def _unit_of(metric: Metric) -> Unit:
    if metric.is_share:
        return Unit.SHARE
    return Unit.KR if metric is Metric.SAVED_KR else Unit.TONNES


def _tonnes(value: float) -> Figure:
    return Figure(value, Unit.TONNES)
