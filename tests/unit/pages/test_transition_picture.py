"""The picture of contracts over the years: its lines leave the words out, and every quarter has its
name."""

import re

from api.pages.transition.views import TransitionPage
from api.pages.words.language import Language
from tests.samples.pages import PAGES
from tests.unit.pages.test_proposal_words import RENDERER, SOMEBODY


def sample() -> TransitionPage:
    view = PAGES["transition"]
    assert isinstance(view, TransitionPage)
    return view


Span = tuple[float, float]


def meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def spans(path: str) -> list[Span]:
    """The heights between which each piece of a line runs."""
    found = re.findall(r"M[\d.]+ ([\d.]+)v([\d.]+)", path)
    return [(float(top), float(top) + float(height)) for top, height in found]


def test_no_line_crosses_a_name_or_other_words() -> None:
    picture = sample().picture
    assert picture.bands
    pieces = spans(picture.line(picture.today_x))
    # The largest letters, those of a phone, are 21 pixels high.
    for band in picture.bands:
        words = [(band.name_y - 21, band.name_y + 4)]
        if band.has_ended:
            words.append((band.bar_y, band.bar_y + 17))
        assert not any(meet(piece, span) for piece in pieces for span in words)
    assert len(pieces) == sum(not band.has_ended for band in picture.bands)


def test_every_quarter_stands_in_its_middle() -> None:
    view = sample()
    html = RENDERER.html(view, Language.DANISH, "/", SOMEBODY, "t0ken")
    years = len(view.picture.years)
    for number in range(1, 5):
        assert html.count(f">K{number}</text>") == years
    begins = [x for _, x, _ in view.picture.quarters]
    middles = [middle for _, _, middle in view.picture.quarters]
    assert all(x < middle for x, middle in zip(begins, middles, strict=True))
    assert all(middle < x for middle, x in zip(middles, begins[1:], strict=False))
