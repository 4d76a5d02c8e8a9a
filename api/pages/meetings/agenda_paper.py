"""The agenda of a meeting as a document and as a sheet of a workbook."""

from api.pages.plan.shipped_words import say_programme
from api.pages.plan_status.words import DocumentWords, row, text
from api.pages.words.language import Language, mark
from reports.paper import Block, Heading, Paper, Paragraph, Table, Tone
from reports.workbook import Column, Sheet, Unit
from tracker.meetings.agenda import Agenda, deadline
from tracker.milestone import Milestone

_CENTRE = mark("Centre")

_HEADS = (
    mark("Milestone"),
    mark("To be decided by"),
    mark("Before"),
    mark("Quarter"),
    mark("Status"),
    _CENTRE,
    mark("Note"),
)


def agenda_paper(found: Agenda, language: Language) -> Paper:
    """The document of an agenda, in a language."""
    words = DocumentWords(language)
    meeting = found.meeting
    blocks: list[Block] = [
        Heading(1, text(words(mark("Milestones for the agenda")))),
        Paragraph(text(meeting.committee, " · ", words.formats.day(meeting.day)), Tone.LEAD),
    ]
    if found.items:
        # The centre stands with the programme, so that words have room in their columns.
        heads = [text(words(head)) for head in _HEADS if head != _CENTRE]
        rows = [
            row(
                text(
                    say_programme(one.title, language),
                    small=" · ".join(
                        filter(None, (say_programme(one.programme, language), one.centre))
                    ),
                ),
                *(
                    cell
                    for head, cell in zip(_HEADS[1:], _cells(one, words), strict=True)
                    if head != _CENTRE
                ),
            )
            for one in found.items
        ]
        blocks.append(Table(heads, rows, [False] * len(heads)))
    else:
        blocks.append(Paragraph(text(words(mark("Nothing stands on the agenda yet.")))))
    return Paper(language=language.value, blocks=blocks)


def agenda_sheet(found: Agenda, language: Language) -> Sheet:
    """The sheet of an agenda, in a language."""
    words = DocumentWords(language)
    heads = [Column(words(head)) for head in (_HEADS[0], mark("Programme"), *_HEADS[1:])]
    heads[3] = Column(heads[3].name, Unit.DAY)
    rows = [
        (
            say_programme(one.title, language),
            say_programme(one.programme, language),
            "" if one.decision is None else one.decision.by,
            deadline(one),
            *_cells(one, words)[2:],
        )
        for one in found.items
    ]
    return Sheet(words(mark("Agenda")), heads, rows)


def _cells(one: Milestone, words: DocumentWords) -> tuple[str, ...]:
    day = deadline(one)
    return (
        "" if one.decision is None else one.decision.by,
        "" if day is None else words.formats.short_day(day),
        words.quarter(one.due),
        words.label(one.status),
        one.centre,
        one.note,
    )
