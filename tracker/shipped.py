"""Loads the programme that comes with the system into the plan of its year."""

from db.connect import Pool
from db.statements import statements
from tracker.content import ProgrammeContent

SQL = statements("plan")


async def load_programme(pool: Pool, content: ProgrammeContent) -> None:
    """Add a programme, its initiatives and its milestones, and leave existing ones unchanged. One
    whose plan was removed stays away."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_plans"])
        years = [one.year for part in content.initiative for one in part.milestones]
        year = min(years, default=None)
        row = await connection.fetchrow(SQL["plan_of_programme"], content.programme_id)
        if row is not None and row["removed_at"] is not None:
            return
        plan_id = None if row is None else row["plan_id"]
        if plan_id is None:
            plan_id = await connection.fetchval(SQL["shipped_plan"], year)
        if plan_id is None:
            plan_id = await connection.fetchval(SQL["add_plan"], "", None, year, [], [], True, None)
        await connection.execute(
            SQL["add_programme"], content.programme_id, plan_id, content.name, content.purpose
        )
        rank = 0
        for initiative_rank, initiative in enumerate(content.initiative, start=1):
            await connection.execute(
                SQL["add_initiative"],
                initiative.initiative_id,
                content.programme_id,
                initiative.name,
                initiative_rank,
            )
            for milestone in initiative.milestones:
                rank += 1
                await connection.execute(
                    SQL["add_milestone"],
                    milestone.milestone_id,
                    initiative.initiative_id,
                    rank,
                    milestone.title,
                    milestone.year,
                    milestone.quarter,
                    milestone.fact,
                )
