"""The pages of the trial: GET /trial, GET and POST /trial/{depot}."""

from collections.abc import Sequence

from aiohttp import web

from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, field_texts
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.trial import views
from api.pages.trial.months import TrialMonth
from api.pages.vehicles.tracks import WHY_MISSING
from db.connect import Pool
from fleet.actor import Permission
from fleet.localtime import local_now
from optimiser.rounds.overview import latest_round_id
from optimiser.rounds.studies import depot_plans
from optimiser.trial.stored import (
    MissedTrip,
    Trial,
    drivers,
    missed_trips,
    read_trial,
    record_misses,
    trial_days,
    trial_reasons,
)
from register.track_reasons import TrackReasonError, ask_tracks, tracks_access
from register.zones_stored import depots

#: The most missed trips that a page knows, and those that it shows at a time.
MISSES_MAX = 500
MISSES_SHOWN = 20

#: The months of the calendar that are shown at a time.
MONTHS_SHOWN = 6

#: More days than a trial has.
DAYS_MAX = 5_000


async def show_trial(request: web.Request) -> web.StreamResponse:
    """Show what the trials of the latest round came to at each depot."""
    pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
    found = await read_trial(pool, actor, local_now().date())
    return page(
        request,
        views.TrialPage(
            trial=found,
            part=asked_part([] if found is None else found.depots, request.query, "/trial"),
            reasons=() if found is None else await trial_reasons(pool, found, None),
        ),
    )


async def show_depot(request: web.Request) -> web.StreamResponse:
    """Show the days of a depot, and each round trip that would have had no vehicle."""
    return page(request, await _depot_page(request))


async def give_reason(request: web.Request) -> web.StreamResponse:
    """Keep why the visitor looks at who drove the trips that would have had no vehicle."""
    values = field_texts(await read_form(request), ("why",))
    pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
    trial = await _trial(request)
    misses = await missed_trips(pool, actor, trial, _depot_id(request), MISSES_MAX)
    try:
        await ask_tracks(pool, actor, drivers(misses), values["why"])
    except TrackReasonError:
        refused = FormError(values, {"why": WHY_MISSING})
        return page(request, await _depot_page(request, refused), status=422)
    raise see_other(f"{request.rel_url.raw_path}#misses")


async def _depot_page(
    request: web.Request, refused: FormError | None = None
) -> views.DepotTrialPage:
    pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
    depot_id = _depot_id(request)
    trial = await _trial(request)
    name = next((one.name for one in await depots(pool) if one.depot_id == depot_id), None)
    if name is None:
        raise web.HTTPNotFound
    found = trial.of_depot(depot_id)
    shared = next((one for one in trial.shared if one.depot_id == depot_id), None)
    by_day = actor.may(Permission.TRACKS_READ)
    misses: Sequence[MissedTrip] = ()
    if by_day:
        misses = await missed_trips(pool, actor, trial, depot_id, MISSES_MAX)
    part = asked_part(
        misses, request.query, request.rel_url.raw_path, name="misses", most=MISSES_SHOWN
    )
    access = await tracks_access(pool, actor, drivers(part.rows)) if part.rows else None
    if access is not None:
        await record_misses(pool, actor, part.rows, access)
    days = await trial_days(pool, actor, trial, depot_id, DAYS_MAX) if by_day else None
    path = request.rel_url.raw_path
    return views.DepotTrialPage(
        trial=trial,
        depot_id=depot_id,
        depot=name,
        found=found,
        shared=shared,
        days=days,
        months=asked_part(
            TrialMonth.of(days or ()), request.query, path, name="months", most=MONTHS_SHOWN
        ),
        reasons=await trial_reasons(pool, trial, depot_id),
        misses=part if by_day else None,
        all_misses=len(misses),
        is_named=access is not None,
        planned_trips_year=await _planned_trips_year(pool, depot_id),
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
    )


async def _planned_trips_year(pool: Pool, depot_id: str) -> float | None:
    """The round trips of a depot that the plan leaves to taxi, hire or own car in a year; None: it
    is of vehicles that the visitor does not see, too."""
    round_id = await latest_round_id(pool)
    plans = () if round_id is None else await depot_plans(pool, round_id)
    found = [one.proposed.fallback_trips_year for one in plans if one.depot_id == depot_id]
    return found[0] if found else None


async def _trial(request: web.Request) -> Trial:
    context = request.config_dict[CONTEXT]
    found = await read_trial(context.pool, visitor(request), local_now().date())
    if found is None:
        raise web.HTTPNotFound
    return found


def _depot_id(request: web.Request) -> str:
    return request.match_info["depot"]
