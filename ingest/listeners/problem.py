"""Problem details (RFC 9457): how HTTP answers say to programs why they refuse."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus

from aiohttp import web

PROBLEM_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class RefusedPart:
    """A mistake in one part of a request; `index` is that of an element, from 0."""

    index: int | None
    field: str
    reason: str


def problem_json(status: int, detail: str, parts: Sequence[RefusedPart] = ()) -> bytes:
    """The body of an answer that refuses a request: `detail` says why, and `parts` where it is
    wrong.

    The type of a problem is its status, as RFC 9457 has it where none is named.
    """
    body: dict[str, object] = {
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if parts:
        body["errors"] = [asdict(part) for part in parts]
    # A sender may have sent half of a surrogate pair in the name of a field; it stays an escape.
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace")


def problem_answer(
    status: int,
    detail: str,
    parts: Sequence[RefusedPart] = (),
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """The answer of aiohttp with that body."""
    return web.Response(
        body=problem_json(status, detail, parts),
        status=status,
        headers=headers,
        content_type=PROBLEM_TYPE,
    )
