"""The simulated year of `ledger_year` with trackers: what its vehicles drove before and after, a
rejected and an open proposal, and vehicles that wait for a tracker."""

from dataclasses import dataclass
from datetime import date, timedelta

from db.connect import Pool
from fleet.localtime import local_now
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision, decision_json
from optimiser.parts.depot_plan import ZERO_FIGURES
from optimiser.rounds.summary import RoundSummary, summary_json
from tests.factories.ledger_year import (
    PROPOSAL,
    VERDICT,
    LedgerYear,
    moment,
    simulated_year,
)

#: What each vehicle drove a day before and after, in km.
KM_BEFORE, KM_AFTER = 30, 45
WEEKS_AFTER = 8

#: Vehicles without a tracker; the depot `vest` waits for its place.
WAITING = """
INSERT INTO depot VALUES ('ost', 'Østgården', 55.9, 12.6, 150);
INSERT INTO zone (zone_id, name) VALUES ('vest', 'Vestgården');
INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id) VALUES
    ('w1', 'Vej 1', 'car', 'Vej & Park', 'ost'), ('w2', 'Vej 2', 'car', 'Vej & Park', 'ost'),
    ('w3', 'Vej 3', 'car', 'Vej & Park', 'ost'), ('w4', 'Vej 4', 'car', 'Vej & Park', 'vest'),
    ('w5', 'Vej 5', 'car', 'Vej & Park', 'vest'), ('w6', 'Job 1', 'car', 'Jobcenter', 'ost')
"""
TRACKERS = """
INSERT INTO device (device, vehicle_id) SELECT 'd-' || vehicle_id, vehicle_id FROM vehicle
    WHERE vehicle_id LIKE 'v%'
"""
#: The days from $1 to $2 on which the vehicles $3 were heard and drove $4 km in two hours.
DAYS = """
INSERT INTO device_day
    SELECT 'd-' || id, day, 1440, 16777215, 1, $4::integer, 7200, 7200, 0
    FROM unnest($3::text[]) id, generate_series($1::date, $2::date, interval '1 day') day
"""
MONTHS = """
INSERT INTO device_month
    SELECT DISTINCT device, date_trunc('month', day)::date, 1 FROM device_day
"""


@dataclass(frozen=True)
class PilotYear:
    """The year with the days of the first round (`before`), and the latest weeks (`after`)."""

    pool: Pool
    year: LedgerYear
    before: tuple[date, date]
    after: tuple[date, date]

    @property
    def query(self) -> str:
        """The address of the evaluation of these periods."""
        names = ("before-from", "before-to", "after-from", "after-to")
        days = zip(names, (*self.before, *self.after), strict=True)
        return "&".join(f"{name}={day}" for name, day in days)


def _vehicles(*numbers: int) -> list[str]:
    return [f"v{number}" for number in numbers]


async def pilot_year(pool: Pool) -> PilotYear:
    """Six vehicles before at two depots, and two of them after at one."""
    year = await simulated_year(pool)
    row = await pool.fetchrow("SELECT round_id, period_first, period_last FROM round")
    assert row is not None
    before = row["period_first"], row["period_last"]
    yesterday = local_now().date() - timedelta(days=1)
    after = yesterday - timedelta(days=7 * WEEKS_AFTER - 1), yesterday
    summary = RoundSummary(
        baseline=ZERO_FIGURES, proposed=ZERO_FIGURES, lower_bound_kr_year=0, gap=0, seconds=0
    )
    await pool.execute("UPDATE round SET summary = $1", summary_json(summary))
    async with pool.acquire() as connection:
        await connection.execute(WAITING)
        await connection.execute(TRACKERS)
        await connection.execute(DAYS, *before, _vehicles(1, 2, 3, 4, 5, 6), KM_BEFORE)
        await connection.execute(DAYS, *after, _vehicles(4, 6), KM_AFTER)
        await connection.execute(MONTHS)
    for rank, (vehicle, verdict) in enumerate((("v6", "rejected"), ("w1", None)), start=5):
        key = DecisionKey(Action.DISPOSE, vehicle)
        decision = Decision(
            key=key,
            action=Action.DISPOSE,
            depot_id="nord",
            vehicle_id=vehicle,
            vehicle=vehicle,
            kind="car",
            departments=("Hjemmepleje",),
            saving_kr_year=9_000.0,
            saving_co2_t_year=1.0,
        )
        content = decision_json(decision)
        proposal_id = await pool.fetchval(
            PROPOSAL, row["round_id"], rank, "nord", 9_000, content, str(key)
        )
        if verdict is not None:
            at = moment(before[1] + timedelta(days=20))
            await pool.execute(VERDICT, proposal_id, verdict, at)
    return PilotYear(pool, year, before, after)
