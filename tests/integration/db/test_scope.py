"""The head of a department sees nothing of another one, whatever statement runs."""

import asyncpg
import pytest

from db.connect import Pool
from db.errors import DatabaseError
from db.migration import ensure_schema
from db.scope.seen import seen_by
from tests.conftest import own_database

#: Tables without a row of a vehicle, whose rows everybody may read who reads at all.
OF_NO_VEHICLE = frozenset(
    {
        "schema_migration",
        "vehicle_kind",
        "vehicle_kind_change",
        "capability_name",
        "kind_consumption",
        "assumption",
        "closing_day",
        "municipality",
        "received_minute",
        "deletion",
        "round",
        "plan",
        "plan_reading",
        "plan_change",
        "programme",
        "programme_resource",
        "initiative",
        "milestone",
        "milestone_change",
        "plan_meeting",
        "plan_meeting_change",
        "strand",
        "strand_member",
        "indicator",
        "indicator_value",
        "pilot_goal_change",
        "purchase_principle",
    }
)

#: Who signed in, what was done, what waits at ingest: the role cannot read them.
OUT_OF_REACH = frozenset(
    {
        "account",
        "account_shown",
        "account_source",
        "account_session",
        "account_link",
        "account_change",
        "sign_in_allowance",
        "sign_in_refusal",
        "program_token",
        "mail",
        "audit_entry",
        "position",
        "pending_span",
        "report",
        "roll_out_change",
        "plan_draft",
        "plan_calendar",
        # But for names, without addresses.
        "plan_contact",
        "centre_contact",
        "follow_up",
        "follow_up_link",
    }
)

#: Rows that nobody with a scope sees.
EMPTY = frozenset(
    {
        "quarantine_evicted",
        "log_upload",
        "vehicle_list",
        "vehicle_list_layout",
        "api_key",
        "hired_list",
    }
)

#: Views that read with the rights of their owner and name the scope themselves.
NARROW_THEMSELVES = frozenset({"vehicle_shown"})

#: The tables and views of ours, but for the weeks of `position`.
RELATIONS = """
SELECT relname AS name, has_table_privilege('flaade_scoped', oid, 'SELECT') AS readable,
       relrowsecurity OR relkind = 'v' AND 'security_invoker=true' = ANY (reloptions) AS narrowed
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition
  AND relname !~ '^procrastinate_' ORDER BY relname
"""

