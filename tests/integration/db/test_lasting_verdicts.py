"""The verdict in force on a decision, by round: the view `decision_in_force`."""

import pytest

from db.connect import Pool

ROUNDS = """
INSERT INTO depot VALUES ('home', 'Home', 55, 12, 100);
INSERT INTO round (round_id, requested_by, period_first, period_last, state, number)
    OVERRIDING SYSTEM VALUE VALUES
    (1, 'x', '2026-11-01', '2026-11-30', 'done', 1),
    (2, 'x', '2026-11-01', '2026-11-30', 'failed', 2),
    (3, 'x', '2026-11-01', '2026-11-30', 'failed', 3);
INSERT INTO proposal (round_id, rank, depot_id, saving_kr_year, saving_co2_t_year, content, key)
    SELECT n, 1, 'home', 1, 1, '{}', 'dispose:a' FROM generate_series(1, 3) n
"""


@pytest.mark.parametrize(
    ("given", "in_force"),
    [
        # What was given in rounds 1, 2 and 3, and what is in force at the end of each.
        (("accepted", "", ""), ("accepted", "accepted", "accepted")),
        (("rejected", "", "accepted"), ("rejected", "rejected", "accepted")),
        (("accepted done", "", ""), ("done", "", "")),
        (("accepted", "done", ""), ("accepted", "done", "")),
        (("accepted done", "", "accepted"), ("done", "", "accepted")),
        (("accepted done accepted", "", ""), ("accepted", "accepted", "accepted")),
        (("accepted", "reopened", ""), ("accepted", "", "")),
        (("rejected", "reopened accepted", ""), ("rejected", "accepted", "accepted")),
        (("question", "", "accepted"), ("?", "?", "accepted")),
        (("accepted", "question", ""), ("accepted", "accepted ?", "accepted ?")),
        (("accepted question", "rejected", ""), ("accepted ?", "rejected", "rejected")),
        (("done", "question", ""), ("done", "?", "?")),
        (("done question", "", ""), ("done ?", "", "")),
        (("accepted question", "reopened", ""), ("accepted ?", "", "")),
        (("", "accepted", ""), ("", "accepted", "accepted")),
    ],
)
async def test_the_last_verdict_counts_until_it_is_carried_out_or_reopened(
    pool: Pool, given: tuple[str, ...], in_force: tuple[str, ...]
) -> None:
    await pool.execute(ROUNDS)
    assert await _in_force(pool, given) == in_force


async def _in_force(pool: Pool, given: tuple[str, ...]) -> tuple[str, ...]:
    """What is in force at the end of each round, with what was given in each."""
    for number, verdicts in enumerate(given, 1):
        await pool.execute("UPDATE round SET state = 'done' WHERE number = $1", number)
        for verdict in verdicts.split():
            await pool.execute(
                "INSERT INTO decision (proposal_id, verdict, comment, actor)"
                " SELECT proposal_id, $2, '', 'x' FROM proposal WHERE round_id = $1",
                number,
                verdict,
            )
    rows = await pool.fetch("SELECT * FROM decision_in_force")
    found = {
        row["number"]: " ".join([row["verdict"] or "", "?" if row["asked"] else ""]).strip()
        for row in rows
    }
    return tuple(found.get(number, "") for number in (1, 2, 3))


async def test_a_verdict_on_an_earlier_proposal_is_of_the_latest_round(pool: Pool) -> None:
    await pool.execute(ROUNDS)
    await pool.execute("UPDATE round SET state = 'done' WHERE number < 3")
    await pool.execute(
        "INSERT INTO decision (proposal_id, verdict, comment, actor)"
        " SELECT min(proposal_id), 'accepted', '', 'x' FROM proposal"
    )
    rows = await pool.fetch("SELECT number, decided_in FROM decision_in_force ORDER BY number")
    assert [tuple(row) for row in rows] == [(2, 2), (3, 2)]


@pytest.mark.parametrize(
    ("given", "has_vehicle", "in_force"),
    [
        # Rounds 2 and 3 have the vehicle that was to leave, or have not.
        (("accepted done", "", ""), (True, True), ("done", "done", "done")),
        (("accepted done", "", ""), (True, False), ("done", "done", "")),
        (("accepted done", "", ""), (False, True), ("done", "", "")),
        (("accepted done", "question", ""), (True, False), ("done", "done ?", "")),
        (("accepted done", "reopened", ""), (True, True), ("done", "", "")),
        (("accepted done", "accepted", ""), (True, False), ("done", "accepted", "accepted")),
    ],
)
async def test_what_is_done_stays_so_while_the_register_has_the_vehicle(
    pool: Pool,
    given: tuple[str, ...],
    has_vehicle: tuple[bool, bool],
    in_force: tuple[str, ...],
) -> None:
    await pool.execute(ROUNDS)
    for number, has in zip((2, 3), has_vehicle, strict=True):
        await pool.execute(
            "INSERT INTO round_register VALUES ($1, 'vehicle', $2, '{\"depot_id\": \"home\"}')",
            number,
            "a" if has else "b",
        )
    assert await _in_force(pool, given) == in_force
