"""A simulated year after a round: five accepted proposals, of which three are done, one is late and
one leaks into taxis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from costs.budget import MONTHS, MoneyTerms, next_month
from db.connect import Pool
from fleet.actor import Actor
from fleet.localtime import LOCAL_ZONE, local_now
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision, decision_json
from optimiser.ledger.hired import import_hired_list
from optimiser.ledger.steps import LeadTimes, months_before
from optimiser.ledger.tasks import TaskPlan, finish_task, plan_task
from optimiser.ledger.undertakings import follow_verdicts
from tests.factories.actors import SOMEBODY

LEAD = LeadTimes(order_months=6)

#: kr. a year that each vehicle saves, by its id.
SAVING_KR_YEAR = {"v1": 36_000, "v2": 24_000, "v3": 12_000, "v4": 48_000, "v5": 60_000}

FLEET = """
INSERT INTO depot VALUES ('nord', 'Nordgården', 55.77, 12.5, 150),
    ('syd', 'Sydgården', 55.7, 12.4, 150);
INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, source)
    VALUES ('car', 'Bil', 'petrol', 30000, 1, 100, 'x');
INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id)
    SELECT 'v' || n, 'Bil ' || n, 'car', CASE WHEN n = 5 THEN 'Jobcenter' ELSE 'Hjemmepleje' END,
           CASE WHEN n = 5 THEN 'syd' ELSE 'nord' END
    FROM generate_series(1, 6) n
"""
ROUND = """
INSERT INTO round (requested_by, period_first, period_last, state, finished_at, number, rules)
VALUES ('somebody', $1, $2, 'done', $3, 1, '{"co2_kr_t": 750, "period_days": 28}')
RETURNING round_id
"""
PROPOSAL = """
INSERT INTO proposal (round_id, rank, depot_id, saving_kr_year, saving_co2_t_year, content, key)
VALUES ($1, $2, $3, $4, 2, $5, $6) RETURNING proposal_id
"""
VERDICT = """
INSERT INTO decision (proposal_id, verdict, comment, actor, at) VALUES ($1, $2, '', 'somebody', $3)
"""


@dataclass(frozen=True)
class LedgerYear:
    """The year: its twelve months begin on `first`. Ids of proposals by vehicle."""

    pool: Pool
    first: date
    proposals: dict[str, int]

    def month(self, index: int, day: int = 1) -> date:
        """A day of a month of the year, which begin with 0."""
        return months_before(self.first, -index).replace(day=day)

    async def task(self, vehicle: str, step: str) -> tuple[int, int]:
        """The id and the revision of a task."""
        row = await self.pool.fetchrow(
            "SELECT task_id, t.revision FROM task t JOIN undertaking USING (undertaking_id)"
            " WHERE proposal_id = $1 AND step = $2 AND withdrawn_at IS NULL",
            self.proposals[vehicle],
            step,
        )
        assert row is not None
        return row["task_id"], row["revision"]

    async def finish(self, vehicle: str, step: str, day: date, actor: Actor = SOMEBODY) -> None:
        task_id, seen = await self.task(vehicle, step)
        await finish_task(self.pool, actor, task_id, day, seen=seen)


def moment(day: date) -> datetime:
    return datetime.combine(day, time(12), LOCAL_ZONE)


async def accepted_year(pool: Pool) -> LedgerYear:
    """Five proposals that were accepted on the 20th before the twelve months that have ended."""
    first = months_before(local_now().date().replace(day=1), MONTHS)
    accepted = months_before(first, 1).replace(day=20)
    await pool.execute(FLEET)
    finished = moment(accepted - timedelta(days=5))
    days = accepted - timedelta(days=40), accepted - timedelta(days=12)
    round_id = await pool.fetchval(ROUND, *days, finished)
    proposals: dict[str, int] = {}
    for rank, (vehicle, kr) in enumerate(SAVING_KR_YEAR.items()):
        key = DecisionKey(Action.DISPOSE, vehicle)
        decision = Decision(
            key=key,
            action=Action.DISPOSE,
            depot_id="syd" if vehicle == "v5" else "nord",
            vehicle_id=vehicle,
            vehicle=f"Bil {vehicle[1]}",
            kind="car",
            departments=("Jobcenter" if vehicle == "v5" else "Hjemmepleje",),
            saving_kr_year=kr + 1_500.0,
            saving_co2_t_year=2.0,
            money=MoneyTerms(saving_kr_year=kr + 1_500.0, unpaid_kr_year=1_500.0),
        )
        proposals[vehicle] = await pool.fetchval(
            PROPOSAL, round_id, rank, decision.depot_id, kr, decision_json(decision), str(key)
        )
        await pool.execute(VERDICT, proposals[vehicle], "accepted", moment(accepted))
    await follow_verdicts(pool, LEAD)
    return LedgerYear(pool, first, proposals)


def taxis(year: LedgerYear) -> Sequence[Sequence[object]]:
    """A list of taxis of the Jobcenter: 1,000 kr. a month, and 3,000 in the last five."""
    rows: list[Sequence[object]] = [("Måned", "Art", "Afdeling", "Km", "Beløb")]
    for index in range(-MONTHS, MONTHS):
        kr, km = ("3.000,00", 300) if index >= 7 else ("1.000,00", 100)
        rows.append((f"{year.month(index):%Y-%m}", "Taxa", "Jobcenter", km, kr))
    return rows


async def simulated_year(pool: Pool) -> LedgerYear:
    """The whole year: v1 to v3 are handed over, v4 is late, v5 leaks."""
    year = await accepted_year(pool)
    for vehicle, day in (
        ("v1", year.month(0)),
        ("v2", year.month(3, 10)),
        ("v3", year.month(6)),
        ("v5", year.month(2)),
    ):
        await year.finish(vehicle, "tell_users", day - timedelta(days=3))
        await year.finish(vehicle, "hand_over", day)
    task_id, seen = await year.task("v4", "tell_users")
    plan = TaskPlan(next_month(year.first), "Hjemmepleje")
    await plan_task(pool, SOMEBODY, task_id, plan, seen=seen)
    await import_hired_list(pool, SOMEBODY, "Taxiselskabets fakturaer", taxis(year))
    return year
