"""The page of the use of the fleet, GET /use, and the same vehicles as a file: GET
/use/export/{form}."""

from collections.abc import Mapping
from operator import attrgetter

from aiohttp import web

from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.choices.periods import AskedDays, asked_days, period_choice
from api.pages.frame import views
from api.pages.frame.context import CONTEXT, PageContext, period_view
from api.pages.frame.download import asked_format, table_download
from api.pages.frame.render import page
from api.pages.use.forms import UseQuery
from api.pages.use.labels import USE_HEADINGS
from api.pages.use.views import Breakdown, GroupRow, Stretch, UsePage, UseRow, VehicleChoice
from api.pages.words.language import language_of, mark, translations
from fleet.actor import Actor, Permission
from fleet.moments import moment_at
from fleet.names.order import name_order
from register.contact import Tracker, contact_told
from register.vehicles import Vehicle, VehicleFilter, fleet_choices
from trips.use.fleet_use import FleetUse, VehicleUse
from trips.use.use_table import use_table

PEAKS_SHOWN = 5

#: The known vehicles that there are at least where the hours of the day of all vehicles are shown
#: to who sees no single trips: the hours of fewer would tell when one of them was out.
GROUP_MIN = 5

#: The columns of the file that tell of a day or moment of one vehicle.
DAY_COLUMNS = (
    "last_ping",
    "longest_day_km",
    "longest_day_km_on",
    "longest_day_away_h",
    "longest_day_away_h_on",
    "longest_day_engine_h",
    "longest_day_engine_h_on",
)

#: The name of the sheet in an exported workbook.
USE_SHEET_NAME = mark("Use of the fleet")


async def show_use(request: web.Request) -> web.StreamResponse:
    """Show the use of the chosen vehicles together and one by one, and how far it is known."""
    return page(request, await _use_page(request, UseQuery.read(request.query)))


async def _use_page(request: web.Request, query: UseQuery) -> UsePage:
    context = request.config_dict[CONTEXT]
    asked, fleet = await _chosen_use(request, query)
    period = None if asked is None or asked.outside else asked.period
    group = fleet.together()
    choices = await fleet_choices(context.pool)
    actor = visitor(request)
    seen, sees_trips = actor.departments, actor.may(Permission.TRACKS_READ)
    days = len(period.working_days) if period is not None else 0
    peak = group.peak
    days_asked = {name: request.query[name] for name in ("from", "to") if name in request.query}
    part = asked_part(_by_name(fleet), request.query, "/use", query.chosen.query | days_asked)
    trackers = await context.trackers_by_vehicle([one.vehicle.vehicle_id for one in part.rows])
    spans = [] if peak is None else peak.stretches
    return UsePage(
        chosen=query.chosen,
        departments=[one for one in choices.departments if seen is None or one in seen],
        depots=[views.Choice(one.depot_id, one.name) for one in await context.depots(actor)],
        kinds=[views.Choice(*kind) for kind in choices.kinds],
        period=period_view(period),
        days=period_choice(asked, "/use", query.chosen.query, context.settings.period_weeks),
        has_data=period is not None and bool(len(fleet.rows.day)),
        group=group,
        working_hours_away=group.away_h / max(days, 1),
        # The hours of all vehicles, less those of a part, would be those of the rest.
        hours_shown=sees_trips or (not query.chosen.query and group.fleet >= GROUP_MIN),
        peaks=[Stretch(moment_at(start), moment_at(end)) for start, end in spans[:PEAKS_SHOWN]]
        if sees_trips
        else (),
        peaks_total=len(spans),
        breakdowns=_breakdowns(fleet, query.chosen),
        part=part.shown_as(lambda vehicle: use_row(context, actor, vehicle, trackers)),
    )


async def export_use(request: web.Request) -> web.StreamResponse:
    """Answer with the vehicles of the page as a file, in the format that the address names."""
    form = asked_format(request.match_info["form"])
    query = UseQuery.read(request.query)
    if query.days.errors:
        return page(request, await _use_page(request, query), status=422)
    asked, fleet = await _chosen_use(request, query)
    table = use_table(_by_name(fleet))
    if not visitor(request).may(Permission.TRACKS_READ):
        table = table.drop_columns(list(DAY_COLUMNS))
    gettext = translations(language_of(request)).gettext
    if form.for_people:
        table = table.rename_columns(
            [gettext(USE_HEADINGS[column]) for column in table.column_names]
        )
    days = "" if asked is None else f"-{asked.period.first}-{asked.period.last}"
    return await table_download(request, table, form, f"udnyttelse{days}", gettext(USE_SHEET_NAME))


def use_row(
    context: PageContext,
    reader: Actor,
    used: VehicleUse[Vehicle],
    trackers: Mapping[str, Tracker],
) -> UseRow:
    """The row of a vehicle as a reader sees it; `trackers` are by the ids of the vehicles that they
    sit in."""
    vehicle = used.vehicle
    tracker = trackers.get(vehicle.vehicle_id)
    told = None if tracker is None else contact_told(tracker, reader)
    return UseRow(
        vehicle=views.Choice(vehicle.vehicle_id, vehicle.name),
        kind=vehicle.kind_name,
        department=vehicle.department,
        depot=vehicle.depot_name,
        by_hours=vehicle.by_hours,
        contact=None if told is None else told.contact,
        last_ping=None if told is None else told.last_ping,
        status=context.status(used.figures),
        figures=used.figures,
    )


async def _chosen_use(
    request: web.Request, query: UseQuery
) -> tuple[AskedDays | None, FleetUse[Vehicle]]:
    """The days that a query asks for, and the use of the vehicles that it chooses."""
    context = request.config_dict[CONTEXT]
    asked = await asked_days(context, query.days, visitor(request))
    chosen = query.chosen
    return asked, await context.fleet_use(
        visitor(request),
        None if asked is None else asked.period,
        VehicleFilter(chosen.department, chosen.depot, chosen.kind),
        None if asked is None else asked.fleet_day,
    )


def _by_name(fleet: FleetUse[Vehicle]) -> list[VehicleUse[Vehicle]]:
    return sorted(fleet.vehicles, key=lambda one: name_order(one.vehicle.name))


def _breakdowns(fleet: FleetUse[Vehicle], chosen: VehicleChoice) -> list[Breakdown]:
    """The breakdowns by each property that the choice leaves open."""
    found: list[Breakdown] = []
    for by, value_of, name_of in (
        ("department", attrgetter("department"), attrgetter("department")),
        ("depot", attrgetter("depot_id"), attrgetter("depot_name")),
        ("kind", attrgetter("kind"), attrgetter("kind_name")),
    ):
        names: dict[str, str] = {
            value_of(one.vehicle): name_of(one.vehicle) for one in fleet.vehicles
        }
        if len(names) > 1:
            groups = fleet.by(value_of)
            rows = [
                GroupRow(
                    name=name,
                    query=chosen.query | {by: value},
                    group=groups[value],
                )
                for value, name in sorted(names.items(), key=lambda pair: name_order(pair[1]))
            ]
            found.append(Breakdown(by, rows))
    return found
