"""Puts together what a check rests on: the wish of a request, the vehicles of the fleet with their
measured use, and the kinds on offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from costs.catalogue import CatalogueKind
from db.connect import Pool
from db.statements import statements
from fleet.known import KnownUse
from optimiser.purchases.check import (
    WORKDAYS_WEEK,
    OfferedKind,
    PoolVehicle,
    Replaced,
    Wish,
)
from optimiser.purchases.requests import Request
from register.vehicles import Vehicle

SQL = statements("purchase")


@dataclass(frozen=True, slots=True)
class MeasuredVehicle:
    """A vehicle of the fleet with what is known of its use in a period."""

    vehicle: Vehicle
    use: KnownUse

    @property
    def days_week(self) -> float | None:
        """The working days a week on which it is used; None: too little is known of it."""
        use = self.use
        if not use.known or not use.days_known:
            return None
        return WORKDAYS_WEEK * use.days_used / use.days_known


async def pool_vehicles(
    pool: Pool, measured: Sequence[MeasuredVehicle], measured_since: date
) -> list[PoolVehicle]:
    """The measured vehicles with what is settled of each. Those that leave the register are left
    out."""
    facts = {row["vehicle_id"]: row for row in await pool.fetch(SQL["pool_facts"], measured_since)}
    return [
        PoolVehicle(
            vehicle_id=one.vehicle.vehicle_id,
            name=one.vehicle.name,
            department=one.vehicle.department,
            depot_id=one.vehicle.depot_id,
            depot_name=one.vehicle.depot_name,
            kind=one.vehicle.kind,
            kind_name=one.vehicle.kind_name,
            energy=one.vehicle.energy,
            offers=frozenset(row["offers"]),
            contract_end=one.vehicle.contract_end,
            days_week=one.days_week,
            by_hours=one.vehicle.by_hours,
            stays=row["stays"],
            leaves=row["leaves"],
            taken=row["taken"],
            proposed=row["proposed"],
        )
        for one in measured
        if (row := facts.get(one.vehicle.vehicle_id)) is not None and not row["retires"]
    ]


def wish_of(request: Request, measured: Mapping[str, MeasuredVehicle]) -> Wish:
    """What a request asks for. `measured` are the vehicles of the fleet by their ids."""
    replaced = None
    if request.replaces is not None:
        one = measured.get(request.replaces)
        replaced = Replaced(
            vehicle_id=request.replaces,
            name=request.replaces_name or request.replaces,
            contract_end=None if one is None else one.vehicle.contract_end,
            days_week=None if one is None else one.days_week,
        )
    return Wish(
        depot_id=request.depot_id,
        kind=request.kind,
        needs=request.needs,
        energy=request.energy,
        wanted_from=request.wanted_from,
        days_week=request.days_week,
        replaced=replaced,
    )


def offered_kinds(catalogue: Sequence[CatalogueKind]) -> list[OfferedKind]:
    """The kinds of which more may be bought."""
    return [
        OfferedKind(kind=one.kind, name=one.name, energy=one.energy, offers=one.offers)
        for one in catalogue
        if one.offered
    ]
