"""A kind of vehicle with its costs, emissions and range, derived from sourced figures."""

from dataclasses import dataclass
from typing import Literal, Self

from pydantic import ConfigDict

from fleet.vehicle import Energy

#: The unit in which the use of a kind is counted.
UseUnit = Literal["km", "hours"]

SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedFigure:
    """A figure and its source; the name of the field that holds it contains the unit."""

    value: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotFigures:
    """The prices, emissions and rates from which the figures of every kind follow."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    petrol_kr_l: SourcedFigure
    diesel_kr_l: SourcedFigure
    electricity_kr_kwh: SourcedFigure
    petrol_co2_kg_l: SourcedFigure
    diesel_co2_kg_l: SourcedFigure
    grid_co2_g_kwh: SourcedFigure
    petrol_real_over_wltp: SourcedFigure
    diesel_real_over_wltp: SourcedFigure
    winter_range_over_wltp: SourcedFigure
    winter_use_extra: SourcedFigure
    charge_kw: SourcedFigure


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotKindRow:
    """A kind as the data file states it.

    `use_km` is consumption per km: litres by WLTP, or kWh in real traffic. `store` is the tank in
    litres or the usable battery in kWh.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    type: str
    energy: Energy
    use_km: float
    store: float
    fixed_kr_year: float
    upkeep_kr_km: float
    source: str
    offers: tuple[str, ...] = ()
    wltp_range_km: float | None = None
    unit: UseUnit = "km"
    on_market: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotKind:
    """A kind of vehicle, in the columns of the fleet file plus its physics.

    `offers` is `;`-separated. `range_km` and `charge_km_h` are None where the energy is not
    electric. `use_km` is litres or kWh per km in real traffic, and `store` is in litres or kWh;
    from these, `upkeep_kr_km` and `wltp_range_km` a reader can compute the costs under other
    prices. `source` names the source of the costs, the price of energy and the emissions.
    """

    type: str
    energy: Energy
    offers: str
    fixed_kr_year: float
    kr_km: float
    co2_g_km: float
    range_km: float | None
    charge_km_h: float | None
    unit: UseUnit
    use_km: float
    store: float
    charge_kw: float | None
    upkeep_kr_km: float
    wltp_range_km: float | None
    source: str

    @classmethod
    def derive(cls, row: PilotKindRow, figures: PilotFigures) -> Self:
        """The kind that follows from a row of the data file and the figures.

        Raises:
            ValueError: the pilot has no figures for the row's energy, or an electric kind has no
                WLTP range.
        """
        range_km = charge_km_h = charge_kw = None
        if row.energy is Energy.PETROL:
            use_km = row.use_km * figures.petrol_real_over_wltp.value
            kr, co2, co2_g = figures.petrol_kr_l, figures.petrol_co2_kg_l, 1000.0
        elif row.energy is Energy.DIESEL:
            use_km = row.use_km * figures.diesel_real_over_wltp.value
            kr, co2, co2_g = figures.diesel_kr_l, figures.diesel_co2_kg_l, 1000.0
        elif row.energy is Energy.ELECTRIC:
            if row.wltp_range_km is None:
                raise ValueError(f"kind {row.type!r}: an electric kind needs wltp_range_km")
            use_km = row.use_km
            kr, co2, co2_g = figures.electricity_kr_kwh, figures.grid_co2_g_kwh, 1.0
            charge_kw = figures.charge_kw.value
            range_km = round(row.wltp_range_km * figures.winter_range_over_wltp.value)
            charge_km_h = round(range_km * charge_kw / row.store, 1)
        else:
            raise ValueError(f"kind {row.type!r}: no figures for {row.energy.value!r}")
        return cls(
            type=row.type,
            energy=row.energy,
            offers=";".join(row.offers),
            fixed_kr_year=row.fixed_kr_year,
            kr_km=round(use_km * kr.value + row.upkeep_kr_km, 2),
            co2_g_km=round(use_km * co2.value * co2_g, 1),
            range_km=range_km,
            charge_km_h=charge_km_h,
            unit=row.unit,
            use_km=use_km,
            store=row.store,
            charge_kw=charge_kw,
            upkeep_kr_km=row.upkeep_kr_km,
            wltp_range_km=row.wltp_range_km,
            source=f"{row.source}; energi: {kr.source}; CO2e: {co2.source}",
        )

    @property
    def capabilities(self) -> frozenset[str]:
        """The equipment that the kind offers."""
        return frozenset(self.offers.split(";")) - {""}

    def level_after_parking(self, level: float, seconds: float) -> float:
        """Litres or kWh after `seconds` at the depot, where an electric vehicle charges."""
        if self.charge_kw is None:
            return level
        return min(self.store, level + self.charge_kw * seconds / SECONDS_PER_HOUR)
