"""Accounts: who they are, what they may, and that somebody can always let people in."""

import asyncio

import pytest

from access.accounts import (
    Account,
    AccountError,
    AccountFault,
    UnknownDepartmentError,
    account,
    account_actor,
    account_named,
    accounts,
    add_account,
    change_account,
    close_account,
    reopen_account,
)
from access.history import AccessSubject, access_changes
from access.roles import Role
from access.sessions import open_session, session_of
from db.connect import Pool
from fleet.actor import NotAllowedError, Permission
from tests.factories.accounts import person
from tests.factories.actors import SOMEBODY
from tests.factories.vehicles import put_cars


def fault(caught: pytest.ExceptionInfo[AccountError]) -> AccountFault:
    return caught.value.fault


async def test_an_account_is_found_by_its_name_however_it_is_typed(pool: Pool) -> None:
    made = await add_account(pool, SOMEBODY, "  Åse  Ørsted ", Role.READER)
    assert made == Account(1, "Åse Ørsted", Role.READER, frozenset(), False, False, None)
    for typed in ("åse ørsted", "A\u030ase ØRSTED", " ÅSE   Ørsted "):
        assert await account_named(pool, typed) == made
        with pytest.raises(AccountError) as caught:
            await add_account(pool, SOMEBODY, typed, Role.FLEET_UNIT)
        assert fault(caught) is AccountFault.NAME_TAKEN
    assert await account_named(pool, "Åse\x00Ørsted") is None
    assert await account(pool, 2) is None
    assert await accounts(pool) == [made]


@pytest.mark.parametrize(
    ("name", "role", "departments", "expected"),
    [
        ("  ", Role.READER, (), AccountFault.NAME_MISSING),
        ("x" * 129, Role.READER, (), AccountFault.NAME_TOO_LONG),
        ("a\x00b", Role.READER, (), AccountFault.NAME_UNUSABLE),
        ("a\u202eb", Role.READER, (), AccountFault.NAME_UNUSABLE),
        ("Afdeling A\u200b", Role.READER, (), AccountFault.NAME_UNUSABLE),
        ("token: a", Role.READER, (), AccountFault.NAME_UNUSABLE),
        ("a", Role.DEPARTMENT_HEAD, (), AccountFault.DEPARTMENTS_MISSING),
        ("a", Role.READER, ("Vej",), AccountFault.DEPARTMENTS_UNUSED),
        ("a", Role.DEPARTMENT_HEAD, ("",), AccountFault.DEPARTMENT_UNUSABLE),
        ("a", Role.DEPARTMENT_HEAD, ("x" * 129,), AccountFault.DEPARTMENT_UNUSABLE),
        ("a", Role.DEPARTMENT_HEAD, map(str, range(101)), AccountFault.DEPARTMENT_UNUSABLE),
    ],
)
async def test_what_is_no_account_is_refused_with_its_reason(
    pool: Pool, name: str, role: Role, departments: tuple[str, ...], expected: AccountFault
) -> None:
    with pytest.raises(AccountError) as caught:
        await add_account(pool, SOMEBODY, name, role, frozenset(departments))
    assert fault(caught) is expected
    assert await accounts(pool) == []


async def put_departments(pool: Pool, *departments: str) -> None:
    """A vehicle of each of these departments."""
    await pool.execute("INSERT INTO depot VALUES ('home', 'Gården', 55.77, 12.5, 150)")
    await put_cars(pool, *departments)
    await pool.execute("UPDATE vehicle SET department = vehicle_id")


async def test_a_department_that_no_vehicle_is_of_is_refused_with_those_that_are(
    pool: Pool,
) -> None:
    await put_departments(pool, "Park", "Vej")
    said = "no vehicle is of the department Vje; known are: Park, Vej"
    with pytest.raises(UnknownDepartmentError, match=said):
        await add_account(pool, SOMEBODY, "A", Role.DEPARTMENT_HEAD, {"Vej", "Vje"})
    head = await add_account(pool, SOMEBODY, "A", Role.DEPARTMENT_HEAD, {"Vej"})
    with pytest.raises(UnknownDepartmentError, match=said):
        await change_account(pool, SOMEBODY, head.account_id, Role.DEPARTMENT_HEAD, {"Vje"})
    # A department whose last vehicle went stays with an account that has it.
    await pool.execute("DELETE FROM vehicle WHERE department = 'Vej'")
    both = {"Vej", "Park"}
    await change_account(pool, SOMEBODY, head.account_id, Role.DEPARTMENT_HEAD, both)
    changed = await account(pool, head.account_id)
    assert changed is not None
    assert changed.departments == both


async def test_the_head_of_a_department_acts_for_it_only(pool: Pool) -> None:
    await put_departments(pool, "Park", "Vej")
    head = await add_account(pool, SOMEBODY, "Regnskab", Role.DEPARTMENT_HEAD, {"Vej", "Park "})
    actor = account_actor(head, "192.0.2.7")
    assert (str(actor), actor.account_id, actor.source) == (
        "Regnskab",
        head.account_id,
        "192.0.2.7",
    )
    assert actor.departments == {"Vej", "Park"}
    assert actor.may(Permission.PROPOSALS_DECIDE)
    assert not actor.may(Permission.REGISTER_CHANGE)
    unit = await add_account(pool, SOMEBODY, "Ledelsen", Role.FLEET_UNIT)
    assert account_actor(unit, "").departments is None


