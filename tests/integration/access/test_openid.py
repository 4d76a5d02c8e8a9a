"""People whom the provider knows have accounts, which are as its groups say."""

import pytest

from access.accounts import AccountError, AccountFault, account_named, change_account, close_account
from access.history import AccessSubject, access_changes
from access.links import new_link
from access.openid.admission import admit, turn_away
from access.openid.faults import OpenIdError, OpenIdFault
from access.openid.groups import Admitted
from access.roles import Role
from access.sessions import session_of
from access.sign_in import SignInRefusedError, sign_in
from db.connect import Pool
from tests.factories.accounts import person
from tests.factories.actors import SOMEBODY

ISSUER = "https://sign-in.example"


def told(
    subject: str = "7",
    *names: str,
    role: Role = Role.FLEET_UNIT,
    departments: frozenset[str] = frozenset(),
) -> Admitted:
    return Admitted(
        ISSUER, subject, names or ("Afdelingen", "Afdelingen (annha)"), role, departments
    )


async def come_in(pool: Pool, who: Admitted) -> str:
    return await admit(pool, who, source="192.0.2.1", agent="test")


async def test_an_account_is_made_at_the_first_sign_in_and_found_at_the_next(pool: Pool):
    first, second = await come_in(pool, told()), await come_in(pool, told())
    sessions = [await session_of(pool, token) for token in (first, second)]
    assert all(one is not None for one in sessions)
    assert len({one.account.account_id for one in sessions if one}) == 1
    account = await account_named(pool, "Afdelingen")
    assert account is not None
    assert (account.role, account.from_provider, account.has_password) == (
        Role.FLEET_UNIT,
        True,
        False,
    )
    [made] = await access_changes(pool, AccessSubject.ACCOUNT, account.account_id)
    assert made.actor == "OpenID Connect"


async def test_an_account_is_called_as_the_provider_calls_its_person_now(pool: Pool):
    await come_in(pool, told())
    await person(pool, "Afdelingen Syd")
    session = await session_of(
        pool, await come_in(pool, told("7", "Afdelingen Syd", "Afdelingen Syd (annha)"))
    )
    assert session is not None
    assert session.account.name == "Afdelingen Syd (annha)"
    assert await account_named(pool, "Afdelingen") is None
    [renamed, _] = await access_changes(pool, AccessSubject.ACCOUNT, session.account.account_id)
    assert renamed.content == {"name": "Afdelingen Syd (annha)"}


async def test_nobody_gets_the_account_of_a_name_that_they_share(pool: Pool):
    local = await person(pool, "Afdelingen")
    token = await come_in(pool, told())
    session = await session_of(pool, token)
    assert session is not None
    assert session.account.name == "Afdelingen (annha)"
    assert session.account.account_id != local.account_id
    another = await session_of(pool, await come_in(pool, told("8", "Afdelingen", "Afdelingen (8)")))
    assert another is not None
    assert another.account.name == "Afdelingen (8)"


async def test_a_session_ends_when_the_groups_give_another_role_or_none(pool: Pool):
    before = await come_in(pool, told(role=Role.ADMINISTRATOR))
    after = await come_in(pool, told(role=Role.DEPARTMENT_HEAD, departments=frozenset({"Park"})))
    assert await session_of(pool, before) is None
    session = await session_of(pool, after)
    assert session is not None
    assert (session.account.role, session.account.departments) == (
        Role.DEPARTMENT_HEAD,
        {"Park"},
    )
    await turn_away(pool, ISSUER, "7", source="192.0.2.1")
    assert await session_of(pool, after) is None
    await turn_away(pool, ISSUER, "nobody", source="192.0.2.1")


async def test_a_closed_account_stays_closed(pool: Pool):
    await person(pool, "Materiel")
    session = await session_of(pool, await come_in(pool, told()))
    assert session is not None
    await close_account(pool, SOMEBODY, session.account.account_id)
    with pytest.raises(OpenIdError) as refused:
        await come_in(pool, told())
    assert refused.value.fault is OpenIdFault.CLOSED


async def test_an_account_of_the_provider_gets_neither_password_nor_role_from_us(pool: Pool):
    session = await session_of(pool, await come_in(pool, told()))
    assert session is not None
    account_id = session.account.account_id
    for refused in (
        new_link(pool, SOMEBODY, account_id),
        change_account(pool, SOMEBODY, account_id, Role.READER, ()),
    ):
        with pytest.raises(AccountError) as error:
            await refused
        assert error.value.fault is AccountFault.FROM_PROVIDER
    with pytest.raises(SignInRefusedError):
        await sign_in(pool, "Afdelingen", "", source="192.0.2.1", agent="test")
