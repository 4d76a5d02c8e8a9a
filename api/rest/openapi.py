"""`GET /openapi.json`: what programs may ask, described by the code that answers."""

from importlib.metadata import version
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from api.rest.answers import Error, ResponseBody, refusals_in_json, schemas_of
from api.rest.routes import rest_paths, rest_schemas
from ingest.protocols.positions import positions_schema


class Receipt(ResponseBody):
    """What became of the positions of a body."""

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
    """Add `/openapi.json` to an application, and JSON to whatever it refuses under `/v1/`."""
    description = document()
    app.middlewares.append(refusals_in_json)

    async def openapi(_: web.Request) -> web.StreamResponse:
        return web.json_response(description)

    app.router.add_get("/openapi.json", openapi)


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    described = _document()
    for path, operations in described["paths"].items():
        if path.startswith("/v1/"):
            for method, operation in operations.items():
                if method != "parameters":
                    operation["responses"] |= _guarded(has_body="requestBody" in operation)
    return described


def _guarded(*, has_body: bool) -> dict[str, Any]:
    """What any address under `/v1/` may answer before it looks at what is asked."""
    answers = {
        "400": _answer("the address, or the request, is none that can be read", "Error"),
        "403": _answer("another site's page asks, or for a server that is not this one", "Error"),
    }
    if has_body:
        answers["408"] = _answer("the body did not arrive in time", "Error")
        answers["413"] = _answer("the body is too large", "Error")
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
                }
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
    """What `ingest.listeners.http` answers to positions, whatever they come as."""
    return {
        "200": _answer("all of it is committed", "Receipt"),
        "401": _answer("the key is missing or not valid", "Error"),
        "408": _answer("the body did not arrive in time", "Error"),
        "413": _answer("the body is too large", "Error"),
        "415": _answer("another content type or encoding", "Error"),
        "422": _answer("not readable; names element, field, reason", "Error"),
        "503": _answer("nothing is acknowledged; send it again", "Error"),
    }


def _answer(description: str, schema: str) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"description": description, "content": {"application/json": {"schema": reference}}}


def _text(summary: str) -> dict[str, Any]:
    content = {"text/plain": {"schema": {"type": "string"}}}
    return {"summary": summary, "responses": {"200": {"description": "ok", "content": content}}}
