"""The pages' addresses."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from procrastinate import App

from api.pages.costs import assumptions, capabilities, catalogue
from api.pages.frame import frame
from api.pages.frame.arrival import Pace
from api.pages.frame.context import CONTEXT, Context
from api.pages.intake import intake as intake
from api.pages.intake import keys, live
from api.pages.logs import logs as driving_log
from api.pages.overview import overview as overview
from api.pages.plan import plan as plan
from api.pages.proposals import proposals, round_basis, rounds, studies
from api.pages.use import closing_days
from api.pages.use import use as use
from api.pages.vehicles import future, private, vehicles, year
from api.pages.zones import zones as zones
from api.rest.devices import add_device_routes
from api.rest.private import add_private_routes
from api.rest.quarantine import add_quarantine_routes
from api.supervisor import Supervisor
from db.connect import Pool
from fleet.settings import Settings
from ingest.intake import Intake


def add_page_routes(
    app: web.Application,
    pool: Pool,
    taken: Intake,
    jobs: App,
    settings: Settings,
    supervisor: Supervisor,
    database_answers: Callable[[], Awaitable[bool]],
) -> None:
    """Add every page to an application that has not started."""
    app[CONTEXT] = Context(pool, taken, jobs, settings, supervisor)
    frame.install(
        app,
        municipality=settings.municipality,
        on_loopback=settings.on_loopback,
        tiles_url=settings.map_tiles_url,
        wait_max_s=settings.page_wait_max_s,
        pace=Pace(settings.head_wait_max_s, settings.body_wait_max_s / settings.body_max_bytes),
        database_answers=database_answers,
    )
    app.router.add_get("/", overview.overview)
    app.router.add_get("/vehicles", vehicles.show_vehicles)
    app.router.add_get("/vehicles/{vehicle_id}", vehicles.show_vehicle)
    app.router.add_post("/vehicles/{vehicle_id}/trip-class", vehicles.set_trip_class)
    app.router.add_get("/vehicles/{vehicle_id}/future", future.show_future)
    app.router.add_post("/vehicles/{vehicle_id}/future", future.rule)
    app.router.add_get("/vehicles/{vehicle_id}/private", private.show_private)
    app.router.add_post("/vehicles/{vehicle_id}/private", private.add_private)
    app.router.add_post("/vehicles/{vehicle_id}/private/{private_id}/end", private.stop_private)
    app.router.add_get("/zones", zones.show_zones)
    app.router.add_post("/zones", zones.put_zone)
    app.router.add_post("/zones/file", zones.upload_zones)
    app.router.add_post("/zones/{zone_id}/remove", zones.remove_zone)
    app.router.add_get("/export/{what}", zones.export)
    app.router.add_get("/logs", driving_log.show_logs)
    app.router.add_post("/logs", driving_log.upload)
    app.router.add_get("/logs/{upload_id}", driving_log.show_log)
    app.router.add_post("/logs/{upload_id}", driving_log.take)
    app.router.add_get("/logs/{upload_id}/refused", driving_log.refused_rows)
    app.router.add_get("/vehicles/{vehicle_id}/year", year.show_year)
    app.router.add_get("/use", use.show_use)
    app.router.add_get("/use/export/{form}", use.export)
    app.router.add_get("/use/closing-days", closing_days.show_closing_days)
    app.router.add_post("/use/closing-days", closing_days.close_day)
    app.router.add_post("/use/closing-days/{day}/remove", closing_days.open_day)
    app.router.add_get("/proposals", proposals.show_proposals)
    app.router.add_get("/proposals/rounds", rounds.show_rounds)
    app.router.add_get("/proposals/rounds/{round_id}", round_basis.show_basis)
    app.router.add_post("/proposals/rounds", rounds.request_new_round)
    app.router.add_post("/proposals/versions", rounds.request_new_version)
    app.router.add_post("/proposals/rounds/{round_id}/cancel", rounds.cancel)
    app.router.add_get("/proposals/curve", studies.show_curve)
    app.router.add_get("/proposals/depots", studies.show_depots)
    app.router.add_get("/proposals/report", studies.show_report)
    app.router.add_get("/proposals/{proposal_id}", proposals.show_proposal)
    app.router.add_post("/proposals/{proposal_id}", proposals.decide)
    app.router.add_get("/assumptions", assumptions.show_assumptions)
    app.router.add_get("/assumptions/{key}", assumptions.show_assumption)
    app.router.add_post("/assumptions/{key}", assumptions.change_assumption)
    app.router.add_post("/assumptions/{key}/withdraw", assumptions.withdraw)
    app.router.add_get("/capabilities", capabilities.show_capabilities)
    app.router.add_post("/capabilities", capabilities.name_capabilities)
    app.router.add_get("/catalogue", catalogue.show_catalogue)
    app.router.add_post("/catalogue", catalogue.add_kind)
    app.router.add_get("/catalogue/new", catalogue.show_new_kind)
    app.router.add_post("/catalogue/offer", catalogue.offer_kinds)
    app.router.add_get("/catalogue/{kind}", catalogue.show_kind)
    app.router.add_post("/catalogue/{kind}", catalogue.change_kind)
    app.router.add_get("/plan", plan.show_plan)
    app.router.add_get("/plan/milestones/{milestone_id}", plan.show_milestone)
    app.router.add_post("/plan/milestones/{milestone_id}", plan.change_milestone)
    app.router.add_get("/intake", intake.show_intake)
    add_quarantine_routes(app, pool, taken)
    add_private_routes(app, pool)
    add_device_routes(app, pool)
    app.router.add_get("/intake/keys", keys.show_keys)
    app.router.add_post("/intake/keys", keys.make_key)
    app.router.add_post("/intake/keys/{key_id}/revoke", keys.stop_key)
    app.router.add_get("/intake/live", live.show_live)
    app.router.add_get("/v1/devices/live", live.list_live)
    app.router.add_post("/intake/release", intake.release)
