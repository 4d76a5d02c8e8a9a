"""The text of a paragraph of Word, with tracked changes accepted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree.ElementTree import Element

from tracker.importer.glyphs import in_symbols, is_symbol_font, readable, sign
from tracker.importer.word.styles import is_on

#: What is no text of the paragraph: properties, what was deleted or moved away, how Chinese is
#: pronounced, and the commands of fields.
_LEFT_OUT = {
    *("w_pPr", "w_rPr", "w_sdtPr", "w_del", "w_moveFrom", "w_delText", "w_instrText", "w_rt"),
    *("w_delInstrText", "w_fldData", "mc_Fallback"),
}
_SHOWN = {"w_tab": "\t", "w_ptab": "\t", "w_cr": "\n", "w_noBreakHyphen": "-"}


class NoteReference(NamedTuple):
    """The note that a text refers to: "footnotes" or "endnotes", and its identifier."""

    part: str
    identifier: str


@dataclass(slots=True)
class RunText:
    """The text of a paragraph, and what stands beside it: text boxes and notes."""

    pieces: list[str] = field(default_factory=list[str])
    boxes: list[Element] = field(default_factory=list[Element])
    notes: list[NoteReference] = field(default_factory=list[NoteReference])

    @property
    def lines(self) -> list[str]:
        """The text, parted where a person broke the line."""
        return "".join(self.pieces).replace("\u00ad", "").split("\n")


def text_of_runs(paragraph: Element) -> RunText:
    """The text that a paragraph shows once all changes are accepted."""
    found = RunText()
    _collect(paragraph, found, "")
    return found


def _collect(element: Element, found: RunText, font: str) -> None:
    for one in element:
        match one.tag:
            case tag if tag in _LEFT_OUT:
                pass
            case "w_t" | "m_t":
                text = one.text or ""
                found.pieces.append(in_symbols(text, font) if font else readable(text))
            case tag if tag in _SHOWN:
                found.pieces.append(_SHOWN[tag])
            case "w_br":
                is_line = one.get("w_type", "textWrapping") == "textWrapping"
                found.pieces.append("\n" if is_line else " ")
            case "w_sym":
                found.pieces.append(_symbol(one))
            case "w_r":
                if not _is_hidden(one):
                    _collect(one, found, _symbol_font(one))
            case "w_txbxContent":
                found.boxes.append(one)
            case "w_footnoteReference" | "w_endnoteReference":
                part = "footnotes" if one.tag == "w_footnoteReference" else "endnotes"
                found.notes.append(NoteReference(part, one.get("w_id", "")))
            case "mc_AlternateContent":
                _collect(_chosen(one), found, font)
            case _:
                _collect(one, found, font)


def _chosen(alternatives: Element) -> Element:
    """The first of the forms in which Word stores a drawing."""
    choices: Sequence[Element] = alternatives.findall("mc_Choice")
    fallback = alternatives.find("mc_Fallback")
    return choices[0] if choices else alternatives if fallback is None else fallback


def _symbol(element: Element) -> str:
    try:
        return sign(int(element.get("w_char", ""), 16), element.get("w_font", ""))
    except ValueError:
        return ""


def _symbol_font(run: Element) -> str:
    """The font of a run, where it is one of symbols."""
    fonts = run.find("w_rPr/w_rFonts")
    font = "" if fonts is None else fonts.get("w_ascii", "")
    return font if is_symbol_font(font) else ""


def _is_hidden(run: Element) -> bool:
    vanish = run.find("w_rPr/w_vanish")
    return vanish is not None and is_on(vanish.get("w_val", "1"))
