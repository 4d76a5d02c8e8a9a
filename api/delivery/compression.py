"""Compresses answers, by brotli or gzip, for whoever takes them so.

The length of a compressed answer depends on what repeats in it. Another site that makes a browser
ask for pages with texts of its choice, and sees their lengths on the way, could thus find out the
token of the forms, or anything else on a page (BREACH). So a browser gets compressed what a person
or a page of ours asked for, as it says in `Sec-Fetch-Site`, and as it is what another site made it
ask for. Programs have no cookie that another site could make use of.
"""

import asyncio
import gzip
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import cast

import brotli  # pyright: ignore[reportMissingTypeStubs]
from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import CIMultiDict

#: A shorter answer fits in one packet as it is.
WORTH_BYTES = 1_000

#: A longer answer is compressed in a thread, so that others need not wait for it.
_LONG_BYTES = 200_000

#: The content types, beside text, whose answers get shorter.
_COMPRESSIBLE = frozenset({"application/json", "application/geo+json", "image/svg+xml"})


def _brotli(body: bytes) -> bytes:
    compress = cast(Callable[..., bytes], brotli.compress)  # pyright: ignore[reportUnknownMemberType]
    return compress(body, quality=4)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=5, mtime=0)


#: The codings that answers may have, the one that makes them shortest first.
CODINGS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType({"br": _brotli, "gzip": _gzip})


def accepted_coding(accepted: str, among: Collection[str] = CODINGS) -> str | None:
    """The coding to use of those that there are, by an Accept-Encoding header; None: the answer is
    to stay as it is."""
    taken: set[str] = set()
    for part in accepted.split(","):
        name, _, weight = part.partition(";")
        if not _is_zero(weight):
            taken.add(name.strip().lower())
    return next((one for one in CODINGS if one in taken and one in among), None)


def _is_zero(weight: str) -> bool:
    """Whether the weight of a coding, such as `q=0`, says that it is not taken."""
    name, _, value = weight.replace(" ", "").partition("=")
    return name.lower() == "q" and value != "" and not value.strip("0.")


def add_vary(headers: CIMultiDict[str], name: str) -> None:
    """Say that an answer is another one when the header `name` of its request is."""
    before = headers.get("Vary")
    headers["Vary"] = name if before is None else f"{before}, {name}"


@web.middleware
async def compress_answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A middleware that compresses whole answers. Those that are sent piece by piece, and those
    that have a coding already, stay as they are."""
    answer = await handler(request)
    body = _compressible(answer)
    if body is None or not isinstance(answer, web.Response):
        return answer
    add_vary(answer.headers, "Accept-Encoding")
    coding = accepted_coding(request.headers.get("Accept-Encoding", ""))
    if coding is None or _may_be_made_to_tell(request):
        return answer
    compress = CODINGS[coding]
    if len(body) > _LONG_BYTES:
        answer.body = await asyncio.to_thread(compress, body)
    else:
        answer.body = compress(body)
    answer.headers["Content-Encoding"] = coding
    return answer


def _compressible(answer: web.StreamResponse) -> bytes | None:
    """The body of an answer that compression makes shorter."""
    if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
        return None
    kind = answer.content_type
    if not kind.startswith("text/") and kind not in _COMPRESSIBLE and not kind.endswith("+json"):
        return None
    if len(answer.body) < WORTH_BYTES or "Content-Encoding" in answer.headers or answer.prepared:
        return None
    return answer.body


def _may_be_made_to_tell(request: web.Request) -> bool:
    """Whether another site may have made a browser ask for what it shows only to its person."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is None:  # a program, or a browser that tells nothing
        return "Cookie" in request.headers
    return site not in ("same-origin", "none")
