"""The page of a typical and of the busiest day at the depot of a proposal, before and after it: GET
and POST /proposals/{proposal_id}/days."""

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.depot_days import views
from api.pages.depot_days.views import DaysShown
from api.pages.frame.context import CONTEXT
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, field_texts
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.vehicles.tracks import WHY_MISSING
from optimiser.days.stored_days import PlannedDepot, drawn_days, planned_depot
from optimiser.rounds.proposals import Proposal, one_proposal
from register.track_reasons import TrackReasonError, ask_tracks, tracks_access
from register.vehicles import scope_of


async def show_days(request: web.Request) -> web.StreamResponse:
    """Show the days, once the visitor has said why they look at the vehicles' trips."""
    return page(request, await _days_page(request))


async def give_reason(request: web.Request) -> web.StreamResponse:
    """Keep why the visitor looks at the trips of each vehicle that drove on the days."""
    values = field_texts(await read_form(request), ("why",))
    pool = request.config_dict[CONTEXT].pool
    await _proposal(request)
    depot = await planned_depot(pool, _proposal_id(request))
    if depot is None:
        raise web.HTTPNotFound
    try:
        await ask_tracks(pool, visitor(request), depot.drivers, values["why"])
    except TrackReasonError:
        refused = FormError(values, {"why": WHY_MISSING})
        return page(request, await _days_page(request, refused), status=422)
    raise see_other(request.rel_url.raw_path)


async def _days_page(request: web.Request, refused: FormError | None = None) -> views.DepotDaysPage:
    pool = request.config_dict[CONTEXT].pool
    actor = visitor(request)
    row = await _proposal(request)
    depot = await planned_depot(pool, row.proposal_id)
    hidden = why_not(depot)
    if depot is None or hidden is not None:
        return views.DepotDaysPage(row=row, shown=hidden or DaysShown.SHARED)
    access = await tracks_access(pool, actor, depot.drivers)
    if access is None:
        return views.DepotDaysPage(
            row=row,
            shown=DaysShown.ASKS_WHY,
            values={} if refused is None else refused.values,
            errors={} if refused is None else refused.errors,
        )
    found = await drawn_days(pool, actor, depot, access)
    assert depot.days is not None, "there are days to draw"
    return views.DepotDaysPage(
        row=row,
        shown=DaysShown.SHOWN,
        days=[
            views.ShownDay(
                day=one,
                is_typical=one.count.day == depot.days.typical.day,
                is_busiest=one.count.day == depot.days.busiest.day,
            )
            for one in found
        ],
    )


def why_not(depot: PlannedDepot | None) -> DaysShown | None:
    """Why no days are drawn; None: they are."""
    if depot is None:
        return DaysShown.SHARED
    if depot.days is None:
        return DaysShown.NO_TRIPS
    return None if depot.vehicles else DaysShown.EARLIER


async def _proposal(request: web.Request) -> Proposal:
    pool = request.config_dict[CONTEXT].pool
    scope = await scope_of(pool, visitor(request))
    row = await one_proposal(pool, _proposal_id(request), scope)
    # Of other departments not even that there is a proposal is told.
    if row is None:
        raise web.HTTPNotFound
    return row


def _proposal_id(request: web.Request) -> int:
    return id_in_path(request, "proposal_id")
