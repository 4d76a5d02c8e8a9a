"""Readers of the studies and plans of a round's parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.connect import Pool
from db.statements import statements
from fleet.saying import Saying
from optimiser.parts.depot_plan import DepotPlan
from optimiser.parts.part_plan import read_part_plan
from optimiser.rounds.failure import FailureReason, read_detail
from optimiser.studies.curve import CurvePoint, curve, greenest_within
from optimiser.studies.peak_day import PeakDayOutcome
from optimiser.studies.policies import PolicyStudy
from optimiser.studies.sensitivity import SensitivityOutcome
from optimiser.studies.study import DepotBacktest, DepotCharging, Study, read_study

SQL = statements("round")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFailure:
    """The failure of the study of some depots: of sensitivity, curve, charging and backtest."""

    depot_ids: Sequence[str]
    depots: Sequence[str]
    reason: FailureReason
    detail: Saying | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundEnds:
    """The ends between which a round chooses, both under its rules and without a price of CO2e: the
    cheapest fleet, and the greenest one that costs at most the share `within_share` more."""

    cheapest: CurvePoint
    greenest: CurvePoint
    within_share: float

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


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundStudies:
    """The studies of a round, which has `parts` planned parts.

    `done` holds the studies that are made, each with its depots; `failures` are the failed ones.
    `depot_ids` are those of the parts.
    """

    parts: int
    done: Sequence[tuple[Sequence[str], Study]]
    failures: Sequence[StudyFailure]
    depot_ids: frozenset[str] = frozenset()

    @property
    def outcomes(self) -> Mapping[str, Sequence[SensitivityOutcome]]:
        """The sensitivity outcomes of each depot, by its id."""
        return {depot: study.sensitivity for depots, study in self.done for depot in depots}

    @property
    def failed_depots(self) -> frozenset[str]:
        """The depots whose study failed."""
        return frozenset(depot for failure in self.failures for depot in failure.depot_ids)

    def of_depot(self, depot_id: str) -> Study | None:
        """The study of the part with this depot; None before it is made."""
        return next((study for depots, study in self.done if depot_id in depots), None)

    @property
    def charging(self) -> Mapping[str, DepotCharging]:
        """The charging need of each depot, by its id."""
        return {need.depot_id: need for _, study in self.done for need in study.charging}

    @property
    def backtests(self) -> Mapping[str, DepotBacktest]:
        """The backtest of each depot, by its id."""
        return {test.depot_id: test for _, study in self.done for test in study.backtest}

    @property
    def peak_days(self) -> Mapping[str, Sequence[PeakDayOutcome]]:
        """What the peak days do to each depot, by its id."""
        return {one.depot_id: one.outcomes for _, study in self.done for one in study.peak_days}

    @property
    def curve(self) -> list[CurvePoint]:
        """The curve of all depots, least cost first; empty until every study is made."""
        studies = [study for _, study in self.done]
        if not studies or len(studies) < self.parts or not all(s.curves for s in studies):
            return []
        return curve([of_depot for study in studies for of_depot in study.curves])

    @property
    def policies(self) -> PolicyStudy | None:
        """The free optimum of all parts and what each policy costs; None until it is known."""
        found = [study.policies for _, study in self.done if study.policies is not None]
        return PolicyStudy.total(found) if found and len(found) == self.parts else None

    def ends(self, share: float, cap_t: float | None) -> RoundEnds | None:
        """The cheapest fleet on the curve within a cap on CO2e, if there is one, and the greenest
        one that costs at most the share `share` more; None until every study is made, and if no
        fleet on the curve keeps the cap."""
        points = self.curve
        cheapest = next((p for p in points if cap_t is None or p.co2_t_year <= cap_t), None)
        if cheapest is None:
            return None
        pools = [of_depot for _, study in self.done for of_depot in study.curves]
        least = points[0].cost_kr_year
        of_least = (1 + share) * cheapest.cost_kr_year / least - 1 if least > 0 else 0.0
        return RoundEnds(
            cheapest=cheapest, greenest=greenest_within(pools, of_least), within_share=share
        )


NO_STUDIES = RoundStudies(parts=0, done=(), failures=())


async def round_studies(pool: Pool, round_id: int) -> RoundStudies:
    """The studies of a round's version."""
    rows = await pool.fetch(SQL["studies"], round_id)
    return RoundStudies(
        parts=len(rows),
        done=[
            (list(row["depots"]), read_study(row["study"]))
            for row in rows
            if row["study"] is not None
        ],
        failures=await study_failures(pool, round_id),
        depot_ids=frozenset(depot_id for row in rows for depot_id in row["depots"]),
    )


async def study_failures(pool: Pool, round_id: int) -> list[StudyFailure]:
    """The studies of a round that failed."""
    return [
        StudyFailure(
            depot_ids=row["depots"],
            depots=row["names"],
            reason=FailureReason(row["study_reason"]),
            detail=read_detail(row["study_detail"]),
        )
        for row in await pool.fetch(SQL["failed_studies"], round_id)
    ]


async def depot_plans(pool: Pool, round_id: int) -> list[DepotPlan]:
    """The plan of every depot of a round's version that has one."""
    rows = await pool.fetch(SQL["part_plans_shown"], round_id)
    return [plan for row in rows for plan in read_part_plan(row["part_plan"]).depots]
