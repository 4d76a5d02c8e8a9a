"""Tokens of programs: each has permissions of its own, a last day, and is shown only once."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from access.history import AccessSubject, record_change
from access.roles import NOT_FOR_PROGRAMS
from access.secret import new_secret, secret_sha256
from access.settings import access_settings
from db.connect import CANNOT_STORE_ERRORS, Pool
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from fleet.localtime import local_day
from fleet.names.invisible import has_invisible

SQL = statements("program_token")

#: The beginning of the name under which a program acts; the label of its token follows.
PROGRAM_PREFIX = "token: "

#: The most characters in the label of a token.
LABEL_MAX = 128


class TokenFault(StrEnum):
    """The reasons why a token is not made or ended."""

    NO_TOKEN = "there is no such token in force"  # noqa: S105 - a sentence
    LABEL = f"a label has 1 to {LABEL_MAX} characters"
    NO_PERMISSION = "a token has at least one permission"
    NOT_FOR_PROGRAMS = "the interface for programs has nothing that asks for one of these"
    ENDS_BEFORE_TODAY = "the last day of a token is today or later"
    ENDS_TOO_LATE = "the last day of a token is later than the settings allow"


class TokenError(ExpectedError, ValueError):
    """A token cannot be made or ended as requested; `fault` says why."""

    def __init__(self, fault: TokenFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its text. It works until the end of the local day `ends_on`; `in_force` is
    false when that day is over or somebody ended it."""

    token_id: int
    label: str
    permissions: frozenset[Permission]
    ends_on: date
    made_by: str
    made_at: datetime
    last_used_at: datetime | None
    ended_at: datetime | None
    in_force: bool


async def new_token(
    pool: Pool, actor: Actor, label: str, permissions: Collection[Permission], ends_on: date
) -> str:
    """Make a token for a program; the text of the token is returned only once.

    Raises:
        TokenError: the label, the permissions or the last day is not taken.
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    shown, today = " ".join(label.split()), _today()
    if not 1 <= len(shown) <= LABEL_MAX or has_invisible(shown):
        raise TokenError(TokenFault.LABEL)
    if not permissions:
        raise TokenError(TokenFault.NO_PERMISSION)
    if not NOT_FOR_PROGRAMS.isdisjoint(permissions):
        raise TokenError(TokenFault.NOT_FOR_PROGRAMS)
    if ends_on < today:
        raise TokenError(TokenFault.ENDS_BEFORE_TODAY)
    if ends_on > today + timedelta(days=access_settings().token_days_max):
        raise TokenError(TokenFault.ENDS_TOO_LATE)
    token, names = new_secret(), sorted({one.value for one in permissions})
    async with pool.acquire() as connection, connection.transaction():
        token_id = await connection.fetchval(
            SQL["add_token"], secret_sha256(token), shown, names, ends_on, str(actor)
        )
        content = {"label": shown, "permissions": names, "ends_on": ends_on}
        await record_change(connection, actor, AccessSubject.TOKEN, token_id, content)
    return token


async def tokens(pool: Pool) -> list[Token]:
    """All tokens: those in force first, and of each the one made last."""
    today = _today()
    return [
        Token(
            token_id=row["token_id"],
            label=row["label"],
            permissions=_permissions(row["permissions"]),
            ends_on=row["ends_on"],
            made_by=row["made_by"],
            made_at=row["made_at"],
            last_used_at=row["last_used_at"],
            ended_at=row["ended_at"],
            in_force=row["ended_at"] is None and row["ends_on"] >= today,
        )
        for row in await pool.fetch(SQL["tokens"], today)
    ]


async def end_token(pool: Pool, actor: Actor, token_id: int) -> None:
    """End a token; the next request with it is refused.

    Raises:
        TokenError: there is no such token, or somebody has ended it.
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        label = await connection.fetchval(SQL["end_token"], token_id)
        if label is None:
            raise TokenError(TokenFault.NO_TOKEN)
        content = {"label": label, "ended": True}
        await record_change(connection, actor, AccessSubject.TOKEN, token_id, content)


async def token_actor(pool: Pool, token: str, source: str) -> Actor | None:
    """The actor that a program is with this token, if it works; its use is then noted."""
    row = await pool.fetchrow(SQL["token_in_force"], secret_sha256(token), _today())
    if row is None:
        return None
    if row["is_due"]:
        # A database that only reads, or whose disk is full, still answers programs.
        with suppress(*CANNOT_STORE_ERRORS):
            await pool.execute(SQL["token_used"], row["token_id"])
    # No account has a name with a colon, so history tells a program from a person.
    return Actor(f"{PROGRAM_PREFIX}{row['label']}", _permissions(row["permissions"]), source=source)


def _permissions(names: Collection[str]) -> frozenset[Permission]:
    """Permissions by their names. One that this version does not know allows nothing."""
    known = {one.value: one for one in Permission}
    return frozenset(known[name] for name in names if name in known) - NOT_FOR_PROGRAMS


def _today() -> date:
    return local_day(datetime.now(UTC))
