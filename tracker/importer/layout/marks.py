"""Finds the bullet or number at the start of a line."""

import re
from dataclasses import dataclass

from tracker.importer.source import SourceLine

#: Signs that are bullets wherever they begin a line.
_SURE = "•●○◦▪▫■□◆◇►▶▸▹➢➤➔→‣⁃∙❖✓✔✗☐☑☒★☆❑❒⬤⚫⚪◾◽\uf0b7\uf0a7\uf0d8\uf0fc\uf076\uf02d\uf06f\uf0a8"

#: Signs and letters that are bullets when a blank follows, and else part of a sentence.
DASHES = "-–—−"
_WITH_BLANK = DASHES + "*·+>»oO¤~§"

_BULLET = re.compile(rf"(?P<mark>[{_SURE}]|[{re.escape(_WITH_BLANK)}](?=\s))\s*(?P<text>\S.*)")
_TIGHT_DASH = re.compile(rf"(?P<mark>[{re.escape(DASHES)}*·])(?P<text>[A-ZÆØÅ][a-zæøå].*)")
_NUMBER = re.compile(
    r"(?:(?:kapitel|afsnit|punkt|pkt\.?|program)\s+(?=\d))?"
    r"(?P<number>\d{1,2}(?:\.\d{1,2}){1,4})[.):]?\s+(?P<text>\S.*)"
    r"|(?P<single>\d{1,3})(?P<end>[.)])\s*(?P<of_single>[^\s\d].*)"
    r"|\(?(?P<letter>[a-zA-Z])\)\s+(?P<of_letter>\S.*)",
    re.IGNORECASE,
)
_TAB_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class MarkedText:
    """The text of a line without what marks it."""

    text: str
    #: The bullet; empty: the line has none.
    bullet: str = ""
    #: The number of a heading or of an item, such as `2.1.3` or `4`; empty: none.
    number: str = ""
    #: What stands after the number of an item: `.` or `)`; empty: the number has parts, or none.
    number_end: str = ""
    #: The blanks before the line's first character, a tab as eight.
    indent: int = 0

    @property
    def depth(self) -> int:
        """The parts of the number: `2.1.3` has three."""
        return self.number.count(".") + 1 if self.number else 0


def marked_text(line: SourceLine) -> MarkedText:
    """A line's bullet, number and text. What an automatic list shows counts as the line's own."""
    shown = line.text.expandtabs(_TAB_COLUMNS).rstrip()
    text = shown.lstrip()
    indent = len(shown) - len(text)
    text = " ".join(text.split())
    if line.marker is not None and (line.list_level is not None or line.marker.strip()):
        return _of_list(line, text, indent)
    found = _BULLET.fullmatch(text) or _TIGHT_DASH.fullmatch(text)
    if found is not None:
        return MarkedText(found["text"], found["mark"], indent=indent)
    found = _NUMBER.fullmatch(text)
    if found is None:
        return MarkedText(text, indent=indent)
    for number, rest in (("number", "text"), ("single", "of_single"), ("letter", "of_letter")):
        if found[number] is not None:
            end = found["end"] or ""
            return MarkedText(found[rest], number=found[number], number_end=end, indent=indent)
    return MarkedText(text, indent=indent)


def is_dash(bullet: str) -> bool:
    """Whether a bullet could as well be a dash of a sentence, which a wrap put at the start."""
    return bullet in DASHES or bullet in ("+", ">", "*", "·", "~")


def _of_list(line: SourceLine, text: str, indent: int) -> MarkedText:
    marker = (line.marker or "").strip()
    number = marker.rstrip(".):").lstrip("(")
    if re.fullmatch(r"\d{1,2}(?:\.\d{1,2})*", number):
        end = marker[-1:] if number.isdigit() and marker[-1:] in ".)" else ""
        return MarkedText(text, number=number, number_end=end, indent=indent)
    return MarkedText(text, marker or "•", indent=indent)
