"""Reads from the database which facts of the system hold."""

from db.connect import Pool
from db.scope.seen import unscoped
from db.statements import statements
from tracker.facts import Fact, FactAnswer, FactAnswers

SQL = statements("milestone")

#: The days that telemetry spans when data is collected: each day of the week four times, as a round
#: of proposals looks at.
DAYS_OF_DATA = 28


@unscoped
async def fact_answers(pool: Pool) -> FactAnswers:
    """The answer of every fact. All who see the plan see it alike: it tells of no vehicle."""
    return {
        (fact := Fact(row["fact"])): FactAnswer(
            fact, row["holds"], row["at"] if row["holds"] else None, int(row["count"])
        )
        for row in await pool.fetch(SQL["facts"], DAYS_OF_DATA)
    }
