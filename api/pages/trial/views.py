"""The views of the pages of the trial; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.views import Section
from api.pages.trial.months import TrialMonth
from optimiser.trial.nightly import FROM_HOUR
from optimiser.trial.stored import DepotTrial, MissedTrip, ReasonSums, SharedDepot, Trial, TrialDay


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPage:
    """The trials of all depots; `trial` None: no round is done. `part` are the depots that are
    shown. A day is tried from `from_hour` on of the day after."""

    template: ClassVar[str] = "trial/trial.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    trial: Trial | None
    part: ListPart[DepotTrial]
    reasons: Sequence[ReasonSums] = ()
    from_hour: int = FROM_HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotTrialPage:
    """The trials of a depot. `found` None: its days are of others, too, as `shared` says, or none
    is tried yet. `days` are None for who sees no single days, and so are the `misses`; `months` are
    those of the calendar. Who drove
    them when is told once the visitor has said why they look (`is_named`). `planned_trips_year` are
    the round trips that the plan itself leaves to taxi, hire or own car in a year. `values` and
    `errors` are those of a refused reason."""

    template: ClassVar[str] = "trial/depot_trial.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    trial: Trial
    depot_id: str
    depot: str
    found: DepotTrial | None
    shared: SharedDepot | None
    days: Sequence[TrialDay] | None
    months: ListPart[TrialMonth]
    reasons: Sequence[ReasonSums]
    misses: ListPart[MissedTrip] | None
    all_misses: int = 0
    is_named: bool = False
    planned_trips_year: float | None = None
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def marked(self) -> Sequence[TrialDay]:
        """The days of these months that did not go well, or of which it cannot be told, the latest
        first."""
        shown = [one for month in self.months.rows for one in reversed(month.tried)]
        return [one for one in shown if one.missed or one.unknown]
