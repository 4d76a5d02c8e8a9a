"""The page of the overview: GET /."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from aiohttp import web

from api.door.visitor import visitor
from api.pages.choices.periods import asked_days, period_choice
from api.pages.frame.context import CONTEXT, PageContext, period_view
from api.pages.frame.forms import DaysQuery
from api.pages.frame.render import page
from api.pages.frame.views import COUNTED_MAX, BoundedCount, Choice, vehicle_choice
from api.pages.municipality.views import shown_checklist
from api.pages.overview import views
from api.pages.plan.views import MilestoneRow
from fleet.actor import Actor, Permission
from fleet.localtime import day_start, local_now
from fleet.moments import moment_at
from fleet.names.order import name_order
from ingest.quarantine_items import waiting_count
from ingest.watch.received import received_since
from optimiser.ledger.stored import read_ledger
from optimiser.purchases.requests import count_open
from optimiser.rounds.overview import latest_round
from optimiser.rounds.proposals import decided_since
from optimiser.rounds.studies import round_studies
from optimiser.talk.entries import waiting
from optimiser.trial.stored import read_trial
from register.contact import Tracker, contact_told
from register.municipality.first_run import checklist
from register.vehicles import Vehicle, scope_of
from tracker.milestone import open_milestones
from tracker.milestones import milestones
from trips.stored.day_table import trips_begun_on
from trips.use.fleet_use import FleetUse, VehicleUse

LEAST_USED_SHOWN = 6
NOT_HEARD_SHOWN = 12
MILESTONES_SHOWN = 4
TASKS_SHOWN = 3
#: The time for which a failure of a part is shown after the part runs again.
FAILURES_SHOWN = timedelta(hours=24)


async def show_overview(request: web.Request) -> web.StreamResponse:
    """Show the fleet today, its use, the current proposals and the next milestones of the plan."""
    context = request.config_dict[CONTEXT]
    now = local_now()
    actor = visitor(request)
    asked = await asked_days(context, DaysQuery.read(request.query), actor)
    period = None if asked is None or asked.outside else asked.period
    sees_trips = actor.may(Permission.TRACKS_READ)
    # What the page tells is read side by side, as each waits for the database.
    scope = await scope_of(context.pool, actor)
    fleet, every_tracker, planned, facts, (latest, ledger, trial), today = await asyncio.gather(
        context.fleet_use(actor, None if asked is None else asked.period),
        context.trackers(now),
        milestones(context.pool),
        context.first_run_facts(),
        asyncio.gather(
            latest_round(context.pool),
            read_ledger(context.pool, scope, now.date(), context.settings.ledger_silent_days),
            read_trial(context.pool, actor, now.date()),
        ),
        _today(context, now, actor),
    )
    uses = fleet.vehicles
    together = fleet.together()
    own = {one.vehicle.vehicle_id for one in uses}
    trackers = [one for one in every_tracker if actor.departments is None or one.vehicle_id in own]
    not_heard = _not_heard(trackers, actor)
    plan = open_milestones(planned, now.date())
    waits = ()
    if actor.may(Permission.PROPOSALS_DECIDE):
        waits = (await waiting(context.pool, actor)).for_them
    tasks = ledger.waiting_for(actor)
    requests_wait = 0
    if actor.may(Permission.PURCHASES_DECIDE):
        requests_wait = await count_open(context.pool)
    ends = None
    if latest is not None and latest.narrowed is None:
        studies = await round_studies(context.pool, latest.round_id)
        ends = latest.ends(studies, context.settings.greenest_within)
    return page(
        request,
        views.OverviewPage(
            as_of=now,
            checklist=shown_checklist(checklist(facts)),
            failed_parts=_failed_parts(context, now),
            vehicles=len(uses),
            trackers_heard=sum(tracker.contact.heard for tracker in trackers),
            not_heard=not_heard[:NOT_HEARD_SHOWN],
            not_heard_total=len(not_heard),
            without_tracker=len(uses) - sum(tracker.vehicle_id is not None for tracker in trackers),
            intake=today[0],
            trips_begun_today=today[1],
            trips_period=together.trips,
            period=period_view(period),
            days=period_choice(asked, "/", {}, context.settings.period_weeks),
            has_data=period is not None and bool(len(fleet.rows.day)),
            days_used_share=together.days_used_share,
            unknown=together.unknown,
            round=latest,
            ends=ends,
            pending=latest is not None and await decided_since(context.pool, latest.round_id),
            round_works=facts.round_works,
            depots=_depots(fleet, moments=sees_trips),
            least_used=_least_used(uses),
            late=[MilestoneRow.of(m, now.date()) for m in plan.late[:MILESTONES_SHOWN]],
            late_total=len(plan.late),
            milestones=[MilestoneRow.of(m, now.date()) for m in plan.coming[:MILESTONES_SHOWN]],
            waits=len(waits),
            waits_late=sum(one.is_late(now.date()) for one in waits),
            requests_wait=requests_wait,
            tasks=tasks[:TASKS_SHOWN],
            tasks_total=len(tasks),
            plan_waits=any(not one.is_taken for one in planned),
            late_proposals=[one.undertaken.whole for one in ledger.account.late],
            trial=trial,
        ),
    )


async def _today(
    context: PageContext, now: datetime, actor: Actor
) -> tuple[views.Intake | None, int | None]:
    """What came in today, and the trips that began; None where the actor does not see it."""
    if not actor.may(Permission.TRACKS_READ):
        return None, None
    begun = await trips_begun_on(context.pool, now.date(), actor.departments)
    if actor.departments is not None:
        return None, begun
    received = await received_since(context.pool, day_start(now.date()))
    quarantined = await waiting_count(context.pool, COUNTED_MAX + 1)
    intake = views.Intake(
        received_today=received.positions, quarantined=BoundedCount.up_to_max(quarantined)
    )
    return intake, begun


def _failed_parts(context: PageContext, now: datetime) -> list[views.FailedPart]:
    return [
        views.FailedPart(
            name=state.name,
            title=state.title,
            up=state.up,
            kind=state.kind,
            failed_at=state.failed_at,
            failures=state.failures,
        )
        for state in context.supervisor.states
        if state.kind is not None
        and state.failed_at is not None
        and (not state.up or now - state.failed_at < FAILURES_SHOWN)
    ]


def _not_heard(trackers: Sequence[Tracker], reader: Actor) -> list[views.NotHeard]:
    """The silent trackers and those that were never heard, the longest-silent ones first."""
    silent = [tracker for tracker in trackers if not tracker.contact.heard]
    return [
        views.NotHeard(
            device=tracker.device,
            vehicle=vehicle_choice(tracker.vehicle_id, tracker.vehicle_name),
            contact=told.contact,
            last_ping=told.last_ping,
        )
        for tracker in sorted(silent, key=lambda one: -(one.silence_s or 0.0))
        for told in (contact_told(tracker, reader),)
    ]


def _depots(fleet: FleetUse[Vehicle], *, moments: bool) -> list[views.DepotUse]:
    """The peak of each depot, of vehicles whose use is known. When all of a depot were out, its
    moment would tell of each of them, so only who sees single trips is told of `moments`."""
    names = {one.vehicle.depot_id: one.vehicle.depot_name for one in fleet.vehicles}
    found: list[views.DepotUse] = []
    groups = fleet.by(attrgetter("depot_id"))
    for depot_id, name in sorted(names.items(), key=lambda depot: name_order(depot[1])):
        group = groups[depot_id]
        peak = group.peak
        found.append(
            views.DepotUse(
                depot=Choice(depot_id, name),
                vehicles=group.fleet,
                peak=0 if peak is None else peak.out,
                peak_at=moment_at(peak.spans[0, 0]) if peak is not None and moments else None,
            )
        )
    return found


def _least_used(uses: Sequence[VehicleUse[Vehicle]]) -> list[views.LeastUsed]:
    known = [(share, one) for one in uses if (share := one.figures.days_used_share) is not None]
    known.sort(key=lambda pair: (pair[0], pair[1].figures.km))
    return [
        views.LeastUsed(
            vehicle=Choice(one.vehicle.vehicle_id, one.vehicle.name),
            kind=one.vehicle.kind_name,
            depot=one.vehicle.depot_name,
            days_used_share=share,
            figures=one.figures,
            by_hours=one.vehicle.by_hours,
        )
        for share, one in known[:LEAST_USED_SHOWN]
    ]
