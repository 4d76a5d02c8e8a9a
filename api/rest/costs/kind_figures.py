"""The figures of a kind of vehicle as programs send and get them: stated, or a specification."""

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.rest.frame.bodies import ResponseBody
from api.rest.frame.problems import Problem
from costs.catalogue import FIGURES_MAX, CatalogueError, Specification, StatedFigures
from ingest.listeners.problem import RefusedPart


def _figure(name: str) -> Any:
    """A figure of the catalogue: from 0 to the most that a digit or a unit is not wrong."""
    return Field(ge=0, le=FIGURES_MAX[name], allow_inf_nan=False)


class _Figures(ResponseBody):
    """Base of figures, which are the same in bodies and in answers."""

    model_config = ConfigDict(extra="forbid", strict=True)


class StatedKindFigures(_Figures):
    """What the municipality knows of a kind: cost a year and a km in kr., emission in grams of
    CO2e a km, range in km (null: no limit), and the km that an hour at a charge point gives."""

    fixed_kr_year: Annotated[float, _figure("fixed_kr_year")]
    kr_km: Annotated[float, _figure("kr_km")]
    co2_g_km: Annotated[float, _figure("co2_g_km")]
    range_km: Annotated[float, _figure("range_km")] | None = None
    charge_km_h: Annotated[float, _figure("charge_km_h")] | None = None

    @classmethod
    def of(cls, figures: StatedFigures) -> "StatedKindFigures":
        return cls.model_construct(**asdict(figures))


class KindSpecification(_Figures):
    """What the figures of a kind are computed of. The vehicle costs either `price_kr`, of which
    `residual_share` is left after the evaluation period, or `yearly_kr`. It uses the maker's
    (`wltp_use_100km`) or a measured consumption, in litres, kWh or kg by the kind's energy.
    `charge_points` are those that one vehicle takes, `charge_kw` the power at which it charges."""

    price_kr: Annotated[float, _figure("price_kr")] | None = None
    residual_share: Annotated[float, _figure("residual_share")] = 0.0
    yearly_kr: Annotated[float, _figure("yearly_kr")] | None = None
    tax_kr_year: Annotated[float, _figure("tax_kr_year")] = 0.0
    insurance_kr_year: Annotated[float, _figure("insurance_kr_year")] = 0.0
    service_kr_year: Annotated[float, _figure("service_kr_year")] = 0.0
    service_kr_km: Annotated[float, _figure("service_kr_km")] = 0.0
    wltp_use_100km: Annotated[float, _figure("wltp_use_100km")] | None = None
    real_use_100km: Annotated[float, _figure("real_use_100km")] | None = None
    wltp_range_km: Annotated[float, _figure("wltp_range_km")] | None = None
    battery_kwh: Annotated[float, _figure("battery_kwh")] | None = None
    charge_kw: Annotated[float, _figure("charge_kw")] | None = None
    charge_points: Annotated[float, _figure("charge_points")] = 0.0

    @classmethod
    def of(cls, figures: Specification) -> "KindSpecification":
        return cls.model_construct(**asdict(figures))


def given_figures(given: StatedKindFigures | KindSpecification) -> StatedFigures | Specification:
    """The figures that a program sent.

    Raises:
        Problem: they are impossible together.
    """
    is_stated = isinstance(given, StatedKindFigures)
    try:
        return (StatedFigures if is_stated else Specification)(**given.model_dump())
    except CatalogueError as refused:
        field = f"{'stated' if is_stated else 'specification'}.{refused.field}"
        part = RefusedPart(None, field, refused.reason)
        raise Problem(422, "there can be no such kind", [part]) from None
