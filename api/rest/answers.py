"""Reads bodies, answers in JSON, and describes bodies and answers, for the whole JSON interface."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from api.door.doorkeeper import INTERFACE_PREFIX
from db.storable_values import ID_MAX
from fleet.actor import NobodyError
from fleet.localtime import EARLIEST_DAY, LATEST_DAY
from ingest.gate.receipt import Overloaded
from ingest.listeners.http_fast import RETRY_AFTER_S
from register.private_periods import PrivacyError

Body = TypeVar("Body", bound=BaseModel)

#: The most bytes of a body, after decompression: enough for some thousands of ids, or a text of two
#: thousand characters.
BODY_MAX_BYTES = 100_000

#: The most errors of a request that are told, and the most characters of each field and reason.
ERRORS_MAX = 20
REASON_CHARS_MAX = 200

#: The pattern of text without NUL, which the database can store.
_NO_NUL = r"^[^\x00]*$"

Name = Annotated[str, Field(min_length=1, max_length=128, pattern=_NO_NUL)]
FreeText = Annotated[str, Field(max_length=2_000, pattern=_NO_NUL)]
Id = Annotated[int, Field(ge=1, le=ID_MAX)]


def _day_of_ours(day: date) -> date:
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise ValueError(f"must be from {EARLIEST_DAY} to {LATEST_DAY}")
    return day


def _moment_of_ours(moment: datetime) -> datetime:
    # The year is checked as it is written: at the ends of the calendar, the moment does not exist
    # in UTC.
    if not EARLIEST_DAY.year <= moment.year < LATEST_DAY.year:
        raise ValueError(f"must be from {EARLIEST_DAY} to {LATEST_DAY}")
    return moment.astimezone(UTC)


Day = Annotated[date, AfterValidator(_day_of_ours)]
Moment = Annotated[AwareDatetime, AfterValidator(_moment_of_ours)]


class RequestBody(BaseModel):
    """Base of the bodies of requests: no unknown fields, and no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ResponseBody(BaseModel):
    """Base of the bodies of answers."""

    model_config = ConfigDict(extra="forbid")


class Trouble(ResponseBody):
    """A mistake in one part of a request; `index` is that of an element, from 0."""

    index: int | None
    field: str
    reason: str


class Error(ResponseBody):
    """Why a request was refused, and where it was invalid which parts."""

    error: str
    errors: list[Trouble] = []


def schema_ref(name: str) -> dict[str, Any]:
    """The reference to a schema of the OpenAPI document, by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def response_doc(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The description of an answer in JSON."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def body_doc(name: str) -> dict[str, Any]:
    """The description of a request's body in JSON."""
    return {"required": True, "content": {"application/json": {"schema": schema_ref(name)}}}


def path_parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The description of a part of an address."""
    return {"name": name, "in": "path", "required": True, "schema": schema}


#: The schemas of a name in an address, without control characters, and of an id.
NAME_IN_PATH: dict[str, Any] = {"type": "string", "minLength": 1, "pattern": r"^[^\x00-\x1f\x7f]+$"}
ID_IN_PATH: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": ID_MAX}


def schemas_of(**models: type[BaseModel]) -> dict[str, Any]:
    """The schemas of models by name, and the schemas that they refer to."""
    schemas: dict[str, Any] = {}
    for name, model in models.items():
        mode = "serialization" if issubclass(model, ResponseBody) else "validation"
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}", mode=mode)
        schemas |= schema.pop("$defs", {}) | {name: schema}
    return schemas


async def read_body(request: web.Request, model: type[Body]) -> Body:
    """Read the body of a request, of at most `BODY_MAX_BYTES`.

    Raises:
        ValidationError: the body does not fit the model; `answering_json` answers with 422.
        web.HTTPRequestEntityTooLarge: it is larger.
    """
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > BODY_MAX_BYTES:
            raise web.HTTPRequestEntityTooLarge(
                BODY_MAX_BYTES, text=f"the body is larger than {BODY_MAX_BYTES:,} bytes"
            )
    return model.model_validate_json(bytes(body))


def json_answer(body: ResponseBody) -> web.Response:
    """The answer with a body in JSON."""
    return web.json_response(text=body.model_dump_json())


def answering_json(handler: Handler) -> Handler:
    """Wrap a handler, so that its errors are answered with a status and a reason."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ValidationError as invalid:
            return json_error(422, "the request cannot be read", invalid)
        except (PrivacyError, NobodyError) as refused:
            return json_error(422, str(refused))
        except Overloaded as away:
            answer = json_error(503, str(away))
            answer.headers["Retry-After"] = str(RETRY_AFTER_S)
            return answer

    return answer


@web.middleware
async def refusals_in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A middleware that answers every refusal under `/v1/` in JSON, also that of an unknown
    address."""
    try:
        return await handler(request)
    except web.HTTPException as refused:
        if refused.status < 400 or not request.path.startswith(INTERFACE_PREFIX):
            raise
        answer = json_error(refused.status, (refused.text or refused.reason).strip())
        answer.headers.extend(
            (name, value)
            for name, value in refused.headers.items()
            if name in ("Allow", "WWW-Authenticate")
        )
        return answer


def json_error(status: int, reason: str, invalid: ValidationError | None = None) -> web.Response:
    """The answer with an error, and where the request was `invalid` with its fields and reasons."""
    found = [] if invalid is None else invalid.errors(include_url=False, include_input=False)
    if len(found) > ERRORS_MAX:
        reason = f"{reason}; the first {ERRORS_MAX} of {len(found)} errors are told"
    body = Error(
        error=reason,
        errors=[
            Trouble(
                index=None,
                field=".".join(str(part) for part in one["loc"])[:REASON_CHARS_MAX] or "body",
                reason=one["msg"].removeprefix("Value error, ")[:REASON_CHARS_MAX],
            )
            for one in found[:ERRORS_MAX]
        ],
    )
    exclude = None if body.errors else {"errors"}
    return web.json_response(text=body.model_dump_json(exclude=exclude), status=status)
