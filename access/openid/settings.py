"""Settings of the municipality's own sign-in, by OpenID Connect."""

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from access.roles import Role
from fleet.settings import ENV_PREFIX, SettingsError, SettingsGroup


def is_safe_address(url: str) -> bool:
    """Whether an address of a provider may be asked: by TLS, or on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment:
        return False
    if parts.scheme == "http":
        return _is_this_machine(host)
    return parts.scheme == "https"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _issuer(url: str | None) -> str | None:
    if url is not None and not is_safe_address(url):
        raise ValueError("must be https://, with a host and without user or fragment")
    return url


def _by_group(given: object) -> object:
    """What stands for each group: a JSON object in the environment, a table in the file."""
    if not isinstance(given, str):
        return given
    try:
        return cast(object, json.loads(given))
    except ValueError:
        raise ValueError('must be a JSON object, such as {"name of a group": "…"}') from None


Department = Annotated[str, Field(min_length=1, max_length=128)]


class OpenIdSettings(SettingsGroup):
    """The settings of the provider, and of what its groups may."""

    oidc_issuer: Annotated[str | None, AfterValidator(_issuer)] = Field(
        None,
        description="address of the municipality's OpenID Connect provider, exactly as it names "
        "itself; absent: local accounts only",
    )
    oidc_client_id: str | None = Field(
        None, min_length=1, description="name under which the provider knows this system"
    )
    oidc_client_secret: SecretStr | None = Field(
        None, description="secret that the provider gave this system; absent: PKCE alone"
    )
    oidc_scopes: str = Field(
        "openid profile",
        pattern=r"^openid( [!#-\[\]-~]+)*$",
        description="scopes to ask for, separated by spaces; openid is the first",
    )
    oidc_name_claim: str = Field(
        "name", min_length=1, description="claim of the ID token with a person's name"
    )
    oidc_groups_claim: str = Field(
        "groups", min_length=1, description="claim of the ID token with a person's groups"
    )
    oidc_roles: Annotated[Mapping[str, Role], NoDecode, BeforeValidator(_by_group)] = Field(
        default_factory=dict[str, Role],
        description='the role of each group, {"group": "fleet_unit"}; of several the one that may '
        "most",
    )
    oidc_departments: Annotated[Mapping[str, Department], NoDecode, BeforeValidator(_by_group)] = (
        Field(
            default_factory=dict[str, Department],
            description='the department of each group, {"group": "Park"}, for department heads',
        )
    )
    oidc_wait_max_s: float = Field(
        10.0,
        gt=0,
        le=25,
        description="how long the provider may take in one step of a sign-in, with all its answers",
    )
    oidc_answer_max_bytes: int = Field(
        500_000, ge=1_000, description="largest answer of the provider that is read"
    )
    oidc_keys_minutes: float = Field(
        60.0, gt=0, description="how long the provider's keys and addresses are used again"
    )
    oidc_sign_in_minutes: float = Field(
        10.0, gt=0, le=1_440, description="how long a person may take to sign in at the provider"
    )
    oidc_clock_s: float = Field(
        60.0, ge=0, le=600, description="how far the provider's clock may differ from ours"
    )


@dataclass(frozen=True, slots=True)
class OpenIdConfig:
    """What a sign-in needs to know of the provider. `back_url` is where it sends people back to."""

    issuer: str
    client_id: str
    back_url: str
    client_secret: str | None = field(default=None, repr=False)
    scopes: str = "openid profile"
    wait_max_s: float = 10.0
    answer_max_bytes: int = 500_000
    keys_s: float = 3_600.0
    sign_in_s: float = 600.0
    clock_s: float = 60.0


def openid_config(settings: OpenIdSettings, back_url: str) -> OpenIdConfig | None:
    """The provider of the settings; None where there is none.

    Raises:
        SettingsError: a provider is named, but not all that a sign-in needs.
    """
    if settings.oidc_issuer is None:
        return None
    if settings.oidc_client_id is None:
        raise SettingsError(f"{ENV_PREFIX}OIDC_ISSUER: needs {ENV_PREFIX}OIDC_CLIENT_ID")
    if not settings.oidc_roles:
        raise SettingsError(
            f"{ENV_PREFIX}OIDC_ISSUER: needs {ENV_PREFIX}OIDC_ROLES, or nobody could come in"
        )
    if Role.DEPARTMENT_HEAD in settings.oidc_roles.values() and not settings.oidc_departments:
        raise SettingsError(
            f"{ENV_PREFIX}OIDC_ROLES: {Role.DEPARTMENT_HEAD} needs {ENV_PREFIX}OIDC_DEPARTMENTS"
        )
    secret = settings.oidc_client_secret
    return OpenIdConfig(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        back_url=back_url,
        client_secret=None if secret is None else secret.get_secret_value(),
        scopes=settings.oidc_scopes,
        wait_max_s=settings.oidc_wait_max_s,
        answer_max_bytes=settings.oidc_answer_max_bytes,
        keys_s=60 * settings.oidc_keys_minutes,
        sign_in_s=60 * settings.oidc_sign_in_minutes,
        clock_s=settings.oidc_clock_s,
    )
