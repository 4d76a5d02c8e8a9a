"""The views of the basis of a round, and of its changes since another round; see `frame.views`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.costs.views import AssumptionGroup, KindRow
from api.pages.frame.views import Section, ShownPeriod
from costs.basis_change import FigureChange, KindChange
from fleet.period import Period
from fleet.saying import Saying
from optimiser.carried.since_before import ComparedProposal, RoundComparison
from register.inventory.since_round import RegisterChanges


class RoundRule(StrEnum):
    """The rules of a round, by their names in the file of rules or in the settings."""

    TURNAROUND = "turnaround_min"
    FALLBACK_TRIP = "fallback_kr_trip"
    FALLBACK_KM = "fallback_kr_km"
    FALLBACK_CO2 = "fallback_co2_g_km"
    CO2_PRICE = "co2_kr_t"
    CO2_CAP = "co2_max_t_year"
    GREEN_ONLY = "green_only_new"
    GREEN_KEEP = "green_keep"
    MOVES = "moves"
    NO_FALLBACK = "no_fallback_needs"
    NO_FALLBACK_POOLS = "no_fallback_pools"
    RESERVE = "reserve"
    WORKSHOP = "workshop_ready"
    WORKSHOP_COPIES = "workshop_copies"
    WORKSHOP_SHIFT = "workshop_shift_min"
    LEAST_SAVING = "least_saving_kr_year"
    GREENEST_WITHIN = "greenest_within"
    HORIZON = "contract_horizon_days"
    COVERAGE = "coverage_min"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule with its value (None: there is no such limit) and the unit that people write. Of a
    list it is the text that names its entries; a share is one (`is_share`). `in_total`: it binds
    all depots together, not each."""

    rule: RoundRule
    value: float | bool | str | None
    unit: str
    in_total: bool = False

    @property
    def is_share(self) -> bool:
        return self.rule in (RoundRule.GREENEST_WITHIN, RoundRule.COVERAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChangeRow:
    """A rule whose value differs from that in another round."""

    before: RuleRow
    after: RuleRow


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChangeRow:
    """An assumption whose value differs from that in another round, with its unit."""

    change: FigureChange
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisChangesView:
    """The changes of the basis of a version of a round since another one, and of what the register
    had."""

    rules: Sequence[RuleChangeRow]
    figures: Sequence[FigureChangeRow]
    kinds: Sequence[KindChange]
    register: RegisterChanges
    #: Those whose trips were counted, before and after; None: the same days.
    periods: tuple[Period, Period] | None = None

    @property
    def any(self) -> bool:
        """Whether the basis changed at all."""
        of_basis = self.rules or self.figures or self.kinds or self.periods
        register = self.register
        return bool(of_basis or register.vehicles or register.charge_points or register.closing)


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisPage:
    """The page of GET /proposals/rounds/{round_id}: the basis of a round, as it was then.

    The cost of a km of the `stated` kinds is known only as a whole, without its energy. `changes`
    are those since the round and the version `since`; None for the first one. A `version` after the
    first has the figures of the one before. `remarks` are on the data, by trip;
    `more` of them are left out. `compared` are its proposals beside the round before, and `part`
    those that are shown; None where it proposed nothing, and in the report.
    """

    template: ClassVar[str] = "proposals/round_basis.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    round_id: int
    number: int
    version: int
    requested_by: str
    requested_at: datetime
    period: ShownPeriod
    year: int
    km_year: float
    well_to_wheel: bool
    stated: Sequence[str]
    rules: Sequence[RuleRow]
    groups: Sequence[AssumptionGroup]
    kinds: Sequence[KindRow]
    since: tuple[int, int] | None
    changes: BasisChangesView | None
    remarks: Sequence[Saying]
    more: int
    compared: RoundComparison | None = None
    part: ListPart[ComparedProposal] | None = None
