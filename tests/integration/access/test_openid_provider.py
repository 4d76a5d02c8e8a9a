"""A provider that is slow, broken or another one lets nobody in, and costs only what it may."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from access.openid.departure import Departure
from access.openid.faults import OpenIdError, OpenIdFault
from access.openid.provider import OpenIdProvider
from access.openid.settings import OpenIdConfig

FIRST, SECOND = (
    ECKey.generate_key("P-256", {"kid": kid, "use": "sig"}, auto_kid=False) for kid in "12"
)


#: A redirect, which must not be followed: it could lead anywhere.
TO_KEYS = {"Location": "/keys"}


class StandIn:
    """A provider whose answers the test decides."""

    def __init__(self) -> None:
        self.issuer = ""
        self.asked: list[str] = []
        self.document: dict[str, Any] = {}
        self.keys = [FIRST]
        self.signing = FIRST
        self.claims: dict[str, Any] = {}
        self.broken: web.StreamResponse | None = None
        self.waits_s = 0.0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        await asyncio.sleep(self.waits_s)
        if self.broken is not None:
            return self.broken
        if request.path == "/keys":
            return web.json_response(KeySet(list(self.keys)).as_dict(private=False))
        if request.path == "/token":
            form = await request.post()
            told = {"nonce": form["code"], **self.claims}  # the test gives the nonce as the code
            head = {"alg": "ES256", "kid": self.signing.kid}
            return web.json_response({"id_token": jwt.encode(head, told, self.signing)})
        return web.json_response(self.document)


@pytest.fixture
async def stand_in() -> AsyncGenerator[StandIn]:
    made, app = StandIn(), web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        made.issuer = f"http://127.0.0.1:{server.port}"
        made.document = {
            "issuer": made.issuer,
            "authorization_endpoint": f"{made.issuer}/auth",
            "token_endpoint": f"{made.issuer}/token",
            "jwks_uri": f"{made.issuer}/keys",
        }
        now = int(time.time())
        made.claims = {
            "iss": made.issuer,
            "aud": "flaade",
            "sub": "7",
            "iat": now,
            "exp": now + 60,
        }
        yield made


def provider_of(stand_in: StandIn, **changed: Any) -> OpenIdProvider:
    return OpenIdProvider(
        OpenIdConfig(stand_in.issuer, "flaade", "https://flaade.example/back", **changed)
    )


async def come_back(provider: OpenIdProvider, **answer: str) -> Any:
    departure, _ = await provider.departure("/")
    given = {"state": departure.state, "code": departure.nonce, **answer}
    return await provider.proof(departure, given)


async def test_addresses_and_keys_are_asked_for_once(stand_in: StandIn):
    provider = provider_of(stand_in)
    for _ in range(3):
        assert (await come_back(provider)).claims["sub"] == "7"
    assert stand_in.asked.count("/.well-known/openid-configuration") == 1
    assert stand_in.asked.count("/keys") == 1


async def test_an_unknown_key_is_looked_for_once_more(stand_in: StandIn):
    provider = provider_of(stand_in)
    await come_back(provider)
    stand_in.keys, stand_in.signing = [SECOND], SECOND
    assert (await come_back(provider)).claims["sub"] == "7"
    assert stand_in.asked.count("/keys") == 2
    stand_in.signing = FIRST
    with pytest.raises(OpenIdError, match="unknown key"):
        await come_back(provider)
    assert stand_in.asked.count("/keys") == 3


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"broken": web.Response(status=500)}, OpenIdFault.PROVIDER_AWAY),
        ({"broken": web.Response(status=404)}, OpenIdFault.PROVIDER_UNUSABLE),
        ({"broken": web.Response(status=302, headers=TO_KEYS)}, OpenIdFault.PROVIDER_UNUSABLE),
        ({"broken": web.Response(text="<html>")}, OpenIdFault.PROVIDER_UNUSABLE),
        ({"broken": web.Response(body=bytes(100_001))}, OpenIdFault.PROVIDER_UNUSABLE),
        ({"waits_s": 1.0}, OpenIdFault.PROVIDER_AWAY),
        ({"document": {"issuer": "https://evil.example"}}, OpenIdFault.PROVIDER_UNUSABLE),
    ],
)
async def test_nobody_leaves_for_a_provider_that_cannot_be_used(
    stand_in: StandIn, changed: dict[str, Any], fault: OpenIdFault
):
    vars(stand_in).update(changed)
    provider = provider_of(stand_in, wait_max_s=0.3, answer_max_bytes=100_000)
    with pytest.raises(OpenIdError) as refused:
        await provider.departure("/")
    assert refused.value.fault is fault


async def test_a_provider_that_is_away_is_told_and_asked_again_later(stand_in: StandIn):
    nowhere = StandIn()
    nowhere.issuer = "http://127.0.0.1:9"
    with pytest.raises(OpenIdError) as refused:
        await provider_of(nowhere).departure("/")
    assert refused.value.fault is OpenIdFault.PROVIDER_AWAY
    provider = provider_of(stand_in)
    stand_in.broken = web.Response(status=503)
    with pytest.raises(OpenIdError):
        await provider.departure("/")
    stand_in.broken = None
    await provider.departure("/")


async def test_many_who_come_while_the_provider_hangs_wait_no_longer_than_one(stand_in: StandIn):
    stand_in.waits_s = 0.5
    provider = provider_of(stand_in, wait_max_s=0.3)
    began = time.monotonic()
    answers = await asyncio.gather(
        *(provider.departure("/") for _ in range(100)), return_exceptions=True
    )
    assert {type(one) for one in answers} == {OpenIdError}
    assert time.monotonic() - began < 15  # one after the other they would wait for 30 s


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"state": "of another browser"}, OpenIdFault.NOT_BEGUN_HERE),
        ({"state": "\udc80"}, OpenIdFault.NOT_BEGUN_HERE),
        ({"iss": "https://evil.example"}, OpenIdFault.TOKEN_REFUSED),
        ({"code": ""}, OpenIdFault.PROVIDER_REFUSED),
        ({"code": "the nonce of another sign-in"}, OpenIdFault.TOKEN_REFUSED),
    ],
)
async def test_an_answer_that_fits_not_lets_nobody_in(
    stand_in: StandIn, answer: dict[str, str], fault: OpenIdFault
):
    with pytest.raises(OpenIdError) as refused:
        await come_back(provider_of(stand_in), **answer)
    assert refused.value.fault is fault


async def test_who_names_themselves_in_every_answer_has_to(stand_in: StandIn):
    stand_in.document["authorization_response_iss_parameter_supported"] = True
    provider = provider_of(stand_in)
    with pytest.raises(OpenIdError, match="issuer"):
        await come_back(provider)
    assert (await come_back(provider, iss=stand_in.issuer)).claims["sub"] == "7"


async def test_a_code_that_was_used_is_refused(stand_in: StandIn):
    provider = provider_of(stand_in)
    departure, _ = await provider.departure("/")
    assert isinstance(departure, Departure)
    body = json.dumps({"error": "invalid_grant", "error_description": "of Afdelingen"}).encode()
    stand_in.broken = web.Response(status=400, body=body)
    with pytest.raises(OpenIdError, match=r"invalid_grant$") as refused:
        await provider.proof(departure, {"state": departure.state, "code": "used"})
    assert refused.value.fault is OpenIdFault.CODE_REFUSED
