"""Joins the lines of a document into paragraphs: headings, times, items and prose."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tracker.importer.layout.furniture import ContentLine
from tracker.importer.layout.levels import Bulleted, levels
from tracker.importer.layout.lists import numbered_items
from tracker.importer.layout.marks import MarkedText, is_dash
from tracker.importer.layout.rows import (
    SENTENCE_END,
    Kind,
    Row,
    as_text,
    first_word,
    is_abbreviated,
    is_bare,
    is_finished,
    is_open,
    plain_key,
    rows_of,
)
from tracker.importer.layout.traits import Traits
from tracker.importer.layout.vocabulary import Vocabulary
from tracker.importer.parts import Part, part_of_heading
from tracker.importer.quarters import WrittenTime


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together, as one text."""

    kind: Kind
    marked: MarkedText
    lines: list[ContentLine]
    text: str
    #: The level from 0 of a bullet.
    level: int = 0
    time: WrittenTime | None = None
    part: Part | None = None
    #: Whether more blank lines stand above than between the lines of a paragraph.
    is_apart: bool = False

    @property
    def line_from(self) -> int:
        return self.lines[0].source.number

    @property
    def line_to(self) -> int:
        return self.lines[-1].source.number

    @property
    def page(self) -> int | None:
        return self.lines[0].source.page

    @property
    def is_heading(self) -> bool:
        return self.kind in (Kind.TIME, Kind.PART, Kind.NUMBERED, Kind.STYLED)

    @property
    def is_label(self) -> bool:
        """Whether a heading of a part has its text beside it."""
        return self.kind is Kind.PART and part_of_heading(self.text) is None

    @property
    def is_finished(self) -> bool:
        """Whether the text ends as a sentence does."""
        return bool(SENTENCE_END.search(self.text))


#: Words after which no paragraph ends.
_NEEDS_MORE = re.compile(
    r"(?:[,(/&+–-]|\b(?:og|eller|samt|at|i|på|af|til|for|fra|med|om|ved|der|som|den|det|de|en|et"
    r"|under|over|mellem|efter|inden|inkl\.|herunder|jf\.|fx|f\.eks\.|primo|medio|ultimo|senest"
    r"|blandt|mod|via|per|pr\.|ca\.|min\.|max\.|punkt|afsnit|pkt\.|se|vedr\.|vedrørende|the|of"
    r"|and|in|to|minimum|mindst|§|stk\.|nr\.)|(?<![\w.])\d{1,2}\.)$",
    re.IGNORECASE,
)


def paragraphs(
    content: Sequence[ContentLine], vocabulary: Vocabulary, *, lines_are_paragraphs: bool = False
) -> list[Paragraph]:
    """The paragraphs of a document's lines, in their order."""
    rows = rows_of(content)
    return _Joining(rows, vocabulary, lines_are_paragraphs).paragraphs()


