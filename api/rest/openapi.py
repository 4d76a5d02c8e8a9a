"""Describes the JSON interface as `GET /openapi.json`, from the operations and models of the code
that answers."""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, Field

from api.door.needs import Welcome, add_routes, get
from api.rest.frame.bodies import Nothing, ResponseBody
from api.rest.frame.operations import AnyOperation
from api.rest.frame.problems import refusals_as_problems
from api.rest.routes import OPERATIONS
from db.storable_values import ID_MAX
from ingest.listeners.problem import PROBLEM_TYPE
from ingest.protocols.positions import positions_schema


class Receipt(ResponseBody):
    """How many positions of a body were stored, duplicate and quarantined."""

    stored: Annotated[int, Field(ge=0)]
    duplicate: Annotated[int, Field(ge=0)]
    quarantined: Annotated[int, Field(ge=0)]


class ProblemError(ResponseBody):
    """A mistake in one part of a request; `index` is that of an element, from 0."""

    index: int | None
    field: str
    reason: str


class Problem(ResponseBody):
    """Why a request was refused (RFC 9457), and where it was invalid which parts."""

    title: str
    status: int
    detail: str
    errors: list[ProblemError] = Field(default_factory=list[ProblemError])


#: The schemas of a name in an address, without control characters, and of an id.
_NAME_IN_PATH: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "pattern": r"^[^\x00-\x1f\x7f]+$",
}
_ID_IN_PATH: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": ID_MAX}

#: The parts of addresses that are numbers; all others are names.
_IDS = frozenset(
    {
        *("item_id", "key_id", "list_id", "log_id", "other_id", "private_id", "proposal_id"),
        *("report_id", "round_id"),
    }
)

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
    """Add `/openapi.json` to an application, and make it refuse requests under `/v1/` with problem
    details."""
    app.middlewares.append(refusals_as_problems)

    async def openapi(_: web.Request) -> web.StreamResponse:
        return web.json_response(text=await asyncio.to_thread(_openapi_json))

    add_routes(app, [get("/openapi.json", openapi, Welcome.ANYBODY)])


@cache
def _openapi_json() -> str:
    return json.dumps(openapi_document())


def openapi_document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    schema = positions_schema()
    positions_definitions: dict[str, Any] = schema.pop("$defs")
    return {
        "openapi": "3.1.0",
        "info": {"title": "flaadestyring", "version": version("flaadestyring")},
        "components": {
            "schemas": {
                **positions_definitions,
                **_schemas(),
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
            **_telemetry({"oneOf": [schema["items"], schema]}),
            **_operations(),
            "/healthz": {"get": _text("The process answers")},
            "/readyz": {"get": _text("The database answers too")},
            "/metrics": {"get": _text("Counters for Prometheus")},
        },
    }


def _schemas() -> dict[str, Any]:
    """The schemas of the models of all operations by their names, and of those they refer to."""
    models: dict[str, type[BaseModel]] = {"Receipt": Receipt, "Problem": Problem}
    for operation in OPERATIONS:
        for model in (operation.asked, operation.answer):
            if issubclass(model, BaseModel) and not (
                operation.has_query and model is operation.asked
            ):
                known = models.setdefault(model.__name__, model)
                assert known is model, f"two models are called {model.__name__}"
    models.pop(Nothing.__name__, None)
    schemas: dict[str, Any] = {}
    for name, model in models.items():
        mode = "serialization" if issubclass(model, ResponseBody) else "validation"
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}", mode=mode)
        schemas |= schema.pop("$defs", {}) | {name: schema}
    return schemas


def _operations() -> dict[str, Any]:
    """The addresses of all operations. They answer where the pages do."""
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        of_path = paths.setdefault(operation.path, {})
        of_path[operation.method.lower()] = _operation(operation)
    return paths


def _operation(operation: AnyOperation) -> dict[str, Any]:
    in_path: list[str] = re.findall(r"\{(\w+)\}", operation.path)
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _ID_IN_PATH if name in _IDS else _NAME_IN_PATH,
        }
        for name in in_path
    ]
    if operation.has_query:
        parameters += _query(operation.asked)
    described: dict[str, Any] = {
        "summary": operation.summary,
        "description": f"Needs the permission `{operation.need}`.",
        "security": [{"token": []}],
        "parameters": parameters,
        "responses": _answers(operation),
    }
    if operation.takes_file:
        described["requestBody"] = {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    elif not operation.reads and operation.asked is not Nothing:
        described["requestBody"] = {
            "required": operation.needs_body,
            "content": {"application/json": {"schema": _ref(operation.asked.__name__)}},
        }
    return described


def _query(asked: type[BaseModel]) -> Iterator[dict[str, Any]]:
    """What an address may ask for after its `?`. A part that is absent asks for nothing, and no
    part can be null."""
    schema = asked.model_json_schema(by_alias=True)
    definitions: Mapping[str, Any] = schema.get("$defs", {})
    required: list[str] = schema.get("required", [])
    for name, told in schema["properties"].items():
        options = [one for one in told.get("anyOf", [told]) if one.get("type") != "null"]
        [option] = options
        of_kind = definitions[option["$ref"].rpartition("/")[2]] if "$ref" in option else option
        kept = {key: value for key, value in of_kind.items() if key not in ("title", "description")}
        parameter = {"name": name, "in": "query", "required": name in required, "schema": kept}
        if "description" in told:
            parameter["description"] = told["description"]
        yield parameter


def _answers(operation: AnyOperation) -> dict[str, Any]:
    if issubclass(operation.answer, ResponseBody):
        content = {"application/json": {"schema": _ref(operation.answer.__name__)}}
    else:
        content = {operation.content_type: {"schema": {"type": "string"}}}
    answers: dict[str, Any] = {
        str(operation.status): {
            "description": HTTPStatus(operation.status).phrase,
            "content": content,
        },
        "400": _problem("the address, or the request, is none that can be read"),
        "401": _problem("the token is missing or not valid"),
        "403": _problem(
            "the token may not do this, another site's page asks, or for a server that is not this"
            " one"
        ),
        "404": _problem("there is nothing of this name or number"),
        "422": _problem("not readable, or not as the rules have it; says where and why"),
        "503": _problem("the database is away, or too much waits; ask again"),
    }
    if operation.conflict is not None:
        answers["409"] = _problem(operation.conflict)
    if not operation.reads:
        answers["408"] = _problem("the body did not arrive in time")
        answers["413"] = _problem("the body is too large")
    return answers


def _telemetry(positions: Mapping[str, Any]) -> dict[str, Any]:
    """The addresses of `ingest.listeners.http`."""
    answers = {
        "200": {
            "description": "all of it is committed",
            "content": {"application/json": {"schema": _ref("Receipt")}},
        },
        "400": _problem("the request is none that can be read"),
        "401": _problem("the key is missing or not valid"),
        "403": _problem("another site's page sends, or for a server that is not this one"),
        "408": _problem("the body did not arrive in time"),
        "413": _problem("the body is too large"),
        "415": _problem("another content type or encoding"),
        "422": _problem("not readable; names element, field, reason"),
        "503": _problem("nothing is acknowledged; send it again"),
    }
    return {
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
                "responses": answers,
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
                "responses": answers,
            }
        },
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {PROBLEM_TYPE: {"schema": _ref("Problem")}}}


def _text(summary: str) -> dict[str, Any]:
    content = {"text/plain": {"schema": {"type": "string"}}}
    return {"summary": summary, "responses": {"200": {"description": "ok", "content": content}}}
