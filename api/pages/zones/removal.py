"""The page that asks before a zone is removed: GET and POST /zones/{zone_id}/remove."""

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.zones import views
from api.pages.zones.views import Notice
from register import zones_stored
from register.places.waiting import waiting_depot


async def ask_removal(request: web.Request) -> web.StreamResponse:
    """Ask, and say what belongs to the zone."""
    return page(request, await _page(request))


async def remove_zone(request: web.Request) -> web.StreamResponse:
    """Remove a zone to which no vehicle or proposal belongs; it can be taken back."""
    pool, zone_id = request.config_dict[CONTEXT].pool, request.match_info["zone_id"]
    had_place = await waiting_depot(pool, zone_id) is None
    try:
        await zones_stored.remove_zone(pool, visitor(request), zone_id)
    except KeyError:
        raise web.HTTPNotFound from None
    except zones_stored.ZoneInUseError:
        return page(request, await _page(request, refused=True), status=422)
    done = Notice.ZONE_REMOVED if had_place else Notice.DEPOT_DROPPED
    raise see_other(f"/zones?done={done}")


async def _page(request: web.Request, *, refused: bool = False) -> views.RemoveZonePage:
    """Raises web.HTTPNotFound: there is no such zone."""
    pool, zone_id = request.config_dict[CONTEXT].pool, request.match_info["zone_id"]
    zone = await zones_stored.zone_of(pool, zone_id) or await waiting_depot(pool, zone_id)
    if zone is None:
        raise web.HTTPNotFound
    vehicles = await zones_stored.vehicles_of_depot(pool, zone_id)
    return views.RemoveZonePage(zone=zone, vehicles=vehicles, refused=refused)
