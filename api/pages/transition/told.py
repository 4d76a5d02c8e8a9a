"""Reads the transition of a round for who asks, which the page, the report and files tell."""

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from api.pages.transition.views import TransitionTold
from fleet.localtime import local_now
from optimiser.rounds.overview import Round
from optimiser.transition.stored import read_transition
from register.vehicles import scope_of


async def transition_told(request: web.Request, found: Round | None) -> TransitionTold:
    """The transition of a round today; None: there is no round, and the contracts stand alone."""
    context = request.config_dict[CONTEXT]
    fleet = await read_transition(
        context.pool,
        found,
        await scope_of(context.pool, visitor(request)),
        local_now().date(),
        context.settings.ledger_silent_days,
    )
    return TransitionTold(fleet=fleet, round=found)
