"""The page of the transition year by year: GET /proposals/transition."""

from collections.abc import Callable

from aiohttp import web

from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT
from api.pages.frame.render import page
from api.pages.frame.views import Choice
from api.pages.transition.told import transition_told
from api.pages.transition.views import Shown, TransitionPage
from fleet.names.order import name_order
from optimiser.rounds.overview import latest_round
from optimiser.transition.contracts import Holding
from optimiser.transition.stored import CalendarRow

PATH = "/proposals/transition"

#: The rows of a part of the calendar, and of the years of depots.
ROWS_SHOWN = 12

_LITTLE_KNOWN = frozenset({Holding.UNKNOWN, Holding.NO_END})

_KEPT: dict[Shown, Callable[[CalendarRow], bool]] = {
    Shown.ALL: lambda row: True,
    Shown.CHANGING: lambda row: row.turn is not None,
    Shown.ENDED: lambda row: row.contract is not None and row.contract.holding is Holding.ENDED,
    Shown.UNKNOWN: lambda row: row.contract is not None and row.contract.holding in _LITTLE_KNOWN,
}


async def show_transition(request: web.Request) -> web.StreamResponse:
    """Show when contracts end and changes take hold, and the money of each budget year."""
    told = await transition_told(request, await latest_round(request.config_dict[CONTEXT].pool))
    fleet, asked = told.fleet, request.query
    names = {row.depot_id: row.depot for row in fleet.rows}
    depot = asked.get("depot") or None
    wanted = asked.get("show", "")
    shown = Shown(wanted) if wanted in list(Shown) else Shown.ALL
    rows = [
        row
        for row in fleet.rows
        if (depot is None or depot not in names or row.depot_id == depot) and _KEPT[shown](row)
    ]
    query = {name: asked[name] for name in ("depot", "show") if asked.get(name)}
    return page(
        request,
        TransitionPage(
            told=told,
            rows=asked_part(rows, asked, PATH, query, most=ROWS_SHOWN),
            depot_years=asked_part(
                told.depot_years, asked, PATH, query, name="depots", most=ROWS_SHOWN
            ),
            depots=[
                Choice(one, name)
                for one, name in sorted(names.items(), key=lambda pair: name_order(pair[1]))
            ],
            depot_id=depot if depot in names else None,
            shown=shown,
            is_depot_unknown=depot is not None and depot not in names,
        ),
    )
