"""Passwords: which are taken, that they are compared as people type them, and beside the loop."""

import asyncio
import time
from collections.abc import Generator

import pytest
from argon2 import extract_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from access.attempts import TooManyAttemptsError
from access.passwords import (
    HashingLine,
    PasswordFault,
    PasswordRefusedError,
    hash_password,
    is_hash_outdated,
    is_password,
    refuse_weak,
)
from tests.factories.accounts import PASSWORD, access_in_force

LINE = HashingLine.STRANGERS


@pytest.fixture(autouse=True)
def cheap() -> Generator[None]:
    with access_in_force():
        yield


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", PasswordFault.TOO_SHORT),
        ("elevenchars", PasswordFault.TOO_SHORT),
        # Twelve code points, but letters with their accents are eleven.
        ("elevencha\u030ars", PasswordFault.TOO_SHORT),
        ("x" * 40, PasswordFault.TOO_SIMPLE),
        ("121212121212", PasswordFault.TOO_SIMPLE),
        ("Værkstedet  Sønderøen", PasswordFault.IS_NAME),
        ("sønderøen Værkstedet sønderøen", PasswordFault.IS_NAME),
        ("Værkstedet 12 sønderøen", PasswordFault.IS_NAME),
        ("sønderøen2026!", PasswordFault.IS_NAME),
        ("VærkstedetSønderøen1", PasswordFault.IS_NAME),
        ("123456789012", PasswordFault.IS_SEQUENCE),
        ("987654321098", PasswordFault.IS_SEQUENCE),
        ("abcdefghijklmn", PasswordFault.IS_SEQUENCE),
        ("Qwertyuiopasdfgh", PasswordFault.IS_SEQUENCE),
        ("abcdefgh1234", PasswordFault.IS_SEQUENCE),
        ("abcdef" * 167, PasswordFault.TOO_LONG),
    ],
)
def test_a_password_that_can_be_guessed_is_refused(password: str, fault: PasswordFault) -> None:
    with pytest.raises(PasswordRefusedError) as caught:
        refuse_weak(password, "værkstedet sønderøen")
    assert caught.value.fault is fault


@pytest.mark.parametrize(
    "password", ["twelve chars", "en lang dansk sætning", "tre heste 1234", "kværn-1234-støv"]
)
def test_any_other_is_taken(password: str) -> None:
    refuse_weak(password, "Værkstedet")


async def test_a_hash_is_argon2id_with_the_parameters_of_the_settings() -> None:
    with access_in_force(password_passes=2, password_memory_kib=16):
        hashed = await hash_password(PASSWORD)
        assert not is_hash_outdated(hashed)
    known = extract_parameters(hashed)
    assert (known.type.name, known.time_cost, known.memory_cost) == ("ID", 2, 16)
    assert is_hash_outdated(hashed)
    assert await is_password(hashed, PASSWORD, LINE)
    assert await hash_password(PASSWORD) != await hash_password(PASSWORD)


@settings(max_examples=20)
@given(st.text(max_size=50), st.text(max_size=50))
def test_a_password_is_right_or_not_whatever_is_typed(password: str, other: str) -> None:
    async def both() -> tuple[bool, bool, bool]:
        hashed = await hash_password(password)
        return (
            await is_password(hashed, password, LINE),
            await is_password(hashed, password + "!", LINE),
            await is_password(None, other, LINE),
        )

    with access_in_force():
        assert asyncio.run(both()) == (True, False, False)


async def test_how_a_keyboard_makes_a_letter_makes_no_difference() -> None:
    hashed = await hash_password("blåbærgrød på bordet")
    assert await is_password(hashed, "bla\u030abærgrød pa\u030a bordet", LINE)
    assert not await is_password(hashed, "Blåbærgrød på bordet", LINE)


@pytest.mark.parametrize("hashed", ["", "x", "$argon2id$v=19$m=8,t=1,p=1$x", "plain text"])
async def test_what_is_no_hash_is_no_password(hashed: str) -> None:
    assert not await is_password(hashed, hashed, LINE)


async def test_nobody_takes_as_long_as_somebody() -> None:
    with access_in_force(password_memory_kib=16_384, password_passes=4):
        hashed = await hash_password(PASSWORD)
        spent = {somebody: list[float]() for somebody in (hashed, None)}
        for _ in range(7):
            for somebody, seconds in spent.items():
                begun = time.perf_counter()
                assert not await is_password(somebody, "wrong", LINE)
                seconds.append(time.perf_counter() - begun)
    of_somebody, of_nobody = (min(seconds) for seconds in spent.values())
    assert of_nobody > of_somebody / 2


async def test_the_loop_goes_on_while_passwords_are_hashed_a_few_at_once() -> None:
    with access_in_force(
        password_memory_kib=65_536,
        password_passes=3,
        password_hashes_at_once=2,
        password_hashes_waiting_max=1,
    ):
        hashing = [asyncio.create_task(hash_password(PASSWORD)) for _ in range(5)]
        await asyncio.sleep(0)
        done, _ = await asyncio.wait(hashing, return_when=asyncio.FIRST_COMPLETED)
        # Two who came too late know at once, while none of the others is done.
        assert {type(one.exception()) for one in done} == {TooManyAttemptsError}
        assert len(done) == 2
        results = await asyncio.gather(*hashing, return_exceptions=True)
        assert sum(isinstance(one, str) for one in results) == 3
        assert await hash_password(PASSWORD)


async def test_a_request_that_goes_away_gives_its_place_back() -> None:
    with access_in_force(
        password_memory_kib=32_768, password_hashes_at_once=1, password_hashes_waiting_max=0
    ):
        for _ in range(5):
            gone = asyncio.create_task(hash_password(PASSWORD))
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.wait([gone])
        assert await hash_password(PASSWORD)


async def test_people_whom_the_system_knows_do_not_wait_behind_strangers() -> None:
    hashed = await hash_password(PASSWORD)
    with access_in_force(password_memory_kib=131_072, password_passes=4, password_hashes_at_once=1):
        strangers = asyncio.create_task(is_password(None, "guess", HashingLine.STRANGERS))
        await asyncio.sleep(0)
        assert await is_password(hashed, PASSWORD, HashingLine.KNOWN)
        assert not strangers.done()
        assert not await strangers
