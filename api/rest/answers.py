"""What the JSON interface for programs shares: reading a body, answering, describing."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from ingest.groups import Overloaded
from ingest.privacy import PrivacyError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Name = Annotated[str, Field(max_length=128)]
Body = TypeVar("Body", bound=BaseModel)


def ref(name: str) -> dict[str, Any]:
    """A schema of the document, by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def said(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """An answer in JSON."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def sent(name: str) -> dict[str, Any]:
    """A body in JSON."""
    return {"required": True, "content": {"application/json": {"schema": ref(name)}}}


async def read(request: web.Request, model: type[Body]) -> Body:
    """Raises ValidationError, which `answering_json` answers with 422."""
    return model.model_validate_json(await request.read())


def answering_json(handler: Handler) -> Handler:
    """Turn what a handler may raise into a status and a reason."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ValidationError as invalid:
            return error(422, "the request cannot be read", invalid)
        except PrivacyError as refused:
            return error(422, str(refused))
        except Overloaded as away:
            return error(503, str(away))

    return answer


def error(status: int, reason: str, invalid: ValidationError | None = None) -> web.Response:
    """`{"error"}`, and where a request was invalid which fields and why."""
    body: dict[str, Any] = {"error": reason}
    if invalid is not None:
        body["errors"] = [
            {
                "index": None,
                "field": ".".join(str(part) for part in found["loc"]) or "body",
                "reason": found["msg"].removeprefix("Value error, "),
            }
            for found in invalid.errors(include_url=False)
        ]
    return web.json_response(body, status=status)
