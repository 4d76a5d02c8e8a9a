"""What is learned of the range of kinds of vehicle, from the database."""

from collections import defaultdict
from collections.abc import Sequence

from costs.assumptions import FigureKey, YearFigures
from costs.measured_range import Level, MeasuredRange, MonthUse, measured_range, months_between
from db.connect import Pool
from db.statements import statements

SQL = statements("consumption")


async def measured_by_kind(
    pool: Pool, figures: YearFigures, level: Level
) -> dict[str, MeasuredRange]:
    """The measured range of each kind of whose `level` enough is known, by the kind's id."""
    uses: defaultdict[str, list[MonthUse]] = defaultdict(list)
    for row in await pool.fetch(SQL["consumption_of_kinds"], level.value):
        uses[row["kind"]].append(MonthUse(row["month"], row["km"], row["pct"], row["trips"]))
    found = {kind: range_under(figures, months) for kind, months in uses.items()}
    return {kind: one for kind, one in found.items() if one}


def range_under(figures: YearFigures, uses: Sequence[MonthUse]) -> MeasuredRange | None:
    """The range that follows from the use by month under a year's assumptions, which say when it is
    winter and how much must be known."""
    first, last = figures[FigureKey.WINTER_FIRST_MONTH], figures[FigureKey.WINTER_LAST_MONTH]
    return measured_range(
        uses, months_between(int(first), int(last)), figures[FigureKey.MEASURED_KM_MIN]
    )
