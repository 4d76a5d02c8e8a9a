"""Kinds of vehicle for programs: `/v1/kinds`."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from api.pages.words.language import mark
from api.rest.costs.kind_figures import KindSpecification, StatedKindFigures, given_figures
from api.rest.frame.bodies import (
    FreeText,
    Name,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    Told,
    Year,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import page_of
from api.rest.frame.problems import Problem
from costs.basis import Basis, read_basis
from costs.catalogue import CatalogueError, CatalogueKind, StatedFigures, starter_catalogue
from costs.catalogue_stored import changes_of_kinds, put_kind
from costs.limits import LIMIT_NUMBERS, DayWindow, KindLimits, Limit
from costs.measured_range import Level, MeasuredRange, SeasonRange, level_of
from costs.measured_stored import measured_by_kind
from costs.ownership import catalogue_range_km, kind_figures, range_planned_with
from fleet.actor import Permission
from fleet.localtime import local_now
from fleet.vehicle import Energy
from ingest.listeners.problem import RefusedPart

TripKm = Annotated[
    float, Field(gt=0, le=LIMIT_NUMBERS[Limit.MAX_TRIP_KM].most, allow_inf_nan=False)
]
DayKm = Annotated[float, Field(gt=0, le=LIMIT_NUMBERS[Limit.MAX_DAY_KM].most, allow_inf_nan=False)]


KindId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


class KindsQuery(PageQuery):
    """Which kinds: those of the municipality's catalogue, or those that the product ships and the
    municipality has not taken into use."""

    state: Literal["in_use", "shipped"] = "in_use"


class _KindBody(RequestBody):
    """A kind of vehicle as it is to be: its figures are either `stated` as the municipality knows
    them, or computed of a `specification`. `offers` are the codes of its capabilities; `offered`:
    more of them may be bought. A null limit means none; `window` are the local hours in which its
    vehicles may drive, such as 07:00-18:00."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*\S[^\x00]*$")]
    energy: Annotated[Energy, Field(strict=False)]
    offers: Annotated[list[Name], Field(max_length=100)] = Field(default_factory=list[str])
    offered: bool
    stated: StatedKindFigures | None = None
    specification: KindSpecification | None = None
    max_trip_km: TripKm | None = None
    max_day_km: DayKm | None = None
    window: Annotated[str, Field(max_length=20)] | None = None
    source: Annotated[FreeText, Field(min_length=1)]
    year: Year
    note: FreeText = ""
    range_km: Told = None
    range_is_measured: Told = None
    catalogue_range_km: Told = None
    measured: Told = None

    @field_validator("window")
    @classmethod
    def _is_window(cls, window: str | None) -> str | None:
        if window is not None:
            try:
                DayWindow.parse(window)
            except ValueError:
                raise ValueError("is not two times of day, such as 07:00-18:00") from None
        return window

    @field_validator("specification")
    @classmethod
    def _has_figures_once(
        cls, specification: KindSpecification | None, known: ValidationInfo
    ) -> KindSpecification | None:
        if "stated" in known.data and (specification is None) == (known.data["stated"] is None):
            raise ValueError("give either stated or specification")
        return specification

    @model_validator(mode="after")
    def _has_figures(self) -> "_KindBody":
        if self.stated is None and self.specification is None:
            raise ValueError("give either stated or specification")
        return self

    def kind(self, kind_id: str) -> CatalogueKind:
        """The kind with this id.

        Raises:
            Problem: its figures are impossible together.
        """
        chosen = self.specification if self.stated is None else self.stated
        assert chosen is not None, "it has one of the two"
        try:
            return CatalogueKind(
                kind=kind_id,
                name=self.name.strip(),
                energy=self.energy,
                offers=frozenset(self.offers),
                offered=self.offered,
                figures=given_figures(chosen),
                limits=KindLimits(
                    max_trip_km=self.max_trip_km,
                    max_day_km=self.max_day_km,
                    window=None if self.window is None else DayWindow.parse(self.window),
                ),
                source=self.source,
                year=self.year,
                note=self.note,
            )
        except CatalogueError as refused:
            part = RefusedPart(None, refused.field, refused.reason)
            raise Problem(422, "there can be no such kind", [part]) from None


class NewKind(_KindBody):
    """A kind that is added. Without an `id` it gets one that is made of its name."""

    model_config = example(
        name="Elvarebil med lift",
        energy="electric",
        offers=["cargo", "lift"],
        offered=True,
        stated={
            "fixed_kr_year": 62_000,
            "kr_km": 0.85,
            "co2_g_km": 0,
            "range_km": 210,
            "charge_km_h": 60,
        },
        source="Leasingaftale 2026",
        year=2026,
    )

    id: KindId | None = None
    revision: Told = None


class KindChange(_KindBody):
    """A kind as it is to be, or one that the product ships as it is taken into use. `revision` is
    that of the kind as the program read it: if somebody else has changed it since, nothing is
    changed."""

    model_config = example(
        revision=0,
        name="Elbil, mellem",
        energy="electric",
        offered=True,
        specification={
            "price_kr": 240_000,
            "residual_share": 0.35,
            "wltp_use_100km": 16.5,
            "wltp_range_km": 420,
            "battery_kwh": 60,
            "charge_points": 1,
        },
        source="SKI 50.30, 2026",
        year=2026,
    )

    revision: Revision
    id: Told = None


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
    """A kind of vehicle. Its figures are either `stated` or computed of a `specification`. Plans
    count with `range_km` (null: no limit): with what was `measured` where `range_is_measured`, and
    else with `catalogue_range_km`. `offers` are the codes of its capabilities; a null limit means
    none."""

    id: str
    name: str
    energy: Energy
    offers: list[str]
    offered: bool
    range_km: float | None
    range_is_measured: bool
    catalogue_range_km: float | None
    measured: Measured | None
    stated: StatedKindFigures | None
    specification: KindSpecification | None
    max_trip_km: float | None
    max_day_km: float | None
    window: str | None
    source: str
    year: int
    note: str
    revision: int


