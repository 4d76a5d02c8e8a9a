"""Keeps parts of pages that take long to draw, for as long as what they tell stays the same."""

from collections import deque
from collections.abc import Callable

from markupsafe import Markup

#: The parts of a language that are kept.
PARTS_KEPT = 4


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
