"""Reads milestones from a table: one or more a row, with the time and the group of the row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracker.importer.layout.furniture import ContentLine
from tracker.importer.layout.paragraphs import Paragraph, paragraphs
from tracker.importer.layout.rows import Kind
from tracker.importer.layout.vocabulary import Vocabulary
from tracker.importer.quarters import WrittenTime, time_within
from tracker.importer.source import SourceCell, SourceTable
from tracker.importer.structure.columns import Columns, columns_of, is_mark
from tracker.importer.structure.drafts import Content, Draft, TimeHeading
from tracker.importer.structure.outline import Section

#: What a cell says that is left empty.
_EMPTY = re.compile(r"[-–—./]*|n/?a", re.IGNORECASE)


def read_tables(
    section: Section, content: Content, vocabulary: Vocabulary, *, lines_are_paragraphs: bool
) -> None:
    """Add the milestones of the tables under a heading to what else stands there."""
    for one in section.body:
        if isinstance(one, SourceTable):
            columns = columns_of(one)
            if columns is not None and columns.is_of_plan:
                before = len(content.milestones)
                _Reading(section, content, columns, vocabulary, lines_are_paragraphs).read(one)
                if columns.first_row:
                    content.in_tables += len(content.milestones) - before


@dataclass(slots=True)
class _Reading:
    """The place in a table: the group and the time of the row above count for merged cells."""

    section: Section
    content: Content
    columns: Columns
    vocabulary: Vocabulary
    lines_are_paragraphs: bool
    group: str = ""
    time: WrittenTime | None = None
    headings: str = ""
    #: The cell of the time, in a table that tells by merged cells where the next time begins.
    heading: TimeHeading | None = None
    has_merged_times: bool = False

    def read(self, table: SourceTable) -> None:
        self.has_merged_times = any(
            row[at].is_merged_with_above
            for row in table.rows
            for at in self.columns.times
            if at < len(row)
        )
        head = table.rows[self.columns.first_row - 1] if self.columns.first_row else ()
        self.headings = _row_key(head)
        for row in table.rows[self.columns.first_row :]:
            texts = [cell.text for cell in row]
            if not any(texts) or (self.headings and _row_key(row) == self.headings):
                continue
            if _is_group_row(row, self.columns):
                self._open_group(next(text for text in texts if text))
            else:
                self._row(row)

    def _row(self, row: Sequence[SourceCell]) -> None:
        columns = self.columns
        if columns.group is not None and columns.group < len(row):
            title = self._text(row[columns.group])
            if title and not row[columns.group].is_merged_with_above and title != self.group:
                self._open_group(title)
        if columns.time_by_column:
            self._matrix_row(row)
            return
        cell = row[columns.text] if columns.text < len(row) else SourceCell()
        times = self._times(row)
        if not cell.is_merged_with_above:
            self._add(cell, times)

    def _matrix_row(self, row: Sequence[SourceCell]) -> None:
        """Read a row whose quarters are columns: with texts below each, or with marks."""
        times = [
            (time, row[at])
            for at, time in self.columns.time_by_column.items()
            if at < len(row) and not _EMPTY.fullmatch(row[at].text)
        ]
        marked = [time for time, cell in times if is_mark(cell.text)]
        if marked:
            last = replace(marked[0], quarter_to=marked[-1].quarter_to)
            if len(marked) > 1:
                last = replace(last, as_written=f"{marked[0].as_written} – {marked[-1].as_written}")
            self._add(row[self.columns.text], [last])
            return
        for time, cell in times:
            self._add(cell, [time])

    def _times(self, row: Sequence[SourceCell]) -> list[WrittenTime]:
        """The times of a row: one for all its milestones, or one for each."""
        columns = self.columns
        cells = [row[at] for at in columns.times if at < len(row)]
        if columns.start is not None and columns.end is not None:
            ends = [row[at].text for at in (columns.start, columns.end) if at < len(row)]
            cells = [row[at] for at in (columns.start, columns.end) if at < len(row)]
            between = [time for text in ends if (time := time_within(text)) is not None]
            if len(between) == 2 and between[0].has_quarter and between[1].has_quarter:
                return [_span(between[0], between[1])]
        if cells and all(cell.is_merged_with_above for cell in cells):
            return [self.time] if self.time else []
        lines = [line.text for cell in cells for line in cell.lines if line.text.strip()]
        each = [time for line in lines if (time := time_within(line)) and time.has_quarter]
        if len(cells) == 1 and len(each) > 1 and len(each) == len(lines):
            self.time = each[0]
            return each
        whole = time_within(" ".join(cell.text for cell in cells))
        self.time, self.heading = whole, None
        if whole is not None and self.has_merged_times:
            self.heading = TimeHeading(whole)
            self.content.times.append(self.heading)
        return [whole] if whole is not None else []

    def _add(self, cell: SourceCell, times: Sequence[WrittenTime]) -> None:
        """Add the milestones in a cell: its bullets, or its text as one."""
        found = self._paragraphs(cell)
        if not found:
            return
        has_bullets = any(one.kind is Kind.BULLET for one in found)
        tops = [one for one in found if one.level == 0]
        if not has_bullets and len(times) != len(found):
            found = [_as_one(found, self._text(cell))]
        last: list[Draft] = []
        number = 0
        for one in found:
            is_below = one.level > 0 or (has_bullets and found[0].kind is not Kind.BULLET)
            level = max(1, one.level) if is_below and one is not found[0] else 0
            while last and last[-1].level >= level:
                last.pop()
            if level == 0:
                number += 1
            time = times[number - 1] if len(times) == len(tops) > 1 else next(iter(times), None)
            draft = Draft(
                section=self.section,
                text=one.text,
                line_from=one.line_from,
                line_to=one.line_to,
                page=one.page,
                time=time,
                heading=self.heading if time is self.time else None,
                level=level,
                parent=last[-1] if last else None,
                group=self.group,
            )
            last.append(draft)
            self.content.milestones.append(draft)

    def _open_group(self, title: str) -> None:
        self.group = title
        if title not in self.content.efforts:
            self.content.efforts.append(title)

    def _paragraphs(self, cell: SourceCell) -> list[Paragraph]:
        content: list[ContentLine] = []
        gap = 0
        for line in cell.lines:
            if line.is_blank:
                gap += 1
            else:
                content.append(ContentLine(line, gap))
                gap = 0
        is_whole = self.lines_are_paragraphs
        return paragraphs(content, self.vocabulary, lines_are_paragraphs=is_whole)

    def _text(self, cell: SourceCell) -> str:
        """The text of a cell with its wraps undone."""
        text = ""
        for line in cell.lines:
            shown = " ".join(line.text.split())
            if shown:
                text = self.vocabulary.joined(text, shown) if text else shown
        return text


def _as_one(found: Sequence[Paragraph], text: str) -> Paragraph:
    """The lines of a cell as one paragraph."""
    return replace(found[0], lines=[line for one in found for line in one.lines], text=text)


def _span(first: WrittenTime, last: WrittenTime) -> WrittenTime:
    """The time from one to another one. A span ends with the year in which it begins."""
    is_later = first.year is not None and last.year is not None and last.year > first.year
    return replace(
        first,
        as_written=f"{first.as_written} – {last.as_written}",
        quarter_to=4 if is_later else last.quarter_to,
    )


def _is_group_row(row: Sequence[SourceCell], columns: Columns) -> bool:
    """Whether a row is a heading among the rows: one text, and nothing else, in a row that is one
    cell wide or whose own columns are empty."""
    texts = {cell.text for cell in row if cell.text}
    if len(texts) != 1 or any(cell.is_merged_with_above for cell in row):
        return False
    has_text = columns.text < len(row) and bool(row[columns.text].text)
    is_spread = sum(bool(cell.text) for cell in row) > 1  # a merged cell that each column repeats
    return len(row) == 1 or is_spread or not has_text


def _row_key(row: Sequence[SourceCell]) -> str:
    return "|".join(cell.text.casefold() for cell in row)
