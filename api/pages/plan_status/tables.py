"""The status of a quarter of a plan as the sheets of a workbook."""

from collections.abc import Sequence
from datetime import date

from api.pages.plan.shipped_words import say_programme
from api.pages.plan_status.pictures import indicator_value
from api.pages.plan_status.words import DocumentWords
from api.pages.words.language import Language, mark
from reports.plan_status import PlanStatus
from reports.workbook import Column, Sheet, Unit, Value

_YES, _NO = mark("yes"), mark("no")


def status_sheets(found: PlanStatus, language: Language) -> Sequence[Sheet]:
    """The tables of a status: by programme, the milestones, the promises, the changes, and the
    indicators with their values."""
    words = DocumentWords(language)

    def say(name: str) -> str:
        return say_programme(name, language)

    def sheet(
        title: str, columns: Sequence[tuple[str, Unit]], rows: Sequence[Sequence[Value]]
    ) -> Sheet:
        heads = [Column(words(name), unit) for name, unit in columns]
        return Sheet(words(title), heads, rows)

    def yes(value: bool) -> str:
        return words(_YES if value else _NO)

    programme, milestone = (mark("Programme"), Unit.WORDS), (mark("Milestone"), Unit.WORDS)
    whole = [("", found.whole), *((one.name, one.tally) for one in found.programmes)]
    return [
        sheet(
            mark("Progress"),
            [
                programme,
                (mark("Milestones to be reached"), Unit.COUNT),
                (mark("Reached"), Unit.COUNT),
                (mark("Part reached"), Unit.SHARE),
                (mark("Late"), Unit.COUNT),
                (mark("Decision needed"), Unit.COUNT),
                (mark("Without owner"), Unit.COUNT),
                (mark("Silent"), Unit.COUNT),
            ],
            [
                (
                    say(name) or words(mark("The whole plan")),
                    *(tally.counted, tally.done, tally.done_share, tally.late),
                    *(tally.needs_decision, tally.unowned, tally.silent),
                )
                for name, tally in whole
            ],
        ),
        sheet(
            mark("Milestones"),
            [
                milestone,
                programme,
                (mark("Quarter"), Unit.WORDS),
                (mark("Status"), Unit.WORDS),
                (mark("Late"), Unit.WORDS),
                (mark("Centre"), Unit.WORDS),
                (mark("Has an owner"), Unit.WORDS),
                (mark("Decision by"), Unit.WORDS),
                (mark("Before"), Unit.DAY),
                (mark("Note"), Unit.WORDS),
            ],
            [
                (
                    say(one.title),
                    say(one.programme),
                    words.quarter(one.due),
                    words.label(one.status),
                    yes(one.late),
                    one.centre,
                    yes(one.has_owner),
                    one.decision_by,
                    one.decision_before,
                    one.note,
                )
                for one in found.milestones
            ],
        ),
        sheet(
            mark("Promised"),
            [
                milestone,
                programme,
                (mark("What became of it"), Unit.WORDS),
                (mark("Due now"), Unit.WORDS),
                (mark("Note"), Unit.WORDS),
            ],
            [
                (
                    say(one.title),
                    say(one.programme),
                    words.label(one.outcome),
                    words.quarter(one.due),
                    one.note,
                )
                for one in found.promises
            ],
        ),
        sheet(
            mark("Changes"),
            [
                milestone,
                programme,
                (mark("What changed"), Unit.WORDS),
                (mark("Was due"), Unit.WORDS),
                (mark("Due now"), Unit.WORDS),
            ],
            [
                (
                    say(one.title),
                    say(one.programme),
                    words.label(one.move),
                    words.quarter(one.before),
                    words.quarter(one.after),
                )
                for one in found.moves
            ],
        ),
        sheet(
            mark("Indicators"),
            [
                (mark("Indicator"), Unit.WORDS),
                (mark("Of"), Unit.WORDS),
                (mark("Day"), Unit.DAY),
                (mark("Value"), Unit.KM),
                (mark("In words"), Unit.WORDS),
                (mark("Target"), Unit.KM),
                (mark("Target day"), Unit.DAY),
                (mark("Source"), Unit.WORDS),
            ],
            [
                (
                    one.name,
                    say(one.of),
                    day,
                    value,
                    "" if value is None else indicator_value(one, value, words),
                    one.target,
                    one.target_day,
                    one.source,
                )
                for one in found.indicators
                for day, value in _values(one.values)
            ],
        ),
    ]


def _values(
    values: Sequence[tuple[date, float]],
) -> Sequence[tuple[date | None, float | None]]:
    """The values by day; of what has none, one row that says so."""
    return values or [(None, None)]
