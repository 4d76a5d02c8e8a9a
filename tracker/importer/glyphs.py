"""Reads the glyphs of fonts of symbols, and leaves out characters that show nothing.

Such fonts put their signs where letters are in others, so that a text without them shows a square.
"""

import re
from collections.abc import Mapping


def _by_place(pairs: str) -> Mapping[int, str]:
    """Signs by their place in a font, from pairs of the letter at that place and the sign."""
    return {ord(letter): sign for letter, sign in pairs.split()}


#: The signs of each font that begin items or stand in sentences. Unknown ones are bullets, too.
_SYMBOL = _by_place("-− // °° ±± \xa3≤ \xa7♣ \xa8♦ \xae→ \xb3≥ \xb4× \xb7•")
_WINGDINGS = _by_place(
    "-– l● m❍ n■ o□ p□ q❑ r❒ u◆ v❖ w◆ \x9e· \x9f• \xa1○ \xa2○ \xa7▪ \xa8□ \xab★ \xb7• \xd8➢ "
    "\xe0→ \xe8➔ \xf0⇨ \xfb✗ \xfc✓ \xfd☒ \xfe☑"
)
_UNKNOWN = "•"

#: Such fonts have their signs here in Unicode; the last byte is the place in the font.
_PRIVATE_SIGN = re.compile(r"[\uf020-\uf0ff]")
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff]")


def is_symbol_font(font: str) -> bool:
    """Whether a font has signs where others have letters."""
    return font.casefold().rpartition("+")[2].startswith(("symbol", "wingdings", "webdings"))


def sign(place: int, font: str = "") -> str:
    """The sign at a place of a font of symbols."""
    code = place & 0xFF
    if font.casefold().rpartition("+")[2].startswith("symbol"):
        return _SYMBOL.get(code, _UNKNOWN)
    return _WINGDINGS.get(code) or _SYMBOL.get(code, _UNKNOWN)


def in_symbols(text: str, font: str) -> str:
    """The text that a text in a font of symbols shows."""
    return "".join(
        sign(ord(one), font) if "!" <= one <= "\xff" or _PRIVATE_SIGN.match(one) else one
        for one in text
    )


def readable(text: str) -> str:
    """A text with the signs of symbol fonts as those of Unicode, and hyphens that do not break as
    hyphens, without what shows nothing. Soft hyphens stay."""
    shown = _PRIVATE_SIGN.sub(lambda found: sign(ord(found[0])), _INVISIBLE.sub("", text))
    return shown.replace("\u2011", "-").replace("\u2010", "-")
