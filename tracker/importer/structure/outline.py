"""Finds the sections of a document: its headings, by number, by style or by where they stand."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tracker.importer.layout.paragraphs import Paragraph
from tracker.importer.layout.rows import Kind
from tracker.importer.parts import NUMBERED_LABEL, Part, part_of_heading
from tracker.importer.source import SourceTable

#: No heading is longer.
_HEADING_CHARS_MAX = 100


@dataclass(slots=True, eq=False)
class Section:
    """A heading and what stands under it, up to the next heading."""

    number: str
    title: str
    #: 1 for the outermost headings; 0 for what stands before the first one.
    depth: int
    heading: Paragraph | None = None
    body: list[Paragraph | SourceTable] = field(default_factory=list[Paragraph | SourceTable])

    @property
    def name(self) -> str | None:
        """The name by which milestones call the section: its number, or its title where headings
        have none."""
        return self.number or self.title or None

    @property
    def paragraphs(self) -> list[Paragraph]:
        return [one for one in self.body if isinstance(one, Paragraph)]

    @property
    def has_times(self) -> bool:
        return any(one.kind is Kind.TIME for one in self.paragraphs)

    @property
    def parts(self) -> set[Part]:
        return {one.part for one in self.paragraphs if one.part is not None}


def sections(parts: Sequence[Paragraph | SourceTable]) -> list[Section]:
    """The sections of a document in their order; the first may have no heading."""
    parts = _with_divisions(parts)
    depths = _depths(parts)
    found = [Section("", "", 0)]
    for at, one in enumerate(parts):
        depth = depths.get(at)
        if depth is None or isinstance(one, SourceTable):
            found[-1].body.append(one)
        else:
            found.append(Section(one.marked.number, one.text.rstrip(" :"), depth, one))
    return found if found[0].body else found[1:]


def _with_divisions(parts: Sequence[Paragraph | SourceTable]) -> list[Paragraph | SourceTable]:
    """The parts with the headings that divide criteria made text: they have a style, and begin no
    section. They have no number, and one of them is of a numbered division, such as `Spor 2`; the
    next heading with a number, or the part of milestones, ends the criteria."""
    found = list(parts)
    dividing: dict[int, Paragraph] | None = None
    for at, one in enumerate(parts):
        if not isinstance(one, Paragraph) or one.kind is Kind.TIME:
            dividing = None
        elif one.kind is Kind.PART and one.part is Part.CRITERIA:
            dividing = {}
        elif one.kind is Kind.STYLED and not one.marked.number:
            if dividing is not None:
                dividing[at] = one
        elif one.part is Part.MILESTONES or one.kind in (Kind.NUMBERED, Kind.STYLED):
            headings = dividing or {}
            if any(_is_division(heading.text) for heading in headings.values()):
                for place, heading in headings.items():
                    found[place] = replace(heading, kind=Kind.TEXT)
            dividing = None
        elif one.part is not None and one.part is not Part.BACKGROUND:
            dividing = None
    return found


def _is_division(text: str) -> bool:
    label = NUMBERED_LABEL.match(text)
    return label is not None and part_of_heading(label["label"]) is None


def _depths(parts: Sequence[Paragraph | SourceTable]) -> dict[int, int]:
    """The depth of each heading by its place."""
    found: dict[int, int] = {}
    for at, one in enumerate(parts):
        if isinstance(one, Paragraph) and one.kind in (Kind.NUMBERED, Kind.STYLED):
            level = one.lines[0].source.heading_level or 1
            found[at] = one.marked.depth or level
    return found if len(found) > 1 else found | _by_place(parts)


def _by_place(parts: Sequence[Paragraph | SourceTable]) -> dict[int, int]:
    """The headings of a document that neither numbers nor styles them: short lines above a part, a
    time, a list or prose."""
    headings: dict[int, int] = {}
    quarter = 0
    for at, one in enumerate(parts):
        if not isinstance(one, Paragraph):
            quarter = 0
            continue
        if one.kind is Kind.TIME:
            quarter = (one.time.quarter_from if one.time else None) or quarter
            continue
        if one.kind is Kind.PART:
            quarter = 0
            continue
        after = parts[at + 1] if at + 1 < len(parts) else None
        if _may_head(one) and _heads(one, after, quarter):
            headings[at] = 2
            quarter = 0
    for at in headings:
        one, after = parts[at], parts[at + 1]
        assert isinstance(one, Paragraph)
        has_part = (
            isinstance(after, Paragraph) and after.part is not None and after.part.is_of_programme
        )
        if at + 1 in headings or one.text.isupper() or has_part:
            headings[at] = 1
    return headings


def _may_head(one: Paragraph) -> bool:
    return (
        one.kind is Kind.TEXT
        and not one.is_finished
        and len(one.text) <= _HEADING_CHARS_MAX
        and not re.match(r"[a-zæøå(]", one.text)
    )


def _heads(one: Paragraph, after: Paragraph | SourceTable | None, quarter: int) -> bool:
    """Whether a short line is the heading of what follows it. Under a time it may be an item that
    lost its bullet."""
    if after is None:
        return False
    if not isinstance(after, Paragraph):
        return True
    if after.kind is Kind.PART:
        return True
    if after.kind is Kind.TIME:
        follows = after.time is not None and (after.time.quarter_from or 9) > quarter
        return quarter == 0 or not follows
    if quarter:
        return one.is_apart and not after.is_apart
    return (
        after.kind is Kind.BULLET or (after.kind is Kind.TEXT and one.is_apart) or _may_head(after)
    )


def programme_depth(found: Sequence[Section]) -> int:
    """The depth of the headings of programmes: where purposes, criteria, partners and resources
    stand, or else the outermost under which there are milestones."""
    votes: Counter[int] = Counter()
    for one in found:
        own = {part for part in one.parts if part.is_of_programme}
        if own and one.depth:
            votes[one.depth] += 2 if own & {Part.PURPOSE, Part.CRITERIA} else 1
    if votes:
        return max(votes, key=lambda depth: (votes[depth], -depth))
    holding = Counter(
        one.depth
        for one in found
        if one.depth and (one.has_times or Part.MILESTONES in one.parts or _has_table(one))
    )
    return min(holding, default=1)


def _has_table(section: Section) -> bool:
    return any(isinstance(one, SourceTable) for one in section.body)
