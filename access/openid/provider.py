"""Asks the provider: for its addresses and keys, and for the ID token that a code stands for.

Its answers are bounded in time and size, and no redirect is followed, so that a provider that is
slow, broken or not the one it was costs one sentence, and local accounts sign in as before.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

import aiohttp

from access.openid.departure import Departure, authorisation_address, end_session_address
from access.openid.discovery import Provider, discovery_url, json_object, read_discovery
from access.openid.faults import OpenIdError, OpenIdFault
from access.openid.id_token import Expected, Key, UnknownKeyError, read_keys, validated_claims
from access.openid.settings import OpenIdConfig

#: The most characters of a code and of what else a provider sends back with a person.
CODE_CHARS_MAX = 4_000


@dataclass(frozen=True, slots=True)
class Proof:
    """Valid claims about a person, and the ID token that they stood in."""

    claims: Mapping[str, object]
    id_token: str = field(repr=False)


class OpenIdProvider:
    """The provider of the settings. Its addresses and keys are kept for a while."""

    def __init__(self, config: OpenIdConfig) -> None:
        self.config = config
        self._asking = asyncio.Lock()
        self._provider: Provider | None = None
        self._keys: Sequence[Key] = ()
        self._read_s = float("-inf")

    async def departure(self, address: str) -> tuple[Departure, str]:
        """A new departure of who wants to go on to a page of ours, and the address at the provider
        to which their browser is to be sent.

        Raises:
            OpenIdError: the provider is away, or cannot be used.
        """
        async with self._in_time():
            provider, _ = await self._known()
        departure = Departure.now(address, time.time())
        return departure, authorisation_address(provider, self.config, departure)

    async def proof(self, departure: Departure, answer: Mapping[str, str]) -> Proof:
        """The proof of a person who came back from a departure; the answer is the parameters of
        the address.

        Raises:
            OpenIdError: the answer is to another departure, or nobody is let in by it.
        """
        if not departure.is_answered_by(answer.get("state", "")):
            raise OpenIdError(OpenIdFault.NOT_BEGUN_HERE, "the state differs")
        async with self._in_time():
            return await self._proof(departure, answer)

    async def end_address(self, id_token: str, back_url: str) -> str | None:
        """The address at the provider at which a browser ends the session there of who came in with
        an ID token ("": it was not kept), and is then sent on to `back_url`. None: the provider has
        no such address, or is away."""
        try:
            async with self._in_time():
                provider, _ = await self._known()
        except OpenIdError:
            return None
        return end_session_address(provider, self.config, id_token, back_url)

    async def _proof(self, departure: Departure, answer: Mapping[str, str]) -> Proof:
        provider, keys = await self._known()
        said = answer.get("iss")
        if said != provider.issuer and (said is not None or provider.names_itself):
            raise OpenIdError(OpenIdFault.TOKEN_REFUSED, "the answer is of another issuer")
        code = answer.get("code", "")
        if not 0 < len(code) <= CODE_CHARS_MAX:
            raise OpenIdError(OpenIdFault.PROVIDER_REFUSED, "there is no code")
        token = await self._token(provider, departure, code)
        expected = Expected(
            self.config.issuer,
            self.config.client_id,
            departure.nonce,
            time.time(),
            self.config.clock_s,
        )
        try:
            return Proof(validated_claims(token, keys, expected), token)
        except UnknownKeyError:
            pass  # the provider may have new keys since ours were read
        _, keys = await self._known(anew=True)
        try:
            return Proof(validated_claims(token, keys, expected), token)
        except UnknownKeyError:
            raise OpenIdError(
                OpenIdFault.TOKEN_REFUSED, "the ID token is signed with an unknown key"
            ) from None

    async def _known(self, *, anew: bool = False) -> tuple[Provider, Sequence[Key]]:
        """The provider and its keys. Of several that want them at once, one asks."""
        async with self._asking:
            if anew or self._provider is None or self._age_s() > self.config.keys_s:
                body = await self._ask("GET", discovery_url(self.config.issuer))
                provider = read_discovery(body, self.config.issuer)
                self._keys = read_keys(await self._ask("GET", provider.keys_url))
                self._provider = provider
                self._read_s = asyncio.get_running_loop().time()
            return self._provider, self._keys

    @asynccontextmanager
    async def _in_time(self) -> AsyncGenerator[None]:
        """Bounds one step of a sign-in, with all answers that it needs and the wait for others who
        ask."""
        try:
            async with asyncio.timeout(self.config.wait_max_s):
                yield
        except TimeoutError:
            raise OpenIdError(OpenIdFault.PROVIDER_AWAY, "no answer in time") from None

    def _age_s(self) -> float:
        return asyncio.get_running_loop().time() - self._read_s

    async def _token(self, provider: Provider, departure: Departure, code: str) -> str:
        """Exchange the code for the ID token."""
        config = self.config
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": config.back_url,
            "code_verifier": departure.verifier,
        }
        head: dict[str, str] = {}
        if config.client_secret is None:
            form["client_id"] = config.client_id
        elif provider.secret_in_head:
            # RFC 6749 has both parts encoded, so that a colon in one of them ends nothing.
            user, password = quote(config.client_id, safe=""), quote(config.client_secret, safe="")
            head["Authorization"] = aiohttp.encode_basic_auth(user, password)
        else:
            form |= {"client_id": config.client_id, "client_secret": config.client_secret}
        body = await self._ask("POST", provider.token_url, form, head)
        token = json_object(body, "the answer with the token").get("id_token")
        if not isinstance(token, str):
            raise OpenIdError(OpenIdFault.PROVIDER_UNUSABLE, "there is no ID token in the answer")
        return token

    async def _ask(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None = None,
        head: Mapping[str, str] | None = None,
    ) -> bytes:
        """The body of an answer.

        Raises:
            OpenIdError: there is none, it is too large, or it is an error.
        """
        most = self.config.answer_max_bytes
        try:
            async with (
                # What is on this machine is not asked for through a proxy.
                aiohttp.ClientSession(trust_env=url.startswith("https://")) as session,
                session.request(
                    method,
                    url,
                    data=form,
                    headers={"Accept": "application/json", **(head or {})},
                    allow_redirects=False,
                ) as answer,
            ):
                body = await _read(answer, most)
                status = answer.status
        except (aiohttp.ClientError, OSError) as error:
            raise OpenIdError(OpenIdFault.PROVIDER_AWAY, type(error).__name__) from None
        if status >= 500:
            raise OpenIdError(OpenIdFault.PROVIDER_AWAY, f"status {status}")
        if status in (400, 401, 403) and form is not None:
            raise OpenIdError(OpenIdFault.CODE_REFUSED, _error_code(body))
        if status != 200:
            raise OpenIdError(OpenIdFault.PROVIDER_UNUSABLE, f"status {status}")
        return body


async def _read(answer: aiohttp.ClientResponse, most: int) -> bytes:
    body = bytearray()
    async for part in answer.content.iter_chunked(65_536):
        body += part
        if len(body) > most:
            raise OpenIdError(OpenIdFault.PROVIDER_UNUSABLE, "an answer is too large")
    return bytes(body)


def _error_code(body: bytes) -> str:
    """The code of an error as the specification has it, such as `invalid_grant`."""
    code = json_object(body, "the error").get("error")
    if not isinstance(code, str) or not re.fullmatch("[a-z_]{1,60}", code):
        return ""
    return f"the provider says {code}"
