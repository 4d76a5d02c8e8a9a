"""Reads a plan from a document: the one entrance to the importer."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fleet.errors import ExpectedError
from tracker.importer.layout.furniture import content_lines
from tracker.importer.layout.paragraphs import Paragraph, paragraphs
from tracker.importer.layout.rows import Kind
from tracker.importer.layout.text_tables import with_text_tables
from tracker.importer.layout.vocabulary import Vocabulary
from tracker.importer.plan_file import Initiative, Milestone, NotPlaced, PlanFile
from tracker.importer.source import SourceDocument, SourceLine, SourceTable
from tracker.importer.structure.content import read_section
from tracker.importer.structure.drafts import Content, Draft, TimeHeading, known_items
from tracker.importer.structure.evidence import why_no_plan
from tracker.importer.structure.outline import Section, sections
from tracker.importer.structure.programmes import ProgrammeDraft, described, programmes_of
from tracker.importer.structure.strands import strands
from tracker.importer.structure.tables import read_tables

_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_PLAN_WORD = re.compile(r"plan|program|strategi|handle|indsats|mål", re.IGNORECASE)
_TITLE_CHARS_MAX = 120


class NoPlanError(ExpectedError, ValueError):
    """A document holds no plan. The message says what is missing."""


@dataclass(frozen=True, slots=True)
class _Quarter:
    """When a milestone is to be reached."""

    as_written: str | None = None
    year: int | None = None
    first: int | None = None
    last: int | None = None
    is_inferred: bool = False


def read_plan(document: SourceDocument) -> PlanFile:
    """The plan in a document.

    Raises:
        NoPlanError: there is none.
    """
    document = with_text_tables(document)
    vocabulary = Vocabulary(line.text for line in document.lines())
    parts = _parts(document, vocabulary)
    found = sections(parts)
    programmes = programmes_of(found)
    of_programme = {id(one) for draft in programmes for one in draft.sections}
    known = known_items(found)
    contents = [read_section(one, known, is_of_programme=id(one) in of_programme) for one in found]
    whole = document.lines_are_paragraphs
    for one in contents:
        read_tables(one.section, one, vocabulary, lines_are_paragraphs=whole)
    reason = why_no_plan(document, contents)
    if reason is not None:
        raise NoPlanError(reason)
    by_section = {id(one.section): one for one in contents}
    year = _year(contents, parts)
    milestones = _milestones(contents, year)
    title = _title(parts)
    return PlanFile(
        title=title,
        year=year,
        programmes=tuple(
            described(draft, [by_section[id(one)] for one in draft.sections])
            for draft in programmes
        ),
        initiatives=tuple(_initiatives(programmes, by_section)),
        milestones=tuple(milestones),
        strands=tuple(strands(milestones)),
        policies=tuple(text for one in contents for text in one.policies),
        not_placed=(
            *(one for one in _not_placed(found, contents) if one.text != title),
            *_asides(document),
        ),
    )


def _parts(document: SourceDocument, vocabulary: Vocabulary) -> list[Paragraph | SourceTable]:
    """The paragraphs and tables of a document in their order."""
    content = content_lines(document.parts)
    found = paragraphs(content, vocabulary, lines_are_paragraphs=document.lines_are_paragraphs)
    before: dict[int, list[SourceTable]] = {}
    at = 0
    numbers = [one.line_from for one in found]
    last = 0
    for part in document.parts:
        if isinstance(part, SourceLine):
            last = part.number
            continue
        while at < len(numbers) and numbers[at] <= last:
            at += 1
        before.setdefault(at, []).append(part)
    parts: list[Paragraph | SourceTable] = []
    for place, one in enumerate(found):
        parts += [*before.get(place, ()), one]
    return [*parts, *before.get(len(found), ())]


def _year(contents: Sequence[Content], parts: Sequence[Paragraph | SourceTable]) -> int | None:
    """The year of most times, or else the year that the document names most often."""
    years = Counter(
        draft.time.year
        for one in contents
        for draft in one.milestones
        if draft.time and draft.time.year
    )
    if not years:
        texts = [one.text for one in parts if isinstance(one, Paragraph)]
        years = Counter(int(year) for text in texts for year in _YEAR.findall(text))
    return years.most_common(1)[0][0] if years else None


def _title(parts: Sequence[Paragraph | SourceTable]) -> str | None:
    first = next((one for one in parts if isinstance(one, Paragraph)), None)
    if first is None or first.kind in (Kind.TIME, Kind.BULLET) or first.is_finished:
        return None
    if first.kind is Kind.PART and not _YEAR.search(first.text):
        return None
    is_title = len(first.text) <= _TITLE_CHARS_MAX and _PLAN_WORD.search(first.text) is not None
    return first.text if is_title else None


def _milestones(contents: Sequence[Content], year: int | None) -> list[Milestone]:
    drafts = [draft for one in contents for draft in one.milestones]
    ids = {id(draft): f"m{number:03}" for number, draft in enumerate(drafts, 1)}
    inferred = {
        id(heading): quarter
        for one in contents
        for heading, quarter in zip(one.times, _inferred(one.times), strict=True)
    }
    found: list[Milestone] = []
    for draft in drafts:
        quarter = _quarter(draft, inferred, year)
        found.append(
            Milestone(
                id=ids[id(draft)],
                section=draft.section_name,
                quarter_as_written=quarter.as_written,
                year=quarter.year,
                quarter_from=quarter.first,
                quarter_to=quarter.last,
                inferred=quarter.is_inferred,
                level="sub" if draft.level > 0 and draft.parent is not None else "top",
                parent=ids.get(id(draft.parent)),
                text=draft.text,
                line_from=draft.line_from,
                line_to=draft.line_to,
                page=draft.page,
            )
        )
    return found


def _quarter(draft: Draft, inferred: dict[int, int | None], year: int | None) -> _Quarter:
    time = draft.time
    if time is None:
        return _Quarter()
    if not time.is_number_lost:
        own = time.year or (year if time.has_quarter else None)
        return _Quarter(time.as_written, own, time.quarter_from, time.quarter_to)
    number = inferred.get(id(draft.heading))
    return _Quarter(time.as_written, time.year or year, number, number, is_inferred=True)


def _inferred(times: Sequence[TimeHeading]) -> list[int | None]:
    """The quarter of each time of a section whose number was lost, by its place among the others;
    None: the others do not tell."""
    known = [one.time.quarter_from for one in times]
    if all(quarter is None for quarter in known):
        return [number if number <= 4 else None for number in range(1, len(times) + 1)]
    found: list[int | None] = []
    for at, one in enumerate(times):
        if not one.time.is_number_lost:
            found.append(one.time.quarter_from)
            continue
        before = found[-1] if found else 0
        after = next((quarter for quarter in known[at + 1 :] if quarter is not None), None)
        number = None if before is None else before + 1
        fits = (
            number is not None and number <= 4 and (after is None or number < after or after == 1)
        )
        found.append(number if fits else None)
    return found


def _initiatives(
    programmes: Sequence[ProgrammeDraft], by_section: dict[int, Content]
) -> list[Initiative]:
    """The initiatives: the sections below a programme's own heading, and named efforts."""
    found: list[Initiative] = []
    for draft in programmes:
        for section in draft.sections:
            own = section.number == draft.number and section.title == draft.title
            if not own:
                found.append(
                    Initiative(section=section.name, title=section.title, programme=draft.name)
                )
            found += [
                Initiative(section=section.name, title=text, programme=draft.name)
                for text in by_section[id(section)].efforts
            ]
    placed = {id(section) for draft in programmes for section in draft.sections}
    found += [
        Initiative(section=one.section.name or text, title=text, programme=None)
        for one in by_section.values()
        if id(one.section) not in placed
        for text in one.efforts
    ]
    return found


def _not_placed(found: Sequence[Section], contents: Sequence[Content]) -> list[NotPlaced]:
    """The lines that nothing explains, and the headings under which there is nothing else."""
    lost: list[Paragraph] = []
    for section, one in zip(found, contents, strict=True):
        explained = len(section.body) > len(one.not_placed)
        if one.not_placed and not explained and section.heading is not None:
            lost.append(section.heading)
        lost += one.not_placed
    return [
        NotPlaced(
            line_from=one.line_from,
            line_to=one.line_to,
            text=" ".join(" ".join(line.source.text for line in one.lines).split()),
        )
        for one in lost
    ]


def _asides(document: SourceDocument) -> list[NotPlaced]:
    """The lines that stand beside the text, as in boxes: nothing tells where they belong."""
    return [
        NotPlaced(line_from=one.number, line_to=one.number, text=" ".join(one.text.split()))
        for one in document.asides
    ]
