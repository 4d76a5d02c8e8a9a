"""All operations of the JSON interface but those of telemetry."""

from aiohttp import web

from api.rest.depots import DEPOTS
from api.rest.devices import DEVICES
from api.rest.frame.operations import AnyOperation, add_operations
from api.rest.kinds import KINDS
from api.rest.private import PRIVATE
from api.rest.proposals import PROPOSALS
from api.rest.quarantine import QUARANTINE
from api.rest.rounds import ROUNDS
from api.rest.trips import TRIPS
from api.rest.use import USE
from api.rest.vehicles import VEHICLES

OPERATIONS: tuple[AnyOperation, ...] = (
    *(*VEHICLES, *KINDS, *DEPOTS, *DEVICES, *PRIVATE),
    *(*TRIPS, *USE, *ROUNDS, *PROPOSALS, *QUARANTINE),
)


def add_rest_routes(app: web.Application) -> None:
    """Add the addresses under `/v1/` but those of telemetry to an application whose pages are
    there."""
    add_operations(app, OPERATIONS)
