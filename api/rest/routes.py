"""All operations of the JSON interface but those of telemetry."""

from aiohttp import web

from api.rest.costs.assumptions import ASSUMPTIONS
from api.rest.costs.capabilities import CAPABILITIES
from api.rest.costs.kinds import KINDS
from api.rest.decisions import DECISIONS
from api.rest.frame.operations import AnyOperation, add_operations
from api.rest.intake.devices import DEVICES
from api.rest.intake.keys import KEYS
from api.rest.intake.quarantine import QUARANTINE
from api.rest.ledger import LEDGER
from api.rest.lists.driving_logs import DRIVING_LOGS
from api.rest.lists.vehicle_lists import VEHICLE_LISTS
from api.rest.municipality import MUNICIPALITY
from api.rest.pilot_end.evaluation import EVALUATION
from api.rest.pilot_end.goals import GOALS
from api.rest.pilot_end.roll_out import ROLL_OUT
from api.rest.places.depots import DEPOTS
from api.rest.places.zones import ZONES
from api.rest.plans.contacts import CONTACTS
from api.rest.plans.documents import DOCUMENTS
from api.rest.plans.follow_up import FOLLOW_UPS
from api.rest.plans.indicators import INDICATORS
from api.rest.plans.meetings import MEETINGS
from api.rest.plans.milestones import MILESTONES
from api.rest.plans.one_milestone import ONE_MILESTONE
from api.rest.plans.plans import PLANS
from api.rest.plans.status import STATUS
from api.rest.plans.typed import TYPED
from api.rest.private import PRIVATE
from api.rest.proposals import PROPOSALS
from api.rest.purchases.principles import PRINCIPLES
from api.rest.purchases.register import REGISTER
from api.rest.purchases.requests import REQUESTS
from api.rest.rounds.curve import CURVE
from api.rest.rounds.depots import DEPOTS_OF_ROUNDS
from api.rest.rounds.kept import KEPT
from api.rest.rounds.reports import REPORTS
from api.rest.rounds.rounds import ROUNDS
from api.rest.rulings import RULINGS
from api.rest.talk.threads import TALK
from api.rest.transition.years import TRANSITION
from api.rest.trial.trial import TRIAL
from api.rest.trips import TRIPS
from api.rest.use import USE
from api.rest.vehicles import VEHICLES
from api.rest.what_ifs.what_ifs import WHAT_IFS
from api.rest.years import YEARS

OPERATIONS: tuple[AnyOperation, ...] = (
    *(*MUNICIPALITY, *VEHICLES, *RULINGS, *VEHICLE_LISTS, *DEPOTS, *ZONES),
    *(*DEVICES, *KEYS, *PRIVATE),
    *(*TRIPS, *DRIVING_LOGS, *USE, *YEARS, *KINDS, *CAPABILITIES, *ASSUMPTIONS),
    *(*ROUNDS, *CURVE, *REPORTS, *KEPT, *DEPOTS_OF_ROUNDS),
    *(*PROPOSALS, *DECISIONS, *TALK, *WHAT_IFS),
    *(*LEDGER, *TRANSITION, *QUARANTINE),
    *(*FOLLOW_UPS, *MEETINGS),
    *(*PLANS, *STATUS, *DOCUMENTS, *TYPED, *MILESTONES, *ONE_MILESTONE, *CONTACTS, *INDICATORS),
    *(*PRINCIPLES, *REQUESTS, *REGISTER, *EVALUATION, *GOALS, *ROLL_OUT),
    *TRIAL,
)


def add_rest_routes(app: web.Application) -> None:
    """Add the addresses under `/v1/` but those of telemetry to an application whose pages are
    there."""
    add_operations(app, OPERATIONS)
