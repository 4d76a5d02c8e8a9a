"""Kinds of vehicle for programs: `/v1/kinds`."""

from api.pages.words.language import mark
from api.rest.frame.bodies import PageBody, PageQuery, ResponseBody
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import page_of
from costs.basis import Basis, read_basis
from costs.catalogue import CatalogueKind
from costs.measured_range import Level, MeasuredRange, SeasonRange, level_of
from costs.measured_stored import measured_by_kind
from costs.ownership import catalogue_range_km, range_planned_with
from fleet.actor import Permission
from fleet.localtime import local_now
from fleet.vehicle import Energy


class Season(ResponseBody):
    """The km on a full battery or tank in a season, and the km and trips from which that is
    known."""

    range_km: float
    km: float
    trips: int


class Measured(ResponseBody):
    """What trackers told in the last year, in winter and otherwise; null: too little is known."""

    winter: Season | None
    otherwise: Season | None


class VehicleKind(ResponseBody):
    """A kind of vehicle. Plans count with `range_km` (null: no limit): with what was `measured`
    where `range_is_measured`, and else with `catalogue_range_km`."""

    id: str
    name: str
    energy: Energy
    offered: bool
    range_km: float | None
    range_is_measured: bool
    catalogue_range_km: float | None
    measured: Measured | None


class VehicleKinds(PageBody):
    """Kinds of vehicle, in the order of their ids."""

    items: list[VehicleKind]


async def list_kinds(call: Call[PageQuery]) -> VehicleKinds:
    basis = await read_basis(call.pool, local_now().year)
    measured = {level: await measured_by_kind(call.pool, basis.figures, level) for level in Level}
    kinds = sorted(basis.catalogue, key=lambda kind: kind.kind)
    items, more = page_of(kinds, call.asked, lambda kind: kind.kind)
    told: list[VehicleKind] = []
    for kind in items:
        level = level_of(kind.energy)
        told.append(_told(kind, basis, None if level is None else measured[level].get(kind.kind)))
    return VehicleKinds(items=told, next=more)


def _told(kind: CatalogueKind, basis: Basis, measured: MeasuredRange | None) -> VehicleKind:
    return VehicleKind(
        id=kind.kind,
        name=kind.name,
        energy=kind.energy,
        offered=kind.offered,
        range_km=basis.kinds[kind.kind].range_km,
        range_is_measured=range_planned_with(kind, basis.figures) is not None,
        catalogue_range_km=catalogue_range_km(kind, basis.figures),
        measured=None
        if measured is None
        else Measured(winter=_season(measured.winter), otherwise=_season(measured.otherwise)),
    )


def _season(one: SeasonRange | None) -> Season | None:
    return None if one is None else Season(range_km=one.range_km, km=one.km, trips=one.trips)


KINDS = (
    Operation(
        "GET",
        "/v1/kinds",
        Permission.FIGURES_READ,
        mark("The kinds of vehicle, with the range that proposals use and the measured one"),
        PageQuery,
        VehicleKinds,
        list_kinds,
    ),
)
