"""The page of the interface for programs: GET /interface."""

from collections.abc import Sequence
from functools import lru_cache

from aiohttp import web

from api.pages.frame.context import CONTEXT
from api.pages.frame.render import page
from api.pages.interface.examples import operation_groups
from api.pages.interface.views import InterfacePage, OperationGroup
from api.rest.routes import OPERATIONS


async def show_interface(request: web.Request) -> web.StreamResponse:
    """Show what programs may ask, with a command to try each."""
    url = request.config_dict[CONTEXT].settings.pages_address
    return page(request, InterfacePage(url=url, groups=_groups(url)))


@lru_cache(maxsize=1)
def _groups(url: str) -> Sequence[OperationGroup]:
    """The operations with their commands, which are those of the code, so that they are made once:
    that takes longer than all else of the page."""
    return operation_groups(OPERATIONS, url)
