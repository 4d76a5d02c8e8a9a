"""What the page of a vehicle's future shows, as plain values; see `api.pages.frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from api.pages.frame.views import Notice, Period, Section
from optimiser.depot.candidates import Fate, Ruling
from optimiser.depot.green import GreenCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingEntry:
    """What was said of a vehicle; `needs` None: all that its kind offers."""

    ruling: Ruling
    needs: Sequence[str] | None
    reason: str
    ruled_by: str
    ruled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FuturePage:
    """GET and POST /vehicles/{vehicle_id}/future.

    `offers` and `needs` are names of capabilities. `fate` is what the optimiser may do with the
    vehicle, `green` None before any data. Of the working days the share `known_share` is known,
    which must be at least `coverage_min`.
    """

    template: ClassVar[str] = "vehicles/future.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    vehicle_id: str
    name: str
    kind: str
    kind_name: str
    department: str
    depot: str
    period: Period | None
    fate: Fate
    contract_end: date | None
    keep_until: date | None
    known_share: float
    coverage_min: float
    mileage_km: float | None
    offers: Sequence[str]
    needs: Sequence[str] | None
    green: GreenCheck | None
    history: Sequence[RulingEntry]
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None
