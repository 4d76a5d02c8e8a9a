"""The status of a quarter of a plan: how far its programmes are, what is late, what was kept of
what was promised, what changed since the last report, and what is to be decided.

It names no person: who owns a milestone is not kept for ever, and a report is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from db.connect import Pool
from fleet.localtime import local_day
from tracker.contacts import owner_standings
from tracker.indicators import Figures, Indicator, IndicatorKind, indicators
from tracker.milestone import Milestone, MilestoneStatus
from tracker.milestones import milestones
from tracker.plans import plan, programmes
from tracker.progress import Progress, Tally, progress, standing
from tracker.quarter import Quarter
from tracker.since.moves import Move, Moved, Stood, moves
from tracker.since.past import commitment, stood_at, stood_now, titles
from tracker.since.promises import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusTally:
    """How many milestones stand how; see `tracker.progress.Tally`. `counted` are those that are to
    be reached."""

    total: int
    counted: int
    open: int
    done: int
    late: int
    needs_decision: int
    silent: int
    owned: int
    actively_owned: int

    @property
    def unowned(self) -> int:
        return self.open - self.owned

    @property
    def done_share(self) -> float | None:
        """The part of what is to be reached that is done, from 0 to 1; None where there is
        nothing."""
        return self.done / self.counted if self.counted else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusProgramme:
    """A programme and how its milestones stand."""

    programme_id: str
    name: str
    tally: StatusTally


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMilestone:
    """A milestone as it stands; `note` is what was said of it last."""

    milestone_id: str
    title: str
    programme_id: str
    programme: str
    due: Quarter | None
    status: MilestoneStatus
    late: bool
    centre: str
    note: str
    has_owner: bool
    is_political: bool
    decision_by: str
    decision_before: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPromise:
    """What became of a milestone that was promised for the quarter; `due` is the quarter in which
    it is due now."""

    milestone_id: str
    title: str
    programme: str
    outcome: Outcome
    due: Quarter | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMove:
    """A milestone that stands otherwise than before, and the quarters in which it was and is
    due."""

    milestone_id: str
    title: str
    programme: str
    move: Move
    before: Quarter | None
    after: Quarter | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusIndicator:
    """An indicator with its target and its values by day. Those of one with a `scale` are the
    numbers of its words, from 1. `source` and `quality` are those of the last value."""

    name: str
    of: str
    kind: IndicatorKind
    unit: str
    scale: tuple[str, ...]
    target: float | None
    target_day: date | None
    values: tuple[tuple[date, float], ...]
    source: str
    quality: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStatus:
    """The status of a quarter of a plan at a moment.

    `promised_on` is the day on which the promises of the quarter are taken from the plan, and
    `since` the one from which changes are told: that of the report `last_report`, or the same where
    there is none. Silence counts from the day `silent_since`.
    """

    plan_id: int
    plan: str
    quarter: Quarter
    at: datetime
    silent_since: date
    promised_on: date
    since: date
    last_report: int | None
    whole: StatusTally
    programmes: tuple[StatusProgramme, ...]
    milestones: tuple[StatusMilestone, ...]
    promises: tuple[StatusPromise, ...]
    moves: tuple[StatusMove, ...]
    indicators: tuple[StatusIndicator, ...]

    @property
    def is_over(self) -> bool:
        """Whether the quarter has ended."""
        return local_day(self.at) > self.quarter.last_day

    @property
    def late(self) -> Sequence[StatusMilestone]:
        """The milestones that are late, the longest first."""
        found = [one for one in self.milestones if one.late]
        return sorted(found, key=lambda one: one.due or self.quarter)

    @property
    def decisions(self) -> Sequence[StatusMilestone]:
        """The open milestones of which something is to be decided, by the day before which."""
        found = [one for one in self.milestones if one.decision_by and one.status.is_open]
        return sorted(found, key=lambda one: one.decision_before or date.max)

    @property
    def kept(self) -> Sequence[StatusPromise]:
        return [one for one in self.promises if one.outcome is Outcome.KEPT]

    @property
    def broken(self) -> Sequence[StatusPromise]:
        return [one for one in self.promises if one.outcome.is_broken]

    @property
    def left(self) -> Sequence[StatusMove]:
        """The milestones that moved out of the quarter."""
        return [one for one in self.moves if one.move is Move.MOVED and one.before == self.quarter]

    @property
    def came(self) -> Sequence[StatusMove]:
        """The milestones that came into the quarter, new ones among them."""
        into = (Move.MOVED, Move.ADDED)
        return [one for one in self.moves if one.move in into and one.after == self.quarter]

    def stood(self) -> Mapping[str, Stood]:
        """How the milestones stood, by their ids."""
        return {
            one.milestone_id: Stood(one.programme_id, one.due, one.status)
            for one in self.milestones
        }


async def read_status(
    pool: Pool,
    plan_id: int,
    quarter: Quarter,
    at: datetime,
    figures: Figures,
    last: tuple[int, PlanStatus] | None,
    silent_since: date,
) -> PlanStatus:
    """The status of a quarter of a plan at the moment `at`, which is now. `figures` are those of
    the system that indicators read, and `last` is the report of the plan that was kept last, with
    its number. Silence counts from the day `silent_since`.

    Raises:
        NoPlanError: there is no such plan.
    """
    one = await plan(pool, plan_id)
    own = await milestones(pool, plan_id)
    names = {part.programme_id: part.name for part in await programmes(pool, plan_id)}
    today = local_day(at)
    standings = [standing(milestone) for milestone in own]
    counted = progress(standings, await owner_standings(pool), today=today, since=silent_since)
    now = stood_now(standings)
    promised = await commitment(pool, plan_id, quarter, at, now)
    began = promised.promised_at if last is None else last[1].at
    before = await stood_at(pool, plan_id, began, now) if last is None else last[1].stood()
    moved = moves(before, now)
    told = {milestone.milestone_id: milestone for milestone in own}
    elsewhere = {key for key, *_ in (*moved, *promised.promises) if key not in told}
    gone = await titles(pool, elsewhere)

    def named(key: str) -> dict[str, str]:
        title, programme = (
            (told[key].title, told[key].programme) if key in told else gone.get(key, (key, ""))
        )
        return {"milestone_id": key, "title": title, "programme": programme}

    return PlanStatus(
        plan_id=plan_id,
        plan=one.name or one.title or str(one.year or ""),
        quarter=quarter,
        at=at,
        silent_since=silent_since,
        promised_on=local_day(promised.promised_at),
        since=local_day(began),
        last_report=None if last is None else last[0],
        whole=_tally(counted.whole),
        programmes=_programmes(names, counted),
        milestones=tuple(_milestone(milestone, today) for milestone in own),
        promises=tuple(
            StatusPromise(
                **named(key),
                outcome=outcome,
                due=due,
                note=told[key].note if key in told else "",
            )
            for key, outcome, due in promised.promises
        ),
        moves=tuple(_move(moved_one, named(moved_one.milestone_id)) for moved_one in moved),
        indicators=tuple(
            _indicator(indicator, names, told)
            for indicator in await indicators(pool, plan_id, figures)
        ),
    )


def moves_between(before: PlanStatus, after: PlanStatus) -> Sequence[StatusMove]:
    """How the milestones of a status stand otherwise than those of an earlier one."""
    named = {one.milestone_id: one for one in (*before.milestones, *after.milestones)}
    return [
        _move(
            one,
            {
                "milestone_id": one.milestone_id,
                "title": named[one.milestone_id].title,
                "programme": named[one.milestone_id].programme,
            },
        )
        for one in moves(before.stood(), after.stood())
    ]


def _move(one: Moved, named: dict[str, str]) -> StatusMove:
    return StatusMove(**named, move=one.move, before=one.before, after=one.after)


def _tally(one: Tally) -> StatusTally:
    return StatusTally(
        total=one.total,
        counted=one.counted,
        open=one.open,
        done=one.done,
        late=one.late,
        needs_decision=one.needs_decision,
        silent=one.silent,
        owned=one.owned,
        actively_owned=one.actively_owned,
    )


def _programmes(names: Mapping[str, str], counted: Progress) -> tuple[StatusProgramme, ...]:
    return tuple(
        StatusProgramme(programme_id=key, name=name, tally=_tally(counted.by_programme[key]))
        for key, name in names.items()
        if key in counted.by_programme
    )


def _milestone(one: Milestone, today: date) -> StatusMilestone:
    decision = one.decision
    return StatusMilestone(
        milestone_id=one.milestone_id,
        title=one.title,
        programme_id=one.programme_id,
        programme=one.programme,
        due=one.due,
        status=one.status,
        late=one.late(today),
        centre=one.centre,
        note=one.note,
        has_owner=one.owner is not None and not one.owner.has_left,
        is_political=one.is_political,
        decision_by="" if decision is None else decision.by,
        decision_before=None if decision is None else decision.before,
    )


def _indicator(
    one: Indicator, names: Mapping[str, str], told: Mapping[str, Milestone]
) -> StatusIndicator:
    details, latest = one.details, one.latest
    milestone = told.get(one.milestone_id or "")
    of_programme = names.get(one.programme_id or "", "")
    return StatusIndicator(
        name=details.name,
        of=of_programme if milestone is None else milestone.title,
        kind=details.kind,
        unit=details.unit,
        scale=tuple(details.scale),
        target=details.target,
        target_day=details.target_day,
        values=tuple((value.day, value.value) for value in one.values),
        source=details.source if latest is None else latest.source or details.source,
        quality="" if latest is None else latest.quality,
    )
