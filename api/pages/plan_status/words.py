"""The words in which documents of plans are written, in a language, without a page around them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from api.pages.plan.labels import LABELS as PLAN_LABELS
from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from api.pages.words.vocabulary import Labels
from reports.paper import Span, Text
from tracker.quarter import Quarter
from tracker.since.moves import Move
from tracker.since.promises import Outcome

QUARTER = mark("Q%(quarter)s %(year)s")
NO_QUARTER = mark("No quarter")

OUTCOMES: Mapping[StrEnum, str] = {
    Outcome.KEPT: mark("Reached"),
    Outcome.PENDING: mark("Still expected in the quarter"),
    Outcome.MERGED: mark("Merged into another"),
    Outcome.REACHED_LATER: mark("Reached after the quarter"),
    Outcome.MOVED: mark("Moved out of the quarter"),
    Outcome.DROPPED: mark("Given up"),
    Outcome.NOT_REACHED: mark("Not reached"),
    Outcome.GONE: mark("No longer in the plan"),
}

MOVES: Mapping[StrEnum, str] = {
    Move.MOVED: mark("Moved to another quarter"),
    Move.DONE: mark("Done"),
    Move.MERGED: mark("Merged into another"),
    Move.DROPPED: mark("Given up"),
    Move.REOPENED: mark("Open again"),
    Move.ADDED: mark("New in the plan"),
    Move.GONE: mark("No longer in the plan"),
}

_LABELS: Labels = {**PLAN_LABELS, Outcome: OUTCOMES, Move: MOVES}


class DocumentWords:
    """Texts, labels and values in a language."""

    def __init__(self, language: Language) -> None:
        self.formats = Formats(language)
        self._catalogue = translations(language)

    def __call__(self, text: str, **values: object) -> str:
        """A text with the values of its places."""
        return self._catalogue.gettext(text) % values if values else self._catalogue.gettext(text)

    def ngettext(self, one: str, many: str, count: int, **values: object) -> str:
        """A text of a number of things."""
        number = self.formats.number(count)
        return self._catalogue.ngettext(one, many, count) % {"count": number, **values}

    def number(self, value: float) -> str:
        return self.formats.number(value)

    def label(self, value: StrEnum) -> str:
        return self(_LABELS[type(value)][value])

    def share(self, some: int, whole: int) -> str:
        """How many there are of a whole; a dash where there is none."""
        values = {"done": self.number(some), "counted": self.number(whole)}
        return self(mark("%(done)s of %(counted)s"), **values) if whole else "–"

    def quarter(self, due: Quarter | None) -> str:
        """The quarter in which something is due."""
        return self(NO_QUARTER) if due is None else self(QUARTER, **due._asdict())


def text(*parts: str, small: str = "") -> Text:
    """A text of a document, with a line below that is small."""
    return [*(Span(part) for part in parts if part), *([Span(small, small=True)] if small else [])]


#: What stands in a cell that says nothing.
NOTHING: Text = [Span("–")]


def row(*cells: str | Text) -> Sequence[Text]:
    """A row of a table of a document."""
    return [text(cell) or NOTHING if isinstance(cell, str) else cell for cell in cells]
