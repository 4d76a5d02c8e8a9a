"""The views of indicators; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.forms import FieldChange, Seen
from api.pages.frame.views import Section
from tracker.indicators import Figure, Indicator, IndicatorKind, SaidValue


class IndicatorNotice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    SAVED = "saved"
    VALUE = "value"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator, and the name of the programme or milestone that it measures."""

    indicator: Indicator
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorsPage:
    """The page of GET /plan/indicators, with the form that adds one. `programmes` are the names of
    those that can be measured, by their ids."""

    template: ClassVar[str] = "indicators/indicators.html"
    section: ClassVar[Section | None] = Section.PLAN
    kinds: ClassVar[Sequence[IndicatorKind]] = tuple(IndicatorKind)
    figures: ClassVar[Sequence[Figure]] = tuple(Figure)

    part: ListPart[IndicatorRow]
    programmes: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: IndicatorNotice | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A change of what an indicator is, or a value that somebody said of a day."""

    actor: str
    at: datetime
    #: The names of what was changed, with the texts before and now.
    details: Sequence[tuple[str, str, str]] = ()
    said: SaidValue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorPage:
    """The page of an indicator, with the forms that change it and that say a value. `texts` are
    those of the fields of the first as it stands."""

    template: ClassVar[str] = "indicators/indicator.html"
    section: ClassVar[Section | None] = Section.PLAN
    kinds: ClassVar[Sequence[IndicatorKind]] = tuple(IndicatorKind)
    figures: ClassVar[Sequence[Figure]] = tuple(Figure)

    row: IndicatorRow
    texts: Mapping[str, str]
    today: date
    history: Sequence[Told]
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    meanwhile: Sequence[FieldChange] | None = None
    notice: IndicatorNotice | None = None

    @property
    def seen(self) -> Seen:
        """The state that the form shows."""
        return Seen(self.row.indicator.revision, self.texts)
