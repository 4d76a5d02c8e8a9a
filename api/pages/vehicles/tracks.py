"""Asks why somebody looks at tracks: of a vehicle on its page, of all vehicles before a file."""

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, field_texts
from api.pages.vehicles.views import TracksShown
from api.pages.words.language import mark
from fleet.actor import Permission
from register.track_reasons import (
    NoTracksError,
    TrackAccess,
    TrackReasonError,
    ask_track,
    track_access,
)

WHY_MISSING = mark("Write in 3 to 200 characters why you look")


async def tracks_shown(
    request: web.Request, vehicle_id: str
) -> tuple[TracksShown, TrackAccess | None]:
    """Whether a vehicle's trips are shown to the visitor now, and their access if so."""
    if not visitor(request).may(Permission.TRACKS_READ):
        return TracksShown.FIGURES_ONLY, None
    access = await access_of(request, vehicle_id)
    return (TracksShown.ASKS_WHY if access is None else TracksShown.SHOWN), access


async def access_of(request: web.Request, vehicle_id: str | None) -> TrackAccess | None:
    """The visitor's access to a vehicle's tracks today, or (None) to those of all vehicles.

    Raises:
        web.HTTPNotFound: they see no such vehicle.
    """
    try:
        return await track_access(request.config_dict[CONTEXT].pool, visitor(request), vehicle_id)
    except NoTracksError:
        raise web.HTTPNotFound from None


async def keep_reason(request: web.Request, vehicle_id: str | None) -> None:
    """Keep the reason in the form that was sent.

    Raises:
        FormError: it is none.
        web.HTTPNotFound: the visitor sees no such vehicle.
    """
    values = field_texts(await read_form(request), ("why",))
    pool = request.config_dict[CONTEXT].pool
    try:
        await ask_track(pool, visitor(request), vehicle_id, values["why"])
    except TrackReasonError:
        raise FormError(values, {"why": WHY_MISSING}) from None
    except NoTracksError:
        raise web.HTTPNotFound from None
