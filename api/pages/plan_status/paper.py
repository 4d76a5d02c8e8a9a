"""Writes the status of a quarter of a plan as a document for the committee, which page and PDF
show alike."""

from collections.abc import Iterator, Sequence

from api.pages.plan.shipped_words import say_programme
from api.pages.plan_status.pictures import indicator_picture, indicator_value
from api.pages.plan_status.words import NOTHING, DocumentWords, row, text
from api.pages.words.language import Language, mark
from fleet.localtime import local_day
from reports.paper import (
    Block,
    Bullets,
    Facts,
    Heading,
    Paper,
    Paragraph,
    Picture,
    Span,
    Table,
    Text,
    Tone,
)
from reports.plan_status import (
    PlanStatus,
    StatusIndicator,
    StatusMilestone,
    StatusMove,
    StatusProgramme,
    StatusPromise,
)
from tracker.since.moves import Move
from tracker.since.promises import Outcome

#: The rows of a table of the document, which a committee reads; the workbook has all of them.
ROWS_MAX = 10


def status_paper(found: PlanStatus, language: Language) -> Paper:
    """The document of a status, in a language."""
    return Paper(language=language.value, blocks=list(_Writer(found, language).blocks()))


class _Writer:
    def __init__(self, found: PlanStatus, language: Language) -> None:
        self.found = found
        self.language = language
        self.words = DocumentWords(language)

    def blocks(self) -> Iterator[Block]:
        words, found = self.words, self.found
        title = words(mark("Status for %(quarter)s"), quarter=words.quarter(found.quarter))
        yield Heading(1, text(title))
        as_of = words(mark("as of %(day)s"), day=words.formats.short_day(local_day(found.at)))
        yield Paragraph(text(self.programme(found.plan), " · ", as_of), Tone.MUTED)
        yield Paragraph(text(self.summary()), Tone.LEAD)
        yield self.figures()
        yield from self.decisions()
        yield from self.programmes()
        yield from self.promises()
        yield from self.late()
        yield from self.changes()
        yield from self.owners()
        yield from self.indicators()

    def programme(self, name: str) -> str:
        return say_programme(name, self.language)

    def summary(self) -> str:
        words, found = self.words, self.found
        parts = [
            words.ngettext(
                "%(done)s of %(count)s milestone is reached.",
                "%(done)s of %(count)s milestones are reached.",
                found.whole.counted,
                done=words.number(found.whole.done),
            )
        ]
        if found.promises:
            parts.append(
                words.ngettext(
                    "%(count)s was promised for the quarter: %(kept)s is reached"
                    " and %(broken)s is not.",
                    "%(count)s were promised for the quarter: %(kept)s are reached"
                    " and %(broken)s are not.",
                    len(found.promises),
                    kept=words.number(len(found.kept)),
                    broken=words.number(len(found.broken)),
                )
            )
        waiting = sum(one.outcome is Outcome.PENDING for one in found.promises)
        if waiting:
            parts.append(
                words.ngettext(
                    "%(count)s is still expected in the quarter.",
                    "%(count)s are still expected in the quarter.",
                    waiting,
                )
            )
        if found.whole.needs_decision:
            parts.append(
                words.ngettext(
                    "%(count)s awaits a decision.",
                    "%(count)s await a decision.",
                    found.whole.needs_decision,
                )
            )
        return " ".join(parts)

    def figures(self) -> Block:
        words, whole = self.words, self.found.whole
        done = words.share(whole.done, whole.counted)
        kept = words.share(len(self.found.kept), len(self.found.promises))
        return Facts(
            [
                (text(words(mark("Reached"))), text(done)),
                (text(words(mark("Late"))), text(words.number(whole.late))),
                (text(words(mark("Reached of what was promised"))), text(kept)),
                (text(words(mark("Decisions needed"))), text(words.number(whole.needs_decision))),
                (text(words(mark("Without owner"))), text(words.number(whole.unowned))),
                (text(words(mark("No word for a long time"))), text(words.number(whole.silent))),
            ],
            large=True,
        )

    def decisions(self) -> Iterator[Block]:
        words = self.words
        yield Heading(2, text(words(mark("Decisions needed"))))
        found = self.found.decisions
        if not found:
            yield Paragraph(text(words(mark("No decision is asked for."))))
            return
        yield from self.table(
            (mark("Milestone"), mark("Decision by"), mark("Before")),
            [
                row(
                    self.titled(one),
                    one.decision_by,
                    ""
                    if one.decision_before is None
                    else words.formats.short_day(one.decision_before),
                )
                for one in found
            ],
        )

    def programmes(self) -> Iterator[Block]:
        words, found = self.words, self.found
        yield Heading(2, text(words(mark("Progress by programme"))))
        promised = {one.milestone_id: one.programme_id for one in found.milestones}

        def cells(one: StatusProgramme) -> Sequence[Text]:
            tally = one.tally
            own = [
                promise
                for promise in found.promises
                if promised.get(promise.milestone_id) == one.programme_id
            ]
            kept = sum(promise.outcome is Outcome.KEPT for promise in own)
            share = "" if tally.done_share is None else words.formats.percent(tally.done_share)
            return row(
                text(self.programme(one.name) or words(mark("Programme without a name"))),
                text(words.share(tally.done, tally.counted), small=share),
                words.share(kept, len(own)),
                words.number(tally.late),
                words.number(tally.needs_decision),
                words.number(tally.unowned),
                words.number(tally.silent),
            )

        yield Table(
            head=[
                text(words(head))
                for head in (
                    mark("Programme"),
                    mark("Reached"),
                    mark("Promised and reached"),
                    mark("Late"),
                    mark("Decision needed"),
                    mark("Without owner"),
                    mark("Silent"),
                )
            ],
            rows=[cells(one) for one in found.programmes],
            numeric=[False, *[True] * 6],
        )

    def promises(self) -> Iterator[Block]:
        words, found = self.words, self.found
        yield Heading(
            2, text(words(mark("Promised for %(quarter)s"), quarter=words.quarter(found.quarter)))
        )
        if not found.promises:
            yield Paragraph(text(words(mark("Nothing was promised for the quarter."))))
            return
        yield Paragraph(
            text(
                words(
                    mark("As the plan stood on %(day)s."),
                    day=words.formats.short_day(found.promised_on),
                )
            ),
            Tone.MUTED,
        )
        if found.broken:
            yield Heading(3, text(words(mark("Not reached as promised"))))
            yield from self.table(
                (mark("Milestone"), mark("What became of it"), mark("Due now"), mark("Note")),
                [
                    row(
                        self.titled(one),
                        words.label(one.outcome),
                        words.quarter(one.due) if one.outcome in _OPEN else "–",
                        one.note,
                    )
                    for one in found.broken
                ],
            )
        if found.kept:
            yield Heading(3, text(words(mark("Reached as promised"))))
            yield from self.bullets(found.kept)

    def late(self) -> Iterator[Block]:
        words = self.words
        yield Heading(2, text(words(mark("Late"))))
        found = self.found.late
        if not found:
            yield Paragraph(text(words(mark("Nothing is late."))))
            return
        yield from self.table(
            (mark("Milestone"), mark("Was due"), mark("Centre"), mark("Note")),
            [row(self.titled(one), words.quarter(one.due), one.centre, one.note) for one in found],
        )

    def changes(self) -> Iterator[Block]:
        words, found = self.words, self.found
        day = words.formats.short_day(found.since)
        yield Heading(2, text(words(mark("Changed since %(day)s"), day=day)))
        if found.last_report is not None:
            number = words.number(found.last_report)
            told = words(mark("Compared with report no. %(number)s."), number=number)
            yield Paragraph(text(told), Tone.MUTED)
        if not found.moves:
            yield Paragraph(text(words(mark("Nothing has changed."))))
            return
        left, came = found.left, found.came
        if left:
            yield Heading(3, text(words(mark("Moved out of the quarter"))))
            yield from self.table(
                (mark("Milestone"), mark("Due now")),
                [row(self.titled(one), words.quarter(one.after)) for one in left],
            )
        if came:
            yield Heading(3, text(words(mark("Came into the quarter"))))
            yield from self.table(
                (mark("Milestone"), mark("Was due")),
                [
                    row(
                        self.titled(one),
                        words.label(one.move)
                        if one.move is Move.ADDED
                        else words.quarter(one.before),
                    )
                    for one in came
                ],
            )
        done = [one for one in found.moves if one.move is Move.DONE]
        if done:
            yield Heading(3, text(words(mark("Done since then"))))
            yield from self.bullets(done)
        seen = {*left, *came, *done}
        others = [one for one in found.moves if one not in seen]
        if others:
            yield Heading(3, text(words(mark("Other changes"))))
            yield from self.table(
                (mark("Milestone"), mark("What changed"), mark("Was due"), mark("Due now")),
                [
                    row(
                        self.titled(one),
                        words.label(one.move),
                        "–" if one.move is Move.ADDED else words.quarter(one.before),
                        "–" if one.move in _ENDED else words.quarter(one.after),
                    )
                    for one in others
                ],
            )

    def owners(self) -> Iterator[Block]:
        words, whole = self.words, self.found.whole
        yield Heading(2, text(words(mark("Owners and follow-up"))))
        since = words.formats.short_day(self.found.silent_since)
        yield Facts(
            [
                (
                    text(words(mark("Open milestones with an owner"))),
                    text(words.share(whole.owned, whole.open)),
                ),
                (
                    text(words(mark("With an owner who was heard since %(day)s"), day=since)),
                    text(words.share(whole.actively_owned, whole.open)),
                ),
                (
                    text(words(mark("Without a word since %(day)s"), day=since)),
                    text(words.share(whole.silent, whole.open)),
                ),
            ]
        )

    def indicators(self) -> Iterator[Block]:
        words = self.words
        if not self.found.indicators:
            return
        yield Heading(2, text(words(mark("Indicators"))))
        for one in self.found.indicators:
            yield Paragraph([Span(one.name, strong=True), Span(self.programme(one.of), small=True)])
            svg = indicator_picture(one, words)
            if svg is not None:
                yield Picture(svg, small=True)
            yield Paragraph(text(self.told(one)), Tone.MUTED)

    def told(self, one: StatusIndicator) -> str:
        """The target, the last value and the source of an indicator."""
        words, parts = self.words, list[str]()
        if one.values:
            day, value = one.values[-1]
            parts.append(
                words(
                    mark("%(value)s on %(day)s"),
                    value=indicator_value(one, value, words),
                    day=words.formats.short_day(day),
                )
            )
        else:
            parts.append(words(mark("No value yet")))
        if one.target is not None:
            value = indicator_value(one, one.target, words)
            parts.append(
                words(mark("target %(value)s"), value=value)
                if one.target_day is None
                else words(
                    mark("target %(value)s on %(day)s"),
                    value=value,
                    day=words.formats.short_day(one.target_day),
                )
            )
        if one.source:
            parts.append(words(mark("source: %(source)s"), source=one.source))
        if one.quality:
            parts.append(one.quality)
        return "; ".join(parts) + "."

    def titled(self, one: StatusMilestone | StatusPromise | StatusMove) -> Text:
        title = self.programme(one.title)
        return text(title, small=self.programme(one.programme))

    def bullets(self, found: Sequence[StatusPromise | StatusMove]) -> Iterator[Block]:
        yield Bullets([text(self.programme(one.title)) for one in found[:ROWS_MAX]])
        yield from self.more(len(found))

    def table(self, head: Sequence[str], rows: Sequence[Sequence[Text]]) -> Iterator[Block]:
        """A table of words, as far as a document shows it, without columns that say nothing."""
        shown = rows[:ROWS_MAX]
        told = [at for at in range(len(head)) if any(one[at] != NOTHING for one in shown)]
        yield Table(
            head=[text(self.words(head[at])) for at in told],
            rows=[[one[at] for at in told] for one in shown],
            numeric=[False] * len(told),
        )
        yield from self.more(len(rows))

    def more(self, found: int) -> Iterator[Block]:
        if found > ROWS_MAX:
            told = self.words.ngettext(
                "And %(count)s more, which the workbook has.",
                "And %(count)s more, which the workbook has.",
                found - ROWS_MAX,
            )
            yield Paragraph(text(told), Tone.MUTED)


_OPEN = frozenset({Outcome.MOVED, Outcome.NOT_REACHED})
_ENDED = frozenset({Move.MERGED, Move.DROPPED, Move.GONE})
