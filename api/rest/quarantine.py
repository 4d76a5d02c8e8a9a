"""The quarantine for programs: `/v1/quarantine`, under the same protection as the pages."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from aiohttp import web
from pydantic import ConfigDict, Field, model_validator

from api.address import id_in_path
from api.door.needs import add_routes, get, post
from api.door.visitor import visitor
from api.rest.answers import (
    ID_IN_PATH,
    FreeText,
    Id,
    Name,
    RequestBody,
    ResponseBody,
    answering_json,
    body_doc,
    json_answer,
    json_error,
    path_parameter,
    read_body,
    response_doc,
    schema_ref,
    schemas_of,
)
from db.connect import Pool
from fleet.actor import Permission
from ingest.gate.detail import detail_in_english
from ingest.gate.refusal import Reason
from ingest.quarantine import Quarantine
from ingest.quarantine_items import (
    ChosenItems,
    QuarantineItem,
    discard_items,
    quarantine_items,
    quarantined_payload,
)

#: Items in one answer, at most.
PAGE_MAX = 1_000


class ListQuery(RequestBody):
    """`GET /v1/quarantine?…`; `before` is the `next` of the answer before."""

    # All that an address has is text.
    model_config = ConfigDict(strict=False)

    device: Name | None = None
    reason: Reason | None = None
    protocol: Name | None = None
    state: Annotated[str, Field(pattern="^(waiting|released|discarded)$")] = "waiting"
    before: Id | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 100


class Selection(RequestBody):
    """Which items: those with these ids, or those of a device, perhaps for one reason only."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=10_000)] | None = None
    device: Name | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _names_something(self) -> "Selection":
        if (self.ids is None) == (self.device is None):
            raise ValueError("give either ids or device")
        return self


class Discard(Selection):
    """Which items are discarded, and why."""

    why: Annotated[FreeText, Field(min_length=1)]


class Item(ResponseBody):
    """An item of the quarantine; its bytes are at `/v1/quarantine/{id}/payload`."""

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


class Items(ResponseBody):
    """A page of items; `next` is the `before` of the one after it."""

    items: list[Item]
    next: int | None


class Released(ResponseBody):
    """What became of the items that were released."""

    stored: int
    duplicate: int
    refused: int


class Discarded(ResponseBody):
    """How many items were discarded."""

    discarded: int


def add_quarantine_routes(app: web.Application, pool: Pool, quarantine: Quarantine) -> None:
    """Add `/v1/quarantine` to an application whose pages are protected."""

    async def show(request: web.Request) -> web.StreamResponse:
        query = ListQuery.model_validate(dict(request.query))
        found = await quarantine_items(
            pool,
            ChosenItems(device=query.device, reason=query.reason),
            protocol=query.protocol,
            state=query.state,
            before=query.before,
            most=query.limit + 1,
        )
        items = [_item(one) for one in found[: query.limit]]
        return json_answer(
            Items(items=items, next=items[-1].id if len(found) > query.limit else None)
        )

    async def payload(request: web.Request) -> web.StreamResponse:
        found = await quarantined_payload(pool, id_in_path(request, "id"))
        if found is None:
            return json_error(404, "there is no such item, or its bytes are discarded")
        return web.Response(body=found, content_type="application/octet-stream")

    async def release(request: web.Request) -> web.StreamResponse:
        chosen = await read_body(request, Selection)
        items = ChosenItems(device=chosen.device, reason=chosen.reason, ids=chosen.ids)
        receipt, refused = await quarantine.release(visitor(request), items)
        return json_answer(
            Released(stored=receipt.stored, duplicate=receipt.duplicate, refused=refused)
        )

    async def discard(request: web.Request) -> web.StreamResponse:
        chosen = await read_body(request, Discard)
        items = ChosenItems(device=chosen.device, reason=chosen.reason, ids=chosen.ids)
        return json_answer(
            Discarded(discarded=await discard_items(pool, visitor(request), items, chosen.why))
        )

    need = Permission.TELEMETRY_MANAGE
    add_routes(
        app,
        [
            get("/v1/quarantine", answering_json(show), need),
            get("/v1/quarantine/{id}/payload", answering_json(payload), need),
            post("/v1/quarantine/release", answering_json(release), need),
            post("/v1/quarantine/discard", answering_json(discard), need),
        ],
    )


def _item(item: QuarantineItem) -> Item:
    columns: dict[str, Any] = asdict(item)
    columns["detail"] = detail_in_english(item.detail)
    return Item(**columns)


def quarantine_schemas() -> dict[str, Any]:
    """The bodies, for `/openapi.json`."""
    return schemas_of(
        Selection=Selection,
        Discard=Discard,
        QuarantineItems=Items,
        Released=Released,
        Discarded=Discarded,
    )


def quarantine_paths() -> dict[str, Any]:
    """The addresses, for `/openapi.json`. They answer where the pages do."""
    query = ListQuery.model_json_schema()
    definitions: dict[str, Any] = query.get("$defs", {})
    parameters = [
        {"name": name, "in": "query", "schema": _inlined(schema, definitions)}
        for name, schema in query["properties"].items()
    ]
    unreadable = {"422": response_doc("not readable; names the field", schema_ref("Error"))}
    released = response_doc("stored, duplicate, refused", schema_ref("Released"))
    item_id = path_parameter("id", ID_IN_PATH)
    return {
        "/v1/quarantine": {
            "get": {
                "summary": "What was refused and why, the latest first",
                "parameters": parameters,
                "responses": {
                    "200": response_doc("a page of items", schema_ref("QuarantineItems")),
                    **unreadable,
                },
            }
        },
        "/v1/quarantine/{id}/payload": {
            "get": {
                "summary": "The bytes as they were sent",
                "parameters": [item_id],
                "responses": {
                    "200": {
                        "description": "the bytes",
                        "content": {"application/octet-stream": {"schema": {"type": "string"}}},
                    },
                    "404": response_doc(
                        "no such item, or its bytes are discarded", schema_ref("Error")
                    ),
                },
            }
        },
        "/v1/quarantine/release": {
            "post": {
                "summary": "Send items through the normal path again",
                "requestBody": body_doc("Selection"),
                "responses": {
                    "200": released,
                    **unreadable,
                },
            }
        },
        "/v1/quarantine/discard": {
            "post": {
                "summary": "Give items up for good, with the reason; their bytes are deleted",
                "requestBody": body_doc("Discard"),
                "responses": {
                    "200": response_doc("discarded", schema_ref("Discarded")),
                    **unreadable,
                },
            }
        },
    }


def _inlined(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema with the enumerations it refers to in their place."""
    options: list[dict[str, Any]] = schema.get("anyOf", [])
    names = [option["$ref"].rpartition("/")[2] for option in options if "$ref" in option]
    return definitions[names[0]] if names else schema
