"""Who comes in to pages and interface in tests: a person with a session, and their program."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from playwright.async_api import BrowserContext

from access.accounts import account_actor, account_named, add_account_within
from access.roles import NOT_FOR_PROGRAMS, Role
from access.sessions import open_session
from access.tokens import new_token
from api.door.cookies import SESSION_COOKIE
from api.pages.frame.form_tokens import FIELD, token_of
from db.connect import Pool
from fleet.actor import Actor, Permission
from fleet.localtime import local_day
from register.track_reasons import ask_track
from register.vehicles import vehicles
from tests.factories.actors import SOMEBODY

#: The names that are stored with what a test changes through pages, and through the interface.
TESTER = "Tester"
PROGRAM = f"token: {TESTER}"

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Visitor:
    """A person and their program, by what they show at the door."""

    session: str
    program: str | None

    @property
    def cookie(self) -> str:
        """The header of the session's cookie at a plain address of this machine."""
        return f"{SESSION_COOKIE.name}={self.session}"

    @property
    def form_token(self) -> str:
        """The token of the forms that the visitor's pages have."""
        return token_of(self.session)

    def client(self, **options: Any) -> aiohttp.ClientSession:
        """A client that shows at each address what opens it, and sends forms as pages have them."""
        return aiohttp.ClientSession(middlewares=(self._come_in,), **options)

    async def sit_at(self, browser: BrowserContext, url: str) -> None:
        """Let a browser have the session."""
        await browser.add_cookies(
            [{"name": SESSION_COOKIE.name, "value": self.session, "url": url, "sameSite": "Lax"}]
        )

    async def _come_in(self, request: ClientRequest, send: ClientHandlerType) -> ClientResponse:
        for_programs = request.url.path.startswith("/v1/")
        if for_programs and self.program is not None:
            request.headers.setdefault("Authorization", f"Bearer {self.program}")
            return await send(request)
        kept = request.headers.get("Cookie", "")
        if self.cookie not in kept:
            request.headers["Cookie"] = f"{kept}; {self.cookie}" if kept else self.cookie
        if request.method == "POST" and not for_programs:
            await self._add_token(request)
        return await send(request)

    async def _add_token(self, request: ClientRequest) -> None:
        body, content = request.body, request.headers.get("Content-Type", FORM)
        if isinstance(body, aiohttp.MultipartWriter):
            disposition = {"Content-Disposition": f'form-data; name="{FIELD}"'}
            body.append(self.form_token, disposition)  # pyright: ignore[reportArgumentType]
            await request.update_body(body)
        elif content == FORM:
            sent = body if isinstance(body, bytes) else await body.as_bytes()
            request.headers["Content-Type"] = FORM
            await request.update_body(sent + f"&{FIELD}={self.form_token}".encode())


async def visitor(
    pool: Pool,
    role: Role = Role.ADMINISTRATOR,
    name: str = TESTER,
    departments: Collection[str] = (),
) -> Visitor:
    """Let somebody of a role come in, and their program, which may whatever programs may. They have
    said why they look at the tracks of the vehicles that they see."""
    account = await account_named(pool, name)
    if account is None:
        # The department may have no vehicle yet.
        async with pool.acquire() as connection, connection.transaction():
            account = await add_account_within(connection, SOMEBODY, name, role, departments)
    await say_why(pool, account_actor(account, "127.0.0.1"))
    return Visitor(
        await open_session(pool, account.account_id, source="127.0.0.1", agent="test"),
        await new_token(
            pool,
            SOMEBODY,
            name,
            frozenset(Permission) - NOT_FOR_PROGRAMS,
            local_day(datetime.now(UTC)) + timedelta(days=1),
        ),
    )


async def say_why(pool: Pool, actor: Actor) -> None:
    """Give a reason to look at the tracks of all vehicles, and of each one that the actor sees."""
    if not actor.may(Permission.TRACKS_READ):
        return
    own = actor.departments
    for one in await vehicles(pool):
        if own is None or one.department in own:
            await ask_track(pool, actor, one.vehicle_id, "a test")
    if own is None:
        await ask_track(pool, actor, None, "a test")
