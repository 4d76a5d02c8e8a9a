"""The overview: GET /."""

from datetime import timedelta

from aiohttp import web

from api.pages import views
from api.pages.context import CONTEXT, Context, now_local, period_view
from api.pages.plan import milestone_view
from api.pages.proposals import latest_round
from api.pages.render import page
from db.statements import statements
from fleet.period import Period
from tracker.plan import MilestoneStatus, milestones
from trips.utilisation import VehicleUse, fleet_use

SQL = statements("fleet")

LEAST_USED_SHOWN = 6
MILESTONES_SHOWN = 4
SILENT_AFTER = timedelta(hours=24)


async def overview(request: web.Request) -> web.StreamResponse:
    """The fleet today, its use, the current proposals and what is next in the plan."""
    context = request.config_dict[CONTEXT]
    now = now_local()
    period = await context.period()
    uses = await fleet_use(context.pool, period)
    today = await context.pool.fetchrow(SQL["today"], now.date())
    assert today is not None
    known = [use for use in uses if context.status(use) is not views.Status.UNKNOWN]
    silent = [
        use for use in uses if use.row["last_ts"] is None or now - use.row["last_ts"] > SILENT_AFTER
    ]
    shares = [use.days_used_share for use in known if use.days_used_share is not None]
    return page(
        request,
        views.OverviewPage(
            as_of=now,
            vehicles=len(uses),
            trackers_heard=len(uses) - len(silent),
            silent=[
                views.SilentTracker(vehicle=_choice(use), last_ping=use.row["last_ts"])
                for use in silent
            ],
            pings_today=today["pings"],
            trips_today=today["trips"],
            trips_period=await _trips(context, period),
            period=period_view(period),
            days_used_share=sum(shares) / len(shares) if shares else None,
            quarantined=today["quarantined"],
            round=await latest_round(context.pool),
            depots=await _depots(context, period),
            least_used=_least_used(known),
            milestones=await _next_milestones(context),
        ),
    )


def _choice(use: VehicleUse) -> views.Choice:
    return views.Choice(use.row["vehicle_id"], use.row["name"])


async def _trips(context: Context, period: Period | None) -> int:
    if period is None:
        return 0
    return await context.pool.fetchval(SQL["trips_between"], period.first, period.last)


async def _depots(context: Context, period: Period | None) -> list[views.DepotUse]:
    if period is None:
        return []
    rows = await context.pool.fetch(SQL["depot_peaks"], period.start, period.end)
    return [
        views.DepotUse(
            depot=views.Choice(row["depot_id"], row["name"]),
            vehicles=row["vehicles"],
            peak=row["peak"] or 0,
            peak_at=row["peak_at"],
        )
        for row in rows
        if row["vehicles"]
    ]


def _least_used(known: list[VehicleUse]) -> list[views.LeastUsed]:
    ranked = sorted(known, key=lambda use: (use.days_used_share or 0.0, use.row["km"]))
    return [
        views.LeastUsed(
            vehicle=_choice(use),
            kind=use.row["kind_name"],
            depot=use.row["depot_name"],
            days_used_share=use.days_used_share or 0.0,
            km=use.row["km"],
        )
        for use in ranked[:LEAST_USED_SHOWN]
    ]


async def _next_milestones(context: Context) -> list[views.Milestone]:
    open_ones = [m for m in await milestones(context.pool) if m.status != MilestoneStatus.DONE]
    return [milestone_view(m) for m in open_ones[:MILESTONES_SHOWN]]
