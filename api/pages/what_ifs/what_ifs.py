"""The list of what-ifs: GET /what-ifs."""

from aiohttp import web

from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.render import page
from api.pages.what_ifs.views import Notice, WhatIfsPage
from optimiser.what_if.stored import may_see, what_ifs

#: The most what-ifs that the list reads.
READ_MAX = 500


async def show_what_ifs(request: web.Request) -> web.StreamResponse:
    """Show the visitor's own what-ifs and those that are shared."""
    reader = visitor(request)
    found = await what_ifs(request.config_dict[CONTEXT].pool, reader, READ_MAX)
    return page(
        request,
        WhatIfsPage(
            part=asked_part(found, request.query, "/what-ifs"),
            may_see=may_see(reader),
            notice=notice_in_address(request, Notice),
        ),
    )
