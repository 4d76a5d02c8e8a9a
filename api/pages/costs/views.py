"""The views of the pages of assumptions, capabilities and kinds; see `frame.views`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.forms import FieldChange, Seen
from api.pages.frame.views import Section
from costs.assumptions import FigureGroup, FigureKey
from costs.assumptions_stored import AssumptionChange
from costs.limits import LIMIT_NUMBERS, Limit
from costs.measured_range import MeasuredRange, SeasonRange
from costs.ownership import CostInput, LineKey
from fleet.vehicle import Energy
from optimiser.rounds.basis import RoundDependences


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    FIGURE_SAVED = "figure_saved"
    FIGURE_OF_LATER_YEAR = "figure_of_later_year"
    FIGURE_REPLACED = "figure_replaced"
    FIGURE_WITHDRAWN = "figure_withdrawn"
    KIND_SAVED = "kind_saved"
    KINDS_OFFERED = "kinds_offered"
    CAPABILITIES_NAMED = "capabilities_named"


class Origin(StrEnum):
    """The origin of a kind's figures."""

    COMPUTED = "computed"
    STATED = "stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionRow:
    """A figure from a year on. `own`: it is the municipality's, and not shipped with the product.
    `estimate`: the product estimates it, for want of a source. `holds`: it is in force this
    year. `old`: it is too old for the year that the page is about."""

    key: FigureKey
    value: float
    unit: str
    valid_from: int
    source: str
    note: str
    own: bool
    estimate: bool
    holds: bool = True
    old: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionGroup:
    group: FigureGroup
    rows: Sequence[AssumptionRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionsPage:
    """The page GET /assumptions: the figures in force in `year`. `depends` says how much the latest
    round depends on each; None: no round tells, or the visitor does not see all of it."""

    template: ClassVar[str] = "costs/assumptions.html"
    section: ClassVar[Section | None] = Section.ASSUMPTIONS

    year: int
    groups: Sequence[AssumptionGroup]
    own: int
    estimates: int
    old: int
    depends: RoundDependences | None = None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionPage:
    """The page of GET and POST /assumptions/{key}."""

    template: ClassVar[str] = "costs/assumption.html"
    section: ClassVar[Section | None] = Section.ASSUMPTIONS

    key: FigureKey
    unit: str
    least: float
    most: float
    switch: bool
    year: int
    series: Sequence[AssumptionRow]
    history: Sequence[AssumptionChange]
    seen: Seen
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    meanwhile: Sequence[FieldChange] | None = None
    notice: Notice | None = None

    @property
    def own_years(self) -> list[tuple[str, str]]:
        """The years of the municipality's own figures, as options to choose from."""
        return [(str(row.valid_from), str(row.valid_from)) for row in self.series if row.own]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRow:
    """A kind under a year's assumptions. `offers` are names of capabilities. `kr_year` is for the
    page's km, and `range_km` is the winter range that plans use: the range `measured`, or the
    catalogue's where that is None. The two emissions are None for a
    stated kind, whose figures do not tell them apart."""

    kind: str
    name: str
    energy: Energy
    offers: Sequence[str]
    offered: bool
    origin: Origin
    estimate: bool
    vehicles: int
    fixed_kr_year: float
    kr_km: float
    kr_year: float
    co2_g_km: float
    co2_ttw_g_km: float | None
    co2_wtw_g_km: float | None
    range_km: float | None
    measured: SeasonRange | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguePage:
    """The page of GET /catalogue?km=… and POST /catalogue/offer. The `suggested` kinds are those of
    the starter catalogue that are not in use yet.

    A green kind on offer that offers the same could follow `followed` of the `fossil` vehicles that
    the fleet has, and `followed_by_all` if all green suggested kinds were on offer.
    """

    template: ClassVar[str] = "costs/catalogue.html"
    section: ClassVar[Section | None] = Section.ASSUMPTIONS

    year: int
    km_year: float
    well_to_wheel: bool
    part: ListPart[KindRow]
    suggested: Sequence[KindRow]
    fossil: int
    followed: int
    followed_by_all: int
    chosen: Collection[str] = ()
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityRow:
    """A capability, the field of the form that names it, and the kinds that offer it."""

    code: str
    field: str
    name: str
    kinds: Sequence[str]
    named_by: str | None
    named_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilitiesPage:
    """The page of GET and POST /capabilities."""

    template: ClassVar[str] = "costs/capabilities.html"
    section: ClassVar[Section | None] = Section.ASSUMPTIONS

    rows: Sequence[CapabilityRow]
    seen: Seen
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    meanwhile: Sequence[FieldChange] | None = None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A value in a line of the cost. `percent`: it is a share. `source` is empty for a value that
    the reader chose."""

    what: FigureKey | CostInput
    value: float
    unit: str
    percent: bool
    source: str

    @property
    def assumed(self) -> bool:
        """Whether it is an assumption, which has a page of its own."""
        return isinstance(self.what, FigureKey)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    key: LineKey
    kr_year: float
    terms: Sequence[Term]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindHistoryEntry:
    offered: bool
    origin: Origin
    source: str
    note: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KindPage:
    """The page of GET and POST /catalogue/{kind}: the cost line by line, and the form that changes
    the kind.

    `row` is None for a kind that is being added. `measured` is how far its vehicles came on a full
    battery or tank, and `catalogue_range_km` the planning range without that.
    """

    template: ClassVar[str] = "costs/kind.html"
    section: ClassVar[Section | None] = Section.ASSUMPTIONS

    row: KindRow | None
    source: str
    note: str
    figures_year: int
    year: int
    km_year: float
    well_to_wheel: bool
    lines: Sequence[CostLine]
    co2_kr_t: float
    charge_km_h: float | None
    upfront_kr: float | None
    measured: MeasuredRange | None
    catalogue_range_km: float | None
    use_unit: str
    history: Sequence[KindHistoryEntry]
    seen: Seen
    action: str
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    meanwhile: Sequence[FieldChange] | None = None
    notice: Notice | None = None

    @property
    def limits(self) -> list[tuple[Limit, str | None]]:
        """The limits with their units; None for one that is no number."""
        return [
            (limit, LIMIT_NUMBERS[limit].unit if limit in LIMIT_NUMBERS else None)
            for limit in Limit
        ]

    @property
    def energies(self) -> list[Energy]:
        """The energies to choose from."""
        return list(Energy)

    @property
    def co2_kr_year(self) -> float:
        """The kr. that a year's CO2e counts for."""
        return 0.0 if self.row is None else self.row.co2_g_km * self.km_year / 1e6 * self.co2_kr_t
