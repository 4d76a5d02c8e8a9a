"""The overview of the plan: GET /plan.

Only the milestones that a page shows are read in full; of the others it is counted how they stand.
"""

import asyncio
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from api.pages.choices.list_parts import ListPart, asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.forms import whole_number
from api.pages.frame.render import page
from api.pages.frame.views import Choice
from api.pages.plan import views
from api.pages.plan.choice import By, PlanChoice, quarter_text
from api.pages.plan.views import Notice
from db.connect import Pool
from fleet.localtime import day_start, local_now
from tracker.contacts import Contact, contacts
from tracker.finding import NEVER, Found, Without, find
from tracker.follow_up.coverage import coverage
from tracker.follow_up.rounds import follow_ups
from tracker.milestones import decision_days, milestones_of, revisions_of
from tracker.plans import Plan, Programme, Strand, plans, programmes, strands
from tracker.progress import Tally
from tracker.quarter import Quarter
from tracker.since.moves import Move, Stood, moves_of
from tracker.since.past import moves_from, stood_otherwise

#: The milestones, groups and strands of a part of their lists, so that a phone shows few screens.
LIST_ROWS, GROUP_ROWS, STRAND_ROWS = 15, 12, 15

#: The milestones that the board shows of a quarter; the others are a click away.
COLUMN_ROWS = 5

#: The milestones that are shown of what moved out of a quarter, and of what came into it.
MOVED_ROWS = 10

#: The open follow-ups of which it is told who has answered; the others are on their own page.
COVERAGES = 2


