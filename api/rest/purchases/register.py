"""The register of purchases and disposals, for programs: `/v1/purchases` and `/v1/disposals`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Day,
    FreeText,
    Id,
    Name,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from fleet.actor import Permission
from fleet.vehicle import Energy
from optimiser.purchases.disposals import Basis, Disposal, disposal_of, disposals, state_reason
from optimiser.purchases.faults import KR_MAX, NoPurchaseError
from optimiser.purchases.principles import Principle, PrincipleRow
from optimiser.purchases.principles_stored import read_principles
from optimiser.purchases.purchases import (
    NewPurchase,
    Purchase,
    change_purchase,
    purchase_of,
    purchases,
    record_new,
    withdraw_purchase,
)
from register.vehicles import NoVehicleError

_RANK: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=0)])

_Kr = Annotated[float, Field(ge=0, le=KR_MAX, allow_inf_nan=False)]


class PurchaseTold(ResponseBody):
    """A vehicle that was bought (`price_kr`) or leased (`lease_kr_year`), and by which principle.
    `withdrawn` is why it counts no more; empty: it counts."""

    id: int
    request_id: int | None
    bought_on: date
    vehicle_id: str | None
    kind: str
    energy: Energy
    department: str
    price_kr: float | None
    lease_kr_year: float | None
    principle: Principle
    reason: str
    not_green: str
    recorded_by: str
    recorded_at: datetime
    withdrawn: str
    revision: int


class Purchases(PageBody):
    """The purchases, the latest first."""

    items: list[PurchaseTold]


class NewPurchaseBody(RequestBody):
    """A purchase, of the request `request_id` or by itself. One of `price_kr` and `lease_kr_year`
    is said. Where its kind does not run on green energy, `not_green` says why."""

    model_config = example(
        bought_on="2026-11-02",
        kind="elbil-mellem",
        department="Vej og Park",
        lease_kr_year=42000,
        principle="contract_end",
        reason="Leasingen af den gamle udløb",
    )

    bought_on: Annotated[Day, Field(strict=False)]
    kind: Name
    department: Name
    price_kr: _Kr | None = None
    lease_kr_year: _Kr | None = None
    principle: Annotated[Principle, Field(strict=False)]
    reason: Annotated[FreeText, Field(min_length=1)]
    not_green: FreeText = ""
    vehicle_id: Name | None = None
    request_id: Id | None = None


class PurchaseBody(RequestBody):
    """A purchase as it is to be. `revision` is the one that was read."""

    model_config = example(
        bought_on="2026-11-02",
        kind="elbil-mellem",
        department="Vej og Park",
        lease_kr_year=43000,
        principle="contract_end",
        reason="Leasingen af den gamle udløb",
        revision=1,
    )

    bought_on: Annotated[Day, Field(strict=False)]
    kind: Name
    department: Name
    price_kr: _Kr | None = None
    lease_kr_year: _Kr | None = None
    principle: Annotated[Principle, Field(strict=False)]
    reason: Annotated[FreeText, Field(min_length=1)]
    not_green: FreeText = ""
    vehicle_id: Name | None = None
    revision: Revision
    id: Told = None
    request_id: Told = None
    energy: Told = None
    recorded_by: Told = None
    recorded_at: Told = None
    withdrawn: Told = None


class WithdrawnBody(RequestBody):
    """Why a purchase counts no more. `revision` is the one that was read."""

    model_config = example(reason="Registreret to gange", revision=1)

    reason: Annotated[FreeText, Field(min_length=1)]
    revision: Revision


class DisposalTold(ResponseBody):
    """A vehicle that left the fleet. `left_on`: null where it was handed over and the register has
    it still. `basis` tells what the principle is known from: the proposal, the request, the end of
    its contract, or that somebody said it, with the `reason`."""

    vehicle_id: str
    name: str
    department: str
    kind: str
    energy: Energy
    left_on: date | None
    handed_over: date | None
    contract_end: date | None
    sale_value_kr: float | None
    basis: Basis
    principle: Principle | None
    reason: str
    proposal_id: int | None
    request_id: int | None
    actor: str | None
    at: datetime | None
    revision: int


class Disposals(PageBody):
    """The vehicles that left, the latest first."""

    items: list[DisposalTold]


class DisposalBody(RequestBody):
    """By which principle a vehicle left, and why. `revision` is the one that was read."""

    model_config = example(principle="contract_end", reason="Leasingen udløb", revision=0)

    principle: Annotated[Principle, Field(strict=False)]
    reason: Annotated[FreeText, Field(min_length=1)]
    revision: Revision


async def list_purchases(call: Call[PageQuery]) -> Purchases:
    after = key_after(call.asked, _RANK)
    found = [
        (rank, one)
        for rank, one in enumerate(await purchases(call.pool))
        if after is None or rank > after
    ]
    items, more = cut(found, call.asked.limit, lambda ranked: ranked[0])
    return Purchases(items=[_bought(one) for _, one in items], next=more)


async def show_purchase(call: Call[Any]) -> PurchaseTold:
    return await _purchase(call, call.id("purchase_id"))


async def add_purchase(call: Call[NewPurchaseBody]) -> PurchaseTold:
    new, request_id = _new(call.asked), call.asked.request_id
    return await _purchase(call, await record_new(call.pool, call.actor, new, request_id))


async def put_purchase(call: Call[PurchaseBody]) -> PurchaseTold:
    purchase_id, asked = call.id("purchase_id"), call.asked
    await change_purchase(call.pool, call.actor, purchase_id, _new(asked), seen=asked.revision)
    return await show_purchase(call)


async def withdraw(call: Call[WithdrawnBody]) -> PurchaseTold:
    purchase_id, asked = call.id("purchase_id"), call.asked
    await withdraw_purchase(call.pool, call.actor, purchase_id, asked.reason, seen=asked.revision)
    return await show_purchase(call)


async def list_disposals(call: Call[PageQuery]) -> Disposals:
    after = key_after(call.asked, _RANK)
    found = [
        (rank, one)
        for rank, one in enumerate(await disposals(call.pool, await _contract(call)))
        if after is None or rank > after
    ]
    items, more = cut(found, call.asked.limit, lambda ranked: ranked[0])
    return Disposals(items=[_left(one) for _, one in items], next=more)


async def show_disposal(call: Call[Any]) -> DisposalTold:
    vehicle_id = call.name("vehicle")
    found = await disposal_of(call.pool, vehicle_id, await _contract(call))
    if found is None:
        raise NoVehicleError(vehicle_id)
    return _left(found)


async def say_why(call: Call[DisposalBody]) -> DisposalTold:
    vehicle_id, asked = call.name("vehicle"), call.asked
    await state_reason(
        call.pool, call.actor, vehicle_id, asked.principle, asked.reason, seen=asked.revision
    )
    return await show_disposal(call)


async def _contract(call: Call[Any]) -> PrincipleRow:
    return (await read_principles(call.pool)).of(Principle.CONTRACT_END)


async def _purchase(call: Call[Any], purchase_id: int) -> PurchaseTold:
    found = await purchase_of(call.pool, purchase_id)
    if found is None:
        raise NoPurchaseError(f"there is no purchase {purchase_id}")
    return _bought(found)


def _new(asked: NewPurchaseBody | PurchaseBody) -> NewPurchase:
    return NewPurchase(
        bought_on=asked.bought_on,
        kind=asked.kind,
        department=asked.department,
        price_kr=asked.price_kr,
        lease_kr_year=asked.lease_kr_year,
        principle=asked.principle,
        reason=asked.reason,
        not_green=asked.not_green,
        vehicle_id=asked.vehicle_id,
    )


def _bought(one: Purchase) -> PurchaseTold:
    return PurchaseTold(
        id=one.purchase_id,
        request_id=one.request_id,
        bought_on=one.bought_on,
        vehicle_id=one.vehicle_id,
        kind=one.kind,
        energy=one.energy,
        department=one.department,
        price_kr=one.price_kr,
        lease_kr_year=one.lease_kr_year,
        principle=one.principle,
        reason=one.reason,
        not_green=one.not_green,
        recorded_by=one.recorded_by,
        recorded_at=one.recorded_at,
        withdrawn=one.withdrawn,
        revision=one.revision,
    )


def _left(one: Disposal) -> DisposalTold:
    return DisposalTold(
        vehicle_id=one.vehicle_id,
        name=one.name,
        department=one.department,
        kind=one.kind,
        energy=one.energy,
        left_on=one.left_on,
        handed_over=one.handed_over,
        contract_end=one.contract_end,
        sale_value_kr=one.sale_value_kr,
        basis=one.basis,
        principle=one.principle,
        reason=one.said,
        proposal_id=one.proposal_id,
        request_id=one.request_id,
        actor=one.actor,
        at=one.at,
        revision=one.changes,
    )


_PURCHASE = "/v1/purchases/{purchase_id}"
_CHANGED = "somebody changed the purchase since, or another one is of the vehicle or the request"

REGISTER: Sequence[Operation[Any, Any]] = (
    Operation(
        "GET",
        "/v1/purchases",
        Permission.FIGURES_READ,
        mark("The purchases with the principle by which each was decided"),
        PageQuery,
        Purchases,
        list_purchases,
    ),
    Operation(
        "POST",
        "/v1/purchases",
        Permission.PURCHASES_DECIDE,
        mark("Record a purchase"),
        NewPurchaseBody,
        PurchaseTold,
        add_purchase,
        conflict=_CHANGED,
        located="/v1/purchases/{id}",
    ),
    Operation(
        "GET",
        _PURCHASE,
        Permission.FIGURES_READ,
        mark("One purchase"),
        Query,
        PurchaseTold,
        show_purchase,
    ),
    Operation(
        "PUT",
        _PURCHASE,
        Permission.PURCHASES_DECIDE,
        mark("Correct a purchase"),
        PurchaseBody,
        PurchaseTold,
        put_purchase,
        conflict=_CHANGED,
    ),
    Operation(
        "POST",
        f"{_PURCHASE}/withdraw",
        Permission.PURCHASES_DECIDE,
        mark("Say why a purchase counts no more"),
        WithdrawnBody,
        PurchaseTold,
        withdraw,
        conflict=_CHANGED,
    ),
    Operation(
        "GET",
        "/v1/disposals",
        Permission.FIGURES_READ,
        mark("The vehicles that left, with the principle by which each was decided"),
        PageQuery,
        Disposals,
        list_disposals,
    ),
    Operation(
        "GET",
        "/v1/disposals/{vehicle}",
        Permission.FIGURES_READ,
        mark("One vehicle that left"),
        Query,
        DisposalTold,
        show_disposal,
    ),
    Operation(
        "POST",
        "/v1/disposals/{vehicle}/reason",
        Permission.PURCHASES_DECIDE,
        mark("Say by which principle a vehicle left"),
        DisposalBody,
        DisposalTold,
        say_why,
        conflict="somebody said it since",
    ),
)
