"""The operations of the JSON interface. Each is declared once: what it asks for, what it answers
and who may; addresses, checks and the description are made of that."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from api.address import id_in_path
from api.door.needs import Route, add_routes
from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, PageContext
from api.rest.frame.bodies import Nothing, RequestBody, ResponseBody
from api.rest.frame.problems import answering_problems, unreadable
from db.connect import Pool
from fleet.actor import Actor, Permission

Asked = TypeVar("Asked", bound=RequestBody)
Answer = TypeVar("Answer", bound=ResponseBody | bytes)

#: The most bytes of a body, after decompression: enough for some thousands of ids, or a text of two
#: thousand characters.
BODY_MAX_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Call(Generic[Asked]):
    """A request of a program, with what it asks for, and the content of the file that it sends."""

    request: web.Request
    asked: Asked
    content: bytes = b""

    @property
    def context(self) -> PageContext:
        return self.request.config_dict[CONTEXT]

    @property
    def pool(self) -> Pool:
        return self.context.pool

    @property
    def actor(self) -> Actor:
        return visitor(self.request)

    def name(self, part: str) -> str:
        """A name in the address."""
        return self.request.match_info[part]

    def id(self, part: str) -> int:
        """An id in the address.

        Raises:
            web.HTTPNotFound: it is none.
        """
        return id_in_path(self.request, part)


@dataclass(frozen=True, slots=True)
class Operation(Generic[Asked, Answer]):
    """One operation.

    `asked` is the model of its query where it reads or `takes_file`, else that of its body. A body
    without a field that must be there may be empty. `conflict` says what its 409 means, None: it
    has none. An operation that makes something has the address of it, `located`, with fields of the
    answer in it.
    """

    method: str
    path: str
    need: Permission
    summary: str
    asked: type[Asked]
    answer: type[Answer]
    handler: Callable[[Call[Asked]], Awaitable[Answer]]
    conflict: str | None = None
    located: str | None = None
    takes_file: bool = False
    #: What its answer is where that is bytes.
    content_type: str = "application/octet-stream"

    @property
    def has_query(self) -> bool:
        """Whether what it asks for stands in its address."""
        return self.reads or self.takes_file

    @property
    def needs_body(self) -> bool:
        """Whether its body has a field that must be there."""
        return any(one.is_required() for one in self.asked.model_fields.values())

    @property
    def reads(self) -> bool:
        return self.method == "GET"

    @property
    def status(self) -> int:
        """The status of its answer."""
        return 200 if self.located is None else 201


#: The types that a body of JSON may have; a program that states none sends the last of them.
_JSON_TYPES = frozenset({"application/json", "application/octet-stream"})

#: An operation, whatever it asks for and answers.
AnyOperation = Operation[Any, Any]


def add_operations(app: web.Application, operations: Iterable[AnyOperation]) -> None:
    """Add operations to an application that has not started and whose pages are there."""
    add_routes(
        app,
        [
            Route(web.route(one.method, one.path, answering_problems(_answering(one))), one.need)
            for one in operations
        ],
    )


def _answering(operation: AnyOperation) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            asked = await _read(request, operation)
        except ValidationError as invalid:
            raise unreadable(invalid) from None
        content = b""
        if operation.takes_file:
            content = await _body(request, request.client_max_size)
        told = await operation.handler(Call(request, asked, content))
        if isinstance(told, bytes):
            return web.Response(body=told, content_type=operation.content_type)
        answer = web.json_response(
            text=told.model_dump_json(by_alias=True), status=operation.status
        )
        if operation.located is not None:
            fields = {name: quote(str(value), safe="") for name, value in told}
            answer.headers["Location"] = operation.located.format(**fields)
        return answer

    return answer


async def _read(request: web.Request, operation: AnyOperation) -> RequestBody:
    """What a request asks for.

    Raises:
        ValidationError: it does not fit the model.
        web.HTTPRequestEntityTooLarge: it is larger than `BODY_MAX_BYTES`.
        web.HTTPUnsupportedMediaType: it says that it is no JSON.
    """
    if operation.has_query:
        return operation.asked.model_validate(dict(request.query))
    if operation.asked is Nothing:
        return Nothing()
    body = await _body(request, BODY_MAX_BYTES)
    if not body and not operation.needs_body:
        return operation.asked()
    if request.content_type not in _JSON_TYPES:
        raise web.HTTPUnsupportedMediaType(
            text=f"the body is {request.content_type}; send application/json"
        )
    return operation.asked.model_validate_json(body)


async def _body(request: web.Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > most:
            raise web.HTTPRequestEntityTooLarge(
                most, text=f"the body is larger than {most:,} bytes"
            )
    return bytes(body)
