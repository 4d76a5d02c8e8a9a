"""Sign-in tells nobody which half was wrong, and neither lets guess nor locks out."""

import asyncio
from typing import Any

import pytest

from access.accounts import Account, account, add_account, close_account
from access.attempts import TooManyAttemptsError
from access.links import new_link, use_link
from access.own_password import WrongPasswordError, change_password
from access.passwords import PasswordRefusedError
from access.roles import Role
from access.sessions import own_sessions, session_of
from access.sign_in import SignInRefusedError, sign_in
from db.connect import Pool
from tests.factories.accounts import PASSWORD, access_in_force, person
from tests.factories.actors import SOMEBODY

#: Where people of these tests have signed in from (`person`), and where they have not.
HOME = "192.0.2.1"
ELSEWHERE = "198.51.100.9"

NEW = "another password"

NOTHING_KEPT: dict[str, Any] = {"keep_session": None, "source": HOME}


@pytest.fixture
async def regnskab(pool: Pool) -> Account:
    return await person(pool, "Regnskab")


async def tried(pool: Pool, name: str, password: str, source: str = HOME) -> str:
    """What came of an attempt, in a word."""
    try:
        token = await sign_in(pool, name, password, source=source, agent="x")
    except SignInRefusedError:
        return "refused"
    except TooManyAttemptsError as error:
        assert error.wait_s >= 1
        return "wait"
    assert await session_of(pool, token) is not None
    return "in"


async def test_the_right_password_lets_in_and_all_else_is_refused_alike(
    pool: Pool, regnskab: Account
) -> None:
    await person(pool, "Ledelsen")
    closed = await person(pool, "Bruger")
    await close_account(pool, SOMEBODY, closed.account_id)
    await add_account(pool, SOMEBODY, "New", Role.READER)
    assert await tried(pool, " REGNSKAB ", PASSWORD) == "in"
    said: set[str] = set()
    for name, password in (
        ("Regnskab", "wrong password"),
        ("Regnskab", ""),
        ("Regnskab", PASSWORD + "x" * 10_000),
        ("Regnskab", "\ud800\x00"),
        ("nobody", PASSWORD),
        ("\x00\ud800", PASSWORD),
        ("", PASSWORD),
        ("x" * 10_000, PASSWORD),
        ("Bruger", PASSWORD),
        ("New", PASSWORD),
        ("New", ""),
    ):
        with pytest.raises(SignInRefusedError) as caught:
            await sign_in(pool, name, password, source=HOME, agent="x")
        said.add(str(caught.value))
    assert said == {"the name or the password is wrong"}
    seen = await account(pool, regnskab.account_id)
    assert seen is not None
    assert seen.signed_in_at is not None


@pytest.mark.parametrize("name", ["Regnskab", "nobody"])
async def test_attempts_by_a_name_are_bounded_whether_anybody_has_it(
    pool: Pool, regnskab: Account, name: str
) -> None:
    came = [await tried(pool, name, "wrong", f"198.51.{turn}.9") for turn in range(12)]
    assert came == ["refused"] * 10 + ["wait"] * 2
    # The right password is not looked at either.
    assert await tried(pool, name, PASSWORD, ELSEWHERE) == "wait"


async def test_strangers_do_not_lock_out_who_comes_from_where_they_signed_in(
    pool: Pool, regnskab: Account
) -> None:
    for turn in range(12):
        await tried(pool, "Regnskab", "wrong", f"198.51.{turn}.9")
    assert await tried(pool, "Regnskab", PASSWORD, ELSEWHERE) == "wait"
    assert await tried(pool, "Regnskab", PASSWORD, HOME) == "in"
    # Nor do they from the same network by other names.
    for turn in range(60):
        await tried(pool, f"nobody {turn}", "wrong", HOME)
    assert await tried(pool, "nobody at all", "wrong", HOME) == "wait"
    assert await tried(pool, "Regnskab", PASSWORD, HOME) == "in"
    # And who knows the place has no more attempts than any other.
    came = [await tried(pool, "Regnskab", "wrong", HOME) for _ in range(12)]
    assert came == ["refused"] * 10 + ["wait"] * 2


async def test_the_wait_that_is_told_says_nothing_of_which_names_people_have(
    pool: Pool, regnskab: Account
) -> None:
    # Regnskab has signed in from there, Ledelsen has not, and nobody has the third name.
    await person(pool, "Ledelsen")
    assert await tried(pool, "Regnskab", PASSWORD, HOME) == "in"
    told: dict[str, int] = {}
    for name in ("Regnskab", "Ledelsen", "nobody"):
        came = [await tried(pool, name, "wrong", HOME) for _ in range(10)]
        assert came == ["refused"] * 10
        with pytest.raises(TooManyAttemptsError) as caught:
            await sign_in(pool, name, "wrong", source=HOME, agent="x")
        told[name] = caught.value.wait_s
    assert max(told.values()) - min(told.values()) <= 2  # the seconds that the test itself takes


async def test_a_stranger_who_tries_on_keeps_nobody_out_for_longer_than_a_pause(
    pool: Pool, regnskab: Account
) -> None:
    with access_in_force(name_attempt_every_s=0.2):
        while await tried(pool, "Regnskab", "wrong", ELSEWHERE) != "wait":
            pass
        came = "wait"
        for _ in range(100):
            await asyncio.sleep(0.05)
            came = await tried(pool, "Regnskab", PASSWORD, ELSEWHERE)
            if came == "in":
                break
    assert came == "in"


