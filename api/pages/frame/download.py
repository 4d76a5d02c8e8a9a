"""Answers with a table as a file to keep."""

import asyncio
from io import BytesIO

import pyarrow as pa
from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from db.audit.record import record_export
from fleet.files.table_format import TableFormat
from fleet.files.tables import write_table


def asked_format(name: str) -> TableFormat:
    """The format that an address names.

    Raises:
        web.HTTPNotFound: there is no such format.
    """
    try:
        return TableFormat(name)
    except ValueError:
        raise web.HTTPNotFound from None


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
            "Content-Disposition": f'attachment; filename="{name}{form.suffix}"',
            "Cache-Control": "no-store",
        },
    )