async def test_only_who_manages_accounts_changes_them(pool: Pool) -> None:
    unit = account_actor(await person(pool, "Ledelsen", Role.FLEET_UNIT), "")
    for act in (
        add_account(pool, unit, "Me", Role.ADMINISTRATOR),
        change_account(pool, unit, 1, Role.ADMINISTRATOR, frozenset()),
        close_account(pool, unit, 1),
        reopen_account(pool, unit, 1),
    ):
        with pytest.raises(NotAllowedError):
            await act


async def test_every_change_is_in_the_history(pool: Pool) -> None:
    boss = account_actor(await person(pool), "")
    other = await add_account(pool, boss, "Regnskab", Role.READER)
    await put_departments(pool, "Vej")
    await change_account(pool, boss, other.account_id, Role.DEPARTMENT_HEAD, {"Vej"})
    await change_account(pool, boss, other.account_id, Role.DEPARTMENT_HEAD, {"Vej"})
    await close_account(pool, boss, other.account_id)
    await reopen_account(pool, boss, other.account_id)
    changes = await access_changes(pool, AccessSubject.ACCOUNT, other.account_id)
    assert [(one.actor, one.content) for one in changes] == [
        ("Materiel", {"closed": False}),
        ("Materiel", {"closed": True}),
        ("Materiel", {"role": "department_head", "departments": ["Vej"]}),
        ("Materiel", {"name": "Regnskab", "role": "reader", "departments": []}),
    ]
    own = await access_changes(pool, AccessSubject.ACCOUNT, 1)
    assert [one.content for one in own][:2] == [{"password": "set"}, {"link": "made"}]


async def test_sessions_end_with_the_role_and_with_the_account(pool: Pool) -> None:
    await person(pool)
    regnskab = await person(pool, "Regnskab", Role.READER)

    async def opened() -> str:
        return await open_session(pool, regnskab.account_id, source="", agent="")

    token = await opened()
    await change_account(pool, SOMEBODY, regnskab.account_id, Role.READER, ())  # which it has
    assert await session_of(pool, token) is not None
    await change_account(pool, SOMEBODY, regnskab.account_id, Role.FLEET_UNIT, ())
    assert await session_of(pool, token) is None
    token = await opened()
    await close_account(pool, SOMEBODY, regnskab.account_id)
    assert await session_of(pool, token) is None
    with pytest.raises(AccountError) as caught:
        await opened()
    assert fault(caught) is AccountFault.CLOSED
    await reopen_account(pool, SOMEBODY, regnskab.account_id)
    assert await session_of(pool, token) is None
    assert await session_of(pool, await opened()) is not None


async def test_the_last_administrator_stays(pool: Pool) -> None:
    first = await person(pool)
    closed = await person(pool, "Regnskab")
    await close_account(pool, SOMEBODY, closed.account_id)
    for act in (
        close_account(pool, SOMEBODY, first.account_id),
        change_account(pool, SOMEBODY, first.account_id, Role.READER, ()),
    ):
        with pytest.raises(AccountError) as caught:
            await act
        assert fault(caught) is AccountFault.LAST_ADMINISTRATOR
    await close_account(pool, SOMEBODY, closed.account_id)  # once more changes nothing


async def test_of_two_administrators_who_leave_at_once_one_stays(pool: Pool) -> None:
    two = [(await person(pool, name)).account_id for name in ("Materiel", "Regnskab")]
    done = await asyncio.gather(
        close_account(pool, SOMEBODY, two[0]),
        change_account(pool, SOMEBODY, two[1], Role.READER, ()),
        return_exceptions=True,
    )
    assert [type(one) for one in done if one is not None] == [AccountError]


async def test_an_account_that_nobody_has_is_not_changed(pool: Pool) -> None:
    for act in (
        close_account(pool, SOMEBODY, 7),
        reopen_account(pool, SOMEBODY, 7),
        change_account(pool, SOMEBODY, 7, Role.READER, ()),
        open_session(pool, 7, source="", agent=""),
    ):
        with pytest.raises(AccountError) as caught:
            await act
        assert fault(caught) is AccountFault.NO_ACCOUNT


async def test_a_session_begins_before_a_change_of_role_and_ends_or_has_the_new_one(
    pool: Pool,
) -> None:
    await person(pool)
    regnskab = await person(pool, "Regnskab", Role.READER)
    for turn in range(10):
        role = Role.FLEET_UNIT if turn % 2 else Role.ADMINISTRATOR
        opened, _ = await asyncio.gather(
            open_session(pool, regnskab.account_id, source="", agent=""),
            change_account(pool, SOMEBODY, regnskab.account_id, role, ()),
        )
        session = await session_of(pool, opened)
        assert session is None or session.account.role is role
