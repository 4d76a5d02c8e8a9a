"""The page of the basis of a round, as it was when the round was solved: GET
/proposals/rounds/{round_id}."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.costs import views as basis_views
from api.pages.costs.assumptions import assumption_rows
from api.pages.costs.capabilities import Capabilities, read_capabilities
from api.pages.costs.catalogue import kind_row
from api.pages.frame.context import CONTEXT, period_view
from api.pages.frame.render import page
from api.pages.proposals import round_views
from api.pages.proposals.forms import ProposalQuery
from costs.assumptions import FigureGroup, FigureKey, quantities
from costs.basis_change import RuleChange
from costs.ownership import ownership
from optimiser.carried.since_before import LeastChange, compare_with_before
from optimiser.parts.own_vehicles import OF_DEPARTMENT
from optimiser.rounds.basis import BasisChanges, read_round_basis, round_notes
from optimiser.rounds.prepare import RULES_OF_SETTINGS
from optimiser.rounds.proposals import read_proposals
from register.vehicles import scope_of
from register.zones_stored import depots

#: The most remarks on single trips that the page shows; a broken log can have thousands.
REMARKS_SHOWN = 50

_UNITS: Mapping[round_views.RoundRule, str] = {
    round_views.RoundRule.TURNAROUND: "min.",
    round_views.RoundRule.FALLBACK_TRIP: "kr.",
    round_views.RoundRule.FALLBACK_KM: "kr/km",
    round_views.RoundRule.FALLBACK_CO2: "g/km",
    round_views.RoundRule.CO2_PRICE: "kr/t",
    round_views.RoundRule.CO2_CAP: "t",
    round_views.RoundRule.GREEN_ONLY: "",
    round_views.RoundRule.GREEN_KEEP: "",
    round_views.RoundRule.MOVES: "",
    round_views.RoundRule.NO_FALLBACK: "",
    round_views.RoundRule.NO_FALLBACK_POOLS: "",
    round_views.RoundRule.RESERVE: "",
    round_views.RoundRule.WORKSHOP: "",
    round_views.RoundRule.WORKSHOP_COPIES: "",
    round_views.RoundRule.WORKSHOP_SHIFT: "min",
    round_views.RoundRule.LEAST_SAVING: "kr.",
    round_views.RoundRule.GREENEST_WITHIN: "",
    round_views.RoundRule.HORIZON: "",
    round_views.RoundRule.COVERAGE: "",
}


async def show_basis(request: web.Request) -> web.StreamResponse:
    """Show the rules, assumptions and kinds that a round kept, and the remarks on its trips."""
    round_id = id_in_path(request, "round_id")
    view = await basis_page(request, round_id)
    if view is None:
        raise web.HTTPNotFound
    context = request.config_dict[CONTEXT]
    pool = context.pool
    scope = await scope_of(pool, visitor(request))
    proposals = await read_proposals(pool, round_id, scope)
    compared = await compare_with_before(
        pool, round_id, view.number, proposals, scope, LeastChange.of(context.settings)
    )
    query = ProposalQuery.read(request.query)
    path = f"/proposals/rounds/{round_id}"
    part = asked_part(query.rows(compared), request.query, path, query.in_address)
    return page(request, replace(view, compared=compared, part=part))


async def basis_page(request: web.Request, round_id: int) -> round_views.BasisPage | None:
    """The view of the basis of a round; None: there is no such round, or it kept no basis."""
    pool = request.config_dict[CONTEXT].pool
    found = await read_round_basis(pool, round_id)
    if found is None:
        return None
    remarks = await round_notes(pool, round_id)
    period = period_view(found.period)
    assert period is not None
    basis = found.basis
    figures = basis.figures
    km_year = figures[FigureKey.SHOWN_KM_YEAR]
    held = [figures.figure(key) for key in quantities()]
    rows = assumption_rows(basis.assumptions, held, basis.year)
    known = await read_capabilities(request)
    names = await read_depot_names(request)
    return round_views.BasisPage(
        round_id=round_id,
        number=found.number,
        version=found.version,
        requested_by=found.requested_by,
        requested_at=found.requested_at,
        period=period,
        year=basis.year,
        km_year=km_year,
        well_to_wheel=figures.well_to_wheel,
        stated=basis.stated,
        rules=[
            rule_row(found.rules, rule, known, names)
            for rule in round_views.RoundRule
            if rule.value in found.rules or rule.value not in RULES_OF_SETTINGS
        ],
        groups=[
            basis_views.AssumptionGroup(
                group=group, rows=[r for r in rows if quantities()[r.key].group is group]
            )
            for group in FigureGroup
        ],
        kinds=[
            kind_row(kind, ownership(kind, figures, km_year), figures, {}, known)
            for kind in basis.catalogue
        ],
        since=found.since,
        changes=changes_view(found.changes, known, names),
        remarks=remarks[:REMARKS_SHOWN],
        more=max(0, len(remarks) - REMARKS_SHOWN),
    )


async def read_depot_names(request: web.Request) -> Mapping[str, str]:
    """The names of the depots that the visitor sees, by id."""
    return {one.depot_id: one.name for one in await depots(request.config_dict[CONTEXT].pool)}


def changes_view(
    changes: BasisChanges | None, known: Capabilities, names: Mapping[str, str]
) -> round_views.BasisChangesView | None:
    """The view of the changes of the basis; `names` are those of depots."""
    if changes is None:
        return None
    return round_views.BasisChangesView(
        rules=[
            _rule_move(change, known, names) for change in changes.rules if change.rule in _SHOWN
        ],
        figures=[
            round_views.FigureChangeRow(change=change, unit=quantities()[change.key].unit)
            for change in changes.figures
        ],
        kinds=changes.kinds,
        register=changes.register,
        periods=changes.periods,
    )


_LISTS = (round_views.RoundRule.NO_FALLBACK, round_views.RoundRule.NO_FALLBACK_POOLS)
_SHOWN = frozenset[str](round_views.RoundRule)


def _rule_move(
    change: RuleChange, known: Capabilities, names: Mapping[str, str]
) -> round_views.RuleChangeRow:
    rule = round_views.RoundRule(change.rule)
    return round_views.RuleChangeRow(
        before=rule_row({change.rule: change.before}, rule, known, names),
        after=rule_row({change.rule: change.after}, rule, known, names),
    )


def rule_row(
    rules: Mapping[str, Any],
    rule: round_views.RoundRule,
    known: Capabilities,
    names: Mapping[str, str],
) -> round_views.RuleRow:
    """The row of a rule of a round; a list of capabilities, departments or depots is text, and so
    are counts by depot, of those whose names are known."""
    value = rules.get(rule.value, () if rule in _LISTS else None)
    if isinstance(value, list | tuple):
        entries = cast(Sequence[str], value)
        value = ", ".join(known.name(entry.removeprefix(OF_DEPARTMENT)) for entry in entries)
    elif isinstance(value, Mapping):
        counts = cast(Mapping[str, int], value)
        held = sorted((names[depot], n) for depot, n in counts.items() if n and depot in names)
        value = ", ".join(f"{name} ({n})" for name, n in held)
    elif rule is round_views.RoundRule.RESERVE:
        value = value or ""
    # Where vehicles move, a green one may leave a depot for another.
    in_total = rule is round_views.RoundRule.GREEN_KEEP and rules.get(round_views.RoundRule.MOVES)
    return round_views.RuleRow(rule=rule, value=value, unit=_UNITS[rule], in_total=bool(in_total))
