"""The pages of fifty plans: `python -m benchmarks.tracker.many_plans [--plans 50] [--requests 50]`.

Each plan has some 400 milestones, whose owners are given to them and say of a quarter of them how
far they are, and of some of these that they are postponed. A server answers requests for the
overview in each of its arrangements and for the status of a quarter as page, PDF and workbook, in
turn with the page of the sign-in, which reads nothing.
"""

import argparse
import asyncio
import statistics
from collections.abc import Mapping, Sequence
from datetime import timedelta

from api.pages.plan.choice import By, quarter_text
from benchmarks.service.pages import PEER, server_times
from benchmarks.service.server import serving
from db.connect import Pool, open_pool
from fleet.localtime import local_now
from tests.conftest import own_database, running_server
from tests.factories.access import Visitor, visitor
from tests.factories.actors import SOMEBODY
from tests.factories.plan_file import plan_file
from tests.factories.plan_generated import generated_document
from tracker.contacts import ContactDetails, add_contact
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.documents.taking import SourceFile, take_plan
from tracker.importer.plan_file import PlanFile
from tracker.milestone import MilestoneStatus
from tracker.milestones import milestones
from tracker.quarter import Quarter
from tracker.saying import Assignment, Said, assign, say
from tracker.shipped import load_programme

#: What is asked of the overview and of the status of a quarter, at the 95th percentile.
OVERVIEW_MS_MAX, STATUS_MS_MAX = 100.0, 3_000.0

BACKDATE = """UPDATE milestone_change c SET at = at - interval '300 days' FROM milestone m
    WHERE m.milestone_id = c.milestone_id AND m.plan_id = $1"""

MILESTONES_OF_PLAN = 400
OWNERS = 40
CENTRES = ("Vej og Park", "Miljø", "Ejendomme", "Børn", "Ældre", "Kultur")


async def main(plans: int, requests: int) -> None:
    with running_server() as server_url:
        async with own_database(server_url) as url:
            async with open_pool(url) as pool:
                plan_id, milestone_count = await fill(pool, plans)
                tester = await visitor(pool)
                await pool.execute("VACUUM ANALYZE")
            print(f"{plans} plans, {milestone_count:,} milestones")
            async with serving(url, "api") as base:
                took = await _times(tester, base, _paths(plan_id), requests)
    _report(took)


async def fill(pool: Pool, plans: int) -> tuple[int, int]:
    """Takes plans whose owners have said something.

    Returns:
        The id of the last plan, and how many milestones there are.
    """
    await load_programme(pool, read_programme(FLEET_PROGRAMME))
    owners = [
        await add_contact(pool, SOMEBODY, ContactDetails(name=f"Ejer {number}"))
        for number in range(1, OWNERS + 1)
    ]
    said = (
        Said(MilestoneStatus.DONE, "Følger planen"),
        Said(MilestoneStatus.IN_PROGRESS, "Følger planen"),
        Said(MilestoneStatus.POSTPONED, "Mangler svar", Quarter.of(local_now().date()).next),
    )
    plan_id = 0
    for number in range(plans):
        source = SourceFile(f"plan-{number}.txt", f"{number:064x}")
        year = local_now().year - number % 3
        plan_id = await take_plan(
            pool, SOMEBODY, source, plan_of_many(number, year), name=f"Plan {number}"
        )
        own = [one.milestone_id for one in await milestones(pool, plan_id)]
        for place, owner in enumerate(owners):
            centre = CENTRES[place % len(CENTRES)]
            given = Assignment(owner_id=owner, centre=centre)
            await assign(pool, SOMEBODY, own[place::OWNERS], given)
        async with pool.acquire() as connection, connection.transaction():
            # The plan was taken and its owners named long before what is said of it now. History is
            # never changed but here.
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(BACKDATE, plan_id)
        for place, one in enumerate(own[::4]):
            await say(pool, SOMEBODY, one, said[place % len(said)])
    return plan_id, len(await milestones(pool))


def plan_of_many(number: int, year: int) -> PlanFile:
    """A plan of some 400 milestones, of several generated ones that stand under one another."""
    programmes, initiatives, found, strands = [], [], [], []
    part = 0
    while len(found) < MILESTONES_OF_PLAN:
        part += 1
        one = PlanFile.model_validate(plan_file(generated_document(number * 10 + part), year))
        programmes += [
            each.model_copy(update={"number": f"{part}.{each.number}"}) for each in one.programmes
        ]
        initiatives += [
            each.model_copy(
                update={
                    "section": f"{part}.{each.section}",
                    "programme": f"{part}.{each.programme}",
                }
            )
            for each in one.initiatives
        ]
        found += [
            each.model_copy(
                update={
                    "id": f"{part}-{each.id}",
                    "parent": each.parent and f"{part}-{each.parent}",
                    "section": f"{part}.{each.section}",
                }
            )
            for each in one.milestones
        ]
        strands += [
            each.model_copy(
                update={
                    "section": f"{part}.{each.section}",
                    "milestones": tuple(f"{part}-{member}" for member in each.milestones),
                }
            )
            for each in one.strands
        ]
    return PlanFile(
        title=None,
        year=year,
        programmes=tuple(programmes),
        initiatives=tuple(initiatives),
        milestones=tuple(found),
        strands=tuple(strands),
    )


def _paths(plan_id: int) -> Mapping[str, float]:
    """The addresses that are asked for, with the milliseconds that they may take."""
    today = local_now().date()
    quarter = quarter_text(Quarter.of(today))
    overview = [
        "/plan",
        *(f"/plan?by={by}" for by in By if by is not By.PROGRAMME),
        f"/plan?plan={plan_id}",
        f"/plan?plan={plan_id}&by=quarter",
        "/plan?show=late",
        "/plan?q=leverand%C3%B8r",
        f"/plan?since={today - timedelta(days=92)}",
    ]
    status = [
        f"/plan/status{end}?plan={plan_id}&quarter={quarter}" for end in ("", ".pdf", ".xlsx")
    ]
    return dict.fromkeys(overview, OVERVIEW_MS_MAX) | dict.fromkeys(status, STATUS_MS_MAX)


async def _times(
    tester: Visitor, base: str, paths: Mapping[str, float], requests: int
) -> Mapping[str, tuple[float, Sequence[float]]]:
    """The milliseconds that each address may take, and those that each of its requests took."""
    took = await server_times(tester, base, list(paths), requests)
    return {path: (paths.get(path, 0.0), each) for path, each in took.items()}


def _report(took: Mapping[str, tuple[float, Sequence[float]]]) -> None:
    peer = statistics.median(took[PEER][1])
    print(f"{'page':44}{'median':>9}{'95 %':>9}{'may take':>10}  times the page that reads nothing")
    for path, (most, each) in took.items():
        middle, late = statistics.median(each), statistics.quantiles(each, n=20)[-1]
        said = "" if path == PEER else "  missed" if late > most else "  kept"
        print(f"{path:44}{middle:7.1f}ms{late:7.1f}ms{most:8.0f}ms{middle / peer:8.1f}{said}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--plans", type=int, default=50)
    parser.add_argument("--requests", type=int, default=50)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.plans, arguments.requests))
