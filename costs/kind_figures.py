"""The figures of a kind of vehicle under one year's assumptions, as the optimiser uses them."""

from dataclasses import dataclass, field

from costs.limits import KindLimits
from fleet.vehicle import Energy


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFigures:
    """A kind of vehicle under one year's assumptions; units as in `Kind`.

    `kwh_km` is the energy that it takes from the charge point per km in real traffic, and
    `charge_kw` the power at which it charges. `upfront_kr` is the price of one vehicle with its
    share of a charge point. Each is None where it is not known.
    """

    kind: str
    name: str
    energy: Energy
    offers: frozenset[str]
    fixed_kr_year: float
    kr_km: float
    co2_g_km: float
    range_km: float | None
    charge_km_h: float | None
    offered: bool
    limits: KindLimits = field(default_factory=KindLimits)
    kwh_km: float | None = None
    charge_kw: float | None = None
    upfront_kr: float | None = None
