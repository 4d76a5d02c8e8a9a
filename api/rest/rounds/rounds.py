"""Rounds of proposals for programs: `/v1/rounds`."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, model_validator

from api.jobs import queue_round
from api.pages.frame.context import PageContext
from api.pages.reports.headline_words import say_headline
from api.pages.words.language import Language, mark
from api.pages.words.seasons import Season, seasons_untold
from api.rest.frame.bodies import (
    Id,
    Name,
    Nothing,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from api.rest.frame.problems import Problem
from api.rest.rounds.backtests import DepotTried, depots_tried
from costs.budget import BudgetYear
from fleet.actor import Permission
from ingest.listeners.problem import RefusedPart
from optimiser.parts.depot_plan import DepotRule, FleetFigures
from optimiser.rounds.failure import FailureReason
from optimiser.rounds.overview import Round as DoneRound
from optimiser.rounds.overview import RoundRun, RoundState, done_version, run_of, runs_before
from optimiser.rounds.requests import (
    cancel_round,
    choose_fleet,
    request_round,
    request_version,
)
from optimiser.rounds.studies import round_studies
from optimiser.studies.curve import CurvePoint

_ID: TypeAdapter[int] = TypeAdapter(Id)


class Fleet(ResponseBody):
    """The figures of a fleet, a year: cost in kr., and CO2e in tonnes. `cost_kr_year` is the cost
    as the model has it: `paid_kr_year`, which is paid, and the value of the CO2e."""

    vehicles: int
    green_vehicles: int
    cost_kr_year: float
    paid_kr_year: float
    co2_t_year: float
    fallback_trips_year: float


class BrokenRule(ResponseBody):
    """A rule that fleets of a depot break. Of `own_vehicle`, `today` and `proposed` are numbers of
    round trips of the period that go by taxi and may not; of `reserve`, vehicles that should be
    spare for the workshop and are not."""

    depot_id: str
    rule: DepotRule
    today: int
    proposed: int


class BudgetYearTold(ResponseBody):
    """What is saved in a calendar year, in kr.; what is paid is below 0. `total_kr` is the sum of
    the others."""

    year: int
    running_kr: float
    sale_kr: float
    exit_kr: float
    price_kr: float
    charge_points_kr: float
    total_kr: float


def budget_told(years: Iterable[BudgetYear]) -> list[BudgetYearTold]:
    return [BudgetYearTold(**asdict(one), total_kr=one.total_kr) for one in years]


class GreenestFleet(ResponseBody):
    """The greenest fleet that costs at most the share `within_share` more than the cheapest one
    under the rules of the round, both with each depot by itself: no vehicle moves between depots,
    so the proposed fleet may cost less than the cheapest. Here `cost_kr_year` is without the value
    of CO2e, as `paid_kr_year` is; with it, as in `Fleet`, it is `valued_kr_year`."""

    within_share: float
    cost_kr_year: float
    paid_kr_year: float
    valued_kr_year: float
    co2_t_year: float
    cheapest_cost_kr_year: float
    cheapest_paid_kr_year: float
    cheapest_valued_kr_year: float
    cheapest_co2_t_year: float


class BetterFleet(ResponseBody):
    """A fleet that is paid less for than the proposed one and that emits less, with each depot by
    itself. A round leaves it where the changes to it save too little one by one; it may be within
    what the calculation leaves open (`gap`), and keeps the policies depot by depot."""

    paid_kr_year: float
    co2_t_year: float


class HeadlineTold(ResponseBody):
    """The headline of a round in words, as its pages and documents have it, in each language."""

    da: str
    en: str


class RoundFigures(ResponseBody):
    """What a round found on its data, which are of the local days `from` to `to`, both included:
    today's fleet, driven as well as possible, and the proposed one; `driven` is today's fleet as it
    was really driven in those days, null of rounds of earlier software. The cost of the proposed
    one is proven to be at most the share `gap` above the least possible, with the vehicles that are
    kept for the workshop; where the fleet is a `chosen` one, above the least of those that emit no
    more; and else, where vehicles may move (`moves`), above the least with each depot by itself.
    `moves_failed`: it could not be worked out which vehicles move. Today's fleet may cost
    `today_slack_kr_year` less than it is told to: so much of the saving is not proven. The policies
    cost `policies_kr_year` by the fleets that were found; proven is `policies_low_kr_year` at the
    least and `policies_high_kr_year` at the most, null of rounds of earlier software. It keeps
    `decisions_kept` acceptances and rejections of people, which cost `decisions_kr_year` with each
    depot by itself; null: it is not known. `rejected_since_kr_year` of the saving is of proposals
    that were rejected since, which the plan has until it is calculated again. `undecided` of its
    proposals await a verdict. `broken_rules` are those that no fleet at hand keeps. `greenest` is
    null until the studies of all depots are done, and where none keeps the cap on CO2e; `better`
    is null then too, and where no fleet is. `backtests` are of the depots whose studies are done,
    and which have trips in the first weeks and in the last.

    Costs and savings are with the value of CO2e unless their name says `paid`. A year is the
    period, scaled up: it tells nothing of the seasons `seasons_untold`, and has `year_over_period`
    times the trips.

    `budget` is what the proposals save in each of five calendar years, the first from the month
    after the round on. `kind_kr_year` is what those proposals save together that rest on the yearly
    cost of kinds, as the register has none of those vehicles; it may be more than the whole, as
    others cost something."""

    first: Annotated[date, Field(serialization_alias="from")]
    last: Annotated[date, Field(serialization_alias="to")]
    headline: HeadlineTold
    today: Fleet
    proposed: Fleet
    driven: Fleet | None
    chosen: bool
    saving_kr_year: float
    saving_co2_t_year: float
    gap: float
    lower_bound_kr_year: float
    today_slack_kr_year: float
    policies_kr_year: float
    policies_low_kr_year: float | None
    policies_high_kr_year: float | None
    seasons_untold: list[Season]
    year_over_period: float
    moves: bool
    moves_failed: bool
    decisions_kept: int
    decisions_kr_year: float | None
    rejected_since_kr_year: float
    undecided: int
    broken_rules: list[BrokenRule]
    greenest: GreenestFleet | None
    better: BetterFleet | None
    backtests: list[DepotTried]
    budget: list[BudgetYearTold]
    kind_kr_year: float
    charge_points_to_build: int


class RoundVersion(ResponseBody):
    """A version of a round, with how far it is: `planned_parts` of its `parts` have a plan."""

    id: int
    number: int
    version: int
    state: RoundState
    requested_at: datetime
    requested_by: str
    parts: int
    planned_parts: int
    failure: FailureReason | None
    cancelled_by: str | None


class Round(RoundVersion):
    """A version of a round with its figures, which are null until it is done. Who sees some
    departments only sees those of the depots at which no other vehicles stand, null where there are
    none."""

    figures: RoundFigures | None


class FleetProposed(StrEnum):
    """The fleet that a version of a round proposes: the one that its rules give, or the greenest
    one that costs little more."""

    RULES = "rules"
    GREENEST = "greenest"


class ChosenFleet(RequestBody):
    """The fleet that a new version of a round is to propose: `fleet`, or that of the `key` on its
    curve."""

    model_config = example(fleet="greenest")

    fleet: Annotated[FleetProposed | None, Field(strict=False)] = None
    key: Name | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "ChosenFleet":
        if (self.fleet is None) == (self.key is None):
            raise ValueError("give a fleet, or the key of one")
        return self


class Rounds(PageBody):
    """Versions of rounds, the latest first."""

    items: list[RoundVersion]


async def list_rounds(call: Call[PageQuery]) -> Rounds:
    asked = call.asked
    found = await runs_before(call.pool, key_after(asked, _ID), asked.limit + 1)
    items, more = cut(found, asked.limit, lambda one: one.round_id)
    return Rounds(items=[RoundVersion(**_run(one)) for one in items], next=more)


async def show_round(call: Call[Query]) -> Round:
    return await _round(call, call.id("round_id"))


async def request(call: Call[Nothing]) -> Round:
    period = await call.context.round_period()
    if period is None:
        raise Problem(422, "there are no trips yet to base a round on")
    return await _queued(call, await request_round(call.pool, call.actor, period))


async def recalculate(call: Call[Nothing]) -> Round:
    round_id = call.id("round_id")
    await _known(call.context, round_id)
    return await _queued(call, await request_version(call.pool, call.actor, round_id))


async def choose(call: Call[ChosenFleet]) -> Round:
    round_id = call.id("round_id")
    await _known(call.context, round_id)
    prices = None
    if call.asked.fleet is not FleetProposed.RULES:
        done = await done_version(call.pool, round_id)
        studies = await round_studies(call.pool, round_id)
        if done is None or done.co2_max_t_year is not None:
            raise Problem(422, "the fleets to choose from are not known")
        within = done.within(call.context.settings.greenest_within)
        ends = studies.ends(within, None)
        if ends is None:
            raise Problem(422, "the fleets to choose from are not known")
        key = call.asked.key or ends.greenest.key
        fleet = next((one for one in studies.fleets(within) if one.key == key), None)
        if fleet is None:
            part = RefusedPart(None, "key", "is that of no fleet on the curve of the round")
            raise Problem(422, "the fleets to choose from are others", [part])
        prices = fleet.prices_kr_t
    return await _queued(call, await choose_fleet(call.pool, call.actor, round_id, prices))


async def cancel(call: Call[Nothing]) -> Round:
    round_id = call.id("round_id")
    await _known(call.context, round_id)
    if not await cancel_round(call.pool, call.actor, round_id):
        raise Problem(409, "the round has ended")
    return await _round(call, round_id)


async def _queued(call: Call[Nothing] | Call[ChosenFleet], round_id: int) -> Round:
    await queue_round(call.context.jobs, round_id)
    return await _round(call, round_id)


async def _known(context: PageContext, round_id: int) -> RoundRun:
    """A version of a round in any state.

    Raises:
        Problem: there is none.
    """
    run = await run_of(context.pool, round_id)
    if run is None:
        raise Problem(404, f"there is no round {round_id}")
    return run


async def _round(call: Call[Nothing] | Call[Query] | Call[ChosenFleet], round_id: int) -> Round:
    run, done = await _known(call.context, round_id), await done_version(call.pool, round_id)
    figures = None
    if done is not None and done.summary is not None:
        budget = done.budget
        studies = await round_studies(call.pool, round_id)
        ends = done.ends(studies, call.context.settings.greenest_within)
        policies = done.summary.policies_range
        figures = RoundFigures(
            first=done.period.first,
            last=done.period.last,
            headline=HeadlineTold(
                da=say_headline(done, Language.DANISH), en=say_headline(done, Language.ENGLISH)
            ),
            today=_fleet(done, done.summary.baseline),
            proposed=_fleet(done, done.summary.proposed),
            driven=None if done.summary.driven is None else _fleet(done, done.summary.driven),
            chosen=done.chosen_prices is not None,
            saving_kr_year=done.summary.saving_kr_year,
            saving_co2_t_year=done.summary.saving_co2_t_year,
            gap=done.summary.gap,
            lower_bound_kr_year=done.summary.lower_bound_kr_year,
            today_slack_kr_year=done.summary.today_slack_kr_year,
            policies_kr_year=done.summary.policies_kr_year,
            policies_low_kr_year=None if policies is None else policies.low,
            policies_high_kr_year=None if policies is None else policies.high,
            seasons_untold=seasons_untold(done.period.first, done.period.last),
            year_over_period=done.year_over_period,
            moves=done.summary.moves,
            moves_failed=done.summary.moves_failed,
            decisions_kept=done.verdicts_kept,
            decisions_kr_year=done.decisions_kr_year,
            rejected_since_kr_year=done.rejected_since_kr_year,
            undecided=done.undecided,
            broken_rules=[
                BrokenRule(depot_id=depot_id, **asdict(broken))
                for depot_id, broken in done.summary.breaks
            ],
            greenest=None
            if ends is None
            else GreenestFleet(
                within_share=ends.within_share,
                cost_kr_year=ends.greenest.cost_kr_year,
                paid_kr_year=ends.greenest.cost_kr_year,
                valued_kr_year=_valued(done, ends.greenest),
                co2_t_year=ends.greenest.co2_t_year,
                cheapest_cost_kr_year=ends.cheapest.cost_kr_year,
                cheapest_paid_kr_year=ends.cheapest.cost_kr_year,
                cheapest_valued_kr_year=_valued(done, ends.cheapest),
                cheapest_co2_t_year=ends.cheapest.co2_t_year,
            ),
            better=None
            if ends is None or ends.better is None
            else BetterFleet(
                paid_kr_year=ends.better.cost_kr_year, co2_t_year=ends.better.co2_t_year
            ),
            backtests=depots_tried(studies.backtests.values()),
            budget=budget_told(budget.years),
            kind_kr_year=budget.kind_kr_year,
            charge_points_to_build=budget.charge_points,
        )
    return Round(**_run(run), figures=figures)


def _fleet(done: DoneRound, figures: FleetFigures) -> Fleet:
    return Fleet(**asdict(figures), paid_kr_year=done.paid_kr_year(figures))


def _valued(done: DoneRound, point: CurvePoint) -> float:
    """The cost of a fleet on the curve with the value of its CO2e."""
    return point.cost_kr_year + done.co2_kr_t * point.co2_t_year


def _run(run: RoundRun) -> dict[str, Any]:
    return {
        "id": run.round_id,
        "number": run.number,
        "version": run.version,
        "state": run.state,
        "requested_at": run.requested_at,
        "requested_by": run.requested_by,
        "parts": run.parts,
        "planned_parts": run.planned_parts,
        "failure": run.reason,
        "cancelled_by": run.cancelled_by,
    }


_ACTIVE = "a round is queued or running already"

ROUNDS = (
    Operation(
        "GET",
        "/v1/rounds",
        Permission.FIGURES_READ,
        mark("All versions of rounds, the latest first"),
        PageQuery,
        Rounds,
        list_rounds,
    ),
    Operation(
        "POST",
        "/v1/rounds",
        Permission.ROUNDS_REQUEST,
        mark("Request a round on the latest weeks; a worker then calculates it"),
        Nothing,
        Round,
        request,
        located="/v1/rounds/{id}",
        conflict=_ACTIVE,
    ),
    Operation(
        "GET",
        "/v1/rounds/{round_id}",
        Permission.FIGURES_READ,
        mark("One version of a round, and what it found"),
        Query,
        Round,
        show_round,
    ),
    Operation(
        "POST",
        "/v1/rounds/{round_id}/versions",
        Permission.ROUNDS_REQUEST,
        mark("Request a new version of a round, bound by the decisions on it"),
        Nothing,
        Round,
        recalculate,
        located="/v1/rounds/{id}",
        conflict=_ACTIVE,
    ),
    Operation(
        "POST",
        "/v1/rounds/{round_id}/fleet",
        Permission.ROUNDS_REQUEST,
        mark(
            "Request a new version of a round with another fleet: the greenest, that of its rules,"
            " or one of its curve"
        ),
        ChosenFleet,
        Round,
        choose,
        located="/v1/rounds/{id}",
        conflict=_ACTIVE,
    ),
    Operation(
        "POST",
        "/v1/rounds/{round_id}/cancel",
        Permission.ROUNDS_REQUEST,
        mark("Cancel a round that is under way"),
        Nothing,
        Round,
        cancel,
        conflict="the round has ended",
    ),
)
