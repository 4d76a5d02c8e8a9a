"""The page of the steps of the first run: GET /start."""

from aiohttp import web

from api.pages.frame.context import CONTEXT
from api.pages.frame.render import page
from api.pages.municipality.views import StartPage, shown_checklist
from register.municipality.first_run import checklist


async def show_start(request: web.Request) -> web.StreamResponse:
    """Show every step from an empty system to the first proposals, and what is missing."""
    facts = await request.config_dict[CONTEXT].first_run_facts()
    return page(request, StartPage(shown_checklist(checklist(facts))))
