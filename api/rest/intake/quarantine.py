"""The quarantine for programs: `/v1/quarantine`."""

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, model_validator

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    FreeText,
    Id,
    Name,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from api.rest.frame.problems import Problem
from fleet.actor import Permission
from ingest.gate.detail import detail_in_english
from ingest.gate.refusal import Reason
from ingest.quarantine_items import (
    ChosenItems,
    discard_items,
    quarantine_items,
    quarantined_payload,
)

_ID: TypeAdapter[int] = TypeAdapter(Id)


class ItemState(StrEnum):
    """The states of an item."""

    WAITING = "waiting"
    RELEASED = "released"
    DISCARDED = "discarded"


class QuarantineQuery(PageQuery):
    """Which items are listed."""

    device: Name | None = None
    reason: Reason | None = None
    protocol: Name | None = None
    state: ItemState = ItemState.WAITING


class Selection(RequestBody):
    """Which items: those with these ids, or those of a device, perhaps for one reason only."""

    model_config = example(device="356307042441013")

    ids: Annotated[list[Id], Field(min_length=1, max_length=10_000)] | None = None
    device: Name | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _names_something(self) -> "Selection":
        if (self.ids is None) == (self.device is None):
            raise ValueError("give either ids or device")
        return self

    @property
    def items(self) -> ChosenItems:
        return ChosenItems(device=self.device, reason=self.reason, ids=self.ids)


class Discard(Selection):
    """Which items are discarded, and why."""

    model_config = example(device="356307042441013", why="prøve på værkstedet")

    why: Annotated[FreeText, Field(min_length=1)]


class QuarantinedItem(ResponseBody):
    """An item of the quarantine; its bytes are at `/v1/quarantine/{item_id}/payload`."""

    id: int
    protocol: str
    device: str
    reason: Reason
    detail: str
    bytes: int
    times_sent: int
    received_at: datetime
    left_at: datetime | None
    discarded_by: str | None
    discarded_why: str | None


class QuarantinedItems(PageBody):
    """Items of the quarantine, the latest first."""

    items: list[QuarantinedItem]


class Released(ResponseBody):
    """What became of the items that were released."""

    stored: int
    duplicate: int
    refused: int


class Discarded(ResponseBody):
    """How many items were discarded."""

    discarded: int


async def list_items(call: Call[QuarantineQuery]) -> QuarantinedItems:
    asked = call.asked
    found = await quarantine_items(
        call.pool,
        ChosenItems(device=asked.device, reason=asked.reason),
        protocol=asked.protocol,
        state=asked.state,
        before=key_after(asked, _ID),
        most=asked.limit + 1,
    )
    items, more = cut(found, asked.limit, lambda one: one.id)
    told: list[QuarantinedItem] = []
    for one in items:
        columns: dict[str, Any] = asdict(one)
        columns["detail"] = detail_in_english(one.detail)
        told.append(QuarantinedItem(**columns))
    return QuarantinedItems(items=told, next=more)


async def payload(call: Call[Query]) -> bytes:
    found = await quarantined_payload(call.pool, call.actor, call.id("item_id"))
    if found is None:
        raise Problem(404, "there is no such item, or its bytes are discarded")
    return found


async def release(call: Call[Selection]) -> Released:
    receipt, refused = await call.context.quarantine.release(call.actor, call.asked.items)
    return Released(stored=receipt.stored, duplicate=receipt.duplicate, refused=refused)


async def discard(call: Call[Discard]) -> Discarded:
    items = call.asked.items
    return Discarded(discarded=await discard_items(call.pool, call.actor, items, call.asked.why))


_NEED = Permission.TELEMETRY_MANAGE

QUARANTINE = (
    Operation(
        "GET",
        "/v1/quarantine",
        _NEED,
        mark("What was refused and why, the latest first"),
        QuarantineQuery,
        QuarantinedItems,
        list_items,
    ),
    Operation(
        "GET",
        "/v1/quarantine/{item_id}/payload",
        _NEED,
        mark("The bytes as they were sent: needs tracks:read, too, and is audited"),
        Query,
        bytes,
        payload,
    ),
    Operation(
        "POST",
        "/v1/quarantine/release",
        _NEED,
        mark("Send items through the normal path again"),
        Selection,
        Released,
        release,
    ),
    Operation(
        "POST",
        "/v1/quarantine/discard",
        _NEED,
        mark("Give items up for good, with the reason; their bytes are deleted"),
        Discard,
        Discarded,
        discard,
    ),
)
