"""Places for the names of marks in a picture, so that none covers another mark or name, or a line,
or leaves the picture.

Lengths are in the units of the picture; y grows downwards.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

#: The mean width of a letter of the pages' font, as a share of its size.
LETTER_WIDTH = 0.58
#: The part of a line of text above its baseline, and below, as shares of the font's size.
ABOVE, BELOW = 0.8, 0.25
#: What is left free between a mark and its name.
SPACE = 5.0
#: The width of a line with the room beside it that no name takes.
LINE_WIDTH = 6.0

#: The pictures whose places are remembered.
PICTURES_KEPT = 64

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark around (x, y), and its name."""

    x: float
    y: float
    radius: float
    name: str


@dataclass(frozen=True, slots=True)
class LabelPlace:
    """Where the baseline of a name is; `anchor` is the end at x, as in SVG's `text-anchor`."""

    x: float
    y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "_Box") -> float:
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, wide) * max(0.0, high)

    @property
    def area(self) -> float:
        return (self.right - self.left) * (self.bottom - self.top)


def label_places(
    marks: Sequence[Mark],
    font_size: float,
    width: float,
    height: float,
    lines: Sequence[Sequence[Point]] = (),
) -> list[LabelPlace]:
    """A place for the name of each mark, in their order; `lines` are those that names keep free.

    Each takes the first of the places around its mark, near ones first, at which it covers nothing;
    where there is none, the one at which it covers least.
    """
    return _places(tuple(marks), font_size, width, height, tuple(map(tuple, lines)))


@lru_cache(PICTURES_KEPT)
def _places(
    marks: tuple[Mark, ...],
    font_size: float,
    width: float,
    height: float,
    lines: tuple[tuple[Point, ...], ...],
) -> list[LabelPlace]:
    """The places that `label_places` gives, worked out once for each picture, as that takes longer
    than all else of one."""
    frame = _Box(0, 0, width, height)
    around = [_around(mark) for mark in marks]
    drawn = [box for line in lines for box in _along(line)]
    taken: list[_Box] = []
    places: list[LabelPlace] = []
    for number, mark in enumerate(marks):
        others = [box for other, box in enumerate(around) if other != number]

        def covered(
            place: LabelPlace, name: str = mark.name, others: Sequence[_Box] = others
        ) -> float:
            box = _box(place, name, font_size)
            outside = box.area - box.overlap(frame)
            return outside * 10 + sum(box.overlap(other) for other in (*others, *taken, *drawn))

        place = _least_covering(_candidates(mark, font_size), covered)
        taken.append(_box(place, mark.name, font_size))
        places.append(place)
    return places


def _least_covering(
    candidates: Iterable[LabelPlace], covered: Callable[[LabelPlace], float]
) -> LabelPlace:
    """The first place at which a name covers nothing, or else that at which it covers least. Those
    after it are not tried, which takes longer than all else of a picture."""
    tried: list[tuple[float, LabelPlace]] = []
    for place in candidates:
        tried.append((covered(place), place))
        if tried[-1][0] <= 0:
            break
    return min(tried, key=lambda one: one[0])[1]


def _candidates(mark: Mark, font_size: float) -> list[LabelPlace]:
    """Places around a mark: beside it, above and below it, then lines further away."""
    aside = mark.radius + SPACE
    middle = mark.y + (ABOVE - BELOW) / 2 * font_size
    line = font_size * (ABOVE + BELOW)
    places = [
        LabelPlace(x, middle + share * line, anchor)
        for share in (0.0, 0.5, -0.5)
        for x, anchor in ((mark.x + aside, "start"), (mark.x - aside, "end"))
    ]
    for step in range(4):
        above = mark.y - aside - BELOW * font_size - step * line
        below = mark.y + aside + ABOVE * font_size + step * line
        for y in (above, below):
            places += [
                LabelPlace(mark.x, y, "middle"),
                LabelPlace(mark.x, y, "start"),
                LabelPlace(mark.x, y, "end"),
            ]
    return places


def _box(place: LabelPlace, name: str, font_size: float) -> _Box:
    width = len(name) * LETTER_WIDTH * font_size
    left = place.x - {"start": 0.0, "middle": width / 2, "end": width}[place.anchor]
    return _Box(left, place.y - ABOVE * font_size, left + width, place.y + BELOW * font_size)


def _around(mark: Mark) -> _Box:
    r = mark.radius
    return _Box(mark.x - r, mark.y - r, mark.x + r, mark.y + r)


def _along(line: Sequence[Point]) -> Iterator[_Box]:
    """Boxes one after the other along a line."""
    half = LINE_WIDTH / 2
    for (x0, y0), (x1, y1) in pairwise(line):
        steps = max(1, math.ceil(math.hypot(x1 - x0, y1 - y0) / LINE_WIDTH))
        for step in range(steps):
            part = (step + 0.5) / steps
            x, y = x0 + part * (x1 - x0), y0 + part * (y1 - y0)
            yield _Box(x - half, y - half, x + half, y + half)