#: The most milestones that are given to somebody in one go.
ASSIGNED_MAX = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedAssignment:
    """A form that gives milestones to somebody and was refused, since others had changed those in
    `changed`. It has the `chosen` ones, or is of all that were found, and has the `values` of its
    fields."""

    chosen: Collection[str]
    is_all: bool
    values: Mapping[str, str]
    changed: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The choice of a request, and what was found."""

    pool: Pool
    query: Mapping[str, str]
    choice: PlanChoice
    today: date
    found: Found
    #: How milestones stood on the day from which it is told what moved.
    stood: Mapping[str, Stood | None]
    plans: Sequence[Plan]
    programmes: Sequence[Programme]
    contacts: Sequence[Contact]

    @property
    def address(self) -> Sequence[tuple[str, str]]:
        """The query of the address without the number of a part."""
        return list(self.choice.texts.items())


async def show_plan(request: web.Request) -> web.StreamResponse:
    """Show how far the plan is, in the arrangement that the address asks for."""
    return page(request, await plan_page(request, PlanChoice.read(request.query), request.query))


async def plan_page(
    request: web.Request,
    choice: PlanChoice,
    query: Mapping[str, str],
    refused: RefusedAssignment | None = None,
) -> views.PlanPage:
    """The overview of what is chosen; `query` names the parts of its lists. `refused` is what
    somebody could not give, since others had changed it."""
    context = request.config_dict[CONTEXT]
    pool, settings = context.pool, context.settings
    today = local_now().date()
    plan_id = choice.asked.plan_id
    found, stood = await asyncio.gather(
        find(pool, choice.asked, today, settings.silent_since(today)), _stood(pool, choice)
    )
    every_plan = await plans(pool)
    parts = await programmes(pool, plan_id)
    people = await contacts(pool)
    running = await follow_ups(pool, plan_id, only_open=True)
    of_strands = await strands(pool, plan_id)
    read = _Read(
        pool=pool,
        query=query,
        choice=choice,
        today=today,
        found=found,
        stood=stood,
        plans=every_plan,
        programmes=[one for one in parts if one.gone_at is None],
        contacts=people,
    )
    by_quarter = read.found.by_quarter
    quarters = sorted(one for one in by_quarter if one is not None)
    centres = sorted(one for one in read.found.counted.by("centre") if one)
    chosen = choice.asked
    year = _year(read, quarters) if choice.by is By.QUARTER else None
    columns = [one for one in (*quarters, None) if one is None or one.year == year]
    shown_strands, strand_quarters = await _strands(read, of_strands)
    part = await _list(read)
    return views.PlanPage(
        choice=choice,
        whole=read.found.counted.whole(),
        plans=[
            views.Option(str(one.plan_id), plan_name(one), one.plan_id == plan_id)
            for one in read.plans
        ],
        programmes=[
            views.Option(one.programme_id, one.name, one.programme_id == chosen.programme_id)
            for one in read.programmes
        ],
        quarters=quarters,
        owners=[
            Choice(str(one.contact_id), one.name) for one in read.contacts if one.left_at is None
        ],
        centres=centres,
        programme=next(
            (one for one in read.programmes if one.programme_id == chosen.programme_id), None
        ),
        not_taken=[one.name for one in read.programmes if not one.is_taken],
        groups=_groups(read),
        columns=await _columns(read, columns) if choice.by is By.QUARTER else [],
        years=sorted({one.year for one in quarters}),
        year=year,
        strands=shown_strands,
        strand_quarters=strand_quarters,
        part=part,
        made_at_s=int(local_now().timestamp()),
        all_seen=await _all_seen(read, part),
        meanwhile=None if refused is None else await _meanwhile(read, refused),
        moves=await _moves(read),
        coverages=[await coverage(pool, one) for one in running[:COVERAGES]],
        notice=notice_in_address(request, Notice),
    )


async def _all_seen(read: _Read, part: ListPart[views.MilestoneRow] | None) -> str:
    """A text that changes with any milestone that was found; "" where they are not given in one
    go."""
    if part is None or part.parts == 1 or part.found > ASSIGNED_MAX:
        return ""
    return as_seen(await revisions_of(read.pool, read.found.ids))


async def _meanwhile(read: _Read, refused: RefusedAssignment) -> views.GivenMeanwhile:
    rows = await _rows(read, refused.changed[:MOVED_ROWS])
    return views.GivenMeanwhile(
        chosen=refused.chosen,
        is_all=refused.is_all,
        values=refused.values,
        changed=list(rows.values()),
        changed_found=len(refused.changed),
    )


def as_seen(revisions: Mapping[str, int]) -> str:
    """The text that stands in a form for milestones as they are now, by their revisions."""
    return hashlib.sha256(repr(sorted(revisions.items())).encode()).hexdigest()[:32]


def plan_name(one: Plan) -> str:
    """The name by which people know a plan; "": it has no name, title or year."""
    return one.name or one.title or (str(one.year) if one.year else "")


async def _stood(pool: Pool, choice: PlanChoice) -> Mapping[str, Stood | None]:
    if choice.since is None:
        return {}
    moment = day_start(choice.since)
    return await stood_otherwise(pool, choice.asked.plan_id, moment, only_moved=True)


async def _moves(read: _Read) -> views.PlanMoves | None:
    """The milestones that moved out of the chosen quarter, or else that of today, and those that
    came into it; None: nobody asks since when."""
    asked, since = read.choice.asked, read.choice.since
    if since is None:
        return None
    quarter = asked.quarter if isinstance(asked.quarter, Quarter) else Quarter.of(read.today)
    # What moved out of a quarter is not found in it any more, so that it is looked for everywhere.
    among = read.found.among
    found = moves_of(moves_from(read.stood, among), quarter)
    out, into = found.out, found.into
    if asked.programme_id is not None:
        own = {one.milestone_id for one in among if one.programme_id == asked.programme_id}
        out = [one for one in out if one.milestone_id in own]
        into = [one for one in into if one.milestone_id in own]
    shown = [one.milestone_id for one in (*out[:MOVED_ROWS], *into[:MOVED_ROWS])]
    rows = await _rows(read, shown)
    return views.PlanMoves(
        since=since,
        quarter=quarter,
        out=[
            views.MovedRow(rows[one.milestone_id], one.after, is_new=False)
            for one in out[:MOVED_ROWS]
        ],
        into=[
            views.MovedRow(rows[one.milestone_id], one.before, is_new=one.move is Move.ADDED)
            for one in into[:MOVED_ROWS]
        ],
        out_found=len(out),
        into_found=len(into),
    )


async def _list(read: _Read) -> ListPart[views.MilestoneRow] | None:
    """The list of milestones; None: the board or the strands stand for it. What is to be decided
    first comes first among decisions."""
    if read.choice.by in (By.QUARTER, By.STRAND):
        return None
    ids = read.found.ids
    if read.choice.by is By.DECISION:
        days = await decision_days(read.pool, read.choice.asked.plan_id)
        ids = sorted(ids, key=lambda one: days.get(one, date.max))
    part = asked_part(ids, read.query, "/plan", read.address, most=LIST_ROWS)
    rows = await _rows(read, part.rows)
    return part.shown_as(rows.__getitem__)


def _groups(read: _Read) -> ListPart[views.Group] | None:
    """The groups of the arrangement, those with late milestones first; None: it has none, or one of
    them is chosen."""
    asked, counted, address = read.choice.asked, read.found.counted, read.choice.address
    # The name, the tally and what the address has of each group.
    groups: list[tuple[str, Tally, Mapping[str, object]]]
    match read.choice.by:
        case By.PROGRAMME if asked.programme_id is None:
            names = {one.programme_id: one.name for one in read.programmes}
            tallies = counted.by("programme_id")
            groups = [
                (name, tallies[key], {"programme": key})
                for key, name in names.items()
                if key in tallies
            ]
        case By.OWNER if asked.owner is None:
            people = {one.contact_id: one.name for one in read.contacts}
            groups = [
                (people.get(key, ""), tally, {"owner": key or Without.NONE})
                for key, tally in counted.by("owner_id").items()
            ]
            groups.sort(key=_late_first)
        case By.CENTRE if asked.centre is None:
            groups = [
                (key, tally, {"centre": key or Without.NONE})
                for key, tally in counted.by("centre").items()
            ]
            groups.sort(key=_late_first)
        case _:
            return None
    part = asked_part(groups, read.query, "/plan", read.address, name="groups", most=GROUP_ROWS)
    return part.shown_as(lambda one: views.Group(one[0], one[1], address(**one[2])))


def _late_first(group: tuple[str, Tally, object]) -> tuple[int, int, str]:
    name, tally, _ = group
    return -tally.late, -tally.open, name.casefold()


def _year(read: _Read, quarters: Sequence[Quarter]) -> int | None:
    """The year of the board: the one that is asked for, or the one that is nearest to today."""
    years = {one.year for one in quarters}
    asked = whole_number(read.query.get("year", ""), 1990, 2200)
    if asked in years:
        return asked
    return min(years, key=lambda year: abs(year - read.today.year), default=None)


async def _columns(
    read: _Read, quarters: Sequence[Quarter | None]
) -> Sequence[views.QuarterColumn]:
    now = Quarter.of(read.today)
    ids = {due: read.found.by_quarter.get(due, ()) for due in quarters}
    rows = await _rows(read, [one for due in quarters for one in ids[due][:COLUMN_ROWS]])
    return [
        views.QuarterColumn(
            quarter=due,
            is_current=due == now,
            found=len(ids[due]),
            milestones=[rows[one] for one in ids[due][:COLUMN_ROWS]],
            address=read.choice.address(
                by="", quarter=Without.NONE if due is None else quarter_text(due)
            ),
        )
        for due in quarters
        if due is not None or ids[due]
    ]


async def _strands(
    read: _Read, of_strands: Sequence[Strand]
) -> tuple[ListPart[views.StrandRow] | None, Sequence[Quarter | None]]:
    """The strands, as far as milestones of theirs were found, and the quarters of their columns."""
    if read.choice.by is not By.STRAND:
        return None, ()
    found = set(read.found.ids)
    left = [one for one in of_strands if found.intersection(one.milestones)]
    part = asked_part(left, read.query, "/plan", read.address, most=STRAND_ROWS)
    rows = await _rows(
        read, [one for strand in part.rows for one in strand.milestones if one in found]
    )
    dues = sorted({one.due for one in rows.values()}, key=lambda due: due or NEVER)

    def shown(strand: Strand) -> views.StrandRow:
        own = [rows[one] for one in strand.milestones if one in rows]
        return views.StrandRow(
            strand.title, [[one for one in own if one.due == due] for due in dues]
        )

    return part.shown_as(shown), dues


async def _rows(read: _Read, ids: Sequence[str]) -> Mapping[str, views.MilestoneRow]:
    found = await milestones_of(read.pool, ids)
    return {key: views.MilestoneRow.of(one, read.today) for key, one in found.items()}
