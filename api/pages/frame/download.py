"""Answers with a table as a file to keep."""

import asyncio
from io import BytesIO
from urllib.parse import quote

import pyarrow as pa
from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from db.audit.record import record_export
from fleet.files.table_format import TableFormat
from fleet.files.tables import write_table

_PLAIN_LETTERS = str.maketrans(
    {"æ": "ae", "ø": "oe", "å": "aa", "Æ": "Ae", "Ø": "Oe", "Å": "Aa", '"': "'", "\\": "-"}
)


def asked_format(name: str) -> TableFormat:
    """The format that an address names.

    Raises:
        web.HTTPNotFound: there is no such format.
    """
    try:
        return TableFormat(name)
    except ValueError:
        raise web.HTTPNotFound from None


def attachment(name: str) -> str:
    """The header by which a browser keeps an answer as the file `name`. Its letters beside ASCII
    are those of `filename*` (RFC 6266); programs that do not know it get a name without them."""
    plain = name.translate(_PLAIN_LETTERS).encode("ascii", "replace").decode().replace("?", "-")
    header = f'attachment; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"


async def table_download(
    request: web.Request, table: pa.Table, form: TableFormat, name: str, title: str
) -> web.StreamResponse:
    """The answer with a table as an attachment. `name` is that of the file without its ending,
    `title` that of the sheet in Excel, in the reader's language. The table may say who drove where,
    so neither browser nor proxy keeps a copy, and the audit log tells who got it."""
    await record_export(
        request.config_dict[CONTEXT].pool, visitor(request), name + form.suffix, table.num_rows
    )
    return await table_file(table, form, name, title)


async def table_file(
    table: pa.Table, form: TableFormat, name: str, title: str
) -> web.StreamResponse:
    """The answer of `table_download` where the act that read the table is recorded itself."""
    file = BytesIO()
    await asyncio.to_thread(write_table, table, file, form, title)
    return web.Response(
        body=file.getvalue(),
        content_type=form.content_type,
        headers={
            "Content-Disposition": attachment(name + form.suffix),
            "Cache-Control": "no-store",
        },
    )
