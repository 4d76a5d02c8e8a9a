"""The automatic lists of a Word file: which mark or number stands before each paragraph."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree.ElementTree import Element

from tracker.importer.glyphs import in_symbols, is_symbol_font, readable
from tracker.importer.word.styles import Listed, is_on

#: Levels of a list, as many as Word has.
LEVELS_MAX = 9

#: The mark of a bullet that is a picture, or shows nothing.
_PLAIN_BULLET = "•"


class Mark(NamedTuple):
    """The mark of a paragraph, and its level from 0."""

    text: str
    level: int
    is_bullet: bool


@dataclass(frozen=True, slots=True)
class _Level:
    """A level of a list, as the list defines it."""

    start: int = 1
    #: The kind of number, as Word names it; "bullet": a mark; "none": no number.
    counts: str = "decimal"
    text: str = ""
    #: The level from 1 whose numbers make this one begin anew; 0: none does; None: all above do.
    restart: int | None = None
    #: Whether numbers of the levels above are shown in digits, however they are written there.
    is_legal: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class _List:
    """A list: the definition that it counts with, its levels, and where it begins anew."""

    definition: str
    levels: Mapping[int, _Level]
    begins: Mapping[int, int]

    def start(self, level: int) -> int:
        """The first number of a level."""
        return self.begins.get(level, self.levels.get(level, _Level()).start)


@dataclass(slots=True)
class Counting:
    """Gives the paragraphs of a document their marks, from the first to the last."""

    lists: Mapping[str, _List] = field(default_factory=dict[str, _List])
    #: The numbers that each definition has reached, by level.
    _reached: dict[str, dict[int, int]] = field(default_factory=dict[str, dict[int, int]])
    _begun: set[str] = field(default_factory=set[str])

    def mark(self, listed: Listed, style: str) -> Mark | None:
        """The mark of the next paragraph of a list; None: it shows none."""
        known = self.lists.get(listed.number)
        if known is None:
            return None
        level = listed.level
        if level is None:
            of_style = (at for at, one in known.levels.items() if one.style and one.style == style)
            level = next(of_style, 0)
        level = min(level, LEVELS_MAX - 1)
        defined = known.levels.get(level, _Level())
        self._count(listed.number, known, level)
        if defined.counts == "bullet":
            return Mark(defined.text or _PLAIN_BULLET, level, is_bullet=True)
        text = self._shown(known, level, defined).strip()
        return Mark(text, level, is_bullet=False) if text else None

    def _count(self, number: str, known: _List, level: int) -> None:
        """Count on at a level. Levels above that no paragraph had yet count as begun."""
        reached = self._reached.setdefault(known.definition, {})
        if number not in self._begun:
            self._begun.add(number)
            for at in known.begins:
                reached.pop(at, None)
        reached[level] = reached[level] + 1 if level in reached else known.start(level)
        for above in range(level):
            reached.setdefault(above, known.start(above))
        for below in [one for one in reached if one > level]:
            restart = known.levels.get(below, _Level()).restart
            if restart is None or level < restart:
                del reached[below]

    def _shown(self, known: _List, level: int, defined: _Level) -> str:
        reached = self._reached[known.definition]

        def number(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            one = known.levels.get(at, _Level())
            counts = "decimal" if defined.is_legal and at < level else one.counts
            return written_number(reached.get(at, one.start), counts)

        return re.sub(r"%([1-9])", number, defined.text)


def counting_of(part: Element | None) -> Counting:
    """The lists that a part defines."""
    if part is None:
        return Counting()
    definitions = {one.get("w_abstractNumId", ""): one for one in part.iter("w_abstractNum")}
    by_style = {
        link.get("w_val", ""): one
        for one in definitions.values()
        if (link := one.find("w_styleLink")) is not None
    }
    lists: dict[str, _List] = {}
    for one in part.iter("w_num"):
        definition = definitions.get(_value(one, "w_abstractNumId"))
        if definition is not None:
            definition = by_style.get(_value(definition, "w_numStyleLink"), definition)
            lists[one.get("w_numId", "")] = _list(one, definition)
    return Counting(lists)


def _list(element: Element, definition: Element) -> _List:
    levels = {_level_number(one): _level(one) for one in definition.iter("w_lvl")}
    begins: dict[int, int] = {}
    for override in element.iter("w_lvlOverride"):
        level = _level_number(override)
        own = override.find("w_lvl")
        if own is not None:
            levels[level] = _level(own)
        begin = _value(override, "w_startOverride")
        if re.fullmatch(r"\d{1,6}", begin):
            begins[level] = int(begin)
    return _List(definition.get("w_abstractNumId", ""), levels, begins)


def _level_number(element: Element) -> int:
    written = element.get("w_ilvl", "")
    return min(int(written), LEVELS_MAX - 1) if re.fullmatch(r"\d{1,3}", written) else 0


def _level(element: Element) -> _Level:
    start, restart = _value(element, "w_start"), _value(element, "w_lvlRestart")
    legal = element.find("w_isLgl")
    counts = _value(element, "w_numFmt") or "decimal"
    text = _value(element, "w_lvlText")
    if counts == "bullet":
        fonts = element.find("w_rPr/w_rFonts")
        font = "" if fonts is None else fonts.get("w_ascii", fonts.get("w_hAnsi", ""))
        text = in_symbols(text, font) if is_symbol_font(font) else readable(text)
    return _Level(
        start=int(start) if re.fullmatch(r"\d{1,6}", start) else 0,
        counts=counts,
        text=text,
        restart=int(restart) if re.fullmatch(r"\d", restart) else None,
        is_legal=legal is not None and is_on(legal.get("w_val", "1")),
        style=_value(element, "w_pStyle"),
    )


_ROMAN = (
    *((1_000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
#: Beyond it Word writes Roman numbers and letters in digits, too.
_LETTERED_MAX = 780


def written_number(number: int, counts: str) -> str:
    """A number as a list of a kind writes it."""
    if counts == "none":
        return ""
    if counts == "decimalZero":
        return f"{number:02}"
    if not 0 < number <= _LETTERED_MAX:
        return str(number)
    match counts:
        case "lowerLetter" | "upperLetter":
            turns, place = divmod(number - 1, 26)
            text = chr(ord("a") + place) * (turns + 1)
        case "lowerRoman" | "upperRoman":
            text, rest = "", number
            for value, sign in _ROMAN:
                times, rest = divmod(rest, value)
                text += sign * times
        case "ordinal":
            text = f"{number}."
        case _:
            text = str(number)
    return text.upper() if counts.startswith("upper") else text


def _value(element: Element, name: str) -> str:
    found = element.find(name)
    return "" if found is None else found.get("w_val", "")
