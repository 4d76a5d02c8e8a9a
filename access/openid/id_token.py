"""Validates an ID token: who the provider says the person is.

Only signatures with a key that the provider keeps to itself are believed. The list of algorithms is
ours, for a token must not choose by itself how it is checked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import cast
from warnings import catch_warnings, simplefilter

from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from access.openid.discovery import json_object
from access.openid.faults import OpenIdError, OpenIdFault

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "Ed25519")

#: More keys than a provider has at the same time; the others are not tried.
KEYS_MAX = 50

#: Shorter RSA keys are not believed.
RSA_BITS_MIN = 2_048

#: The most characters of what names a person at the provider, by the specification.
SUBJECT_CHARS_MAX = 255

#: A token is used at once, so an older one was kept by somebody.
AGE_MAX_S = 600.0

Key = RSAKey | ECKey | OKPKey


class UnknownKeyError(Exception):
    """The token is signed with a key that is not among those of the provider that we have."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to agree with. `now_s` is the moment in seconds since 1970, and clocks may
    differ by `clock_s`."""

    issuer: str
    client_id: str
    nonce: str
    now_s: float
    clock_s: float


def read_keys(body: bytes) -> Sequence[Key]:
    """The public keys in a provider's key set (JWKS); kinds of keys that we do not know are left
    out.

    Raises:
        OpenIdError: the answer is no key set.
    """
    listed = json_object(body, "the key set").get("keys")
    if not isinstance(listed, list):
        raise OpenIdError(OpenIdFault.PROVIDER_UNUSABLE, "the key set has no keys")
    keys = list[Key]()
    for one in cast(list[object], listed)[:KEYS_MAX]:
        key = _key(one)
        if key is not None:
            keys.append(key)
    return keys


def _key(one: object) -> Key | None:
    if not isinstance(one, dict):
        return None
    fields = cast(dict[str, object], one)
    if fields.get("use", "sig") != "sig":
        return None
    try:
        with catch_warnings():
            simplefilter("ignore", SecurityWarning)  # short keys are left out below
            [key] = KeySet.import_key_set({"keys": [fields]}).keys  # pyright: ignore[reportArgumentType]
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAKey):
        return key if key.raw_value.key_size >= RSA_BITS_MIN else None
    return None if isinstance(key, OctKey) else key


def validated_claims(token: str, keys: Sequence[Key], expected: Expected) -> Mapping[str, object]:
    """The claims of a token that is valid.

    Raises:
        UnknownKeyError: none of the keys is the one that it names.
        OpenIdError: it is not valid; `detail` says why.
    """
    claims = _signed_claims(token, keys)
    if claims.get("iss") != expected.issuer:
        raise _refused("the ID token is of another issuer")
    _check_audience(claims, expected.client_id)
    _check_times(claims, expected)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not compare_digest(
        nonce.encode(errors="surrogatepass"), expected.nonce.encode()
    ):
        raise _refused("the ID token is of another sign-in: its nonce differs")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_CHARS_MAX:
        raise _refused("the ID token names nobody")
    return claims


def _signed_claims(token: str, keys: Sequence[Key]) -> Mapping[str, object]:
    """Check the signature."""
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError):
        raise _refused("the ID token cannot be read") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise _refused("the ID token is signed in a way that is not believed")
    fitting = [key for key in keys if _fits(key, algorithm) and (kid is None or key.kid == kid)]
    if not fitting:
        raise UnknownKeyError
    if len(fitting) > 1:
        raise _refused("the ID token does not say which key it is signed with")
    try:
        return jwt.decode(token, fitting[0], algorithms=[algorithm]).claims
    except (JoseError, ValueError, RecursionError):
        raise _refused("the signature of the ID token is wrong") from None


def _fits(key: Key, algorithm: str) -> bool:
    """Whether a key is for an algorithm, and not for another one."""
    kinds = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
    return key.key_type == kinds[algorithm[:2]] and key.alg in (None, algorithm)


def _check_audience(claims: Mapping[str, object], client_id: str) -> None:
    audience = claims.get("aud")
    named = cast(list[object], audience) if isinstance(audience, list) else [audience]
    if client_id not in named:
        raise _refused("the ID token is for another client")
    if claims.get("azp", client_id) != client_id or (len(named) > 1 and "azp" not in claims):
        raise _refused("the ID token was given to another client")


def _check_times(claims: Mapping[str, object], expected: Expected) -> None:
    ends, issued = _moment(claims, "exp"), _moment(claims, "iat")
    starts = _moment(claims, "nbf") if "nbf" in claims else issued
    if ends <= expected.now_s - expected.clock_s:
        raise _refused("the ID token has expired")
    if max(issued, starts) > expected.now_s + expected.clock_s:
        raise _refused("the ID token is of the future: compare the clocks")
    if issued < expected.now_s - expected.clock_s - AGE_MAX_S:
        raise _refused("the ID token was issued long ago")


def _moment(claims: Mapping[str, object], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(f"the ID token has no {name}")
    return value


def _refused(detail: str) -> OpenIdError:
    return OpenIdError(OpenIdFault.TOKEN_REFUSED, detail)
