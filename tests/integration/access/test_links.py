"""One-time links work once: for a password, for one sign-in, and for the first administrator."""

import asyncio

import pytest

from access.accounts import (
    AccountError,
    AccountFault,
    account_actor,
    accounts,
    add_account,
    close_account,
)
from access.first_administrator import (
    demo_link,
    first_administrator_link,
    is_first_link,
    use_first_link,
)
from access.links import (
    LinkEndedError,
    account_of_link,
    enter_by_link,
    new_link,
    use_link,
)
from access.own_password import change_password
from access.passwords import PasswordFault, PasswordRefusedError
from access.roles import Role
from access.secret import secret_sha256
from access.sessions import open_session, session_of
from access.sign_in import sign_in
from db.connect import Pool
from fleet.actor import NotAllowedError
from tests.factories.accounts import PASSWORD, person
from tests.factories.actors import SOMEBODY

FROM = {"source": "192.0.2.1", "agent": "Firefox"}


async def test_a_person_sets_a_password_by_a_link_and_is_signed_in(pool: Pool) -> None:
    made = await add_account(pool, SOMEBODY, "Regnskab", Role.READER)
    link = await new_link(pool, SOMEBODY, made.account_id)
    assert await account_of_link(pool, link) == made
    session = await session_of(pool, await use_link(pool, link, PASSWORD, **FROM))
    assert session is not None
    assert (session.account.name, session.source, session.agent) == ("Regnskab", *FROM.values())
    assert session.account.has_password
    assert session.account.signed_in_at is not None
    assert await account_of_link(pool, link) is None
    with pytest.raises(LinkEndedError):
        await use_link(pool, link, PASSWORD, **FROM)
    assert await sign_in(pool, "regnskab", PASSWORD, **FROM)


async def test_a_link_that_is_used_twice_at_once_works_once(pool: Pool) -> None:
    made = await add_account(pool, SOMEBODY, "Regnskab", Role.READER)
    link = await new_link(pool, SOMEBODY, made.account_id)
    passwords = [f"{PASSWORD} {turn}" for turn in range(4)]
    used = await asyncio.gather(
        *(use_link(pool, link, password, **FROM) for password in passwords),
        return_exceptions=True,
    )
    [winner] = [at for at, one in enumerate(used) if isinstance(one, str)]
    assert all(isinstance(one, LinkEndedError | str) for one in used)
    assert await sign_in(pool, "regnskab", passwords[winner], **FROM)
    assert await pool.fetchval("SELECT count(*) FROM account_session") == 2


async def test_a_link_ends_by_time_by_a_later_one_by_a_password_and_with_the_account(
    pool: Pool,
) -> None:
    await person(pool)
    regnskab = await person(pool, "Regnskab", Role.READER)
    ended = [await new_link(pool, SOMEBODY, regnskab.account_id) for _ in range(2)]
    await change_password(
        pool, regnskab.account_id, PASSWORD, "another password", keep_session=None, source=""
    )
    late = await new_link(pool, SOMEBODY, regnskab.account_id)
    await pool.execute("UPDATE account_link SET ends_at = now()")
    last = await new_link(pool, SOMEBODY, regnskab.account_id)
    await close_account(pool, SOMEBODY, regnskab.account_id)
    for link in (*ended, late, last, "", "\ud800", "x" * 10_000):
        assert await account_of_link(pool, link) is None
        with pytest.raises(LinkEndedError):
            await use_link(pool, link, PASSWORD, **FROM)
        with pytest.raises(LinkEndedError):
            await enter_by_link(pool, link, **FROM)
    with pytest.raises(AccountError) as caught:
        await new_link(pool, SOMEBODY, regnskab.account_id)
    assert caught.value.fault is AccountFault.CLOSED


async def test_a_password_that_is_not_taken_leaves_the_link(pool: Pool) -> None:
    made = await add_account(pool, SOMEBODY, "Regnskab Syd", Role.READER)
    link = await new_link(pool, SOMEBODY, made.account_id)
    for password, fault in (
        ("elevenchars", PasswordFault.TOO_SHORT),
        ("x" * 12, PasswordFault.TOO_SIMPLE),
        ("regnskab  SYD", PasswordFault.IS_NAME),
        ("abcde" * 201, PasswordFault.TOO_LONG),
    ):
        with pytest.raises(PasswordRefusedError) as caught:
            await use_link(pool, link, password, **FROM)
        assert caught.value.fault is fault
    assert await use_link(pool, link, "twelve chars", **FROM)


