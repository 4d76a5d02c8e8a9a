"""Passwords: which are taken, and their hashes by argon2id.

A hash takes a tenth of a second and much memory on purpose. So threads compute it and not the event
loop, a few at the same time, and only so many wait for their turn. Strangers have a line of their
own: however many guess, people whom the system knows are not behind them.
"""

import asyncio
import base64
import re
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from access.attempts import TooManyAttemptsError
from access.settings import AccessSettings, access_settings
from fleet.errors import ExpectedError

#: The fewest and the most characters of a password.
CHARACTERS_MIN = 12
CHARACTERS_MAX = 1_000

#: The fewest different characters.
_DIFFERENT_MIN = 5

#: Seconds after which to come again when too many passwords wait to be hashed.
_BUSY_WAIT_S = 5.0

#: The rows in which signs follow each other: digits, the alphabet, and the keys of a keyboard.
_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyzæøå", "qwertyuiopå", "asdfghjklæø", "zxcvbnm")

#: The longest piece that counts as repeated, and the share of signs that may follow each other.
_PIECE_MAX = 4
_FOLLOWED_SHARE = 0.75

_SALT_BYTES = 16
_HASH_BYTES = 32

Result = TypeVar("Result")


class PasswordFault(StrEnum):
    """The reasons why a new password is not taken."""

    TOO_SHORT = f"a password has at least {CHARACTERS_MIN} characters"
    TOO_LONG = f"a password has at most {CHARACTERS_MAX} characters"
    TOO_SIMPLE = f"a password has at least {_DIFFERENT_MIN} different characters"
    IS_NAME = "a password is not the name of the account, nor that with a number"
    IS_SEQUENCE = "a password is no row of signs that follow or repeat each other"
    IS_PRESENT = "a new password is another one than before"


class PasswordRefusedError(ExpectedError, ValueError):
    """A new password is not taken; `fault` says why."""

    def __init__(self, fault: PasswordFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def refuse_weak(password: str, name: str) -> None:
    """Refuse a new password that could be guessed, for the account of this name.

    Raises:
        PasswordRefusedError: it is too short, too long or too simple, a sequence, or the name.
    """
    plain = _plain(password)
    if len(plain) < CHARACTERS_MIN:
        raise PasswordRefusedError(PasswordFault.TOO_SHORT)
    if len(plain) > CHARACTERS_MAX:
        raise PasswordRefusedError(PasswordFault.TOO_LONG)
    if len(set(plain)) < _DIFFERENT_MIN:
        raise PasswordRefusedError(PasswordFault.TOO_SIMPLE)
    if _is_sequence(plain.casefold()):
        raise PasswordRefusedError(PasswordFault.IS_SEQUENCE)
    of_name = _words(name)
    if of_name and _of_words_only(of_name, plain):
        raise PasswordRefusedError(PasswordFault.IS_NAME)


def _is_sequence(text: str) -> bool:
    """Whether most signs follow the one before as in an alphabet, a row of digits or of keys, or
    the text is one short piece again and again."""
    if any(text == (text[:size] * len(text))[: len(text)] for size in range(1, _PIECE_MAX + 1)):
        return True
    steps = list(pairwise(text))
    followed = sum(a + b in row or b + a in row for a, b in steps for row in _ROWS)
    return followed > len(steps) * _FOLLOWED_SHARE


def _words(name: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", _plain(name).casefold()))


def _of_words_only(words: set[str], password: str) -> bool:
    """Whether nothing is in a password but these words, numbers and signs between them."""
    left = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, " ")
    return re.search(r"[^\W\d_]", left) is None and left != password.casefold()


class HashingLine(StrEnum):
    """The lines in which passwords wait to be hashed; each has threads of its own."""

    #: Of people who have a session or a link, or come from where they signed in before.
    KNOWN = "known"
    STRANGERS = "strangers"


async def hash_password(password: str) -> str:
    """The hash of a new password, in the form that names its parameters.

    Raises:
        TooManyAttemptsError: too many wait already.
    """
    hasher = _hasher(access_settings())
    return await _in_thread(HashingLine.KNOWN, lambda: hasher.hash(_bytes(password)))


async def is_password(hashed: str | None, password: str, line: HashingLine) -> bool:
    """Whether `hashed` is the hash of this password. None, the hash of nobody, takes the same work
    as any other and is never the hash of it.

    Raises:
        TooManyAttemptsError: too many wait already.
    """
    settings = access_settings()
    hasher = _hasher(settings)
    compared = _nobodys_hash(settings) if hashed is None else hashed

    def verify() -> bool:
        try:
            return hasher.verify(compared, _bytes(password)) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False

    return await _in_thread(line, verify)


def is_hash_outdated(hashed: str) -> bool:
    """Whether a hash was made with other parameters than those of the settings."""
    return _hasher(access_settings()).check_needs_rehash(hashed)


def _plain(password: str) -> str:
    """A password as keyboards of all kinds type it: a letter with an accent is one or two."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    # No longer password is ever set, so that what is cut off decides nothing.
    return _plain(password[: 2 * CHARACTERS_MAX]).encode(errors="surrogatepass")


def _hasher(settings: AccessSettings) -> PasswordHasher:
    return PasswordHasher(
        time_cost=settings.password_passes,
        memory_cost=settings.password_memory_kib,
        parallelism=1,
        hash_len=_HASH_BYTES,
        salt_len=_SALT_BYTES,
        type=Type.ID,
    )


def _nobodys_hash(settings: AccessSettings) -> str:
    """A hash with the parameters of the settings that no password has."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(count)).rstrip(b"=").decode()
        for count in (_SALT_BYTES, _HASH_BYTES)
    )
    cost = f"m={settings.password_memory_kib},t={settings.password_passes},p=1"
    return f"$argon2id$v=19${cost}${salt}${digest}"


class _Threads:
    """Threads that hash passwords, and the number of those in line."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="password")
        self._in_line = 0

    async def run(self, work: Callable[[], Result], waiting_max: int) -> Result:
        if self._in_line >= self._at_once + waiting_max:
            raise TooManyAttemptsError(_BUSY_WAIT_S)
        self._in_line += 1
        try:
            # A request that goes away while it waits takes its work with it.
            return await asyncio.wrap_future(self._threads.submit(work))
        finally:
            self._in_line -= 1


@cache
def _threads(line: HashingLine, at_once: int) -> _Threads:
    """The threads of a line."""
    return _Threads(at_once)


async def _in_thread(line: HashingLine, work: Callable[[], Result]) -> Result:
    settings = access_settings()
    threads = _threads(line, settings.password_hashes_at_once)
    return await threads.run(work, settings.password_hashes_waiting_max)
