"""All operations of the JSON interface but those of telemetry."""

from aiohttp import web

from api.rest.costs.assumptions import ASSUMPTIONS
from api.rest.costs.capabilities import CAPABILITIES
from api.rest.costs.kinds import KINDS
from api.rest.depots import DEPOTS
from api.rest.frame.operations import AnyOperation, add_operations
from api.rest.intake.devices import DEVICES
from api.rest.intake.keys import KEYS
from api.rest.intake.quarantine import QUARANTINE
from api.rest.ledger import LEDGER
from api.rest.lists.driving_logs import DRIVING_LOGS
from api.rest.lists.vehicle_lists import VEHICLE_LISTS
from api.rest.municipality import MUNICIPALITY
from api.rest.plan import PLAN
from api.rest.private import PRIVATE
from api.rest.proposals import PROPOSALS
from api.rest.reports import REPORTS
from api.rest.rounds import ROUNDS
from api.rest.rulings import RULINGS
from api.rest.talk.threads import TALK
from api.rest.trips import TRIPS
from api.rest.use import USE
from api.rest.vehicles import VEHICLES

OPERATIONS: tuple[AnyOperation, ...] = (
    *(*MUNICIPALITY, *VEHICLES, *RULINGS, *VEHICLE_LISTS, *DEPOTS, *DEVICES, *KEYS, *PRIVATE),
    *(*TRIPS, *DRIVING_LOGS, *USE, *KINDS, *CAPABILITIES, *ASSUMPTIONS),
    *(*ROUNDS, *REPORTS, *PROPOSALS, *TALK, *LEDGER, *PLAN, *QUARANTINE),
)


def add_rest_routes(app: web.Application) -> None:
    """Add the addresses under `/v1/` but those of telemetry to an application whose pages are
    there."""
    add_operations(app, OPERATIONS)