async def test_a_new_password_ends_the_sessions_of_who_may_know_the_old_one(pool: Pool) -> None:
    regnskab = await person(pool, "Regnskab")
    thief = await open_session(pool, regnskab.account_id, **FROM)
    link = await new_link(pool, SOMEBODY, regnskab.account_id)
    own = await use_link(pool, link, "another password", **FROM)
    assert await session_of(pool, thief) is None
    assert await session_of(pool, own) is not None


async def test_a_link_signs_in_once_who_has_a_password(pool: Pool) -> None:
    regnskab = await person(pool, "Regnskab")
    link = await new_link(pool, SOMEBODY, regnskab.account_id)
    session = await session_of(pool, await enter_by_link(pool, link, **FROM))
    assert session is not None
    assert session.account.name == "Regnskab"
    with pytest.raises(LinkEndedError):
        await enter_by_link(pool, link, **FROM)
    # Who has none could not come back.
    new = await add_account(pool, SOMEBODY, "Ledelsen", Role.READER)
    link = await new_link(pool, SOMEBODY, new.account_id)
    with pytest.raises(LinkEndedError):
        await enter_by_link(pool, link, **FROM)
    assert await account_of_link(pool, link) == new


async def test_only_who_manages_accounts_makes_links(pool: Pool) -> None:
    reader = account_actor(await person(pool, "Regnskab", Role.READER), "")
    with pytest.raises(NotAllowedError):
        await new_link(pool, reader, 1)


async def test_the_first_administrator_is_made_by_a_link_of_a_start(pool: Pool) -> None:
    links = [await first_administrator_link(pool) for _ in range(2)]
    for link in links:
        assert link is not None
        assert await is_first_link(pool, link)
        with pytest.raises(LinkEndedError):
            await use_link(pool, link, PASSWORD, **FROM)
    first, second = (link or "" for link in links)
    with pytest.raises(PasswordRefusedError):
        await use_first_link(pool, first, "Materiel", "short", **FROM)
    with pytest.raises(AccountError):
        await use_first_link(pool, first, " ", PASSWORD, **FROM)
    session = await session_of(
        pool, await use_first_link(pool, first, "Materiel", PASSWORD, **FROM)
    )
    assert session is not None
    assert (session.account.name, session.account.role) == ("Materiel", Role.ADMINISTRATOR)
    assert await first_administrator_link(pool) is None
    for link in (first, second, "x"):
        assert not await is_first_link(pool, link)
        with pytest.raises(LinkEndedError):
            await use_first_link(pool, link, "Regnskab", PASSWORD, **FROM)


async def test_of_two_first_administrators_one_is_made(pool: Pool) -> None:
    links = [await first_administrator_link(pool) or "" for _ in range(2)]
    made = await asyncio.gather(
        *(use_first_link(pool, link, f"N{at}", PASSWORD, **FROM) for at, link in enumerate(links)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in made) == ["LinkEndedError", "str"]
    assert len(await accounts(pool)) == 1


async def test_the_account_of_a_demo_is_entered_by_links_without_a_password(pool: Pool) -> None:
    links = [await demo_link(pool) for _ in range(2)]
    for link in links:
        session = await session_of(pool, await enter_by_link(pool, link, **FROM))
        assert session is not None
        assert session.account.role is Role.ADMINISTRATOR
        assert not session.account.has_password
    assert len(await accounts(pool)) == 1


async def test_the_database_knows_no_token(pool: Pool) -> None:
    regnskab = await person(pool, "Regnskab")
    link = await new_link(pool, SOMEBODY, regnskab.account_id)
    token = await open_session(pool, regnskab.account_id, **FROM)
    assert len(link) == len(token) == 43
    for table in ("account", "account_link", "account_session", "account_change"):
        stored = str(await pool.fetch(f"SELECT * FROM {table}"))
        assert link not in stored
        assert token not in stored
        assert PASSWORD not in stored
    assert await pool.fetchval("SELECT token_sha256 FROM account_link") == secret_sha256(link)
