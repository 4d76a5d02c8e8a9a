"""A session ends when it is not used, when its time is over, and when its person says so."""

import aiohttp
import pytest

from access.accounts import Account, account_actor
from access.jobs import periodic_jobs
from access.links import new_link
from access.mail.settings import MailSettings
from access.sessions import (
    end_other_sessions,
    end_own_session,
    end_session,
    open_session,
    own_sessions,
    session_of,
)
from api.door.cookies import SESSION_COOKIE
from api.door.doorkeeper import UNATTENDED
from api.pages.frame.render import TEMPLATES_DIR
from api.settings import Settings
from db.connect import Pool
from tests.factories.accounts import access_in_force, person
from tests.factories.actors import SOMEBODY
from tests.factories.whole import served, whole_app


@pytest.fixture
async def regnskab(pool: Pool) -> Account:
    return await person(pool, "Regnskab")


async def opened(pool: Pool, regnskab: Account, agent: str = "Firefox") -> str:
    return await open_session(pool, regnskab.account_id, source="192.0.2.1", agent=agent)


async def aged(pool: Pool, column: str, minutes: float) -> None:
    await pool.execute(
        f"UPDATE account_session SET {column} = {column} - $1 * interval '1 minute'", minutes
    )


async def test_use_is_noted_once_a_minute_and_keeps_a_session(
    pool: Pool, regnskab: Account
) -> None:
    token = await opened(pool, regnskab)
    for passed, is_noted in ((0.5, False), (0.4, False), (0.2, True), (59, True)):
        await aged(pool, "seen_at", passed)
        before = await pool.fetchval("SELECT max(seen_at) FROM account_session")
        assert await session_of(pool, token) is not None
        after = await pool.fetchval("SELECT max(seen_at) FROM account_session")
        assert (after > before) is is_noted, passed


async def test_a_session_that_is_not_used_ends(pool: Pool, regnskab: Account) -> None:
    token = await opened(pool, regnskab)
    await aged(pool, "seen_at", 61)
    assert await session_of(pool, token) is None
    assert await own_sessions(pool, regnskab.account_id) == []


async def test_a_page_that_keeps_itself_current_is_no_use(
    pool: Pool, regnskab: Account, settings: Settings
) -> None:
    token = await opened(pool, regnskab)
    came = {"Cookie": f"{SESSION_COOKIE.name}={token}"}
    polls = came | {"X-Flaade-Unattended": "1"}
    async with (
        served(whole_app(pool, settings)[0]) as url,
        aiohttp.ClientSession() as browser,
    ):

        async def status(headers: dict[str, str]) -> int:
            async with browser.get(f"{url}/account", headers=headers, allow_redirects=False) as got:
                return got.status

        for _ in range(5):  # an hour of polls, with a use in the middle
            await aged(pool, "seen_at", 11)
            assert await status(polls) == 200
        assert await status(came) == 200
        for _ in range(5):
            await aged(pool, "seen_at", 11)
            assert await status(polls) == 200
        await aged(pool, "seen_at", 6)
        assert await status(polls) == 303
        assert await session_of(pool, token) is None


def test_the_script_that_polls_says_so() -> None:
    script = (TEMPLATES_DIR.parent / "static" / "live.js").read_text(encoding="utf-8")
    assert script.count("fetch(") == 1
    assert UNATTENDED in script


async def test_a_session_ends_after_its_hours_however_much_it_was_used(
    pool: Pool, regnskab: Account
) -> None:
    token = await opened(pool, regnskab)
    await aged(pool, "began_at", 12 * 60 - 1)
    assert await session_of(pool, token) is not None
    await aged(pool, "began_at", 2)
    assert await session_of(pool, token) is None
    with access_in_force(session_hours=13):
        assert await session_of(pool, token) is not None


async def test_a_person_sees_and_ends_own_sessions_only(pool: Pool, regnskab: Account) -> None:
    await end_other_sessions(pool, regnskab.account_id, None)
    ledelsen = await person(pool, "Ledelsen")
    tokens = [await opened(pool, regnskab, agent) for agent in ("a", "b", "c")]
    listed = await own_sessions(pool, regnskab.account_id)
    assert [one.agent for one in listed] == ["c", "b", "a"]
    await end_own_session(pool, account_actor(ledelsen, ""), listed[0].session_id)
    assert await session_of(pool, tokens[2]) is not None
    await end_own_session(pool, account_actor(regnskab, ""), listed[0].session_id)
    assert await session_of(pool, tokens[2]) is None
    await end_other_sessions(pool, regnskab.account_id, listed[2].session_id)
    assert [one.agent for one in await own_sessions(pool, regnskab.account_id)] == ["a"]
    await end_session(pool, tokens[0])
    assert await own_sessions(pool, regnskab.account_id) == []
    assert len(await own_sessions(pool, ledelsen.account_id)) == 1
    await end_session(pool, tokens[0])  # once more changes nothing


async def test_a_person_has_so_many_sessions_and_the_oldest_ends(
    pool: Pool, regnskab: Account
) -> None:
    with access_in_force(sessions_each_max=3):
        tokens = [await opened(pool, regnskab) for _ in range(5)]
        goes_on = [await session_of(pool, token) is not None for token in tokens]
    assert goes_on == [False, False, True, True, True]


async def test_what_a_browser_says_of_itself_is_bounded(pool: Pool, regnskab: Account) -> None:
    token = await opened(pool, regnskab, "\x00\ud800" + "x" * 10_000)
    session = await session_of(pool, token)
    assert session is not None
    assert session.agent == "x" * 256


@pytest.mark.parametrize("token", ["", "x", "x" * 100_000, "\x00", "\ud800"])
async def test_any_other_token_is_none(pool: Pool, regnskab: Account, token: str) -> None:
    await opened(pool, regnskab)
    assert await session_of(pool, token) is None


async def test_what_has_ended_is_deleted(pool: Pool, regnskab: Account) -> None:
    token = await opened(pool, regnskab)
    await new_link(pool, SOMEBODY, regnskab.account_id)
    await pool.execute("INSERT INTO sign_in_allowance VALUES ('name', 1, now() - interval '1 s')")
    [job] = periodic_jobs(pool, MailSettings.model_validate({}))
    await job.work()
    counted = "SELECT count(*) FROM "
    tables = ("account_session", "account_link", "account_source", "sign_in_allowance")
    assert [await pool.fetchval(counted + one) for one in tables] == [2, 1, 1, 0]
    await aged(pool, "seen_at", 61)
    await pool.execute("UPDATE account_link SET ends_at = now()")
    await pool.execute("UPDATE account_source SET signed_in_at = now() - interval '91 days'")
    await job.work()
    assert [await pool.fetchval(counted + one) for one in tables] == [0, 0, 0, 0]
    assert await session_of(pool, token) is None
