"""Puts sections into programmes: which headings are programmes, and what belongs to each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tracker.importer.layout.paragraphs import Paragraph
from tracker.importer.parts import Part
from tracker.importer.plan_file import Programme
from tracker.importer.structure.drafts import Content, sentences
from tracker.importer.structure.outline import Section, programme_depth
from tracker.importer.structure.resources import resources_in


@dataclass(slots=True, eq=False)
class ProgrammeDraft:
    """A programme with the sections that belong to it. One whose heading is missing has none."""

    number: str
    title: str
    sections: list[Section] = field(default_factory=list[Section])

    @property
    def name(self) -> str | None:
        return self.number or self.title or None


#: People and bodies outside the municipality, and words for those inside it.
_OUTSIDE = re.compile(
    r"\b\w*(?:borger|virksomhed|organisation|forening|leverandør|forsyning|region|fond|naboer|erhverv"
    r"|kommuner|stat|universitet|myndighed|råd|ekstern)\w*\b",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    r"\b\w*(?:center|centre|afdeling|forvaltning|direktion|styregruppe|intern|udvalg)\w*\b",
    re.IGNORECASE,
)


def programmes_of(found: Sequence[Section]) -> list[ProgrammeDraft]:
    """The programmes of a document in their order. Sections that are of none are introduction."""
    depth = programme_depth(found)
    drafts: list[ProgrammeDraft] = []
    by_heading: dict[int, ProgrammeDraft] = {}
    for section in found:
        if 0 < section.depth <= depth:
            by_heading[id(section)] = ProgrammeDraft(section.number, section.title, [section])
            drafts.append(by_heading[id(section)])
    open_draft: ProgrammeDraft | None = None
    for section in found:
        own = by_heading.get(id(section))
        if own is not None:
            open_draft = own
        elif section.depth > depth:
            open_draft = _above(section, depth, drafts, open_draft)
            open_draft.sections.append(section)
    return [draft for draft in drafts if any(_is_planned(section) for section in draft.sections)]


def _above(
    section: Section, depth: int, drafts: list[ProgrammeDraft], before: ProgrammeDraft | None
) -> ProgrammeDraft:
    """The programme that a deeper section belongs to: by its number, else by its place."""
    if not section.number:
        if before is None:
            before = ProgrammeDraft("", "")
            drafts.append(before)
        return before
    parts = section.number.split(".")
    wanted = ".".join(parts[:depth])
    if before is not None and before.number == wanted:
        return before
    for one in reversed(drafts):
        if one.number == wanted:
            return one
    if before is not None and before.number.split(".")[0] == parts[0]:
        return before
    for one in drafts:
        if one.number.split(".")[0] == parts[0] and len(one.number.split(".")) == depth:
            return one
    made = ProgrammeDraft(wanted, "")
    drafts.append(made)
    return made


def _is_planned(section: Section) -> bool:
    """Whether a section shows that its programme is one."""
    own = section.parts
    return (
        section.has_times
        or any(part.is_of_programme for part in own)
        or Part.MILESTONES in own
        or Part.EFFORT in own
        or any(not isinstance(one, Paragraph) for one in section.body)
    )


def described(draft: ProgrammeDraft, contents: Sequence[Content]) -> Programme:
    """The programme with all that its sections say of it."""
    criteria = [text for one in contents for text in one.criteria]
    if not criteria:
        criteria = [
            part for one in contents for text in one.criteria_prose for part in sentences(text)
        ]
    internal: list[str] = []
    external: list[str] = []
    for one in contents:
        for part, paragraph in one.partners:
            is_external = part is Part.PARTNERS_EXTERNAL or (
                part is Part.PARTNERS
                and _OUTSIDE.search(paragraph.text) is not None
                and _INSIDE.search(paragraph.text) is None
            )
            (external if is_external else internal).append(paragraph.text.rstrip(" ,;"))
    resources = [text for one in contents for text in one.resources]
    return Programme(
        number=draft.number or None,
        title=draft.title or None,
        purpose=" ".join(text for one in contents for text in one.purpose) or None,
        success_criteria=tuple(criteria),
        partners_internal=tuple(internal),
        partners_external=tuple(external),
        resources=tuple(one for text in resources for one in resources_in(text)),
    )
