"""Puts the subjects of the pages into one application."""

from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web
from procrastinate import App

from api.delivery.following import followed_by
from api.door.doorkeeper import doorkeeper
from api.door.needs import add_routes
from api.pages.access.municipality import OPENID, openid_provider
from api.pages.access.routes import ACCESS
from api.pages.audit.routes import AUDIT
from api.pages.costs.routes import COSTS
from api.pages.depot_days.routes import DEPOT_DAYS
from api.pages.follow_up.routes import FOLLOW_UP
from api.pages.frame import frame
from api.pages.frame.body_pace import BodyPace
from api.pages.frame.context import CONTEXT, PageContext
from api.pages.frame.form_tokens import refuse_strange_forms
from api.pages.frame.labels import VOCABULARY as FRAME_VOCABULARY
from api.pages.indicators.routes import INDICATORS
from api.pages.intake.routes import INTAKE
from api.pages.interface.routes import INTERFACE
from api.pages.ledger.routes import LEDGER
from api.pages.letters.tasks import task_words
from api.pages.logs.routes import LOGS
from api.pages.meetings.routes import MEETINGS
from api.pages.municipality.routes import MUNICIPALITY
from api.pages.municipality.shown_name import show_given_name
from api.pages.overview.routes import OVERVIEW
from api.pages.pilot_end.routes import PILOT_END
from api.pages.plan.routes import PLAN
from api.pages.plan_status.routes import PLAN_STATUS
from api.pages.proposals.routes import PROPOSALS
from api.pages.purchases.routes import PURCHASES
from api.pages.register.routes import REGISTER
from api.pages.reports.routes import REPORTS
from api.pages.sendings.routes import SENDINGS
from api.pages.trackers.routes import TRACKERS
from api.pages.transition.routes import TRANSITION
from api.pages.trial.routes import TRIAL
from api.pages.use.routes import USE
from api.pages.vehicles.routes import VEHICLES
from api.pages.what_ifs.routes import WHAT_IFS
from api.pages.words.vocabulary import Vocabulary
from api.pages.zones.routes import ZONES
from api.settings import Settings
from api.supervisor import Supervisor
from db.connect import Pool
from ingest.quarantine import Quarantine
from ingest.tracker_ports import tracker_ports
from ingest.watch.metrics import Metrics
from optimiser.ledger.undertakings import follow_verdicts, lead_times

SUBJECTS = (
    OVERVIEW,
    VEHICLES,
    REGISTER,
    ZONES,
    LOGS,
    USE,
    REPORTS,
    TRANSITION,
    SENDINGS,  # before the addresses of single proposals
    PROPOSALS,
    DEPOT_DAYS,
    TRIAL,
    WHAT_IFS,
    LEDGER,
    PURCHASES,
    PILOT_END,
    COSTS,
    FOLLOW_UP,
    PLAN,
    PLAN_STATUS,
    MEETINGS,
    INDICATORS,
    INTAKE,
    TRACKERS,
    MUNICIPALITY,
    AUDIT,
    ACCESS,
    INTERFACE,
)

#: The words of all templates.
VOCABULARY = Vocabulary.together([FRAME_VOCABULARY, *(subject.vocabulary for subject in SUBJECTS)])


def add_page_routes(
    app: web.Application,
    pool: Pool,
    quarantine: Quarantine,
    metrics: Metrics,
    jobs: App,
    settings: Settings,
    supervisor: Supervisor,
    database_answers: Callable[[], Awaitable[bool]],
) -> None:
    """Add every page to an application that has not started."""
    ports = tracker_ports(settings)
    app[CONTEXT] = PageContext(pool, quarantine, metrics, jobs, settings, supervisor, ports)
    provider = openid_provider(settings)
    if provider is not None:
        app[OPENID] = provider
    frame.install_frame(
        app,
        VOCABULARY,
        municipality=settings.municipality,
        names=settings.public_names,
        own_tls=settings.own_tls,
        tiles_url=settings.map_tiles_url,
        wait_max_s=settings.page_wait_max_s,
        pace=BodyPace(settings.head_wait_max_s, settings.body_wait_max_s / settings.body_max_bytes),
        database_answers=database_answers,
    )
    show_given_name(app, pool, settings.municipality)
    follow = partial(follow_verdicts, pool, lead_times(settings), task_words(settings))
    app.middlewares.extend((doorkeeper(pool), refuse_strange_forms, followed_by(follow)))
    for subject in SUBJECTS:
        add_routes(app, subject.routes)
