"""Makes a document of a page: what the page says, without its ways to go on.

Pages and documents so say the same words and figures, which are made in one place.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from html import escape
from html.parser import HTMLParser

from api.pages.frame.static import STATIC_DIR
from api.pages.words.language import Language
from reports.paper import (
    Block,
    Bullets,
    Facts,
    Heading,
    Paper,
    Paragraph,
    Picture,
    Span,
    Table,
    Text,
    Tone,
)

#: Elements of pages that are no part of what they say.
_LEFT_OUT_TAGS = {"nav", "form", "button", "input", "select", "script", "style", "template"}
_LEFT_OUT_CLASSES = {"d-print-none", "sr-only", "unfold", "fold", "icon-svg"}
_VOID = {"br", "img", "input", "link", "meta", "hr", "use", "col"}

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 3}
_TONES = {
    "lead-text": Tone.LEAD,
    "muted": Tone.MUTED,
    "page-sub": Tone.MUTED,
    "note": Tone.NOTE,
    "alert-text": Tone.NOTE,
}
#: White space that a page folds into one space; a no-break space stays.
_FOLDED = re.compile(r"[ \t\r\n\f]+")


@dataclass(slots=True)
class _Element:
    tag: str
    classes: frozenset[str]
    #: Elements and texts; of a picture, its SVG as one text.
    inside: list["_Element | str"] = field(default_factory=list["_Element | str"])

    @property
    def said(self) -> bool:
        return self.tag not in _LEFT_OUT_TAGS and not self.classes & _LEFT_OUT_CLASSES

    def elements(self, *tags: str) -> Iterator["_Element"]:
        """The elements in it of these tags that are said, at any depth."""
        for one in self.inside:
            if isinstance(one, _Element) and one.said:
                if one.tag in tags:
                    yield one
                else:
                    yield from one.elements(*tags)


class _Reader(HTMLParser):
    """Reads the HTML of our own templates, which is well-formed, into a tree."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.top = _Element("", frozenset())
        self._open = [self.top]
        self._picture: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._picture is not None:
            self._picture.append(self.get_starttag_text() or "")
            return
        element = _Element(tag, frozenset((dict(attrs).get("class") or "").split()))
        self._open[-1].inside.append(element)
        if tag == "svg":
            self._open.append(element)
            self._picture = [self.get_starttag_text() or ""]
        elif tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._picture is not None:
            self._picture.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if self._picture is not None:
            self._picture.append(f"</{tag}>")
            if tag != "svg":
                return
            self._open[-1].inside.append("".join(self._picture))
            self._picture = None
        if tag in {one.tag for one in self._open[1:]}:
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._picture is not None:
            self._picture.append(escape(data))
        else:
            self._open[-1].inside.append(data)


def paper_of(html: str, language: Language, *, compact: bool = False) -> Paper:
    """The document that the `article` of a page makes, in the language of the page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    blocks = [block for one in reader.top.elements("article") for block in _blocks(one)]
    return Paper(language=language.value, blocks=blocks, compact=compact)


def _blocks(element: _Element) -> Iterator[Block]:
    for one in element.inside:
        if isinstance(one, str) or not one.said:
            continue
        if one.tag in _HEADINGS:
            yield Heading(_HEADINGS[one.tag], _text(one))
        elif one.tag == "p":
            if text := _text(one):
                tones = [_TONES[name] for name in _TONES if name in one.classes]
                yield Paragraph(text, tones[0] if tones else Tone.PLAIN)
        elif one.tag in ("ul", "ol"):
            items = [text for item in one.elements("li") if (text := _text(item))]
            if items:
                yield Bullets(items)
        elif one.tag == "dl":
            names, values = one.elements("dt"), one.elements("dd")
            pairs = [(_text(name), _text(value)) for name, value in zip(names, values, strict=True)]
            if pairs:
                yield Facts(pairs, large="sums" in one.classes)
        elif one.tag == "table":
            yield _table(one)
        elif one.tag == "svg":
            yield Picture(_whole_picture("".join(str(part) for part in one.inside)))
        else:
            yield from _blocks(one)


def _table(element: _Element) -> Table:
    rows = [list(row.elements("th", "td")) for row in element.elements("tr")]
    heads = [row for part in element.elements("thead") for row in part.elements("tr")]
    columns = max(map(len, rows), default=0)
    texts = [[_text(cell) for cell in row] + [()] * (columns - len(row)) for row in rows]
    body = rows[len(heads) :]
    numeric = [
        any("num" in row[at].classes for row in body if at < len(row)) for at in range(columns)
    ]
    head = texts[0] if heads else [()] * columns
    return Table(head, texts[len(heads) :], numeric)


def _text(element: _Element) -> Text:
    """The words in an element, with the white space that a browser would show."""
    spans: list[Span] = []
    for span in _spans(element, Span("")):
        text = _FOLDED.sub(" ", span.text)
        if span.small:
            text = text.strip(" ")
        elif not spans or spans[-1].small or spans[-1].text.endswith(" "):
            text = text.removeprefix(" ")
        if not text:
            continue
        if spans and not span.small and replace(spans[-1], text="") == replace(span, text=""):
            spans[-1] = replace(span, text=spans[-1].text + text)
        else:
            spans.append(replace(span, text=text))
    if spans:
        spans[-1] = replace(spans[-1], text=spans[-1].text.rstrip(" "))
    return [one for one in spans if one.text]


def _spans(element: _Element, like: Span) -> Iterator[Span]:
    for one in element.inside:
        if isinstance(one, str):
            yield replace(like, text=one)
        elif one.said and one.tag != "svg":
            if "dot" in one.classes:
                yield replace(like, text=" · ")
            if "sub" in one.classes:
                yield Span("".join(span.text for span in _spans(one, Span(""))), small=True)
            else:
                strong = like.strong or one.tag in ("strong", "b")
                yield from _spans(one, replace(like, strong=strong))


def _whole_picture(svg: str) -> str:
    """A picture of a page as a document of its own, with the styles that the page gives it."""
    head, rest = svg.split(">", 1)
    if "xmlns=" not in head:
        head += ' xmlns="http://www.w3.org/2000/svg"'
    return f"{head}><style>{_picture_style()}</style>{rest}"


@cache
def _picture_style() -> str:
    """The rules of the style sheet that draw: those of single classes that fill or stroke."""
    sheet = (STATIC_DIR / "flaade.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", sheet))
    rules = re.findall(r"^(\.[\w-]+(?:,\s*\.[\w-]+)*) \{([^}]*)\}", sheet, re.MULTILINE)
    drawing = "".join(
        f"{' '.join(selector.split())}{{{' '.join(body.split())}}}"
        for selector, body in rules
        if re.search(r"\b(fill|stroke|text-anchor)", body)
    )
    plain = re.sub(r"var\((--[\w-]+)\)", lambda name: colours.get(name[1], "#000"), drawing)
    return f"text{{font-family:'Libertinus Serif'}}{plain}"
