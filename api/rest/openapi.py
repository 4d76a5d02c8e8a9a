"""Describes the JSON interface as `GET /openapi.json`, from the models of the code that answers."""

from importlib.metadata import version
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from api.door.needs import Welcome, add_routes, get
from api.rest.answers import (
    Error,
    ResponseBody,
    refusals_in_json,
    response_doc,
    schema_ref,
    schemas_of,
)
from api.rest.routes import rest_paths, rest_schemas
from ingest.protocols.positions import positions_schema


class Receipt(ResponseBody):
    """How many positions of a body were stored, duplicate and quarantined."""

    stored: Annotated[int, Field(ge=0)]
    duplicate: Annotated[int, Field(ge=0)]
    quarantined: Annotated[int, Field(ge=0)]


_FLESPI: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["ident", "timestamp"],
        "properties": {
            "ident": {"type": "string"},
            "timestamp": {"type": "number", "description": "epoch seconds"},
            "position.latitude": {"type": "number"},
            "position.longitude": {"type": "number"},
        },
    },
}


def add_openapi_route(app: web.Application) -> None:
    """Add `/openapi.json` to an application, and make it refuse requests under `/v1/` in JSON."""
    description = openapi_document()
    app.middlewares.append(refusals_in_json)

    async def openapi(_: web.Request) -> web.StreamResponse:
        return web.json_response(description)

    add_routes(app, [get("/openapi.json", openapi, Welcome.ANYBODY)])


def openapi_document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    described = _document()
    for path, operations in described["paths"].items():
        if path.startswith("/v1/"):
            for method, operation in operations.items():
                if method != "parameters":
                    operation["responses"] |= _guarded(has_body="requestBody" in operation)
                    operation.setdefault("security", [{"token": []}])
    return described


def _guarded(*, has_body: bool) -> dict[str, Any]:
    """The answers that any address under `/v1/` may give before its handler reads the request."""
    answers = {
        "400": response_doc(
            "the address, or the request, is none that can be read", schema_ref("Error")
        ),
        "401": response_doc("the key or token is missing or not valid", schema_ref("Error")),
        "403": response_doc(
            "the token may not do this, another site's page asks, or for a server that is not this "
            "one",
            schema_ref("Error"),
        ),
    }
    if has_body:
        answers["408"] = response_doc("the body did not arrive in time", schema_ref("Error"))
        answers["413"] = response_doc("the body is too large", schema_ref("Error"))
    return answers


def _document() -> dict[str, Any]:
    schema = positions_schema()
    definitions: dict[str, Any] = schema.pop("$defs")
    positions = {"oneOf": [schema["items"], schema]}
    return {
        "openapi": "3.1.0",
        "info": {"title": "flaadestyring", "version": version("flaadestyring")},
        "components": {
            "schemas": {
                **definitions,
                **rest_schemas(),
                **schemas_of(Receipt=Receipt, Error=Error),
            },
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "the key of a device or of a gateway",
                },
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "the token of a program, with the permissions that it was given",
                },
            },
        },
        "paths": {
            "/v1/positions": {
                "post": {
                    "summary": "Store positions; answered after the commit",
                    "security": [{"key": []}],
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {"schema": positions},
                            "application/x-ndjson": {"schema": {"type": "string"}},
                        },
                    },
                    "responses": _telemetry_answers(),
                }
            },
            "/v1/flespi": {
                "post": {
                    "summary": "The same from a Flespi stream: an array of flat objects",
                    "security": [{"key": []}],
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": _FLESPI}},
                    },
                    "responses": _telemetry_answers(),
                }
            },
            **rest_paths(),
            "/healthz": {"get": _text("The process answers")},
            "/readyz": {"get": _text("The database answers too")},
            "/metrics": {"get": _text("Counters for Prometheus")},
        },
    }


def _telemetry_answers() -> dict[str, Any]:
    """The answers of `ingest.listeners.http` to positions in any format."""
    return {
        "200": response_doc("all of it is committed", schema_ref("Receipt")),
        "408": response_doc("the body did not arrive in time", schema_ref("Error")),
        "413": response_doc("the body is too large", schema_ref("Error")),
        "415": response_doc("another content type or encoding", schema_ref("Error")),
        "422": response_doc("not readable; names element, field, reason", schema_ref("Error")),
        "503": response_doc("nothing is acknowledged; send it again", schema_ref("Error")),
    }


def _text(summary: str) -> dict[str, Any]:
    content = {"text/plain": {"schema": {"type": "string"}}}
    return {"summary": summary, "responses": {"200": {"description": "ok", "content": content}}}
