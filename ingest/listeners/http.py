"""The HTTP listeners: `POST /v1/positions` and `/v1/flespi`, and OsmAnd.

A handler reads the body, has it decoded, hands it to the intake, and turns the outcome into a
status. It answers 200 only after the commit.
"""

from collections.abc import Mapping, Set
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.typedefs import Handler

from db.connect import UNAVAILABLE_ERRORS
from fleet.position import SpeedUnit
from ingest.gate.known_devices import KnownDevices
from ingest.gate.receipt import Overloaded, overloaded_by
from ingest.gate.sender import Sender
from ingest.gate.stranger_quota import source_of
from ingest.gate.unexpected import UnexpectedError, UnexpectedErrors
from ingest.listeners.http_bodies import PendingBodies
from ingest.listeners.http_fast import POSITIONS_READERS, RETRY_AFTER_S, BodyReader, receipt_json
from ingest.listeners.listener_context import ListenerContext
from ingest.listeners.problem import RefusedPart, problem_answer
from ingest.protocols import flespi, osmand, positions
from ingest.protocols.json_pieces import ELEMENT_MAX_BYTES
from ingest.protocols.message import Message
from ingest.protocols.protocol_names import FLESPI, OSMAND, POSITIONS
from ingest.protocols.unreadable import Unreadable
from register.keys import key_sha256

_Readers = Mapping[str, BodyReader]

_JSON = {"Content-Type": "application/json; charset=utf-8"}

#: Paths that trackers and gateways send to, under any host name.
TELEMETRY_PATHS = frozenset({"/v1/positions", "/v1/flespi"})

_FLESPI_READERS: _Readers = {"application/json": BodyReader(flespi.decode, flespi.read)}


def add_ingest_routes(
    app: web.Application, context: ListenerContext, bodies: PendingBodies
) -> None:
    """Add `/v1/positions` and `/v1/flespi` to an application."""
    intake, unexpected = context.intake, context.unexpected

    async def post(request: web.Request, readers: _Readers, protocol: str) -> web.StreamResponse:
        reader = readers.get(request.content_type)
        if reader is None:
            return _error(415, f"Content-Type must be one of {', '.join(readers)}")
        encoding = request.headers.get("Content-Encoding", "identity")
        if encoding not in ("identity", "gzip", "deflate"):
            return _error(415, "Content-Encoding must be gzip or deflate, or absent")
        sender = await _sender(context.known, request)
        if sender is None:
            return _error(401, "Authorization: Bearer <key> is missing, or the key is not valid")
        try:
            body = await bodies.read(request)
            try:
                messages = await intake.read(reader.in_pieces(body), protocol)
                receipt = await intake.take_all(messages, sender, protocol)
            except UnexpectedError as error:
                device = sender.device or ""
                kept = unexpected.known(protocol, body, positions.known_fields)
                await intake.keep_unreadable(protocol, device, error.saying, kept, sender)
                raise
            finally:
                bodies.answered(body)
        except Unreadable as error:
            return _error(422, "the body cannot be read", error)
        return web.Response(body=receipt_json(receipt), headers=_JSON)

    async def post_positions(request: web.Request) -> web.StreamResponse:
        return await post(request, POSITIONS_READERS, POSITIONS)

    async def post_flespi(request: web.Request) -> web.StreamResponse:
        return await post(request, _FLESPI_READERS, FLESPI)

    app.router.add_post("/v1/positions", _answering_json(post_positions, unexpected))
    app.router.add_post("/v1/flespi", _answering_json(post_flespi, unexpected))


