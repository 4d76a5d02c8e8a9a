"""The page of a vehicle's private periods: GET and POST /vehicles/{vehicle_id}/private, POST
…/private/{private_id}/end."""

from datetime import UTC, datetime, timedelta

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, field_texts
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.views import Choice
from api.pages.vehicles import views
from api.pages.vehicles.forms import DELETION_UNCONFIRMED, PrivateForm
from api.pages.vehicles.views import Notice
from fleet.localtime import local_now
from register.private_periods import (
    RecordedPeriod,
    end_private,
    positions_dropped_since,
    private_periods,
    set_private,
    trips_at_stake,
)
from register.private_time import PrivatePeriod, is_private
from register.vehicles import refuse_other_departments, vehicle_name

#: The days over which the page counts dropped positions.
DROPPED_DAYS = 30


async def show_private(request: web.Request) -> web.StreamResponse:
    """Show when a vehicle is private, who set that, and the forms that change it."""
    return page(request, await _private_page(request))


async def set_vehicle_private(request: web.Request) -> web.StreamResponse:
    """Set the vehicle private. A refused form comes back with what was typed."""
    vehicle = await _vehicle(request)
    fields = await read_form(request)
    try:
        form = PrivateForm.read(fields, local_now())
    except FormError as error:
        return page(request, await _private_page(request, error), status=422)
    period = PrivatePeriod(form.begins, form.ends, form.duty)
    pool = request.config_dict[CONTEXT].pool
    # What happens now may be private at once; what was driven is not given up by a slip.
    if fields.get("begins") and not form.confirmed:
        stake = await trips_at_stake(pool, vehicle.id, form.begins, form.ends)
        if stake:
            typed = field_texts(fields, ("begins", "ends", "note"))
            unsaid = FormError(typed, {"confirmed": DELETION_UNCONFIRMED})
            return page(request, await _private_page(request, unsaid, stake), status=422)
    await set_private(pool, visitor(request), vehicle.id, period, note=form.note)
    raise see_other(f"{request.rel_url.raw_path}?done={Notice.PRIVATE_SET}")


async def end_private_period(request: web.Request) -> web.StreamResponse:
    """End one private period now."""
    vehicle = await _vehicle(request)
    pool = request.config_dict[CONTEXT].pool
    private_id = id_in_path(request, "private_id")
    known = {one.private_id: one for one in await private_periods(pool, vehicle.id)}
    if private_id not in known or not _entry(known[private_id], datetime.now(UTC)).active:
        raise web.HTTPNotFound
    await end_private(pool, visitor(request), private_id)
    back = request.rel_url.raw_path.rpartition("/private/")[0] + "/private"
    raise see_other(f"{back}?done={Notice.PRIVATE_ENDED}")


async def _vehicle(request: web.Request) -> Choice:
    pool = request.config_dict[CONTEXT].pool
    name = await vehicle_name(pool, request.match_info["vehicle_id"])
    await refuse_other_departments(pool, visitor(request), request.match_info["vehicle_id"])
    if name is None:
        raise web.HTTPNotFound
    return Choice(request.match_info["vehicle_id"], name)


async def _private_page(
    request: web.Request, refused: FormError | None = None, at_stake: int = 0
) -> views.PrivatePage:
    vehicle = await _vehicle(request)
    pool = request.config_dict[CONTEXT].pool
    now = datetime.now(UTC)
    periods = await private_periods(pool, vehicle.id)
    since = local_now().date() - timedelta(days=DROPPED_DAYS)
    return views.PrivatePage(
        vehicle=vehicle,
        private_now=is_private(now, [one.period for one in periods]),
        part=asked_part(periods, request.query, request.rel_url.raw_path).shown_as(
            lambda one: _entry(one, now)
        ),
        dropped=await positions_dropped_since(pool, vehicle.id, since),
        at_stake=at_stake,
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )


def _entry(one: RecordedPeriod, now: datetime) -> views.PrivateEntry:
    period = one.period
    return views.PrivateEntry(
        private_id=one.private_id,
        begins=period.begins,
        ends=period.ends,
        duty_weekdays=None if period.duty is None else sorted(period.duty.weekdays),
        duty_begins=None if period.duty is None else period.duty.begins,
        duty_ends=None if period.duty is None else period.duty.ends,
        duty_on_holidays=period.duty is not None and period.duty.on_holidays,
        note=one.note,
        set_by=one.set_by,
        set_at=one.set_at,
        deleted=one.deleted,
        removed_trips=one.removed.trips + one.removed.round_trips + one.removed.engine_sessions,
        removed_refused=one.removed.quarantined + one.removed.log_rows,
        ended_by=one.ended_by,
        ended_at=one.ended_at,
        active=period.ends is None or period.ends > now,
    )
