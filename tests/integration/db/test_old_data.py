"""What a database of an earlier version has is as useful after its migrations as it was before."""

import json
from collections.abc import AsyncGenerator, Mapping

import asyncpg
import pytest

from db.connect import Connection
from db.migration import apply_migration, migrations
from tests.conftest import own_database

#: Two rounds: between them the kind `el` was renamed. In the first one another kind, which was no
#: longer on offer, had its name, and in the second one a newer kind took the name over. A third
#: round failed before it had kinds.
ROUNDS = """
INSERT INTO depot VALUES ('home', 'Home', 55, 12, 100);
INSERT INTO round
    (round_id, requested_by, period_first, period_last, state, finished_at, number, kinds)
    OVERRIDING SYSTEM VALUE VALUES
    (1, 'x', '2026-11-01', '2026-11-30', 'done', now(), 1,
     '[{"kind": "old", "name": "E-bil", "offered": false},
       {"kind": "el", "name": "E-bil", "offered": true},
       {"kind": "van", "name": "Varevogn", "offered": true}]'),
    (2, 'x', '2026-11-01', '2026-11-30', 'done', now(), 2,
     '[{"kind": "el", "name": "Elbil", "offered": true},
       {"kind": "new", "name": "E-bil", "offered": true}]'),
    (3, 'x', '2026-11-01', '2026-11-30', 'failed', now(), 3, NULL);
"""
PROPOSAL = """
INSERT INTO proposal (round_id, rank, depot_id, saving_kr_year, saving_co2_t_year, content, key)
VALUES ($1, $2, 'home', 1, 1, $3, $4) RETURNING proposal_id
"""


@pytest.fixture
async def old(server_url: str) -> AsyncGenerator[Connection]:
    """A connection to an empty database with no schema."""
    async with own_database(server_url) as url:
        connection = await asyncpg.connect(url)
        yield connection
        await connection.close()


async def bring(connection: Connection, *, before: str | None = None) -> None:
    """Apply the migrations that the database lacks, in order, up to the one named `before`; all of
    them without a name."""
    has = await connection.fetchval("SELECT to_regclass('schema_migration') IS NOT NULL")
    number = await connection.fetchval("SELECT max(number) FROM schema_migration") if has else 0
    for one in migrations()[number:]:
        if one.name == before:
            return
        async with connection.transaction():
            await apply_migration(connection, one)
    assert before is None, f"there is no migration {before}"


async def contents(connection: Connection) -> dict[int, dict[str, object]]:
    rows = await connection.fetch("SELECT proposal_id, content FROM proposal")
    return {row["proposal_id"]: json.loads(row["content"]) for row in rows}


async def propose(
    connection: Connection, round_id: int, rank: int, content: Mapping[str, object]
) -> int:
    key = f"{content['action']}:{content.get('vehicle_id', 'home')}"
    return await connection.fetchval(PROPOSAL, round_id, rank, json.dumps(content), key)


async def test_old_proposals_get_the_kind_that_their_own_round_called_so(old: Connection) -> None:
    await bring(old, before="kinds_by_id")
    await old.execute(ROUNDS)
    replace = {"action": "replace", "vehicle_id": "v1", "new_kind": "E-bil"}
    expected = {
        await propose(old, 1, 1, replace): "el",
        await propose(old, 1, 2, replace | {"vehicle_id": "v2", "new_kind": "Varevogn"}): "van",
        # A kind that the round does not have, and a vehicle that only leaves.
        await propose(old, 1, 3, replace | {"vehicle_id": "v3", "new_kind": "Rumskib"}): None,
        await propose(old, 1, 4, {"action": "dispose", "vehicle_id": "v4"}): None,
        await propose(old, 2, 1, replace | {"new_kind": "Elbil"}): "el",
        await propose(old, 2, 2, replace | {"vehicle_id": "v2"}): "new",
        await propose(old, 3, 1, replace): None,
    }
    before = await contents(old)
    await old.execute(
        "INSERT INTO decision (proposal_id, verdict, comment, actor)"
        " SELECT proposal_id, 'accepted', '', 'x' FROM proposal WHERE round_id = 1 AND rank < 3"
    )
    await bring(old)
    after = await contents(old)
    for proposal_id, kind in expected.items():
        assert after[proposal_id].pop("new_kind_id", None) == kind
    # Nothing else of them changed.
    assert after == before
    # An acceptance holds for the kind, whatever it is called by now, and not for another one that
    # has its name.
    same = await old.fetch(
        "SELECT proposes_same(b.content, a.content) FROM proposal a JOIN proposal b USING (key)"
        " WHERE a.round_id = 1 AND b.round_id = 2 ORDER BY key"
    )
    assert [row["proposes_same"] for row in same] == [True, False]


