"""Accounts of tests, with passwords whose hashes take no time."""

from collections.abc import Collection, Generator
from contextlib import contextmanager

from access.accounts import Account, account, add_account_within
from access.links import new_link, use_link
from access.roles import Role
from access.settings import AccessSettings, access_settings, put_in_force
from db.connect import Pool
from tests.factories.actors import SOMEBODY

#: The least work that argon2id can be asked for.
CHEAP_PASSWORDS = {"password_memory_kib": 8, "password_passes": 1}

PASSWORD = "correct horse battery"


@contextmanager
def access_in_force(**changed: float) -> Generator[AccessSettings]:
    """Let access go by the defaults with these settings, until the end."""
    before = access_settings()
    settings = AccessSettings.model_validate(CHEAP_PASSWORDS | changed)
    put_in_force(settings)
    try:
        yield settings
    finally:
        put_in_force(before)


async def person(
    pool: Pool,
    name: str = "Materiel",
    role: Role = Role.ADMINISTRATOR,
    departments: Collection[str] = (),
    password: str = PASSWORD,
) -> Account:
    """Make an account whose person has set a password."""
    # The department may have no vehicle yet.
    async with pool.acquire() as connection, connection.transaction():
        made = await add_account_within(connection, SOMEBODY, name, role, departments)
    link = await new_link(pool, SOMEBODY, made.account_id)
    await use_link(pool, link, password, source="192.0.2.1", agent="test")
    known = await account(pool, made.account_id)
    assert known is not None
    return known
