"""The milestones and parts of a programme as they are found, before they make up a plan."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tracker.importer.layout.paragraphs import Paragraph
from tracker.importer.layout.rows import Kind
from tracker.importer.parts import Part
from tracker.importer.quarters import WrittenTime
from tracker.importer.structure.outline import Section

_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-ZÆØÅ”\"])")


@dataclass(slots=True, eq=False)
class Draft:
    """A milestone before it has an identifier."""

    section: Section
    text: str
    line_from: int
    line_to: int
    page: int | None = None
    time: WrittenTime | None = None
    #: The place of the time among those of the section, for a quarter whose number was lost.
    heading: "TimeHeading | None" = None
    level: int = 0
    parent: "Draft | None" = None
    #: What a table groups its row by.
    group: str = ""

    @property
    def section_name(self) -> str | None:
        """The name by which the milestone calls its section: the heading's number or title, else
        its group."""
        return self.section.name or self.group or None


@dataclass(slots=True, eq=False)
class TimeHeading:
    """A time above milestones."""

    time: WrittenTime


@dataclass(slots=True)
class Content:
    """The content of one heading."""

    section: Section
    milestones: list[Draft] = field(default_factory=list[Draft])
    times: list[TimeHeading] = field(default_factory=list[TimeHeading])
    purpose: list[str] = field(default_factory=list[str])
    criteria: list[str] = field(default_factory=list[str])
    criteria_prose: list[str] = field(default_factory=list[str])
    partners: list[tuple[Part, Paragraph]] = field(default_factory=list[tuple[Part, Paragraph]])
    resources: list[str] = field(default_factory=list[str])
    policies: list[str] = field(default_factory=list[str])
    #: How many of the milestones stand in tables whose headings say what they are.
    in_tables: int = 0
    #: Named efforts without a result.
    efforts: list[str] = field(default_factory=list[str])
    not_placed: list[Paragraph] = field(default_factory=list[Paragraph])


@dataclass(frozen=True, slots=True)
class KnownItems:
    """The levels of the items that keep their bullets, by their texts, and the share of the items
    of a section that have items below them."""

    level_by_text: Mapping[str, int]

    def level(self, text: str) -> int | None:
        return self.level_by_text.get(item_key(text))


def item_key(text: str) -> str:
    """A text as it is compared: without case, blanks and the sign at its end."""
    return " ".join(text.casefold().rstrip(" .:;,").split())


def sentences(text: str) -> list[str]:
    return [one for one in _SENTENCES.split(text) if one]


def known_items(found: Sequence[Section]) -> KnownItems:
    """The levels of all items that keep their bullets."""
    levels: dict[str, int] = {}
    for section in found:
        for one in section.paragraphs:
            if one.kind is Kind.BULLET:
                levels.setdefault(item_key(one.text), min(one.level, 1))
    return KnownItems(levels)
