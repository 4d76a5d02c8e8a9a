"""The figures of the evaluation, before and after, as page, document, table and interface show
them. It is pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from optimiser.pilot_end.evaluation import Evaluation
from optimiser.pilot_end.measures import DAYS_YEAR, PeriodMeasures


class Quantity(StrEnum):
    """What a figure counts in."""

    COUNT = "count"
    SHARE = "share"
    HOURS = "hours"
    KM = "km"
    KR = "kr"
    TONNES = "tonnes"


class Measure(StrEnum):
    """A figure of the evaluation. Those of use, driving and emissions are of a year."""

    VEHICLES = "vehicles"
    GREEN = "green"
    HEARD = "heard_share"
    KNOWN = "known_share"
    DAYS_WITH_DATA = "days_with_data_share"
    DAYS_USED_SHARE = "days_used_share"
    DAYS_USED = "days_used_year"
    HOURS = "away_h_year"
    KM = "km_year"
    FIXED = "fixed_kr_year"
    DRIVING = "driving_kr_year"
    HIRED = "hired_kr_year"
    PAID = "paid_kr_year"
    CO2 = "co2_t_year"
    CO2_VALUE = "co2_kr_year"

    @property
    def quantity(self) -> Quantity:
        return _QUANTITIES[self]

    @property
    def needs_known(self) -> bool:
        """Whether it compares only where enough vehicles are known."""
        return self in _OF_KNOWN


_QUANTITIES = {
    Measure.VEHICLES: Quantity.COUNT,
    Measure.GREEN: Quantity.COUNT,
    Measure.HEARD: Quantity.SHARE,
    Measure.KNOWN: Quantity.SHARE,
    Measure.DAYS_WITH_DATA: Quantity.SHARE,
    Measure.DAYS_USED_SHARE: Quantity.SHARE,
    Measure.DAYS_USED: Quantity.COUNT,
    Measure.HOURS: Quantity.HOURS,
    Measure.KM: Quantity.KM,
    Measure.FIXED: Quantity.KR,
    Measure.DRIVING: Quantity.KR,
    Measure.HIRED: Quantity.KR,
    Measure.PAID: Quantity.KR,
    Measure.CO2: Quantity.TONNES,
    Measure.CO2_VALUE: Quantity.KR,
}
_OF_KNOWN = frozenset(
    {
        Measure.DAYS_USED_SHARE,
        Measure.DAYS_USED,
        Measure.HOURS,
        Measure.KM,
        Measure.DRIVING,
        Measure.PAID,
        Measure.CO2,
        Measure.CO2_VALUE,
    }
)


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """A figure before and after; None: it is not known. `compares`: the two may be held against
    each other."""

    measure: Measure
    before: float | None
    after: float | None
    compares: bool

    @property
    def change(self) -> float | None:
        """By how much it is more; None: that cannot be told."""
        if not self.compares or self.before is None or self.after is None:
            return None
        return self.after - self.before

    @property
    def change_share(self) -> float | None:
        """The same as a share of what was before; None of a figure that is a share itself."""
        if self.change is None or not self.before or self.measure.quantity is Quantity.SHARE:
            return None
        return self.change / self.before


def compared(found: Evaluation) -> Sequence[ComparedFigure]:
    """The figures of an evaluation; none without a period before."""
    if found.before is None:
        return []
    before = _figures(found.before)
    after = {} if found.after is None else _figures(found.after)
    if found.paid_kr_year is not None:
        before[Measure.PAID], after[Measure.PAID] = found.paid_kr_year
    return [
        ComparedFigure(
            measure,
            before.get(measure),
            after.get(measure),
            found.both is not None and (found.compares_driving or not measure.needs_known),
        )
        for measure in Measure
    ]


def _figures(one: PeriodMeasures) -> dict[Measure, float | None]:
    return {
        Measure.VEHICLES: float(one.vehicles),
        Measure.GREEN: float(one.green),
        Measure.HEARD: one.heard_share,
        Measure.KNOWN: one.known_share,
        Measure.DAYS_WITH_DATA: one.days_with_data / one.days,
        Measure.DAYS_USED_SHARE: one.days_used_share,
        Measure.DAYS_USED: one.days_used * DAYS_YEAR / one.days,
        Measure.HOURS: one.away_h_year,
        Measure.KM: one.km_year,
        Measure.FIXED: one.fixed_kr_year,
        Measure.DRIVING: one.driving_kr_year,
        Measure.HIRED: None if one.hired is None else one.hired.kr_year,
        Measure.PAID: one.paid_kr_year,
        Measure.CO2: one.co2_t_year,
        Measure.CO2_VALUE: one.co2_kr_year,
    }
