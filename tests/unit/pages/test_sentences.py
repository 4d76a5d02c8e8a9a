"""Sentences of a paragraph stand apart, though a template breaks the line between them: the line
break after a block is no space."""

import re
from html import unescape

import pytest

from api.door.reach import Reach
from api.pages.frame.render import Renderer
from api.pages.frame.static import StaticFiles
from api.pages.routes import VOCABULARY
from api.pages.words.language import Language
from tests.factories.actors import SOMEBODY
from tests.samples.pages import NEEDS_OF_PAGES, PAGES

RENDERER = Renderer(StaticFiles(), "Prøve Kommune", VOCABULARY, Reach(NEEDS_OF_PAGES))

PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.DOTALL)
#: Elements that stand on a line of their own, or that only a screen reader says.
APART = re.compile(r'<span class="(?:sub|dot|sr-only)[^"]*"[^>]*>')
MARKUP = re.compile(r"<[^>]+>")
#: An end of a sentence with the beginning of another one right after it.
JOINED = re.compile(r"[a-zæøå»)][.:?!](?:[A-ZÆØÅ]|\d+ [a-zæøå])")


@pytest.mark.parametrize("name", PAGES)
def test_no_sentence_begins_right_after_another(name: str) -> None:
    for language in Language:
        html = RENDERER.html(PAGES[name], language, "/", SOMEBODY, "t0ken")
        for paragraph in PARAGRAPH.findall(html):
            text = unescape(MARKUP.sub("", APART.sub(" ", paragraph)))
            assert JOINED.search(text) is None, text
