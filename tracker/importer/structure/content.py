"""Reads what stands under one heading: milestones under their times, the parts of a programme, and
what cannot be placed."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from tracker.importer.layout.paragraphs import Paragraph
from tracker.importer.layout.rows import Kind
from tracker.importer.parts import NUMBERED_LABEL, Part
from tracker.importer.quarters import WrittenTime, leading_time, trailing_time, written_time
from tracker.importer.structure.drafts import Content, Draft, KnownItems, TimeHeading, sentences
from tracker.importer.structure.outline import Section

#: What a line above a list says that the list is of, by its last words.
_LISTS = (
    (
        "policies",
        re.compile(r"\b\w*(?:strategi|politik|(?<!ind)plan)(?:er|erne|ker)?\b", re.IGNORECASE),
    ),
    (
        "efforts",
        re.compile(r"\b\w*(?:indsats|initiativ|projekt|tiltag)(?:er|erne)?\b", re.IGNORECASE),
    ),
    (
        "others",
        re.compile(
            r"\b\w*(?:områder|opgaver|ansvar|værdier|principper|temaer|mål|kriterier|udvalg"
            r"|kommuner|partnere|interessenter|centre|afdelinger|udfordringer|krav)\b",
            re.IGNORECASE,
        ),
    ),
)

#: A fragment is no longer; what is longer is prose that lacks its full stop.
_FRAGMENT_CHARS_MAX = 110

#: An item that lost its bullet, where no time stands above, is no longer than so many sentences.
_SENTENCES_MAX = 2


def read_section(section: Section, known: KnownItems, *, is_of_programme: bool) -> Content:
    """The content of a heading. Only a section of a programme has milestones without a time."""
    return _Reading(section, known, is_of_programme).read()


@dataclass(slots=True)
class _Reading:
    """The place in a section: its part, its time, and the list that is being read."""

    section: Section
    known: KnownItems
    is_of_programme: bool
    content: Content = field(init=False)
    part: Part | None = None
    heading: TimeHeading | None = None
    #: What the line above a list says that it is of, as in `_LISTS`; empty: nothing.
    lead: str = ""
    last_top: Draft | None = None
    last: Draft | None = None
    #: The milestones since the last label, whose time may come after them.
    since_label: list[Draft] = field(default_factory=list[Draft])
    #: The part in which a numbered division was first seen, by its words.
    part_by_label: dict[str, Part] = field(default_factory=dict[str, Part])

    def __post_init__(self) -> None:
        self.content = Content(self.section)

    def read(self) -> Content:
        body = [one for one in self.section.body if isinstance(one, Paragraph)]
        for at, one in enumerate(body):
            after = body[at + 1] if at + 1 < len(body) else None
            before = body[at - 1] if at else None
            match one.kind:
                case Kind.TIME:
                    self._time(one, after)
                case Kind.PART:
                    self._part(one)
                case Kind.BULLET:
                    self._item(one)
                case _:
                    self._text(one, before, after)
        return self.content

    def _time(self, one: Paragraph, after: Paragraph | None) -> None:
        assert one.time is not None
        holds = after is not None and after.kind in (Kind.BULLET, Kind.TEXT)
        if self.part is Part.TIMETABLE and not holds:
            self._give_time(one.time)
            return
        self.heading = TimeHeading(one.time)
        self.content.times.append(self.heading)
        self.part, self.lead = Part.MILESTONES, ""
        self.last = self.last_top = None

    def _give_time(self, time: WrittenTime) -> None:
        """Give a time to the milestones above it that have none."""
        for draft in self.since_label:
            if draft.heading is None and draft.time is None:
                draft.time = time

    def _part(self, one: Paragraph) -> None:
        assert one.part is not None
        if one.part in (Part.EFFORT, Part.MILESTONES):
            self.since_label = []
        if one.part is not Part.TIMETABLE:
            keeps_time = one.part in (Part.MILESTONES, Part.EFFORT) and self.part is Part.MILESTONES
            self.heading = self.heading if keeps_time and not one.is_label else None
        self.part, self.lead = one.part, ""
        self.last = self.last_top = None
        if one.is_label:
            self._of_part(one)

    def _of_part(self, one: Paragraph) -> None:
        """Take a paragraph that belongs to the part above it."""
        content = self.content
        match self.part:
            case Part.PURPOSE:
                content.purpose.append(one.text)
            case Part.CRITERIA:
                (content.criteria if one.is_label else content.criteria_prose).append(one.text)
            case Part.PARTNERS | Part.PARTNERS_INTERNAL | Part.PARTNERS_EXTERNAL:
                content.partners.append((self.part, one))
            case Part.RESOURCES:
                content.resources.append(one.text)
            case Part.POLICIES:
                content.policies.append(one.text)
            case Part.EFFORT | Part.MILESTONES:
                self._milestone(one, 0)
            case Part.TIMETABLE:
                self._timetable(one)
            case _:
                pass

    def _timetable(self, one: Paragraph) -> None:
        """Take a line of a timetable: a time of what stands above, or a milestone with its time."""
        time = written_time(one.text)
        if time is not None:
            self._give_time(time)
            return
        if leading_time(one.text) is None and trailing_time(one.text) is None:
            self.content.not_placed.append(one)
            return
        if self.since_label and all(draft.time is not None for draft in self.since_label):
            return  # what stands above says its own times
        if self.since_label:  # what stands above is the effort that the timetable divides
            above = {id(draft) for draft in self.since_label}
            self.content.efforts += [draft.text for draft in self.since_label]
            self.content.milestones = [
                draft for draft in self.content.milestones if id(draft) not in above
            ]
        self._milestone(one, 0)
        self.since_label = []

    def _item(self, one: Paragraph) -> None:
        timed = leading_time(one.text)
        if timed is not None and (self.is_of_programme or self.content.times):
            if self.part is Part.TIMETABLE:
                self._timetable(one)
            else:
                self._milestone(one, one.level)
        elif self.lead == "policies":
            self.content.policies.append(one.text)
        elif self.lead == "efforts":
            self.content.efforts.append(one.text)
        elif self.lead == "others":
            pass
        elif self.part is Part.CRITERIA:
            self.content.criteria.append(one.text)
        elif self.part in (None, Part.MILESTONES, Part.EFFORT):
            if self.heading is not None or self.is_of_programme or self.part is not None:
                self._milestone(one, one.level)
            else:
                self.content.not_placed.append(one)
        else:
            self._of_part(one)

    def _milestone(self, one: Paragraph, level: int) -> None:
        timed = leading_time(one.text)
        if timed is None and self.heading is None:
            timed = trailing_time(one.text)
        time, text = timed if timed is not None else (None, one.text)
        if level > 0 and self.last_top is None:
            level = 0
        draft = Draft(
            section=self.section,
            text=text,
            line_from=one.line_from,
            line_to=one.line_to,
            page=one.page,
            time=time or (self.heading.time if self.heading else None),
            heading=None if timed is not None else self.heading,
            level=level,
            parent=self._parent(level),
        )
        self.content.milestones.append(draft)
        self.since_label.append(draft)
        self.last = draft
        if level == 0:
            self.last_top = draft

    def _parent(self, level: int) -> Draft | None:
        """The item that an item of a level stands below."""
        above = self.last
        while above is not None and above.level >= level:
            above = above.parent
        return above

    def _text(self, one: Paragraph, before: Paragraph | None, after: Paragraph | None) -> None:
        if self._returns_to_part(one):
            return
        has_list = after is not None and after.kind is Kind.BULLET and after.level == 0
        if one.text.endswith(":") and has_list:
            self._lead_in(one)
            return
        in_list = before is not None and before.kind is Kind.BULLET
        if self.part in (None, Part.MILESTONES, Part.EFFORT):
            if self._is_lost_item(one, after):
                level = self._lost_level(one, after)
                self._milestone(one, level)
            elif self.lead and in_list and not one.is_apart:
                self._item(one)
            else:
                self._prose(one, after)
        elif self.part is Part.CRITERIA and in_list and not one.is_apart and one.is_finished:
            self.content.criteria.append(one.text)
        elif (
            self.part is Part.TIMETABLE
            and self.since_label
            and not in_list
            and leading_time(one.text) is None
            and written_time(one.text) is None
        ):
            self._prose(one, after)
        else:
            self._of_part(one)

    def _returns_to_part(self, one: Paragraph) -> bool:
        """Whether a line heads the next of numbered divisions of a part, such as `Spor 2: …`; prose
        may stand between them."""
        found = NUMBERED_LABEL.match(one.text)
        if found is None or one.text.endswith("."):
            return False
        label = found["label"].casefold()
        if label in self.part_by_label:
            self.part = self.part_by_label[label]
        elif self.part is not None and self.part is not Part.BACKGROUND:
            self.part_by_label[label] = self.part
        else:
            return False
        self.lead = ""
        return True

    def _lead_in(self, one: Paragraph) -> None:
        """Note what a line above a list says that the list is of."""
        if self.heading is not None:
            self.lead = ""
            return
        last, said = -1, ""
        for kind, pattern in _LISTS:
            for found in pattern.finditer(one.text):
                if found.start() > last:
                    last, said = found.start(), kind
        in_prose = self.part in (Part.CRITERIA, Part.BACKGROUND)
        has_no_part = said == "efforts" and not in_prose
        has_criteria = said == "others" and self.part is Part.CRITERIA
        self.lead = "" if has_no_part or has_criteria else said

    def _is_lost_item(self, one: Paragraph, after: Paragraph | None) -> bool:
        """Whether a text without a bullet is an item that lost its own."""
        if self.lead:
            return False
        if self.heading is not None:
            return True
        if not self.is_of_programme and self.part is None:
            return False
        if leading_time(one.text) is not None:
            return True
        if len(sentences(one.text)) > _SENTENCES_MAX:
            return False
        if self.last is not None:
            return True
        if self.part is None:
            return False
        has_list = after is not None and after.kind is Kind.BULLET
        return self.part is Part.EFFORT or (has_list and not one.text.endswith(":"))

    def _lost_level(self, one: Paragraph, after: Paragraph | None) -> int:
        """The level of an item that lost its bullet, by where its text recurs and by its
        neighbours."""
        if self.last is None:
            return 0
        known = self.known.level(one.text)
        if known is not None:
            return known
        next_level = after.level if after is not None and after.kind is Kind.BULLET else 0
        if self.last.level == 0 and next_level == 0 and not self.last.text.endswith(":"):
            return 1 if self._has_groups() and self._is_bare_group(self.last) else 0
        if one.is_apart:
            return 0
        if self.last.level == 0:
            return 1 if self._has_groups() or self.last.text.endswith(":") else 0
        return 1 if next_level > 0 or self._has_groups() else 0

    def _has_groups(self) -> bool:
        """Whether the items of the section are groups, each with items below it."""
        body = self.section.paragraphs
        tops = [(one, after) for one, after in pairwise(body) if _is_top(one)]
        groups = sum(after.kind is Kind.BULLET and after.level > 0 for _, after in tops)
        return groups > 0.6 * len(tops) > 0

    def _is_bare_group(self, draft: Draft) -> bool:
        """Whether a group has no item below it so far."""
        return draft.level == 0 and not any(one.parent is draft for one in self.content.milestones)

    def _prose(self, one: Paragraph, after: Paragraph | None) -> None:
        """Leave out prose and the headings above it; note fragments that nothing explains."""
        if not _is_fragment(one):
            return
        explains = after is not None and (
            after.kind in (Kind.BULLET, Kind.PART, Kind.TIME)
            or (after.kind is Kind.TEXT and not _is_fragment(after))
        )
        if not explains:
            self.content.not_placed.append(one)


def _is_top(one: Paragraph) -> bool:
    return one.kind is Kind.BULLET and one.level == 0


def _is_fragment(one: Paragraph) -> bool:
    return not one.is_finished and len(one.text) <= _FRAGMENT_CHARS_MAX
