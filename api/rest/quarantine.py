"""The quarantine for programs: `/v1/quarantine`, under the same protection as the pages."""

from datetime import datetime
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.rest.answers import Name, answering_json, error, read, ref, said, sent
from db.connect import Pool
from db.statements import statements
from ingest.gate import Reason
from ingest.intake import Intake

SQL = statements("quarantine")

#: Items in one answer, at most.
PAGE_MAX = 1_000


class ListQuery(BaseModel):
    """`GET /v1/quarantine?…`; `before` is the `next` of the answer before."""

    model_config = ConfigDict(extra="forbid")

    device: Name | None = None
    reason: Reason | None = None
    protocol: Name | None = None
    state: Annotated[str, Field(pattern="^(waiting|released|discarded)$")] = "waiting"
    before: Annotated[int, Field(ge=1)] | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 100


class Selection(BaseModel):
    """Which items: those with these ids, or those of a device, perhaps for one reason only."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[int], Field(min_length=1, max_length=10_000)] | None = None
    device: Name | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _names_something(self) -> "Selection":
        if (self.ids is None) == (self.device is None):
            raise ValueError("give either ids or device")
        return self


class Discard(Selection):
    """Which items, who discards them, and why."""

    by: Annotated[str, Field(min_length=1, max_length=60)]
    why: Annotated[str, Field(min_length=1, max_length=2_000)]


class Item(BaseModel):
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


def add_quarantine_routes(app: web.Application, pool: Pool, intake: Intake) -> None:
    """Add `/v1/quarantine` to an application whose pages are protected."""

    async def show(request: web.Request) -> web.StreamResponse:
        query = ListQuery.model_validate(dict(request.query))
        rows = await pool.fetch(
            SQL["items"],
            query.device,
            query.reason,
            query.protocol,
            query.state,
            query.before,
            query.limit + 1,
        )
        items = [Item(**row).model_dump(mode="json") for row in rows[: query.limit]]
        more = len(rows) > query.limit
        return web.json_response({"items": items, "next": items[-1]["id"] if more else None})

    async def payload(request: web.Request) -> web.StreamResponse:
        found = await pool.fetchval(SQL["payload"], int(request.match_info["id"]))
        if found is None:
            return error(404, "there is no such item, or its bytes are discarded")
        return web.Response(body=found, content_type="application/octet-stream")

    async def release(request: web.Request) -> web.StreamResponse:
        chosen = await read(request, Selection)
        receipt, refused = await intake.release(chosen.device, chosen.reason, chosen.ids)
        return web.json_response(
            {"stored": receipt.stored, "duplicate": receipt.duplicate, "refused": refused}
        )

    async def discard(request: web.Request) -> web.StreamResponse:
        chosen = await read(request, Discard)
        discarded = await pool.fetchval(
            SQL["discard"], chosen.device, chosen.reason, chosen.ids, chosen.by, chosen.why
        )
        return web.json_response({"discarded": discarded})

    app.router.add_get("/v1/quarantine", answering_json(show))
    app.router.add_get(r"/v1/quarantine/{id:[0-9]{1,18}}/payload", answering_json(payload))
    app.router.add_post("/v1/quarantine/release", answering_json(release))
    app.router.add_post("/v1/quarantine/discard", answering_json(discard))


def quarantine_schemas() -> dict[str, Any]:
    """The bodies, for `/openapi.json`."""
    models = {"Selection": Selection, "Discard": Discard, "QuarantineItem": Item}
    schemas: dict[str, Any] = {}
    for name, model in models.items():
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {}) | {name: schema}
    return schemas


def quarantine_paths() -> dict[str, Any]:
    """The addresses, for `/openapi.json`. They answer where the pages do."""
    query = ListQuery.model_json_schema()
    definitions: dict[str, Any] = query.get("$defs", {})
    parameters = [
        {"name": name, "in": "query", "schema": _inlined(schema, definitions)}
        for name, schema in query["properties"].items()
    ]
    counts = {"type": "object", "additionalProperties": {"type": "integer"}}
    items = {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/QuarantineItem"}},
            "next": {"type": ["integer", "null"], "description": "`before` of the next page"},
        },
    }
    unreadable = {"422": said("not readable; names the field", ref("Error"))}
    item_id = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    return {
        "/v1/quarantine": {
            "get": {
                "summary": "What was refused and why, the latest first",
                "parameters": parameters,
                "responses": {"200": said("a page of items", items), **unreadable},
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
                    "404": said("no such item, or its bytes are discarded", ref("Error")),
                },
            }
        },
        "/v1/quarantine/release": {
            "post": {
                "summary": "Send items through the normal path again",
                "requestBody": sent("Selection"),
                "responses": {"200": said("stored, duplicate, refused", counts), **unreadable},
            }
        },
        "/v1/quarantine/discard": {
            "post": {
                "summary": "Give items up for good, with who and why; their bytes are deleted",
                "requestBody": sent("Discard"),
                "responses": {"200": said("discarded", counts), **unreadable},
            }
        },
    }


def _inlined(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema with the enumerations it refers to in their place."""
    options: list[dict[str, Any]] = schema.get("anyOf", [])
    names = [option["$ref"].rpartition("/")[2] for option in options if "$ref" in option]
    return definitions[names[0]] if names else schema
