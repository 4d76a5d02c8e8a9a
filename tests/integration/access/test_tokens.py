"""A program's token may what it names, until its last day, and never manages accounts."""

from datetime import date, timedelta

import pytest

from access.accounts import account_actor
from access.history import AccessSubject, access_changes
from access.roles import Role
from access.tokens import TokenError, TokenFault, end_token, new_token, token_actor, tokens
from db.connect import Pool
from fleet.actor import NotAllowedError, Permission
from fleet.localtime import local_now
from tests.factories.accounts import person
from tests.factories.actors import SOMEBODY

READS = frozenset({Permission.FIGURES_READ})


def today() -> date:
    return local_now().date()


async def test_a_program_may_what_its_token_names(pool: Pool) -> None:
    token = await new_token(pool, SOMEBODY, " case  system ", READS, today())
    actor = await token_actor(pool, token, "192.0.2.9")
    assert actor is not None
    assert (str(actor), actor.permissions, actor.source) == (
        *("token: case system", READS),
        "192.0.2.9",
    )
    assert actor.account_id is None
    [shown] = await tokens(pool)
    assert (shown.label, shown.made_by, shown.in_force) == ("case system", "somebody", True)
    assert shown.last_used_at is not None
    stored = str(await pool.fetch("SELECT * FROM program_token"))
    assert token not in stored


async def test_use_is_noted_once_a_minute(pool: Pool) -> None:
    token = await new_token(pool, SOMEBODY, "x", READS, today())
    used: list[object] = []
    for seconds in (0, 30, 31):
        await pool.execute(
            "UPDATE program_token SET last_used_at = last_used_at - $1 * interval '1 s'", seconds
        )
        before = (await tokens(pool))[0].last_used_at
        await token_actor(pool, token, "")
        used.append((await tokens(pool))[0].last_used_at != before)
    assert used == [True, False, True]


async def test_a_token_ends_with_its_last_day_and_when_somebody_ends_it(pool: Pool) -> None:
    over = await new_token(pool, SOMEBODY, "over", READS, today())
    await pool.execute("UPDATE program_token SET ends_on = $1", today() - timedelta(days=1))
    ended = await new_token(pool, SOMEBODY, "ended", READS, today())
    await end_token(pool, SOMEBODY, 2)
    good = await new_token(pool, SOMEBODY, "good", READS, today())
    for token, works in ((over, False), (ended, False), (good, True), ("\ud800", False)):
        assert (await token_actor(pool, token, "") is not None) is works
    assert [(one.label, one.in_force) for one in await tokens(pool)] == [
        ("good", True),
        ("ended", False),
        ("over", False),
    ]
    for unknown in (2, 9):
        with pytest.raises(TokenError) as caught:
            await end_token(pool, SOMEBODY, unknown)
        assert caught.value.fault is TokenFault.NO_TOKEN
    changes = await access_changes(pool, AccessSubject.TOKEN, 2)
    assert [one.content for one in changes] == [
        {"label": "ended", "ended": True},
        {"label": "ended", "permissions": ["figures:read"], "ends_on": str(today())},
    ]


@pytest.mark.parametrize(
    ("label", "permissions", "days", "fault"),
    [
        (" ", READS, 0, TokenFault.LABEL),
        ("x" * 129, READS, 0, TokenFault.LABEL),
        ("a\x00b", READS, 0, TokenFault.LABEL),
        ("x", frozenset[Permission](), 0, TokenFault.NO_PERMISSION),
        ("x", frozenset({Permission.ACCOUNTS_MANAGE}), 0, TokenFault.NOT_FOR_PROGRAMS),
        ("x", frozenset(Permission), 0, TokenFault.NOT_FOR_PROGRAMS),
        ("x", READS, -1, TokenFault.ENDS_BEFORE_TODAY),
        ("x", READS, 732, TokenFault.ENDS_TOO_LATE),
    ],
)
async def test_what_is_no_token_is_refused_with_its_reason(
    pool: Pool, label: str, permissions: frozenset[Permission], days: int, fault: TokenFault
) -> None:
    with pytest.raises(TokenError) as caught:
        await new_token(pool, SOMEBODY, label, permissions, today() + timedelta(days=days))
    assert caught.value.fault is fault
    assert await tokens(pool) == []


async def test_a_permission_in_the_database_that_no_program_has_allows_nothing(
    pool: Pool,
) -> None:
    token = await new_token(pool, SOMEBODY, "x", READS, today())
    await pool.execute("UPDATE program_token SET permissions = '{accounts:manage,more:rights}'")
    actor = await token_actor(pool, token, "")
    assert actor is not None
    assert actor.permissions == frozenset()


async def test_only_who_manages_accounts_makes_and_ends_tokens(pool: Pool) -> None:
    unit = account_actor(await person(pool, "Ledelsen", Role.FLEET_UNIT), "")
    with pytest.raises(NotAllowedError):
        await new_token(pool, unit, "x", READS, today())
    with pytest.raises(NotAllowedError):
        await end_token(pool, unit, 1)
