"""Every act of a person leaves an entry, and no flood of strangers fills the log."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from pydantic import ValidationError

from access.accounts import account_actor, close_account
from access.attempts import TooManyAttemptsError
from access.attempts_stored import STRANGER, record_refusals
from access.first_administrator import first_administrator_link, use_first_link
from access.history import AccessSubject
from access.jobs import periodic_jobs
from access.links import new_link, use_link
from access.mail.settings import MailSettings
from access.own_password import change_password
from access.sessions import end_session
from access.sign_in import SignInRefusedError, sign_in
from costs.assumptions import Figure, FigureKey
from costs.assumptions_stored import put_assumption
from db.audit.entry import Act, AuditEntry, Subject
from db.audit.record import record
from db.audit.search import (
    SQL,
    AuditFilter,
    audit_entries,
    export_entries,
    recorded_persons,
)
from db.connect import Pool
from db.jobs import periodic_jobs as upkeep_jobs
from db.settings import DatabaseSettings
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.localtime import day_start
from register.history import RegisterSubject
from register.municipality.closing_days import ClosedAlreadyError, add_closing_day
from tests.factories.accounts import PASSWORD, person
from tests.factories.actors import SOMEBODY

FROM: dict[str, str] = {"source": "192.0.2.7", "agent": "Firefox"}
ALWAYS: dict[str, Any] = {
    "begins": datetime(2000, 1, 1, tzinfo=UTC),
    "ends": datetime(2100, 1, 1, tzinfo=UTC),
}


async def found(pool: Pool, most: int = 100, **chosen: Any) -> list[AuditEntry]:
    return await audit_entries(pool, AuditFilter(**(ALWAYS | chosen)), most)


def test_the_log_knows_all_things_that_have_a_history() -> None:
    assert {one.value for one in (*RegisterSubject, *AccessSubject)} <= {*Subject}


async def test_an_act_names_who_did_it_and_from_where(pool: Pool) -> None:
    materiel = account_actor(await person(pool), "192.0.2.7")
    own = Figure(
        key=FigureKey.ELECTRICITY_KR_KWH, valid_from=2026, value=1.8, source="aftale", note=""
    )
    await put_assumption(pool, materiel, own)
    (entry, *_) = await found(pool)
    assert (entry.actor, entry.source) == ("Materiel", "192.0.2.7")
    assert (entry.act, entry.subject) == (Act.CHANGED, Subject.ASSUMPTION)
    assert entry.subject_id == FigureKey.ELECTRICITY_KR_KWH
    assert entry.detail == {"valid_from": 2026, "value": 1.8, "source": "aftale"}
    account_id = await pool.fetchval("SELECT account_id FROM audit_entry WHERE source <> ''")
    assert account_id == materiel.account_id


async def test_an_act_that_fails_leaves_no_entry(pool: Pool) -> None:
    day = datetime(2026, 12, 24, tzinfo=UTC).date()
    await add_closing_day(pool, SOMEBODY, day, "Juleaften", "aftale")
    materiel = await person(pool)
    before = await found(pool)
    await add_closing_day(pool, SOMEBODY, day, "Juleaften", "aftale")
    with pytest.raises(ClosedAlreadyError):
        await add_closing_day(pool, SOMEBODY, day, "Juleaften igen", "aftale")
    with pytest.raises(ValueError, match="last administrator"):
        await close_account(pool, SOMEBODY, materiel.account_id)
    assert await found(pool) == before


async def test_coming_and_going_leave_entries(pool: Pool) -> None:
    materiel = await person(pool)
    token = await sign_in(pool, "materiel", PASSWORD, **FROM)
    await end_session(pool, token)
    await end_session(pool, token)
    came, *_ = await found(pool, act=Act.SIGNED_IN)
    assert (came.actor, came.source, came.subject_id) == (
        "Materiel",
        "192.0.2.7",
        str(materiel.account_id),
    )
    (left,) = await found(pool, act=Act.SIGNED_OUT)
    assert left.source == "192.0.2.7"


async def test_the_log_tells_from_where_a_password_was_set(pool: Pool) -> None:
    link = await first_administrator_link(pool)
    assert link is not None
    await use_first_link(pool, link, "Materiel", PASSWORD, **FROM)
    account_id = await pool.fetchval("SELECT account_id FROM account")
    await change_password(
        pool, account_id, PASSWORD, "another password", keep_session=None, source="192.0.2.8"
    )
    link = await new_link(pool, SOMEBODY, account_id)
    await use_link(pool, link, "a third password", source="192.0.2.9", agent="")
    rows = await pool.fetch(
        "SELECT source FROM audit_entry WHERE detail ->> 'password' = 'set' ORDER BY change_id"
    )
    assert [row["source"] for row in rows] == ["192.0.2.7", "192.0.2.8", "192.0.2.9"]
    added = "SELECT source FROM audit_entry WHERE subject = 'account' ORDER BY change_id LIMIT 1"
    assert await pool.fetchval(added) == "192.0.2.7"


async def test_refused_attempts_are_folded_by_account(pool: Pool) -> None:
    await person(pool)
    for attempt in range(30):
        with pytest.raises((SignInRefusedError, TooManyAttemptsError)):
            await sign_in(pool, "materiel", "wrong", source=f"203.0.113.{attempt}", agent="")
    for number in range(5):
        with pytest.raises(SignInRefusedError):
            await sign_in(pool, f"nobody {number}", "wrong", source="198.51.100.1", agent="")
    assert await found(pool, act=Act.SIGN_IN_REFUSED) == []
    (job,) = periodic_jobs(pool, MailSettings.model_validate({}))
    await job.work()
    entries = await found(pool, act=Act.SIGN_IN_REFUSED)
    of = {entry.subject_id: entry for entry in entries}
    assert set(of) == {"", "Materiel"}
    assert len(entries) == 2
    assert of["Materiel"].actor == STRANGER
    detail = of["Materiel"].detail
    assert (detail["refused"], detail["stopped"]) == (10, 20)
    assert len(of["Materiel"].source.split(", ")) == 20
    assert of[""].source == "198.51.100.1"
    assert of[""].detail["refused"] == 5
    await record_refusals(pool)
    assert len(await found(pool, act=Act.SIGN_IN_REFUSED)) == 2


async def test_the_log_holds_no_secret_and_no_long_value(pool: Pool) -> None:
    await person(pool)
    with pytest.raises(SignInRefusedError):
        await sign_in(pool, "materiel", "my secret typed", **FROM)
    await record_refusals(pool)
    long = {"note": "x" * 5_000, "days": list(range(500)), "shape": {"a": 1}} | {
        f"field {number}": number for number in range(100)
    }
    async with pool.acquire() as connection, connection.transaction():
        await record(connection, SOMEBODY, Act.CHANGED, Subject.ZONE, "home", long)
    told = str(await pool.fetch("SELECT e::text FROM audit_entry e"))
    assert PASSWORD not in told
    assert "my secret typed" not in told
    assert len(told) < 6_000


async def test_a_search_goes_on_after_the_last_entry_of_the_page_before(pool: Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        for number in range(25):
            by = Actor("Adm" if number % 2 else "Bruger")
            await record(connection, by, Act.CHANGED, Subject.VEHICLE, number)
    seen: list[str] = []
    before = None
    while page := await audit_entries(pool, AuditFilter(**ALWAYS), 10, before):
        seen += [entry.subject_id for entry in page]
        before = page[-1].at, page[-1].entry_id
    assert seen == [str(number) for number in reversed(range(25))]
    assert len(await found(pool, actor="Adm")) == 12
    assert [e.subject_id for e in await found(pool, subject=Subject.VEHICLE, subject_id="7")] == [
        "7"
    ]
    assert await found(pool, ends=datetime.now(UTC) - timedelta(days=1)) == []
    assert await recorded_persons(pool) == ["Adm", "Bruger"]


async def test_who_takes_the_log_out_is_in_it(pool: Pool) -> None:
    reader = Actor("Reader", frozenset({Permission.FIGURES_READ}))
    with pytest.raises(NotAllowedError):
        await export_entries(pool, reader, AuditFilter(**ALWAYS), 10)
    await export_entries(pool, SOMEBODY, AuditFilter(**ALWAYS), 10)
    (entry,) = await found(pool)
    assert (entry.act, entry.subject_id) == (Act.EXPORTED, "audit")


async def test_the_log_that_was_taken_out_is_told_by_its_first_and_last_day(pool: Pool) -> None:
    chosen = AuditFilter(
        begins=day_start(date(2026, 11, 1)), ends=day_start(date(2026, 12, 2)), act=Act.CHANGED
    )
    await export_entries(pool, SOMEBODY, chosen, 10)
    (entry,) = await found(pool)
    assert (entry.detail["from"], entry.detail["to"]) == ("2026-11-01", "2026-12-01")


@pytest.mark.parametrize(
    ("chosen", "index"),
    [
        ({}, "audit_entry_at"),
        ({"actor": "person 7"}, "audit_entry_actor"),
        ({"act": Act.TRACK_READ}, "audit_entry_act"),
        ({"subject": Subject.VEHICLE, "subject_id": "v7"}, "audit_entry_subject"),
    ],
)
async def test_a_search_reads_along_an_index(pool: Pool, chosen: Any, index: str) -> None:
    await pool.execute(
        "INSERT INTO audit_entry (act, subject, subject_id, detail, source, actor, at)"
        " SELECT CASE n % 50 WHEN 0 THEN 'track_read' ELSE 'changed' END, 'vehicle',"
        " 'v' || n % 300, '{}', '', 'person ' || n % 40, now() - n * interval '1 minute'"
        " FROM generate_series(1, 20000) n"
    )
    await pool.execute("ANALYZE audit_entry")
    asked = AuditFilter(**(ALWAYS | chosen))
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["plan_anew"])
        plan = await connection.fetch(
            "EXPLAIN " + SQL["entries"],
            asked.actor,
            asked.act,
            asked.subject,
            asked.subject_id,
            asked.begins,
            asked.ends,
            0,
            50,
        )
    told = "\n".join(row[0] for row in plan)
    assert index in told
    assert "Seq Scan" not in told
    assert "Sort" not in told


async def test_only_upkeep_deletes_what_is_old_and_leaves_proof(pool: Pool) -> None:
    await pool.execute(
        "INSERT INTO audit_entry (act, subject, subject_id, detail, source, actor, at)"
        " SELECT 'changed', 'vehicle', n::text, '{}', '', 'x', now() - n * interval '1 day'"
        " FROM unnest('{1,89,91,729,731,2000}'::integer[]) n"
    )
    for refused in (
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE at < now() - interval '3 years'",
        "UPDATE audit_entry SET actor = 'y'",
        "TRUNCATE audit_entry",
        "SELECT forget_audit(now())",
        "SELECT forget_audit(now() - interval '89 days')",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await pool.execute(refused)
    assert await pool.fetchval("SELECT count(*) FROM audit_entry") == 6

    async def upkeep(days: int) -> set[str]:
        settings = DatabaseSettings.model_validate({"audit_keep_days": days})
        [job] = upkeep_jobs(pool, settings)
        await job.work()
        return {row[0] for row in await pool.fetch("SELECT subject_id FROM audit_entry")}

    assert await upkeep(0) == {"1", "89", "91", "729", "731", "2000"}
    assert await upkeep(730) == {"1", "89", "91", "729"}
    assert await upkeep(90) == {"1", "89"}
    proof = "SELECT items, keep_days FROM deletion WHERE subject = 'audit_entry' ORDER BY 1"
    assert {tuple(row) for row in await pool.fetch(proof)} == {(2, 730), (2, 90)}
    # What was allowed to the upkeep is allowed to nobody after it.
    with pytest.raises(asyncpg.RestrictViolationError):
        await pool.execute("DELETE FROM audit_entry")
    with pytest.raises(ValidationError, match="at least 90"):
        DatabaseSettings.model_validate({"audit_keep_days": 89})