#: A vehicle of each department with rows in every table of vehicles. `%s` is "own" or "other".
ROWS = """
INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id)
    VALUES ('%s-v', '%s', 'car', '%s', '%s-depot');
INSERT INTO device (device, vehicle_id) VALUES ('%s-d', '%s-v');
INSERT INTO device_state (device, first_ts, last_ts) VALUES ('%s-d', now(), now());
INSERT INTO device_rhythm VALUES ('%s-d', 30, 1, now());
INSERT INTO trip_aside (device, trouble, error, retry_at) VALUES ('%s-d', 'x', 'x', now());
INSERT INTO vehicle_ruling (vehicle_id, ruling, reason, actor) VALUES ('%s-v', 'stay', 'x', 'x');
INSERT INTO private_period (vehicle_id, begins, note, set_by) VALUES ('%s-v', now(), '', 'x');
INSERT INTO private_day VALUES ('%s-d', '2026-11-20', 1);
INSERT INTO trip (device, start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km)
    VALUES ('%s-d', '2026-11-20 10:00Z', '2026-11-20 11:00Z', 55, 12, 55, 12, 1);
INSERT INTO round_trip (device, start_ts, end_ts, vehicle_id, depot_id, km, legs)
    VALUES ('%s-d', '2026-11-20 10:00Z', '2026-11-20 11:00Z', '%s-v', '%s-depot', 1, 1);
INSERT INTO engine_session VALUES ('%s-d', '2026-11-20 10:00Z', '2026-11-20 11:00Z', 1);
INSERT INTO logged_span VALUES ('%s-v', '2026-11-20', '2026-11-20');
INSERT INTO device_day VALUES ('%s-d', '2026-11-20', 1, 1, 1, 1, 1, 1, 1);
INSERT INTO device_month VALUES ('%s-d', '2026-11-01', 1);
INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256)
    VALUES ('x', '%s-d', 'x', '{}', '%s', '%s');
INSERT INTO register_change (subject, subject_id, content, actor)
    VALUES ('vehicle', '%s-v', '{}', 'x');
INSERT INTO proposal (round_id, rank, depot_id, saving_kr_year, saving_co2_t_year, content, key)
    VALUES (1, length('%s'), '%s-depot', 1, 1, '{"vehicle_id": "%s-v"}', '%s');
INSERT INTO decision (proposal_id, verdict, comment, actor)
    SELECT max(proposal_id), 'accepted', '%s', 'x' FROM proposal;
INSERT INTO talk_entry (kind, key, proposal_id, text, actor)
    SELECT 'comment', key, proposal_id, '%s', 'x' FROM proposal ORDER BY proposal_id DESC LIMIT 1;

INSERT INTO undertaking (key, proposal_id, accepted_at, accepted_by, takes_hold)
    SELECT '%s', max(proposal_id), now(), 'x', '2026-12-01' FROM proposal;
INSERT INTO task (undertaking_id, step, due, planned, owner)
    SELECT max(undertaking_id), 'hand_over', '2026-12-01', '2026-12-01', '%s' FROM undertaking;
INSERT INTO task_change (task_id, content, actor)
    SELECT max(task_id), '{"of": "%s"}', 'x' FROM task;
INSERT INTO hired_list (source, imported_by) VALUES ('%s', 'x');
INSERT INTO hired_month (month, means, department, kr, list_id)
    SELECT '2026-11-01', 'taxi', '%s', 1, max(list_id) FROM hired_list;
INSERT INTO vehicle_request (department, depot_id, energy, wanted_from, days_week, reason, asked_by)
    VALUES ('%s', '%s-depot', 'electric', '2027-01-01', 5, '%s', 'x');
INSERT INTO vehicle_request_change (request_id, content, actor)
    SELECT max(request_id), '{"of": "%s"}', 'x' FROM vehicle_request;
INSERT INTO purchase (bought_on, kind, energy, department, price_kr, principle, reason, recorded_by)
    VALUES ('2026-11-01', 'car', 'petrol', '%s', 1, 'green', 'x', 'x');
INSERT INTO purchase_change (purchase_id, content, actor)
    SELECT max(purchase_id), '{"of": "%s"}', 'x' FROM purchase;
INSERT INTO disposal_reason (vehicle_id, principle, reason, actor)
    VALUES ('%s-v', 'green', 'x', 'x');
INSERT INTO what_if (round_id, name, depots, departments, changes, asked_by, parts, shared_at)
    VALUES (1, '%s', '{%s-depot}', '{%s}', '{}', 'x', 1, now());
INSERT INTO what_if_vehicle
    SELECT max(what_if_id), '%s-v', '%s-depot', '{}', '{}' FROM what_if;
INSERT INTO what_if_change (what_if_id, content, actor)
    SELECT max(what_if_id), '{"of": "%s"}', 'x' FROM what_if;
INSERT INTO round_part (round_id, part, depots, part_plan)
    VALUES (1, length('%s'), '{%s-depot}', '{"of": "%s-v"}');
INSERT INTO round_register VALUES (1, 'vehicle', '%s-v', '{}'), (1, 'depot', '%s-depot', '{}');
INSERT INTO trial_day (depot_id, day, round_id, vehicles, trips, km, missed, missed_km, missed_kr,
                       missed_co2_kg, unknown, digest)
    VALUES ('%s-depot', '2026-11-20', 1, 1, 1, 1, 1, 1, 4, 0.1, '{}', 'x');
INSERT INTO trial_miss (depot_id, day, trip_number, reason, km, kr, co2_kg, own_only)
    SELECT depot_id, '2026-11-20', trip_number, 'out', 1, 4, 0.1, false FROM round_trip
    WHERE vehicle_id = '%s-v';
INSERT INTO position (device, ts, lat, lon) VALUES ('%s-d', now(), 55, 12);
INSERT INTO log_upload (name, content) VALUES ('%s', 'x');
INSERT INTO vehicle_list (name, uploaded_by, content, preview) VALUES ('%s', 'x', 'x', '{}');
INSERT INTO vehicle_list_layout VALUES ('%s', '{"of": "%s"}', 'x');
INSERT INTO api_key (key_sha256, device) VALUES ('%s', '%s-d');
INSERT INTO quarantine_evicted (protocol, reason, items) VALUES ('%s', 'x', 1);
"""


@pytest.fixture
async def two(pool: Pool) -> Pool:
    """A fleet of the departments "own" and "other". A tracker sat in a vehicle of the one until it
    was moved to one of the other."""
    await pool.execute(
        "INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, source)"
        " VALUES ('car', 'Car', 'petrol', 1, 1, 1, 'x');"
        "INSERT INTO depot VALUES ('own-depot', 'A', 55, 12, 100), ('other-depot', 'B', 55, 12, 1);"
        "INSERT INTO round (requested_by, period_first, period_last)"
        " VALUES ('x', '2026-11-01', '2026-11-30')"
    )
    await pool.execute("SELECT ensure_position_partitions(now(), now())")
    for department in ("own", "other"):
        await pool.execute(ROWS.replace("%s", department))
    await pool.execute(
        "INSERT INTO device (device, vehicle_id) VALUES ('moved', NULL);"
        "UPDATE vehicle SET retired_at = NULL;"
        "INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id)"
        " VALUES ('own-w', 'w', 'car', 'own', 'own-depot');"
        "UPDATE device SET vehicle_id = 'own-w' WHERE device = 'moved';"
        "INSERT INTO device_seat VALUES ('moved', '2026-11-20', 'other-v');"
        "INSERT INTO device_day SELECT 'moved', day, 1, 1, 1, 1, 1, 1, 1"
        " FROM unnest('{2026-11-19,2026-11-20}'::date[]) day;"
        "INSERT INTO trip (device, start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km)"
        " SELECT 'moved', at, at, 55, 12, 55, 12, 1"
        " FROM unnest('{2026-11-19 10:00Z,2026-11-20 10:00Z}'::timestamptz[]) at"
    )
    return pool


