"""Reads the discovery document of a provider: at which addresses it is asked what."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from access.openid.faults import OpenIdError, OpenIdFault
from access.openid.settings import is_safe_address

#: Where the document stands, below the address of the issuer.
DISCOVERY_PATH = "/.well-known/openid-configuration"

#: The name of the address at which people sign out of the provider.
END_SESSION = "end_session_endpoint"


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider by its addresses. `secret_in_head`: it takes the secret in a header, not in the
    body. `names_itself`: it says who it is when it sends people back (RFC 9207). `end_session_url`
    is where people sign out of it; None: it has no such address."""

    issuer: str
    authorisation_url: str
    token_url: str
    keys_url: str
    secret_in_head: bool
    names_itself: bool
    end_session_url: str | None = None


def discovery_url(issuer: str) -> str:
    return issuer.removesuffix("/") + DISCOVERY_PATH


def read_discovery(body: bytes, issuer: str) -> Provider:
    """Read the document that the provider `issuer` gave.

    Raises:
        OpenIdError: it is none, it is another provider's, or an address in it is not safe.
    """
    document = json_object(body, "the discovery document")
    if document.get("issuer") != issuer:
        raise _unusable("the discovery document names another issuer than FLAADE_OIDC_ISSUER")
    methods = document.get("code_challenge_methods_supported", ["S256"])
    if not isinstance(methods, list) or "S256" not in methods:
        raise _unusable("the provider does not know PKCE with S256")
    # The default of the specification, where the document says nothing.
    secrets = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Provider(
        issuer=issuer,
        authorisation_url=_address(document, "authorization_endpoint"),
        token_url=_address(document, "token_endpoint"),
        keys_url=_address(document, "jwks_uri"),
        secret_in_head=isinstance(secrets, list) and "client_secret_basic" in secrets,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        end_session_url=_address(document, END_SESSION) if END_SESSION in document else None,
    )


def json_object(body: bytes, of: str) -> Mapping[str, object]:
    """The JSON object in an answer.

    Raises:
        OpenIdError: there is none.
    """
    try:
        read: object = json.loads(body)
    except (ValueError, RecursionError):
        raise _unusable(f"{of} is no JSON") from None
    if not isinstance(read, dict):
        raise _unusable(f"{of} is no JSON object")
    return cast(dict[str, object], read)


def _address(document: Mapping[str, object], name: str) -> str:
    url = document.get(name)
    if not isinstance(url, str) or not is_safe_address(url):
        raise _unusable(f"{name} in the discovery document is no https:// address")
    return url


def _unusable(detail: str) -> OpenIdError:
    return OpenIdError(OpenIdFault.PROVIDER_UNUSABLE, detail)
