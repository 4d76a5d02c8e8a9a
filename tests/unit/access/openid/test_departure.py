"""A departure is known by its own browser, for a while, and by no other."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.openid.departure import (
    KEPT_CHARS_MAX,
    Departure,
    authorisation_address,
    end_session_address,
)
from access.openid.discovery import discovery_url, read_discovery
from access.openid.faults import OpenIdError, OpenIdFault
from access.openid.settings import OpenIdConfig

NOW_S = 1_796_000_000.0
ISSUER = "https://sign-in.example/realms/kommune"
CONFIG = OpenIdConfig(ISSUER, "flaade", "https://flaade.example/sign-in/municipality/back")


def document(**changed: Any) -> bytes:
    good = {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/auth?kc=1",
        "token_endpoint": f"{ISSUER}/token",
        "jwks_uri": f"{ISSUER}/keys",
        "code_challenge_methods_supported": ["plain", "S256"],
    }
    told = {name: value for name, value in (good | changed).items() if value is not None}
    return json.dumps(told).encode()


def test_the_browser_is_sent_with_all_that_the_answer_has_to_fit():
    departure = Departure.now("/vehicles?kind=van", NOW_S)
    address = authorisation_address(read_discovery(document(), ISSUER), CONFIG, departure)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{ISSUER}/auth?kc=1&")
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == CONFIG.back_url
    assert asked["state"] == departure.state
    assert asked["nonce"] == departure.nonce
    hashed = hashlib.sha256(departure.verifier.encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
    assert asked["code_challenge_method"] == "S256"
    assert departure.verifier not in address
    assert departure.secret not in address
    assert 43 <= len(departure.verifier) <= 128


@given(st.text(max_size=1_000).filter(lambda text: text.isprintable()))
def test_what_the_browser_kept_is_the_departure_again(address):
    departure = Departure.now(address, NOW_S)
    kept = departure.kept()
    assert len(kept) <= KEPT_CHARS_MAX or not address.isascii()
    if len(kept) <= KEPT_CHARS_MAX:
        assert Departure.read(kept, NOW_S + 599, 600) == departure
        assert Departure.read(kept, NOW_S + 601, 600) is None
        assert Departure.read(kept, NOW_S - 61, 600) is None


def test_the_state_of_another_browser_or_moment_or_page_fits_not():
    departure = Departure.now("/", NOW_S)
    assert departure.is_answered_by(departure.state)
    for other in (
        Departure.now("/", NOW_S),
        Departure(departure.secret, departure.began_s + 1, "/"),
        Departure(departure.secret, departure.began_s, "/plan"),
    ):
        assert not departure.is_answered_by(other.state)
    assert not departure.is_answered_by("")
    assert len({departure.state, departure.nonce, departure.verifier}) == 3


@given(st.text())
def test_whatever_a_cookie_holds_is_read_as_a_departure_or_as_none(kept):
    Departure.read(kept, NOW_S, 600)


def test_a_page_whose_address_is_too_long_is_forgotten():
    assert Departure.now("/" + "x" * 2_000, NOW_S).address == "/"


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"issuer": "https://evil.example"}, "another issuer"),
        ({"issuer": f"{ISSUER}/"}, "another issuer"),
        ({"token_endpoint": "http://sign-in.example/token"}, "token_endpoint"),
        ({"token_endpoint": None}, "token_endpoint"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri"),
        ({"jwks_uri": "https://user@sign-in.example/"}, "jwks_uri"),
        ({"jwks_uri": ["https://sign-in.example/"]}, "jwks_uri"),
        ({"authorization_endpoint": "https://[::1"}, "authorization_endpoint"),
        ({"code_challenge_methods_supported": ["plain"]}, "PKCE"),
    ],
)
def test_a_provider_that_cannot_be_used_safely_is_refused(changed, detail):
    with pytest.raises(OpenIdError, match=detail) as refused:
        read_discovery(document(**changed), ISSUER)
    assert refused.value.fault is OpenIdFault.PROVIDER_UNUSABLE


def test_who_signs_out_is_led_to_where_the_provider_ends_sessions():
    back = "https://flaade.example/sign-in?done=signed_out"
    ends = read_discovery(document(end_session_endpoint="https://sign-in.example/end?a=b"), ISSUER)
    address = end_session_address(ends, CONFIG, "an.id.token", back)
    assert address is not None
    assert address.startswith("https://sign-in.example/end?a=b&")
    assert dict(parse_qsl(urlsplit(address).query)) == {
        "a": "b",
        "client_id": CONFIG.client_id,
        "post_logout_redirect_uri": back,
        "id_token_hint": "an.id.token",
    }
    without_hint = end_session_address(ends, CONFIG, "", back)
    assert without_hint is not None
    assert "id_token_hint" not in without_hint
    assert end_session_address(read_discovery(document(), ISSUER), CONFIG, "x", back) is None
    with pytest.raises(OpenIdError, match="end_session_endpoint"):
        read_discovery(document(end_session_endpoint="http://sign-in.example/end"), ISSUER)


def test_the_document_stands_below_the_issuer():
    assert discovery_url("https://a.example/").startswith("https://a.example/.well-known/")
    assert discovery_url(ISSUER) == f"{ISSUER}/.well-known/openid-configuration"


@given(st.binary())
def test_any_bytes_are_refused_as_a_document(body):
    with pytest.raises(OpenIdError):
        read_discovery(body, ISSUER)
