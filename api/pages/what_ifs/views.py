"""The views of the pages of what-ifs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.views import Section
from costs.assumptions import FigureKey
from costs.peak_days import PeakDayName
from optimiser.what_if.changes import Changes
from optimiser.what_if.offers import WhatIfOffer
from optimiser.what_if.stored import AskedOfRound, DifferingVehicle, WhatIf, WhatIfEntry


class Notice(StrEnum):
    """What was done, as the address says it."""

    ASKED = "what-if-asked"
    KEPT = "what-if-kept"
    SHARED = "what-if-shared"
    UNSHARED = "what-if-unshared"
    THROWN = "what-if-thrown"
    CANCELLED = "what-if-cancelled"


class Trouble(StrEnum):
    """Why nothing was done with a what-if."""

    CHANGED = "changed"
    NOT_OWN = "not-own"
    NOT_DONE = "not-done"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfsPage:
    """GET /what-ifs: the what-ifs that the visitor sees. `may_see`: the visitor sees any."""

    template: ClassVar[str] = "what_ifs/what_ifs.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    part: ListPart[WhatIf]
    may_see: bool
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedFigure:
    """A figure that may be changed, as the round has it."""

    key: FigureKey
    value: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPage:
    """GET and POST /what-ifs/new: the form; `offer` is None where there is no round to ask beside.

    `superseded`: the form was of an earlier round. `chosen` are the vehicles that are ticked.
    """

    template: ClassVar[str] = "what_ifs/ask_what_if.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    offer: WhatIfOffer | None
    figures: Sequence[OfferedFigure] = ()
    capabilities: Sequence[tuple[str, str]] = ()
    peaks: Sequence[PeakDayName] = tuple(PeakDayName)
    stay: Sequence[str] = ()
    go: Sequence[str] = ()
    superseded: bool = False
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfPage:
    """GET and POST /what-ifs/{what_if_id}: the answer beside the round. `vehicles` are those of the
    differences that the visitor sees; `capabilities` and `depots` are names by id."""

    template: ClassVar[str] = "what_ifs/what_if.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    row: WhatIf
    changes: Changes
    vehicles: Sequence[DifferingVehicle]
    asked: AskedOfRound
    capabilities: Mapping[str, str]
    depots: Mapping[str, str]
    units: Mapping[FigureKey, str]
    history: Sequence[WhatIfEntry]
    trouble: Trouble | None = None
    notice: Notice | None = None

    @property
    def hidden(self) -> int:
        """The differences that are of vehicles which the visitor does not see."""
        answer = self.row.answer
        return 0 if answer is None else answer.differing - len(self.vehicles)