async def test_old_tasks_follow_the_contract_on_which_their_proposal_counted(
    old: Connection,
) -> None:
    await bring(old, before="tasks_follow")
    await old.execute(ROUNDS)
    going = {"action": "dispose", "vehicle_id": "v1", "contract_end": "2027-05-31"}
    for rank, content in enumerate((going, {"action": "buy", "count": 2}), 1):
        proposal_id = await propose(old, 1, rank, content)
        await old.execute(
            "WITH one AS (INSERT INTO undertaking (key, proposal_id, accepted_at, accepted_by,"
            " takes_hold) SELECT key, proposal_id, now(), 'x', '2027-06-01' FROM proposal"
            " WHERE proposal_id = $1 RETURNING undertaking_id)"
            " INSERT INTO task (undertaking_id, step, due)"
            " SELECT undertaking_id, step, '2027-05-20' FROM one,"
            " unnest(ARRAY['order', 'hand_over']) step",
            proposal_id,
        )
    # Somebody chose another day for the first one's hand-over, and noted something since.
    task_id = await old.fetchval("SELECT min(task_id) FROM task WHERE step = 'hand_over'")
    for change in ('{"due": "2027-05-31"}', '{"note": "x"}', '{"due": "2027-05-20"}'):
        await old.execute(
            "INSERT INTO task_change (task_id, content, actor) VALUES ($1, $2, 'x')",
            task_id,
            change,
        )
    await bring(old)
    undertakings = await old.fetch(
        "SELECT contract_end::text, leaves_on FROM undertaking ORDER BY 1"
    )
    assert [tuple(row) for row in undertakings] == [("2027-05-31", None), (None, None)]
    tasks = await old.fetch(
        "SELECT step, due::text, planned::text FROM task ORDER BY undertaking_id, task_id"
    )
    assert [tuple(row) for row in tasks] == [
        ("order", "2027-05-20", "2027-05-20"),
        ("hand_over", "2027-05-20", "2027-05-31"),
        ("order", "2027-05-20", "2027-05-20"),
        # What is bought is not handed over.
        ("receive", "2027-05-20", "2027-05-20"),
    ]


@pytest.mark.parametrize(("lon", "again"), [(12.002, True), (12.01, False)])
async def test_round_trips_are_found_again_where_two_depots_overlap(
    old: Connection, lon: float, again: bool
) -> None:
    await bring(old, before="nearer_depots")
    await old.execute("INSERT INTO depot VALUES ('a', 'A', 55, 12, 100)")
    await old.execute("INSERT INTO depot VALUES ('b', 'B', 55, $1, 100)", lon)
    await old.execute(
        "INSERT INTO device (device) VALUES ('d');"
        " INSERT INTO device_state (device, first_ts, last_ts) VALUES ('d', now(), now());"
        " INSERT INTO trip (device, start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km)"
        " VALUES ('d', '2026-11-02T08:00Z', '2026-11-02T09:00Z', 55, 12, 55, 12, 5)"
    )
    await bring(old)
    marked = await old.fetchval("SELECT round_trips_from FROM device_state")
    assert (marked is not None) is again