def osmand_app(
    context: ListenerContext, bodies: PendingBodies, keyless_max_bytes: int
) -> web.Application:
    """The application for the OsmAnd port: GET or POST on `/`.

    The key comes in the header or, for trackers that can only be given an address, as the
    parameter `key` in it. A body without a key has at most `keyless_max_bytes` bytes.
    """
    intake, known, unexpected = context.intake, context.known, context.unexpected

    async def handle(request: web.Request) -> web.StreamResponse:
        sender: Sender | None = None
        source = None if request.remote is None else source_of(request.remote)
        try:
            address = dict(osmand.fields_of(request.query_string))
            sender = await _sender(context.known, request, address.get("key"))
            most = keyless_max_bytes if sender is None else ELEMENT_MAX_BYTES
            body = await bodies.read(request, most)
            try:
                read = read_contained(request, address.keys(), body)
                return await take(sender, source, read)
            finally:
                bodies.answered(body)
        except _UnreadableFrom as found:
            await intake.keep_unreadable(
                OSMAND, found.device, found.saying, found.payload, sender, source
            )
            # A phone would send the message again for ever, and its later positions would wait.
            return web.Response(status=200 if found.timed else 400, text=f"{found}\n")
        except Unreadable as error:
            return web.Response(status=400, text=f"{error}\n")

    def read_contained(request: web.Request, address: Set[str], body: bytes) -> Message:
        """Raises _UnreadableFrom, also where reading fails on an unexpected error."""
        payload = _payload_of(request, address, body)
        try:
            with unexpected.contained(OSMAND):
                return _decode_osmand(request, payload, known.speed_units)
        except UnexpectedError as error:
            kept = unexpected.known(OSMAND, payload, osmand.known_parameters)
            try:
                with unexpected.contained(OSMAND):
                    device = osmand.device_named(payload)
            except Unreadable:
                device = ""
            raise _UnreadableFrom(device, kept, error, timed=True) from None

    async def take(sender: Sender | None, source: str | None, message: Message) -> web.Response:
        receipt = await intake.take(message, sender, OSMAND, source=source)
        device = message.positions[0].device
        refused_key = sender is None or not sender.may_send_for(device)
        unknown, _ = await known.look_up({device})
        if receipt.quarantined and refused_key and not unknown:
            return web.Response(status=401, text="the key is missing or is not this device's\n")
        return web.Response(text="")

    app = web.Application()
    app.router.add_route("*", "/", _answering_json(handle, unexpected))
    return app


class _UnreadableFrom(Unreadable):
    """A message that names its device, and its time when it is `timed`, but cannot be read
    further."""

    def __init__(self, device: str, payload: bytes, error: Unreadable, *, timed: bool) -> None:
        super().__init__(error.errors)
        self.timed = timed
        self.device = device
        self.payload = payload


def _payload_of(request: web.Request, address: Set[str], body: bytes) -> bytes:
    """The bytes of the message in a request; `address` has the names in its query."""
    # Only `key` in the address: the form is in the body.
    in_body = request.content_type == "application/json" or not address - {"key"}
    return body if in_body else request.query_string.encode()


def _decode_osmand(request: web.Request, payload: bytes, units: Mapping[str, SpeedUnit]) -> Message:
    """The message in the payload of a request."""
    is_json = request.content_type == "application/json"
    now = datetime.now(UTC)
    try:
        if is_json:
            return osmand.decode_json(payload)
        return osmand.decode_query(payload, now, units)
    except Unreadable as error:
        timed = osmand.names_device_and_time(payload)
        if timed is not None:
            raise _UnreadableFrom(
                timed, osmand.known_parameters(payload), error, timed=True
            ) from None
        device = "" if is_json else osmand.device_named(payload)
        if device:
            raise _UnreadableFrom(device, osmand.known_query(payload), error, timed=False) from None
        raise


async def _sender(
    known: KnownDevices, request: web.Request, key: str | None = None
) -> Sender | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        key = token.strip()
    return None if key is None else await known.sender(key_sha256(key))


def _answering_json(handler: Handler, unexpected: UnexpectedErrors) -> Handler:
    """A handler whose errors are answered with the status that a sender acts on."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            with unexpected.contained("http"):
                return await answer_expected(request)
        except UnexpectedError as error:
            return _error(500, str(error))
        except Overloaded as error:
            return _error(503, str(error), retry_after_s=RETRY_AFTER_S)
        except UNAVAILABLE_ERRORS as error:
            return _error(503, str(overloaded_by(error)), retry_after_s=RETRY_AFTER_S)

    async def answer_expected(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPRequestEntityTooLarge as error:
            return _error(413, f"the body is larger than {error.text or 'allowed'}")
        except web.HTTPRequestTimeout:
            return _error(408, "the body did not arrive in time")

    return answer


def _error(
    status: int, reason: str, unreadable: Unreadable | None = None, retry_after_s: int | None = None
) -> web.Response:
    parts = () if unreadable is None else unreadable.errors
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    refused = [RefusedPart(one.index, one.field, one.reason) for one in parts]
    return problem_answer(status, reason, refused, headers)