async def test_of_every_table_is_decided_who_sees_it(pool: Pool) -> None:
    for row in await pool.fetch(RELATIONS):
        name = row["name"]
        if name in OUT_OF_REACH:
            assert not row["readable"], name
        elif name in OF_NO_VEHICLE:
            assert row["readable"], name
        else:
            assert row["readable"], f"{name}: decide who sees it (the scope, in schema.sql)"
            narrowed = row["narrowed"] or name in NARROW_THEMSELVES
            assert narrowed, f"{name} has rows of vehicles and no policy"


async def test_nothing_of_another_department_comes_out(two: Pool) -> None:
    for row in await two.fetch(RELATIONS):
        name = row["name"]
        if name in OUT_OF_REACH:
            with seen_by(frozenset({"own"})), pytest.raises(asyncpg.InsufficientPrivilegeError):
                await two.fetch(f"SELECT * FROM {name}")
            continue
        asked = f"SELECT t::text FROM {name} t"
        everything = [one[0] for one in await two.fetch(asked)]
        with seen_by(frozenset({"own"})):
            seen = [one[0] for one in await two.fetch(asked)]
        if name in OF_NO_VEHICLE:
            assert len(seen) == len(everything), name
            continue
        assert any("other" in one for one in everything), f"{name}: put a row of ROWS in it"
        assert not [one for one in seen if "other" in one], name
        if name not in EMPTY | {"device_seat"}:
            assert any("own" in one for one in seen), name
    assert len(await two.fetch("SELECT FROM vehicle")) == 3


async def test_what_a_tracker_told_before_it_was_moved_stays_with_the_other_department(
    two: Pool,
) -> None:
    with seen_by(frozenset({"own"})):
        days = await two.fetch("SELECT day::text FROM device_day WHERE device = 'moved'")
        trips = await two.fetch("SELECT start_ts::date::text FROM trip WHERE device = 'moved'")
    assert [row[0] for row in days] == ["2026-11-20"]
    assert [row[0] for row in trips] == ["2026-11-20"]


async def test_positions_come_out_by_the_functions_only(two: Pool) -> None:
    seen = "SELECT count(*) FROM positions_seen($1, '2020-01-01', 'infinity')"
    for department in (frozenset({"own"}), frozenset({"other"}), frozenset[str](), None):
        with seen_by(department):
            for device in ("own-d", "other-d"):
                is_own = department is None or device.removesuffix("-d") in department
                assert await two.fetchval(seen, device) == is_own
                since = "SELECT positions_seen_since($1, '2020-01-01')"
                assert await two.fetchval(since, device) == is_own
                last = "SELECT count(*) FROM last_positions(ARRAY[$1])"
                assert await two.fetchval(last, device) == is_own


async def test_a_connection_that_comes_back_sees_everything_again(two: Pool) -> None:
    with seen_by(frozenset({"own"})):
        async with two.acquire() as connection, connection.transaction():
            assert await connection.fetchval("SELECT count(*) FROM vehicle") == 2
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await two.execute("UPDATE vehicle SET name = 'mine'")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with two.acquire() as connection, connection.transaction():
                await connection.execute("DELETE FROM trip")
    for _ in range(20):
        assert await two.fetchval("SELECT count(*) FROM vehicle") == 3
        assert await two.fetchval("SELECT current_user = session_user")


async def test_who_may_make_no_role_is_told_what_to_ask_for(server_url: str) -> None:
    async with own_database(server_url) as url:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("CREATE ROLE plain_owner LOGIN")
            await connection.execute("GRANT ALL ON SCHEMA public TO plain_owner")
            await connection.execute("SET SESSION AUTHORIZATION plain_owner")
            with pytest.raises(DatabaseError, match="CREATE ROLE flaade_scoped NOLOGIN; GRANT"):
                await ensure_schema(connection, url, forward=True)
            await connection.execute("RESET SESSION AUTHORIZATION")
            await connection.execute("GRANT flaade_scoped TO plain_owner")
            await connection.execute("SET SESSION AUTHORIZATION plain_owner")
            assert await ensure_schema(connection, url, forward=True)
        finally:
            await connection.execute("RESET SESSION AUTHORIZATION")
            await connection.execute("DROP OWNED BY plain_owner; DROP ROLE plain_owner")
            await connection.close()