@dataclass(slots=True)
class _Joining:
    """The joining of lines by what a document shows of how it is set."""

    rows: Sequence[Row]
    vocabulary: Vocabulary
    lines_are_paragraphs: bool
    traits: Traits = field(init=False)

    def __post_init__(self) -> None:
        self.traits = Traits(self.rows, self.vocabulary)

    def paragraphs(self) -> list[Paragraph]:
        groups: list[list[Row]] = []
        for row in self.rows:
            if groups and self._goes_on(groups[-1], row):
                groups[-1].append(row)
            else:
                if row.kind is Kind.NUMBERED and not _may_be_heading(row):
                    row = as_text(row)
                groups.append([row])
        found = [self._paragraph(group) for group in groups]
        after_tables = {at for at, one in enumerate(found) if one.lines[0].follows_table}
        items = numbered_items([(one.kind, one.marked) for one in found], after_tables)
        for at in {*items, *_automatic_items(found)}:
            one = found[at]
            one.kind = Kind.BULLET
            one.marked = replace(one.marked, number="", bullet=f"1{one.marked.number_end}")
        self._rank(found)
        return found

    def _paragraph(self, group: list[Row]) -> Paragraph:
        first = group[0]
        text = first.marked.text
        for row in group[1:]:
            text = self.vocabulary.joined(text, " ".join(row.line.source.text.split()))
        gap = first.line.gap
        return Paragraph(
            kind=first.kind,
            marked=first.marked,
            lines=[row.line for row in group],
            text=text,
            time=first.time,
            part=first.part,
            is_apart=gap is not None and gap > self.traits.gap,
        )

    def _rank(self, found: list[Paragraph]) -> None:
        """Give the items their levels."""
        listed: list[Bulleted] = []
        is_first = starts_block = True
        for one in found:
            if one.is_heading:
                is_first = starts_block = True
                listed.append(Bulleted("", 0, None, False, True))
                continue
            bullet = one.marked.bullet if one.kind is Kind.BULLET else ""
            level = one.lines[0].source.list_level
            listed.append(
                Bulleted(
                    bullet, one.marked.indent, level, is_first=is_first, starts_block=starts_block
                )
            )
            is_first, starts_block = one.kind is Kind.TEXT and one.text.endswith(":"), False
        for one, level in zip(found, levels(listed), strict=True):
            one.level = level

    def _goes_on(self, group: list[Row], row: Row) -> bool:
        """Whether a line goes on with the sentence of the lines before it."""
        first, before = group[0], group[-1]
        if self.lines_are_paragraphs or row.kind is Kind.STYLED or row.line.follows_table:
            return False
        if first.kind is Kind.TIME or (
            first.kind is Kind.PART and first.marked.text == before.marked.text and is_bare(first)
        ):
            return False
        if (row.line.gap or 0) > self.traits.gap and not before.shown.endswith("-"):
            return False
        needs_more = bool(_NEEDS_MORE.search(before.marked.text))
        fullness = self.traits.fullness(before, row)
        match row.kind:
            case Kind.TIME:
                return self._time_goes_on(before, row, fullness)
            case Kind.PART:
                ends = row.marked.text.endswith(".") and not is_finished(before)
                has_stop = before.marked.text.endswith(".") and not is_abbreviated(before)
                return fullness > 0 and (ends or (row.is_lower and not has_stop))
            case Kind.BULLET:
                return self._dash_goes_on(before, row)
            case Kind.NUMBERED:
                if _counts_on(first.marked, row.marked):
                    return False
                if not row.is_lower and not needs_more:
                    return False
                if row.is_lower and row.marked.depth > 1 and not needs_more:
                    reads_on = not is_finished(before) and before.kind is not Kind.NUMBERED
                    return fullness > 0 and reads_on
                return fullness > 0 or (needs_more and fullness == 0)
            case _:
                return self._text_goes_on(group, row, fullness, needs_more=needs_more)

    def _time_goes_on(self, before: Row, row: Row, fullness: float) -> bool:
        if row.marked.bullet or before.kind is Kind.STYLED or before.marked.depth > 1:
            return False
        needs_more = _NEEDS_MORE.search(before.marked.text) is not None
        has_quarter = row.time is not None and row.time.has_quarter
        if needs_more or (row.is_lower and not has_quarter):
            return fullness > -1
        if is_finished(before):
            return False
        text = row.marked.text.casefold()
        ends = text.endswith(".") and not text.endswith(("kv.", "kvt."))
        lacks_year = self.traits.times_have_years and row.time is not None and row.time.year is None
        reads_on = row.is_lower and not self.traits.times_are_lower
        return fullness > 0 and (ends or lacks_year or reads_on or not has_quarter)

    def _dash_goes_on(self, before: Row, row: Row) -> bool:
        bullet = row.marked.bullet
        if not is_dash(bullet) or row.line.source.list_level is not None:
            return False
        if before.kind in (Kind.TIME, Kind.PART):
            return False
        if bullet not in self.traits.dash_bullets:
            return True
        return (
            self.traits.fullness(before, row) > 0
            and row.is_lower
            and not self.traits.items_are_lower
            and not is_finished(before)
        )

    def _text_goes_on(
        self, group: list[Row], row: Row, fullness: float, *, needs_more: bool
    ) -> bool:
        first, before = group[0], group[-1]
        text = row.marked.text
        if re.search(r"\w[-\u00ad]$", before.shown):
            return True
        score = 3 * fullness if fullness < 0 else 2.2 * fullness
        if row.line.gap == self.traits.gap and self.traits.bullets_are_apart:
            score += 4
        if row.is_lower:
            score += 1 if self.traits.items_are_lower else 5
        elif not text[0].isalpha():
            score += 1.5
        else:
            score += self._capital(before, first_word(text).strip("”\"’'().,:;"))
        score += 3 * needs_more
        so_far = " ".join(one.marked.text for one in group)
        if is_open(so_far):
            score += 2
        if self.traits.hangs and first.marked.bullet:
            score += 2 if row.marked.indent >= first.marked.indent + 2 else -3
        if plain_key(text) in self.traits.known_items and not row.is_lower:
            score -= 3
        if before.marked.text.endswith(":") and not row.is_lower and fullness < 1:
            score -= 2
        return score > 0

    def _capital(self, before: Row, word: str) -> float:
        """How much a capital at the start of a line speaks for a sentence that goes on (above 0) or
        for a new item (below 0)."""
        words = self.vocabulary
        text = before.marked.text
        if is_finished(before):
            is_starter = (
                self.traits.loses_bullets
                and not text.endswith(":")
                and self.traits.begins_items(word)
            )
            return 0 if words.is_name(word) else -2.3 if is_starter else -0.7
        if words.is_name(word):
            return 0.5
        score = -3 if words.is_common(word) or self.traits.begins_items(word) else -1
        last = text.rsplit(" ", 1)[-1].lstrip("(”\"’'")
        return score + 1.5 * (last[:1].isupper() and " " in text)


def _automatic_items(found: Sequence[Paragraph]) -> list[int]:
    """The places of items of automatic lists with numbers, where headings have styles."""
    sources = [one.lines[0].source for one in found]
    if all(source.heading_level is None for source in sources):
        return []
    return [
        at
        for at, (one, source) in enumerate(zip(found, sources, strict=True))
        if one.kind is Kind.NUMBERED and source.list_level is not None
    ]


def _counts_on(one: MarkedText, after: MarkedText) -> bool:
    """Whether the number of an item is that after another one's."""
    is_list = one.depth == after.depth == 1
    return is_list and int(after.number) == int(one.number) + 1


def _may_be_heading(row: Row) -> bool:
    """Whether a line with a number can be a heading or an item, and no part of a sentence."""
    text = row.marked.text
    if row.marked.depth == 1:
        return not row.is_lower and not is_dash(text[0])
    return (text[0].isalpha() or text[0] in "”\"’'«(") and not text.endswith(".")
