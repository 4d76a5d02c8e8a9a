"""The page of the interface for programs: GET /interface."""

from aiohttp import web

from api.pages.frame.context import CONTEXT
from api.pages.frame.render import page
from api.pages.interface.examples import operation_groups
from api.pages.interface.views import InterfacePage
from api.rest.routes import OPERATIONS


async def show_interface(request: web.Request) -> web.StreamResponse:
    """Show what programs may ask, with a command to try each."""
    url = request.config_dict[CONTEXT].settings.pages_address
    return page(request, InterfacePage(url=url, groups=operation_groups(OPERATIONS, url)))