class VehicleKinds(PageBody):
    """Kinds of vehicle, in the order of their ids."""

    items: list[VehicleKind]


class _Teller:
    """Tells of kinds, with what was measured of their vehicles."""

    def __init__(
        self,
        basis: Basis,
        measured: dict[Level, dict[str, MeasuredRange]],
        changes: dict[str, int],
    ) -> None:
        self._basis = basis
        self._measured = measured
        self._changes = changes

    @classmethod
    async def of(cls, call: Call[Any]) -> "_Teller":
        basis = await read_basis(call.pool, local_now().year)
        measured = {
            level: dict(await measured_by_kind(call.pool, basis.figures, level)) for level in Level
        }
        return cls(basis, measured, await changes_of_kinds(call.pool))

    @property
    def in_use(self) -> list[CatalogueKind]:
        """The kinds of the municipality's catalogue."""
        return list(self._basis.catalogue)

    @property
    def shipped(self) -> list[CatalogueKind]:
        """The kinds that the product ships and the municipality has not taken into use."""
        own = {kind.kind for kind in self._basis.catalogue}
        return [kind for kind in starter_catalogue() if kind.kind not in own]

    def kind(self, kind_id: str) -> CatalogueKind:
        """A kind that is in use or shipped.

        Raises:
            Problem: there is none.
        """
        for one in (*self.in_use, *self.shipped):
            if one.kind == kind_id:
                return one
        raise Problem(404, f"there is no kind {kind_id}")

    def told(self, kind: CatalogueKind) -> VehicleKind:
        level, figures = level_of(kind.energy), self._basis.figures
        measured = None if level is None else self._measured[level].get(kind.kind)
        own, window = kind.figures, kind.limits.window
        is_stated = isinstance(own, StatedFigures)
        return VehicleKind(
            id=kind.kind,
            name=kind.name,
            energy=kind.energy,
            offers=sorted(kind.offers),
            offered=kind.offered,
            range_km=kind_figures(kind, figures).range_km,
            range_is_measured=range_planned_with(kind, figures) is not None,
            catalogue_range_km=catalogue_range_km(kind, figures),
            measured=None
            if measured is None
            else Measured(winter=_season(measured.winter), otherwise=_season(measured.otherwise)),
            stated=StatedKindFigures.of(own) if is_stated else None,
            specification=None if is_stated else KindSpecification.of(own),
            max_trip_km=kind.limits.max_trip_km,
            max_day_km=kind.limits.max_day_km,
            window=None if window is None else str(window),
            source=kind.source,
            year=kind.year,
            note=kind.note,
            revision=self._changes.get(kind.kind, 0),
        )


async def list_kinds(call: Call[KindsQuery]) -> VehicleKinds:
    teller = await _Teller.of(call)
    kinds = teller.in_use if call.asked.state == "in_use" else teller.shipped
    items, more = page_of(kinds, call.asked, lambda kind: kind.kind)
    return VehicleKinds(items=[teller.told(kind) for kind in items], next=more)


async def show_kind(call: Call[Any]) -> VehicleKind:
    return await _kind(call, call.name("kind"))


async def add_kind(call: Call[NewKind]) -> VehicleKind:
    teller, asked = await _Teller.of(call), call.asked
    kind_id = asked.id or "-".join(asked.name.lower().split())
    if kind_id in {one.kind for one in (*teller.in_use, *starter_catalogue())}:
        raise Problem(409, f"there is a kind {kind_id} already")
    await put_kind(call.pool, call.actor, asked.kind(kind_id), 0)
    return await _kind(call, kind_id)


async def change_kind(call: Call[KindChange]) -> VehicleKind:
    teller, kind_id = await _Teller.of(call), call.name("kind")
    known = replace(teller.kind(kind_id), measured=None)
    kind = call.asked.kind(kind_id)
    if kind != known or kind_id not in {one.kind for one in teller.in_use}:
        await put_kind(call.pool, call.actor, kind, call.asked.revision)
    return await _kind(call, kind_id)


async def _kind(call: Call[Any], kind_id: str) -> VehicleKind:
    teller = await _Teller.of(call)
    return teller.told(teller.kind(kind_id))


def _season(one: SeasonRange | None) -> Season | None:
    return None if one is None else Season(range_km=one.range_km, km=one.km, trips=one.trips)


_ONE = "/v1/kinds/{kind}"

KINDS = (
    Operation(
        "GET",
        "/v1/kinds",
        Permission.FIGURES_READ,
        mark("The kinds of vehicle, with the range that proposals use and the measured one"),
        KindsQuery,
        VehicleKinds,
        list_kinds,
    ),
    Operation(
        "POST",
        "/v1/kinds",
        Permission.COSTS_CHANGE,
        mark("Add a kind of vehicle"),
        NewKind,
        VehicleKind,
        add_kind,
        located=_ONE.replace("{kind}", "{id}"),
        conflict="there is a kind of that id already",
    ),
    Operation(
        "GET",
        _ONE,
        Permission.FIGURES_READ,
        mark("One kind of vehicle"),
        Query,
        VehicleKind,
        show_kind,
    ),
    Operation(
        "PUT",
        _ONE,
        Permission.COSTS_CHANGE,
        mark("Change a kind, or take one that is shipped into use"),
        KindChange,
        VehicleKind,
        change_kind,
        conflict="somebody else has changed it since",
    ),
)
