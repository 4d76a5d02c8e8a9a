"""What a round rests on, as it was when it was solved: GET /proposals/rounds/{round_id}."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from aiohttp import web

from api.address import number_in_path
from api.pages.costs import views as basis_views
from api.pages.costs.assumptions import assumption_rows
from api.pages.costs.capabilities import read_capabilities
from api.pages.costs.catalogue import kind_row
from api.pages.frame.context import CONTEXT, period_view
from api.pages.frame.render import page
from api.pages.proposals import round_views
from api.pages.proposals.remarks import numbers_in, with_trips
from costs.assumptions import Group, Key, quantities
from costs.basis import Basis, kept_basis
from costs.basis_change import figure_changes, kind_changes, rule_changes
from costs.ownership import ownership
from db.connect import Pool
from db.statements import statements
from optimiser.depot.answer import read_answer
from optimiser.rounds.data import period_of

SQL = statements("round")
FLEET_SQL = statements("fleet")

#: Remarks about single trips that the page shows; a broken log can have thousands.
REMARKS_SHOWN = 200

_UNITS: Mapping[round_views.Rule, str] = {
    round_views.Rule.TURNAROUND: "min.",
    round_views.Rule.FALLBACK_TRIP: "kr.",
    round_views.Rule.FALLBACK_KM: "kr/km",
    round_views.Rule.FALLBACK_CO2: "g/km",
    round_views.Rule.CO2_PRICE: "kr/t",
    round_views.Rule.CO2_CAP: "t",
    round_views.Rule.GREEN_ONLY: "",
}


async def show_basis(request: web.Request) -> web.StreamResponse:
    """The rules, assumptions and kinds that a round kept, and what is odd about its trips."""
    view = await basis_page(request, _round_id(request))
    if view is None:
        raise web.HTTPNotFound
    return page(request, view)


async def basis_page(request: web.Request, round_id: int) -> round_views.BasisPage | None:
    """What a round rests on; None when there is no such round, or it kept nothing."""
    pool = request.config_dict[CONTEXT].pool
    row = await pool.fetchrow(SQL["basis_of"], round_id)
    basis = None if row is None else await kept_basis(pool, round_id)
    if row is None or basis is None:
        return None
    before = await pool.fetchrow(SQL["basis_before"], row["number"])
    remarks = await _remarks(pool, row["round_id"])
    period = period_view(await period_of(pool, row))
    assert period is not None
    figures = basis.figures
    km_year = figures[Key.SHOWN_KM_YEAR]
    rows = assumption_rows(basis.assumptions, [figures.figure(key) for key in quantities()])
    known = await read_capabilities(request)
    return round_views.BasisPage(
        number=row["number"],
        version=row["version"],
        requested_by=row["requested_by"],
        requested_at=row["requested_at"],
        period=period,
        year=basis.year,
        km_year=km_year,
        well_to_wheel=figures.well_to_wheel,
        stated=basis.stated,
        rules=[rule_row(row["rules"], rule) for rule in round_views.Rule],
        groups=[
            basis_views.AssumptionGroup(
                group=group, rows=[r for r in rows if quantities()[r.key].group is group]
            )
            for group in Group
        ],
        kinds=[
            kind_row(kind, ownership(kind, figures, km_year), figures, {}, known)
            for kind in basis.catalogue
        ],
        since=None if before is None else before["number"],
        changes=None if before is None else await changes_since(pool, before, row, basis),
        remarks=remarks[:REMARKS_SHOWN],
        more=max(0, len(remarks) - REMARKS_SHOWN),
    )


async def changes_since(
    pool: Pool, before: asyncpg.Record, row: asyncpg.Record, basis: Basis
) -> round_views.Changes | None:
    """What the round `row` on `basis` rests on that the round `before` did not; None if that one
    kept nothing. Both rows have `round_id` and `rules`."""
    old = await kept_basis(pool, before["round_id"])
    if old is None:
        return None
    known = set(round_views.Rule)
    return round_views.Changes(
        rules=[
            round_views.RuleMove(
                before=rule_row(before["rules"], round_views.Rule(change.rule)),
                after=rule_row(row["rules"], round_views.Rule(change.rule)),
            )
            for change in rule_changes(before["rules"], row["rules"])
            if change.rule in known
        ],
        figures=[
            round_views.FigureMove(change=change, unit=quantities()[change.key].unit)
            for change in figure_changes(old.figures, basis.figures)
        ],
        kinds=kind_changes((old.catalogue, old.kinds), (basis.catalogue, basis.kinds)),
    )


def rule_row(rules: Mapping[str, Any], rule: round_views.Rule) -> round_views.RuleRow:
    """A rule of a round as the pages show it."""
    return round_views.RuleRow(rule=rule, value=rules.get(rule.value), unit=_UNITS[rule])


async def say_trips(pool: Pool, remarks: Sequence[str]) -> list[str]:
    """Remarks of the optimiser with the vehicles and times of the round trips that are kept."""
    numbers = {number for remark in remarks for number in numbers_in(remark)}
    rows = await pool.fetch(SQL["trips_named"], list(numbers)) if numbers else []
    trips = {row["trip_number"]: (row["name"], row["start_ts"]) for row in rows}
    return [with_trips(remark, trips) for remark in remarks]


async def _remarks(pool: Pool, round_id: int) -> list[str]:
    """What the optimiser remarked on the trips of a round, with the vehicles by name."""
    notes = [
        note
        for row in await pool.fetch(SQL["answers"], round_id)
        if row["answer"] is not None
        for note in read_answer(row["answer"]).plan.get("notes", ())
    ]
    return await say_trips(pool, notes)


def _round_id(request: web.Request) -> int:
    return number_in_path(request, "round_id")
