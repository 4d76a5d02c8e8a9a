"""The page of use says what is not known, and of how many vehicles."""

from dataclasses import replace
from html import unescape

from api.door.reach import Reach
from api.pages.frame.render import Renderer
from api.pages.frame.static import StaticFiles
from api.pages.routes import VOCABULARY
from api.pages.use.views import UsePage
from api.pages.words.language import Language
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.samples.pages import NEEDS_OF_PAGES, PAGES

RENDERER = Renderer(StaticFiles(), "Prøve Kommune", VOCABULARY, Reach(NEEDS_OF_PAGES))


def said(view: UsePage) -> str:
    html = RENDERER.html(view, Language.DANISH, "/", SOMEBODY, "t0ken")
    return unescape(words(html)).replace("\u00a0", " ")


def test_hours_driven_are_told_of_trackers_and_never_of_driving_logs() -> None:
    view = PAGES["use"]
    assert isinstance(view, UsePage)
    for hours, unknown, text in (
        (12.0, 0, "Timer kørt 12"),
        (12.0, 1, "Timer kørt 12 ikke kendt for 1 køretøj med kørebog"),
        (None, 3, "Timer kørt ukendt ikke kendt for 3 køretøjer med kørebog"),
    ):
        group = replace(view.group, driving_h=hours, driving_unknown=unknown)
        told = said(replace(view, group=group))
        assert text in told
        assert ("med kørebog" in told.partition("Timer kørt")[2][:60]) is (unknown > 0)
