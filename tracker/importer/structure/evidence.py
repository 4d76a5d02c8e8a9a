"""Decides whether a document holds a plan, and says why when it holds none."""

import re
from collections.abc import Sequence

from tracker.importer.parts import Part
from tracker.importer.source import SourceDocument
from tracker.importer.structure.drafts import Content, Draft

NO_TEXT = "no plan found: the document has no text; a scanned one must be read by OCR first"
NO_MILESTONES = "no plan found: nothing stands under a quarter or a heading of milestones"
FEW_MILESTONES = "no plan found: too little of it says what is to be reached, and when"
OTHER_KIND = "no plan found: it reads as an invoice, an agenda or minutes"

#: Words that stand at the start of lines of invoices, agendas and minutes.
_OTHER_KINDS = re.compile(
    r"(?:faktura\w*|fakt\.?nr|cvr(?:-?nr)?|moms|subtotal|i alt(?: inkl\. moms)?|forfaldsdato"
    r"|betalingsfrist|kontonr|reg\.?nr|ordrenr|kundenr|referat\w*|dagsorden\w*|mødedeltagere"
    r"|deltagere|til stede|tilstede|afbud|fraværende|mødeleder|ordstyrer|referent|mødested|mødedato"
    r"|eventuelt|næste møde|beslutning|sagsfremstilling|invoice|minutes|agenda)\b",
    re.IGNORECASE,
)
_LINE_WORDS = re.compile(r"^[\s\d.•*–-]*(?P<word>\D.*)$")

#: So many milestones with a time are a plan on their own, or beside another sign of one.
_TIMED_ENOUGH, _TIMED_FEW = 6, 2
_UNTIMED_ENOUGH = 4

#: So many words of other kinds of document, and each milestone must have more beside it.
_OTHER_WORDS_MIN = 3
_TIMED_DESPITE = 20


def why_no_plan(document: SourceDocument, contents: Sequence[Content]) -> str | None:
    """Why a document holds no plan; None: it holds one."""
    lines = [line.text for line in document.lines()]
    if not any(line.strip() for line in lines):
        return NO_TEXT
    drafts = [draft for one in contents for draft in one.milestones]
    if not drafts:
        return NO_MILESTONES
    timed = [draft for draft in drafts if _is_timed(draft)]
    quarters = {(draft.time.year, draft.time.quarter_from) for draft in timed if draft.time}
    parts = {part for one in contents for part in one.section.parts}
    of_programme = sum(part.is_of_programme for part in parts)
    has_actions = bool(parts & {Part.MILESTONES, Part.EFFORT, Part.TIMETABLE})
    words = {word for line in lines if (word := _other_kind(line))}
    if len(words) >= _OTHER_WORDS_MIN and len(timed) < _TIMED_DESPITE:
        return OTHER_KIND
    if timed and sum(one.in_tables for one in contents) >= _TIMED_FEW:
        return None
    if len(timed) >= _TIMED_ENOUGH and (len(quarters) > 1 or of_programme):
        return None
    if len(timed) >= _TIMED_FEW and (of_programme or has_actions or len(quarters) > 1):
        return None
    if len(drafts) >= _UNTIMED_ENOUGH and has_actions and of_programme > 1:
        return None
    return FEW_MILESTONES


def _is_timed(draft: Draft) -> bool:
    return draft.time is not None and (draft.time.has_quarter or draft.time.is_number_lost)


def _other_kind(line: str) -> str | None:
    """The word of another kind of document at the start of a line."""
    shown = _LINE_WORDS.match(line)
    found = _OTHER_KINDS.match(shown["word"]) if shown else None
    return found[0].casefold() if found else None
