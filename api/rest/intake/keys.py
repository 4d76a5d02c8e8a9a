"""The keys of trackers and gateways for programs: `/v1/keys`."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Id,
    Name,
    Nothing,
    PageBody,
    PageQuery,
    RequestBody,
    ResponseBody,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from api.rest.frame.problems import Problem
from fleet.actor import Permission
from register.devices import NAME_MAX, EnrolmentError
from register.keys import IssuedKey, list_keys, new_device_key, new_gateway_key, revoke_key

_ID: TypeAdapter[int] = TypeAdapter(Id)


class KeysQuery(PageQuery):
    """Which keys: of a tracker, of a gateway, or all."""

    device: Name | None = None
    gateway: Name | None = None


class KeyLabel(RequestBody):
    """What a key is for, as people are shown it."""

    model_config = example(label="Gatewayen på Materielgården")

    label: Annotated[str, Field(max_length=NAME_MAX, pattern=r"^[^\x00]*$")] = ""


class KeyTold(ResponseBody):
    """A key without its text: whose it is, and when it was last used. A revoked one is refused."""

    id: int
    device: str | None
    gateway: str | None
    label: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class Keys(PageBody):
    """Keys, in the order in which they were made."""

    items: list[KeyTold]


class NewKey(ResponseBody):
    """The key by which a tracker or a gateway sends over HTTP; it is shown only once."""

    key: str


async def show_keys(call: Call[KeysQuery]) -> Keys:
    asked, after = call.asked, key_after(call.asked, _ID)
    found = await list_keys(call.pool, device=asked.device, gateway=asked.gateway)
    left = [one for one in found if after is None or one.key_id > after]
    left.sort(key=lambda one: one.key_id)
    items, more = cut(left, asked.limit, lambda one: one.key_id)
    return Keys(items=[_told(one) for one in items], next=more)


async def make_device_key(call: Call[KeyLabel]) -> NewKey:
    device = call.name("device")
    try:
        return NewKey(key=await new_device_key(call.pool, call.actor, device, call.asked.label))
    except EnrolmentError as refused:
        raise Problem(404, str(refused)) from None


async def make_gateway_key(call: Call[KeyLabel]) -> NewKey:
    gateway = call.name("gateway")
    return NewKey(key=await new_gateway_key(call.pool, call.actor, gateway, call.asked.label))


async def revoke(call: Call[Nothing]) -> KeyTold:
    key_id = call.id("key_id")
    try:
        await revoke_key(call.pool, call.actor, key_id)
    except EnrolmentError as refused:
        raise Problem(404, str(refused)) from None
    return await _key(call, key_id)


async def _key(call: Call[Any], key_id: int) -> KeyTold:
    [found] = [one for one in await list_keys(call.pool) if one.key_id == key_id]
    return _told(found)


def _told(one: IssuedKey) -> KeyTold:
    known = {name: value for name, value in asdict(one).items() if name != "key_id"}
    return KeyTold(id=one.key_id, **known)


NEED = Permission.TELEMETRY_MANAGE

KEYS = (
    Operation(
        "GET",
        "/v1/keys",
        NEED,
        mark("The keys of trackers and gateways, without their texts"),
        KeysQuery,
        Keys,
        show_keys,
    ),
    Operation(
        "POST",
        "/v1/devices/{device}/keys",
        NEED,
        mark("Make a key for a tracker that sends over HTTP"),
        KeyLabel,
        NewKey,
        make_device_key,
    ),
    Operation(
        "POST",
        "/v1/gateways/{gateway}/keys",
        NEED,
        mark("Make a key for a gateway, which may send for every tracker"),
        KeyLabel,
        NewKey,
        make_gateway_key,
    ),
    Operation(
        "POST",
        "/v1/keys/{key_id}/revoke",
        NEED,
        mark("Revoke a key; the others stay valid"),
        Nothing,
        KeyTold,
        revoke,
    ),
)
