"""Keeps parts of pages that take long to draw, for as long as what they tell stays the same."""

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable

from markupsafe import Markup

#: The parts of a language that are kept.
PARTS_KEPT = 4

#: The rows of a language that are kept: those of a few rounds of a large municipality, each of a
#: few kilobytes.
ROWS_KEPT = 2_000


class KeptParts:
    """The parts of pages in a language that were drawn last.

    A template calls it with what a part tells and with nothing else, as
    `{% call kept(told) %}…{% endcall %}`. The part is drawn again unless that is the very object
    for which it was drawn, which must not change; and it must be the same for every visitor.
    """

    def __init__(self) -> None:
        self._drawn: deque[tuple[object, Markup]] = deque(maxlen=PARTS_KEPT)

    def __call__(self, told: object, caller: Callable[[], Markup]) -> Markup:
        for known, part in self._drawn:
            if known is told:
                return part
        part = caller()
        self._drawn.appendleft((told, part))
        return part


class KeptRows:
    """The rows of pages in a language that were asked for last.

    A template calls it with the name of the kind of row and all that the row tells, as
    `{% call kept_row("report", told, number) %}…{% endcall %}`. A row is drawn again unless it
    tells what is equal to that; and it must be the same for every visitor.
    """

    def __init__(self) -> None:
        self._drawn: OrderedDict[tuple[Hashable, ...], Markup] = OrderedDict()

    def __call__(self, *told: Hashable, caller: Callable[[], Markup]) -> Markup:
        row = self._drawn.get(told)
        if row is None:
            row = self._drawn[told] = caller()
            if len(self._drawn) > ROWS_KEPT:
                self._drawn.popitem(last=False)
        else:
            self._drawn.move_to_end(told)
        return row
