"""The geometry of the calendar of contracts: a row for each vehicle, and the quarters of the years.

A name stands above its bar, and shapes tell what happens: nothing rests on colour alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from costs.budget import BUDGET_YEARS
from optimiser.depot.decision_key import Action
from optimiser.transition.contracts import Holding
from optimiser.transition.stored import CalendarRow

#: The size of the picture and its parts, in the picture's own pixels.
WIDTH = 640
LEFT = 4
AXIS_HEIGHT = 44
NAME_HEIGHT = 24
BAR_HEIGHT = 14
ROW_HEIGHT = 48

#: The shortest bar that can be seen.
BAR_MIN = 3.0

_QUARTERS = (1, 4, 7, 10)


class Happening(StrEnum):
    """What happens to a row on the first of a month."""

    LEAVES = "leaves"
    REPLACED = "replaced"
    MOVES = "moves"
    COMES = "comes"
    SHARED = "shared"


HAPPENINGS = {
    Action.DISPOSE: Happening.LEAVES,
    Action.REPLACE: Happening.REPLACED,
    Action.MOVE: Happening.MOVES,
    Action.BUY: Happening.COMES,
    Action.POOL: Happening.SHARED,
}


@dataclass(frozen=True, slots=True)
class Band:
    """The place of a row. The bar is how the vehicle is held (None: it has none); notice and what
    happens are marks at their places. A place is None where it lies outside the picture."""

    y: float
    row: CalendarRow
    holding: Holding | None
    x: float
    width: float
    notice_x: float | None
    happening: Happening | None
    happens_x: float | None

    @property
    def name_y(self) -> float:
        """The line on which its name stands."""
        return self.y + NAME_HEIGHT - 6

    @property
    def bar_y(self) -> float:
        return self.y + NAME_HEIGHT

    @property
    def has_ended(self) -> bool:
        """Whether words stand in place of the bar."""
        return self.holding is Holding.ENDED and self.happening is None

    @property
    def middle_y(self) -> float:
        return self.bar_y + BAR_HEIGHT / 2


@dataclass(frozen=True, slots=True)
class CalendarPicture:
    """The picture of some rows; `years` and `quarters` are the places at which they begin, with
    their middles, and `today_x` is that of today."""

    height: float
    years: Sequence[tuple[int, float, float]]
    quarters: Sequence[tuple[int, float, float]]
    today_x: float
    bands: Sequence[Band]

    def line(self, x: float) -> str:
        """The path of a line at a place through all bars. It leaves out where words stand."""
        return "".join(
            f"M{x} {band.bar_y - 1}v{BAR_HEIGHT + 6}" for band in self.bands if not band.has_ended
        )


def calendar_years(today: date, begins: date | None) -> tuple[int, int]:
    """The first and the last year of the picture: those of a budget, and the present one."""
    first = today.year if begins is None else min(today.year, begins.year)
    last = (today if begins is None else begins).year + BUDGET_YEARS - 1
    return first, max(last, today.year)


def calendar_picture(
    rows: Sequence[CalendarRow], today: date, years: tuple[int, int]
) -> CalendarPicture:
    """The picture of `rows` over the years from one to another."""
    first, after = date(years[0], 1, 1), date(years[1] + 1, 1, 1)
    scale = (WIDTH - 2 * LEFT) / (after - first).days

    def place(day: date) -> float:
        return round(LEFT + (min(max(day, first), after) - first).days * scale, 1)

    def mark(day: date | None) -> float | None:
        return place(day) if day is not None and first <= day < after else None

    bands: list[Band] = []
    for at, row in enumerate(rows):
        contract = row.contract
        ends = [after, *([row.goes_on] if _ends(row) and row.goes_on is not None else [])]
        if contract is not None and contract.end is not None:
            ends.append(contract.end + timedelta(days=1))
        begins = today if contract is None or contract.holding is not Holding.ENDED else first
        end = min(ends)
        x = place(min(begins, end))
        happening = None if row.turn is None else HAPPENINGS.get(row.turn.change.action)
        bands.append(
            Band(
                y=AXIS_HEIGHT + at * ROW_HEIGHT,
                row=row,
                holding=None if contract is None else contract.holding,
                x=x,
                width=max(BAR_MIN, round(place(end) - x, 1)),
                notice_x=mark(row.notice_by),
                happening=None if row.goes_on is None else happening,
                happens_x=mark(row.goes_on),
            )
        )
    return CalendarPicture(
        height=AXIS_HEIGHT + ROW_HEIGHT * len(rows),
        years=[
            (year, place(date(year, 1, 1)), place(date(year, 7, 1)))
            for year in range(years[0], years[1] + 1)
        ],
        quarters=[
            (number, place(date(year, month, 1)), place(date(year, month + 1, 15)))
            for year in range(years[0], years[1] + 1)
            for number, month in enumerate(_QUARTERS, start=1)
        ],
        today_x=place(today),
        bands=bands,
    )


def _ends(row: CalendarRow) -> bool:
    """Whether what happens ends how a vehicle is held."""
    return row.turn is not None and row.turn.change.action in (Action.DISPOSE, Action.REPLACE)
