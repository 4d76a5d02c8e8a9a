"""The styles of a Word file: which are headings, which number their paragraphs, and how far in
they stand."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree.ElementTree import Element

#: Word keeps the names of its own styles in English in every language.
_HEADING = re.compile(r"(?:heading|overskrift) ([1-9])", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|indholdsfortegnelse) ?\d|table of figures", re.IGNORECASE)
#: The outline level of body text.
_BODY_LEVEL = 9
#: Styles that are based on each other, at most.
_CHAIN_MAX = 20


class Listed(NamedTuple):
    """The list of a paragraph and its level from 0; None: the list tells the level by the style."""

    number: str
    level: int | None


@dataclass(frozen=True, slots=True)
class Styles:
    """The paragraph styles by their identifiers."""

    by_id: Mapping[str, Element] = field(default_factory=dict[str, Element])
    default: str = ""

    def heading_level(self, properties: Element | None) -> int | None:
        """The level from 1 of a paragraph that is a heading by its style or its own outline."""
        outlines = [one.get("w_val", "") for one in self._stated(properties, "w_outlineLvl")]
        if outlines and outlines[0].isdecimal():
            level = int(outlines[0])
            return level + 1 if level < _BODY_LEVEL else None
        for style in self._chain(properties):
            found = _HEADING.fullmatch(_value(style, "w_name"))
            if found is not None:
                return int(found[1])
        return None

    def is_of_contents(self, properties: Element | None) -> bool:
        """Whether a paragraph is an entry of a table of contents."""
        return any(
            _CONTENTS.fullmatch(_value(style, "w_name")) for style in self._chain(properties)
        )

    def listed(self, properties: Element | None) -> Listed | None:
        """The list that a paragraph is an item of, by itself or by its style."""
        number, level = "", None
        for stated in self._stated(properties, "w_numPr"):
            number = number or _value(stated, "w_numId")
            written = _value(stated, "w_ilvl")
            if level is None and written.isdecimal():
                level = int(written)
        return Listed(number, level) if number not in ("", "0") else None

    def style_id(self, properties: Element | None) -> str:
        return _value(properties, "w_pStyle") or self.default

    def indent_twips(self, properties: Element | None) -> int:
        """How far in the first line of a paragraph begins."""
        sides: dict[str, int] = {}
        for stated in self._stated(properties, "w_ind"):
            for side in ("left", "start", "hanging", "firstLine"):
                written = stated.get(f"w_{side}", "")
                if re.fullmatch(r"-?\d{1,6}", written):
                    sides.setdefault(side, int(written))
        left = sides.get("left", sides.get("start", 0))
        hanging = sides.get("hanging")
        return left - hanging if hanging is not None else left + sides.get("firstLine", 0)

    def _stated(self, properties: Element | None, name: str) -> Iterator[Element]:
        """A property as a paragraph states it, and then as its styles do."""
        if properties is not None and (own := properties.find(name)) is not None:
            yield own
        for style in self._chain(properties):
            found = style.find(f"w_pPr/{name}")
            if found is not None:
                yield found

    def _chain(self, properties: Element | None) -> Iterator[Element]:
        """The style of a paragraph, and those it is based on."""
        name = self.style_id(properties)
        for _ in range(_CHAIN_MAX):
            style = self.by_id.get(name)
            if style is None:
                return
            yield style
            name = _value(style, "w_basedOn")


def styles_of(part: Element | None) -> Styles:
    """The styles that a part defines."""
    if part is None:
        return Styles()
    found = [one for one in part.iter("w_style") if one.get("w_type", "paragraph") == "paragraph"]
    default = next((one.get("w_styleId", "") for one in found if is_on(one.get("w_default"))), "")
    return Styles({one.get("w_styleId", ""): one for one in found}, default)


def is_on(written: str | None) -> bool:
    """Whether a switch of Word is on; one that is not there is off."""
    return written not in (None, "0", "false", "off")


def _value(element: Element | None, name: str) -> str:
    found = None if element is None else element.find(name)
    return "" if found is None else found.get("w_val", "")
