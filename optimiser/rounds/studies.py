"""Readers of the studies and plans of a round's parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import orjson

from db.connect import Pool
from db.scope.read_once import read_once
from db.statements import statements
from fleet.names.order import name_order
from fleet.saying import Saying
from optimiser.parts.depot_plan import DepotPlan
from optimiser.rounds.failure import FailureReason, read_detail
from optimiser.studies.curve import CurvePoint, curve, greenest_within
from optimiser.studies.depot_backtest import DepotBacktest
from optimiser.studies.peak_day import PeakDayOutcome
from optimiser.studies.policies import PolicyStudy
from optimiser.studies.read_bodies import part_plan_of, study_of
from optimiser.studies.sensitivity import KeptDecisions, kept_decisions
from optimiser.studies.study import DepotCharging, Study

SQL = statements("round")

#: By how much a fleet must cost less, and emit less, to be told as the better one: a page shows kr.
#: and tenths of a tonne.
BETTER_KR = 1.0
BETTER_T = 0.05

#: The rounds whose studies are remembered, by what their texts say.
ROUNDS_KEPT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFailure:
    """The failure of the study of some depots: of sensitivity, curve, charging and backtest."""

    depot_ids: Sequence[str]
    depots: Sequence[str]
    reason: FailureReason
    detail: Saying | None


class CostAndCo2(NamedTuple):
    """What is paid for a fleet a year, and what it emits."""

    paid_kr_year: float
    co2_t_year: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundEnds:
    """The ends between which a round chooses, both on the curve, under its rules, with each depot
    by itself, and without a price of CO2e: the cheapest fleet, and the greenest one that costs at
    most the share `within_share` more. `better` is one that costs less and emits less than the
    proposed one, as there may be; None: there is none, or no proposed one to compare with."""

    cheapest: CurvePoint
    greenest: CurvePoint
    within_share: float
    better: CurvePoint | None = None
    #: The fleet at the green end of the curve, whatever it costs.
    least_co2: CurvePoint | None = None

    @property
    def extra_kr_year(self) -> float:
        """What the greenest fleet costs more than the cheapest."""
        return max(0.0, self.greenest.cost_kr_year - self.cheapest.cost_kr_year)

    @property
    def extra_share(self) -> float:
        """The same as a share of the cost of the cheapest."""
        least = self.cheapest.cost_kr_year
        return self.extra_kr_year / least if least > 0 else 0.0

    @property
    def saved_t_year(self) -> float:
        """The CO2e that the greenest fleet saves against the cheapest."""
        return self.cheapest.co2_t_year - self.greenest.co2_t_year

    @property
    def kr_t(self) -> float | None:
        """What a tonne costs that it saves; None if it saves none."""
        return self.extra_kr_year / self.saved_t_year if self.saved_t_year > 0 else None


@dataclass(frozen=True, kw_only=True, eq=False)
class RoundStudies:
    """The studies of a round, which has `parts` planned parts.

    `done` holds the studies that are made, each with its depots; `failures` are the failed ones.
    `depot_ids` are those of the parts. What follows from the studies is worked out once.
    """

    parts: int
    done: Sequence[tuple[Sequence[str], Study]]
    failures: Sequence[StudyFailure]
    depot_ids: frozenset[str] = frozenset()

    @cached_property
    def kept(self) -> Mapping[str, Sequence[KeptDecisions]]:
        """The decisions that each move of a figure leaves at a depot, by its id."""
        return {
            depot: kept
            for depots, study in self.done
            for kept in (kept_decisions(study.sensitivity),)
            for depot in depots
        }

    @cached_property
    def failed_depots(self) -> frozenset[str]:
        """The depots whose study failed."""
        return frozenset(depot for failure in self.failures for depot in failure.depot_ids)

    def of_depot(self, depot_id: str) -> Study | None:
        """The study of the part with this depot; None before it is made."""
        return next((study for depots, study in self.done if depot_id in depots), None)

    @cached_property
    def charging(self) -> Mapping[str, DepotCharging]:
        """The charging need of each depot, by its id."""
        return {need.depot_id: need for _, study in self.done for need in study.charging}

    @cached_property
    def backtests(self) -> Mapping[str, DepotBacktest]:
        """The backtest of each depot, by its id."""
        return {test.depot_id: test for _, study in self.done for test in study.backtest}

    @cached_property
    def peak_days(self) -> Mapping[str, Sequence[PeakDayOutcome]]:
        """What the peak days do to each depot, by its id."""
        return {one.depot_id: one.outcomes for _, study in self.done for one in study.peak_days}

    @cached_property
    def curve(self) -> list[CurvePoint]:
        """The curve of all depots, least cost first; empty until every study is made."""
        studies = [study for _, study in self.done]
        if not studies or len(studies) < self.parts or not all(s.curves for s in studies):
            return []
        return curve([of_depot for study in studies for of_depot in study.curves])

    @cached_property
    def policies(self) -> PolicyStudy | None:
        """The free optimum of all parts and what each policy costs; None until it is known."""
        found = [study.policies for _, study in self.done if study.policies is not None]
        return PolicyStudy.total(found) if found and len(found) == self.parts else None

    def fleets(self, share: float) -> list[CurvePoint]:
        """The fleets that people choose from: those on the curve, and the greenest within
        `share`."""
        ends = self.ends(share, None)
        return [*self.curve, *(() if ends is None else (ends.greenest,))]

    def ends(
        self, share: float, cap_t: float | None, proposed: CostAndCo2 | None = None
    ) -> RoundEnds | None:
        """The cheapest fleet on the curve within a cap on CO2e, if there is one, and the greenest
        one that costs at most the share `share` more, beside the `proposed` one; None until every
        study is made, and if no fleet on the curve keeps the cap."""
        return _ends(self, share, cap_t, proposed)


@lru_cache(ROUNDS_KEPT)
def _ends(
    studies: RoundStudies, share: float, cap_t: float | None, proposed: CostAndCo2 | None
) -> RoundEnds | None:
    points = studies.curve
    cheapest = next((p for p in points if cap_t is None or p.co2_t_year <= cap_t), None)
    if cheapest is None:
        return None
    pools = [of_depot for _, study in studies.done for of_depot in study.curves]
    least = points[0].cost_kr_year
    of_least = (1 + share) * cheapest.cost_kr_year / least - 1 if least > 0 else 0.0
    greenest = greenest_within(pools, of_least)
    better = (
        ()
        if proposed is None
        else (
            one
            for one in (greenest, *reversed(points))
            if one.cost_kr_year <= proposed.paid_kr_year - BETTER_KR
            and one.co2_t_year <= proposed.co2_t_year - BETTER_T
        )
    )
    return RoundEnds(
        cheapest=cheapest,
        greenest=greenest,
        within_share=share,
        better=next(iter(better), None),
        least_co2=points[-1],
    )


NO_STUDIES = RoundStudies(parts=0, done=(), failures=())


@read_once
async def round_studies(pool: Pool, round_id: int) -> RoundStudies:
    """The studies of a round's version."""
    rows = await pool.fetch(SQL["studies"], round_id)
    failed = await pool.fetch(SQL["failed_studies"], round_id)
    return _round_studies(
        tuple((tuple(row["depots"]), row["study"]) for row in rows),
        tuple(
            (
                tuple(row["depots"]),
                tuple(sorted(row["names"], key=name_order)),
                row["study_reason"],
                row["study_detail"],
            )
            for row in failed
        ),
    )


@lru_cache(ROUNDS_KEPT)
def _round_studies(
    parts: tuple[tuple[tuple[str, ...], str | None], ...],
    failed: tuple[tuple[tuple[str, ...], tuple[str, ...], str, str | None], ...],
) -> RoundStudies:
    """The studies in their stored texts: of each part its depots and its study, if it is made, and
    of each that failed its depots, their names, the reason and its detail."""
    return RoundStudies(
        parts=len(parts),
        done=[(depots, study_of(text)) for depots, text in parts if text is not None],
        failures=[
            StudyFailure(
                depot_ids=depots,
                depots=names,
                reason=FailureReason(reason),
                detail=None if detail is None else read_detail(orjson.loads(detail)),
            )
            for depots, names, reason, detail in failed
        ],
        depot_ids=frozenset(depot_id for depots, _ in parts for depot_id in depots),
    )


@read_once
async def depot_plans(pool: Pool, round_id: int) -> Sequence[DepotPlan]:
    """The plan of every depot of a round's version that has one."""
    rows = await pool.fetch(SQL["part_plans_shown"], round_id)
    return [plan for row in rows for plan in part_plan_of(row["part_plan"]).depots]
