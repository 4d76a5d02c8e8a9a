"""GET /vehicles/found.json?q=…: the vehicles that a field suggests while somebody types."""

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from register.naming.look_up import found_vehicles


async def find_vehicles(request: web.Request) -> web.StreamResponse:
    """Answer with the first vehicles that are called so, each with what tells it from others."""
    pool, departments = request.config_dict[CONTEXT].pool, visitor(request).departments
    found = await found_vehicles(pool, request.query.get("q", ""), departments)
    return web.json_response(
        [
            {"name": one.name, "note": ", ".join(_notes(one.depot_name, one.tracker))}
            for one in found
        ]
    )


def _notes(*texts: str | None) -> list[str]:
    return [text for text in texts if text]
