"""An ID token lets somebody in only when all of it is right."""

import base64
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, KeySet, RSAKey

from access.openid.faults import OpenIdError, OpenIdFault
from access.openid.id_token import (
    AGE_MAX_S,
    Expected,
    UnknownKeyError,
    read_keys,
    validated_claims,
)

NOW_S = 1_796_000_000.0
ISSUER = "https://sign-in.example"
EXPECTED = Expected(ISSUER, "flaade", "the nonce", NOW_S, clock_s=60.0)

OURS = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}, auto_kid=False)
CURVE = ECKey.generate_key("P-256", {"kid": "2", "use": "sig"}, auto_kid=False)
FOREIGN = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}, auto_kid=False)


def key_set(*keys: RSAKey | ECKey) -> bytes:
    return json.dumps(KeySet(list(keys)).as_dict(private=False)).encode()


KEYS = read_keys(key_set(OURS, CURVE))


def claims(**changed: Any) -> dict[str, Any]:
    good = {
        "iss": ISSUER,
        "aud": "flaade",
        "sub": "person-1",
        "nonce": "the nonce",
        "iat": NOW_S - 5,
        "exp": NOW_S + 300,
    }
    return {name: value for name, value in (good | changed).items() if value is not None}


def token(
    told: dict[str, Any],
    key: RSAKey | ECKey = OURS,
    algorithm: str = "RS256",
    **header: str,
) -> str:
    return jwt.encode({"alg": algorithm, "kid": key.kid, **header}, told, key)


def test_a_right_token_says_who_it_is():
    assert validated_claims(token(claims()), KEYS, EXPECTED)["sub"] == "person-1"
    by_curve = token(claims(), CURVE, "ES256")
    assert validated_claims(by_curve, KEYS, EXPECTED)["sub"] == "person-1"
    among_others = claims(aud=["other", "flaade"], azp="flaade")
    assert validated_claims(token(among_others), KEYS, EXPECTED)["sub"] == "person-1"


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": ISSUER + "/"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "another"}, "another client"),
        ({"aud": ["another"]}, "another client"),
        ({"aud": None}, "another client"),
        ({"aud": ["flaade", "another"]}, "given to another client"),
        ({"azp": "another"}, "given to another client"),
        ({"exp": NOW_S - 61}, "expired"),
        ({"exp": None}, "no exp"),
        ({"exp": "tomorrow"}, "no exp"),
        ({"exp": True}, "no exp"),
        ({"iat": NOW_S + 61}, "future"),
        ({"iat": None}, "no iat"),
        ({"nbf": NOW_S + 61}, "future"),
        ({"iat": NOW_S - AGE_MAX_S - 61}, "long ago"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": ["the nonce"]}, "nonce"),
        ({"sub": None}, "nobody"),
        ({"sub": ""}, "nobody"),
        ({"sub": 7}, "nobody"),
        ({"sub": "x" * 256}, "nobody"),
    ],
)
def test_a_token_that_is_wrong_in_one_thing_is_refused(changed, detail):
    with pytest.raises(OpenIdError, match=detail) as refused:
        validated_claims(token(claims(**changed)), KEYS, EXPECTED)
    assert refused.value.fault is OpenIdFault.TOKEN_REFUSED


def unsigned(told: dict[str, Any], algorithm: str) -> str:
    parts = ({"alg": algorithm, "typ": "JWT", "kid": "1"}, told)
    packed = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in parts]
    return b".".join([*packed, b""]).decode()


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "RS256"])
def test_a_token_without_a_signature_is_refused(algorithm):
    with pytest.raises(OpenIdError, match="sign"):
        validated_claims(unsigned(claims(), algorithm), KEYS, EXPECTED)


def test_a_public_key_is_no_secret_that_signs():
    """The oldest trick: the public key, which all know, as the secret of HS256."""
    signed = unsigned(claims(), "HS256").rstrip(".")
    mac = hmac.digest(OURS.as_pem(private=False), signed.encode(), "sha256")
    forged = f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    with pytest.raises(OpenIdError, match="not believed"):
        validated_claims(forged, KEYS, EXPECTED)


def test_a_token_of_another_key_is_refused():
    with pytest.raises(OpenIdError, match="signature"):
        validated_claims(token(claims(), FOREIGN), KEYS, EXPECTED)
    with pytest.raises(UnknownKeyError):
        validated_claims(token(claims(), OURS, kid="9"), KEYS, EXPECTED)
    # A key that is for another algorithm is none for this one.
    with pytest.raises(UnknownKeyError):
        validated_claims(token(claims(), CURVE, "ES256", kid="1"), KEYS, EXPECTED)


def test_a_changed_token_is_refused():
    head, body, signature = token(claims()).split(".")
    other = token(claims(sub="person-2")).split(".")[1]
    with pytest.raises(OpenIdError, match="signature"):
        validated_claims(f"{head}.{other}.{signature}", KEYS, EXPECTED)
    assert body != other


def test_keys_that_are_for_something_else_or_too_short_are_left_out():
    encrypting = RSAKey.generate_key(2048, {"kid": "4", "use": "enc"}, auto_kid=False)
    with pytest.warns(SecurityWarning):
        weak = RSAKey.generate_key(1024, {"kid": "3", "use": "sig"}, auto_kid=False)
    listed = json.loads(key_set(OURS, encrypting, weak))
    listed["keys"] += [{"kty": "oct", "k": "AAAA"}, {"kty": "new"}, "none", {}]
    assert [key.kid for key in read_keys(json.dumps(listed).encode())] == ["1"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"keys": 1}', b"[" * 100_000])
def test_what_is_no_key_set_is_refused(body):
    with pytest.raises(OpenIdError) as refused:
        read_keys(body)
    assert refused.value.fault is OpenIdFault.PROVIDER_UNUSABLE


@given(st.one_of(st.text(), st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")))
def test_any_text_is_refused_as_a_token(text):
    with pytest.raises((OpenIdError, UnknownKeyError)):
        validated_claims(text, KEYS, EXPECTED)


ANYTHING = st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=5)


@given(st.dictionaries(st.text(), ANYTHING, max_size=5))
def test_any_claims_with_a_right_signature_are_refused_or_right(told):
    with pytest.raises(OpenIdError):
        validated_claims(token(told, CURVE, "ES256"), KEYS, EXPECTED)
