"""Infers from a document's own lines how it is set: its gaps, widths, bullets and first words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tracker.importer.layout.marks import is_dash
from tracker.importer.layout.rows import SENTENCE_END, Kind, Row, first_word, plain_key
from tracker.importer.layout.vocabulary import Vocabulary
from tracker.importer.layout.widths import Widths, Wrap

#: Lines of a bullet that could be a dash, before it is taken for one of the document's bullets.
_DASHES_MIN, _DASHES_SHARE = 2, 0.2

#: So many lost bullets, and this share of all, tell that a document has lost others, too.
_LOST_MIN, _LOST_SHARE = 2, 0.006

#: A word that begins so many items, and is no small one such as `Det`, most likely begins another.
_STARTS_MIN, _STARTER_CHARS_MIN = 2, 5


@dataclass(slots=True)
class Traits:
    """How a document is set, as far as its lines show it."""

    rows: Sequence[Row]
    vocabulary: Vocabulary
    #: The blank lines between the lines of a paragraph.
    gap: int = field(init=False)
    bullets_are_apart: bool = field(init=False)
    items_are_lower: bool = field(init=False)
    #: Whether many times begin with a small letter.
    times_are_lower: bool = field(init=False)
    times_have_years: bool = field(init=False)
    #: Whether the lines of an item stand further right than its bullet.
    hangs: bool = field(init=False)
    widths: Widths = field(init=False)
    #: The dashes that are bullets here.
    dash_bullets: set[str] = field(init=False)
    #: The first lines of items.
    known_items: set[str] = field(init=False)
    #: How many items begin with each word.
    starters: Counter[str] = field(init=False)
    #: Whether more bullets were lost than a page break or two take.
    loses_bullets: bool = field(init=False)

    def __post_init__(self) -> None:
        rows = self.rows
        wraps = [
            (before, row)
            for before, row in pairwise(rows)
            if row.kind is Kind.TEXT
            and row.is_lower
            and before.kind not in (Kind.TIME, Kind.PART)
            and not before.marked.text.endswith((".", ":"))
        ]
        gaps = Counter(row.line.gap for _, row in wraps if row.line.gap is not None)
        if not gaps:
            gaps = Counter(row.line.gap for row in rows if row.line.gap is not None)
        self.gap = gaps.most_common(1)[0][0] if gaps else 0
        bullets = [row for row in rows if row.kind is Kind.BULLET]
        apart = sum(row.line.gap is None or row.line.gap > self.gap for row in bullets)
        self.bullets_are_apart = bool(wraps) and apart > 0.9 * len(bullets) > 0
        self.items_are_lower = sum(row.is_lower for row in bullets) > 0.3 * len(bullets)
        timed = [row for row in rows if row.kind is Kind.TIME]
        self.times_are_lower = sum(row.is_lower for row in timed) > 0.3 * len(timed)
        times = [row.time for row in rows if row.time is not None and row.time.has_quarter]
        self.times_have_years = sum(one.year is not None for one in times) >= 0.8 * len(times) > 0
        hanging = [
            row.marked.indent - before.marked.indent
            for before, row in wraps
            if before.marked.bullet
        ]
        self.hangs = sum(step >= 2 for step in hanging) > 0.8 * len(hanging) > 0
        self.widths = Widths(
            [
                Wrap(before.width_kind, len(before.shown), _needed(before, row))
                for before, row in wraps
                if not before.shown.endswith("-")
            ]
        )
        self.dash_bullets = self._dash_bullets()
        self.starters = Counter(first_word(row.marked.text) for row in bullets)
        self.loses_bullets = self._lost() > max(_LOST_MIN, _LOST_SHARE * len(bullets))
        unsure = self._unsure()
        self.known_items = {
            plain_key(row.marked.text) for row in bullets if row.marked.bullet not in unsure
        }

    def _unsure(self) -> set[str]:
        """The bullets that are dashes as far as the document tells."""
        found = {row.marked.bullet for row in self.rows if row.marked.bullet}
        return {one for one in found if is_dash(one) and one not in self.dash_bullets}

    def _lost(self) -> int:
        """The lines between bullets that no wrap can have parted: they have lost their own."""
        return sum(
            row.kind is Kind.TEXT
            and not row.is_lower
            and before.kind in (Kind.BULLET, Kind.TEXT)
            and before.width_kind != "text"
            and after.kind is Kind.BULLET
            and not row.marked.text.endswith(":")
            and self.fullness(before, row) == -1
            for (before, row), after in zip(pairwise(self.rows), self.rows[2:], strict=False)
        )

    def _dash_bullets(self) -> set[str]:
        """The dashes that are bullets of this document: they begin lines where no wrap can be."""
        total: Counter[str] = Counter()
        sure: Counter[str] = Counter()
        for before, row in zip([None, *self.rows], self.rows, strict=False):
            if row.kind is not Kind.BULLET or not is_dash(row.marked.bullet):
                continue
            total[row.marked.bullet] += 1
            sure[row.marked.bullet] += (
                before is None
                or before.kind in (Kind.TIME, Kind.PART)
                or (row.line.gap or 0) > self.gap
                or SENTENCE_END.search(before.marked.text) is not None
                or self.fullness(before, row) < (0 if row.is_lower else 1)
            )
        return {
            bullet
            for bullet, count in total.items()
            if sure[bullet] >= _DASHES_SHARE * count
            and (sure[bullet] >= _DASHES_MIN or sure[bullet] == count)
        }

    def begins_items(self, word: str) -> bool:
        """Whether a word begins items of the document, and no sentence inside one."""
        enough = self.starters[word] >= _STARTS_MIN and len(word) >= _STARTER_CHARS_MIN
        return enough and not self.vocabulary.begins_sentences(word)

    def fullness(self, before: Row, row: Row) -> float:
        """How much the end of a line speaks for a wrap, from -1 to 1."""
        known = before.line.source.has_room_for_next
        if known is not None:
            return -1 if known else 1
        word = row.marked.bullet or first_word(row.marked.text)
        return self.widths.fullness(before.width_kind, before.shown, word)


def _needed(before: Row, row: Row) -> int:
    """The characters of a line with the first word of the next one."""
    return len(before.shown) + 1 + len(first_word(row.marked.text))
