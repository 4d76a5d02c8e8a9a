"""Studies the parts of a round that have a plan."""

from dataclasses import replace

from costs.assumptions import ENERGY_PRICES
from costs.basis import Basis
from costs.kind_figures import KindFigures
from costs.peak_days import peak_days
from db.connect import Pool
from db.statements import statements
from fleet.saying import Saying
from fleet.vehicle import Energy
from optimiser.model.plan import Plan
from optimiser.model.problem import ProblemError, Rules
from optimiser.parts.part_plan import read_part_plan
from optimiser.rounds.failure import FailureReason, detail_json, process_failure
from optimiser.rounds.part_input import read_part_input, round_basis
from optimiser.settings import OptimiserSettings
from optimiser.studies.sensitivity import MovedFigure, figure_moves
from optimiser.studies.study import Scenario, StudyEffort, study, study_json
from optimiser.workers import ProcessDied, Workers

SQL = statements("round")


async def study_part(
    pool: Pool, round_id: int, part: int, settings: OptimiserSettings, workers: Workers
) -> None:
    """Make the study of a part, unless it has one, which may be that of an earlier version.

    The plan holds without a study, so a failure is stored with the part and does not fail the
    round. If the worker stops meanwhile, a worker makes the study later.
    """
    row = await pool.fetchrow(SQL["done_round"], round_id)
    answered = await pool.fetchrow(SQL["part"], round_id, part)
    if row is None or answered is None or answered["part_plan"] is None:
        return
    if answered["study"] is not None:
        return
    told = read_part_plan(answered["part_plan"])
    plan = Plan.from_json(told.fleet_plan)
    basis = await round_basis(pool, round_id)
    effort = StudyEffort(
        seconds_max=settings.study_seconds_max,
        gap=settings.optimiser_gap,
        curve_solves=settings.curve_solves,
        curve_price_max_kr_t=settings.curve_price_max_kr_t,
        backtest_share=settings.backtest_share,
        kwh_km=settings.stated_kwh_km,
        peak_days=tuple(peak_days(basis.figures)),
    )
    try:
        part_input = await read_part_input(pool, round_id, part, row, settings)
        part_input = replace(part_input, coming=told.coming, kept=told.kept, unshared=told.unshared)
        wanted = scenarios(basis, part_input.rules, settings.sensitivity_share)
        result = await workers.run(study, part_input, plan, wanted, effort)
    except ProblemError as error:
        await fail_study(pool, round_id, part, FailureReason.REFUSED, error.remark)
        return
    except ProcessDied as died:
        await fail_study(pool, round_id, part, FailureReason.PROCESS_DIED, process_failure(died))
        return
    await pool.execute(SQL["store_study"], round_id, part, study_json(result))


async def fail_study(
    pool: Pool, round_id: int, part: int, reason: FailureReason, detail: Saying | None = None
) -> None:
    """Store why a part has no study; a later version of the round tries again."""
    await pool.execute(SQL["fail_study"], round_id, part, reason.value, detail_json(detail))


def scenarios(basis: Basis, rules: Rules, share: float) -> list[Scenario]:
    """The scenarios of every figure moved down and up by `share`."""
    return [_scenario(basis, rules, moved, factor) for moved, factor in figure_moves(share)]


def _scenario(basis: Basis, rules: Rules, moved: MovedFigure, factor: float) -> Scenario:
    kinds = dict(basis.kinds)
    if moved is MovedFigure.ENERGY_PRICE:
        dearer = basis.scaled(ENERGY_PRICES, factor).kinds
        kinds = {name: _repriced(kinds[name], dearer[name], factor) for name in kinds}
    if moved is MovedFigure.CO2_PRICE:
        rules = replace(rules, co2_kr_t=rules.co2_kr_t * factor)
    demand = factor if moved is MovedFigure.DEMAND else 1.0
    return Scenario(moved=moved, factor=factor, kinds=kinds, rules=rules, demand=demand)


def _repriced(now: KindFigures, then: KindFigures, factor: float) -> KindFigures:
    """A kind at another energy price.

    If the municipality states the figures, nobody knows the share of energy in the cost of a km.
    Then the whole cost of a km moves, which is too much.
    """
    if then.kr_km == now.kr_km and now.energy is not Energy.BICYCLE:
        return replace(now, kr_km=now.kr_km * factor)
    return then
