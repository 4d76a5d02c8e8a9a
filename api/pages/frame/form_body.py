"""Reads the forms that browsers send, and the files in them, within bounds.

Every text that a handler gets from here can be stored in the database. Other texts are refused
before the handler works on them.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from multidict import MultiDict, MultiDictProxy

from db.storable_values import UNSTORABLE_CHARACTERS

#: The most bytes of the text of a form. The corners of a zone drawn by hand are the longest text.
FORM_BYTES_MAX = 1_000_000

#: The most fields of a form. That of the words of a list has most: 150 of each sort, with up to
#: four fields for each.
FIELDS_MAX = 2_000


class FormTooLargeError(web.HTTPRequestEntityTooLarge):
    """A form, with its files, is larger than `limit_bytes`."""

    def __init__(self, limit_bytes: int, actual_bytes: int) -> None:
        super().__init__(limit_bytes, actual_bytes)
        self.limit_bytes = limit_bytes


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that was sent with a form."""

    name: str
    content: bytes


#: The form of a request, once it was read: a body arrives once.
_READ: web.RequestKey[MultiDictProxy[str | UploadedFile]] = web.RequestKey("form", MultiDictProxy)


async def read_form(request: web.Request) -> MultiDictProxy[str | UploadedFile]:
    """The fields and files of the form in a request. A request with another body has none.

    Raises:
        web.HTTPBadRequest: the form cannot be read, or has more fields than any form of ours.
        FormTooLargeError: the text of the form, or the form with its files, is too long.
    """
    if _READ in request:
        return request[_READ]
    if request.content_type == "multipart/form-data":
        fields = await _multipart(request)
    elif request.content_type == "application/x-www-form-urlencoded":
        fields = await _urlencoded(request)
    else:
        fields = MultiDict[str | UploadedFile]()
    for name, value in fields.items():
        text = value if isinstance(value, str) else value.name
        if UNSTORABLE_CHARACTERS.search(name) or UNSTORABLE_CHARACTERS.search(text):
            raise _bad("the form has a character that no text has")
    request[_READ] = MultiDictProxy(fields)
    return request[_READ]


async def _urlencoded(request: web.Request) -> MultiDict[str | UploadedFile]:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > FORM_BYTES_MAX:
            raise FormTooLargeError(FORM_BYTES_MAX, len(body))
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX
        )
    except ValueError:
        raise _bad("the form cannot be read") from None
    return MultiDict(pairs)


async def _multipart(request: web.Request) -> MultiDict[str | UploadedFile]:
    fields = MultiDict[str | UploadedFile]()
    left = request.client_max_size
    try:
        async for part in _parts(request):
            most = left if part.filename else min(left, FORM_BYTES_MAX)
            content = bytearray()
            while chunk := await part.read_chunk(65_536):
                content += chunk
                if len(content) > most:
                    limit = request.client_max_size if part.filename else FORM_BYTES_MAX
                    raise FormTooLargeError(limit, len(content))
            left -= len(content)
            if part.name is None or len(fields) >= FIELDS_MAX:
                raise _bad("the form has a part without a name, or too many")
            if part.filename is not None:
                fields.add(part.name, UploadedFile(part.filename, bytes(content)))
            else:
                fields.add(part.name, content.decode())
    except (ValueError, AssertionError, HttpProcessingError):
        # The reader of aiohttp raises these errors for parts that are malformed.
        raise _bad("the form cannot be read") from None
    return fields


async def _parts(request: web.Request) -> AsyncIterator[BodyPartReader]:
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise _bad("a form has no forms in it")
        yield part


def _bad(why: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=f"{why}\n")