async def test_success_is_not_counted(pool: Pool, regnskab: Account) -> None:
    assert [await tried(pool, "Regnskab", PASSWORD) for _ in range(15)] == ["in"] * 15
    for name in "abcdefghijklmno":
        await person(pool, name)
    with access_in_force(source_attempts=3):
        came = [await tried(pool, name, PASSWORD, ELSEWHERE) for name in "abcdefghijklmno"]
    assert came == ["in"] * 15


async def test_attempts_at_the_same_moment_are_counted(pool: Pool, regnskab: Account) -> None:
    came = await asyncio.gather(
        *(tried(pool, "Regnskab", f"wrong {turn}", ELSEWHERE) for turn in range(40))
    )
    assert came.count("refused") == 10
    assert came.count("wait") == 30


async def test_too_many_at_once_are_asked_to_wait_and_lose_no_attempt(pool: Pool) -> None:
    with access_in_force(
        password_hashes_at_once=1, password_hashes_waiting_max=1, password_memory_kib=65_536
    ):
        came = await asyncio.gather(*(tried(pool, "nobody", "wrong", ELSEWHERE) for _ in range(9)))
    assert came.count("refused") >= 2
    assert came.count("wait") >= 1
    left = 10 - came.count("refused")
    came = [await tried(pool, "nobody", "wrong", ELSEWHERE) for _ in range(left + 1)]
    assert came == ["refused"] * left + ["wait"]


async def test_invented_names_do_not_fill_the_table(pool: Pool) -> None:
    with access_in_force(source_attempts=100_000):
        for turn in range(100):
            await tried(pool, f"nobody {turn}", "wrong", ELSEWHERE)
    names = await pool.fetch("SELECT slot FROM sign_in_allowance WHERE kind = 'name'")
    assert 95 <= len(names) <= 100
    assert all(0 <= row["slot"] < 65_536 for row in names)


async def test_a_password_is_hashed_anew_by_other_settings_and_goes_on(
    pool: Pool, regnskab: Account
) -> None:
    token = await sign_in(pool, "Regnskab", PASSWORD, source=HOME, agent="x")
    stored = "SELECT password FROM account"
    assert "m=8,t=1" in await pool.fetchval(stored)
    with access_in_force(password_passes=2):
        assert await tried(pool, "Regnskab", PASSWORD) == "in"
        assert "m=8,t=2" in await pool.fetchval(stored)
        assert await session_of(pool, token) is not None
        assert await tried(pool, "Regnskab", "wrong") == "refused"


async def test_sign_ins_while_the_password_changes_open_no_session_that_stays(
    pool: Pool, regnskab: Account
) -> None:
    passwords = [PASSWORD, NEW]
    with access_in_force(name_attempts=1_000):
        for _ in range(8):
            link = await new_link(pool, SOMEBODY, regnskab.account_id)
            *came, own = await asyncio.gather(
                *(
                    sign_in(pool, "Regnskab", passwords[0], source=HOME, agent="x")
                    for _ in range(2)
                ),
                use_link(pool, link, passwords[1], source=HOME, agent="own"),
                return_exceptions=True,
            )
            assert isinstance(own, str)
            for one in came:
                if isinstance(one, str):
                    assert await session_of(pool, one) is None
                else:
                    assert isinstance(one, SignInRefusedError)
            assert [one.agent for one in await own_sessions(pool, regnskab.account_id)] == ["own"]
            passwords.reverse()


async def test_who_knows_the_password_changes_it_and_keeps_one_session(
    pool: Pool, regnskab: Account
) -> None:
    tokens = [await sign_in(pool, "Regnskab", PASSWORD, source=HOME, agent="x") for _ in range(2)]
    sessions = [await session_of(pool, token) for token in tokens]
    own = sessions[0]
    assert own is not None
    keep: dict[str, Any] = {"keep_session": own.session_id, "source": HOME}
    with pytest.raises(WrongPasswordError):
        await change_password(pool, regnskab.account_id, "wrong", NEW, **keep)
    for same_or_short in (PASSWORD, "short"):
        with pytest.raises(PasswordRefusedError):
            await change_password(pool, regnskab.account_id, PASSWORD, same_or_short, **keep)
    with pytest.raises(WrongPasswordError):
        await change_password(pool, 99, PASSWORD, NEW, **keep)
    renewed = await change_password(pool, regnskab.account_id, PASSWORD, NEW, **keep)
    assert renewed is not None
    kept = await session_of(pool, renewed)
    assert kept is not None
    assert kept.session_id == own.session_id
    # A copy of the token that somebody made before is worth nothing now.
    assert [await session_of(pool, token) for token in tokens] == [None, None]
    assert await tried(pool, "Regnskab", PASSWORD) == "refused"
    assert await tried(pool, "Regnskab", NEW) == "in"


async def test_the_present_password_is_not_guessed_by_who_has_a_session(
    pool: Pool, regnskab: Account
) -> None:
    for _ in range(10):
        with pytest.raises(WrongPasswordError):
            await change_password(
                pool, regnskab.account_id, "wrong", NEW, keep_session=None, source=HOME
            )
    with pytest.raises(TooManyAttemptsError):
        await change_password(
            pool, regnskab.account_id, PASSWORD, NEW, keep_session=None, source=HOME
        )
    assert await tried(pool, "Regnskab", PASSWORD) == "in"


async def test_two_changes_of_a_password_at_once_make_one(pool: Pool, regnskab: Account) -> None:
    done = await asyncio.gather(
        *(
            change_password(
                pool, regnskab.account_id, PASSWORD, f"{NEW} {turn}", keep_session=None, source=HOME
            )
            for turn in range(3)
        ),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == [
        "NoneType",
        *["WrongPasswordError"] * 2,
    ]
