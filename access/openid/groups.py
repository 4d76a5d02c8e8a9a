"""What a person may by the groups that the provider tells of them."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from access.accounts import DEPARTMENTS_MAX, NAME_MAX
from access.mail.address import MailAddressError, read_address
from access.openid.faults import OpenIdError, OpenIdFault
from access.openid.settings import OpenIdSettings
from access.roles import Role
from fleet.names.invisible import without_invisible

#: More groups than anybody has; the others are not looked at.
GROUPS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Admitted:
    """A person whom the provider let in: what they may, and names by which their account may be
    called, the best one first. `email`: their address, where the provider tells one."""

    issuer: str
    subject: str
    names: tuple[str, ...]
    role: Role
    departments: frozenset[str]
    email: str | None = None


def admitted(claims: Mapping[str, object], settings: OpenIdSettings) -> Admitted:
    """What the person of valid claims may, by the tables of the settings.

    Of several roles it is the one that may most. A department head without a department has
    nothing to see, so that role does not count then.

    Raises:
        OpenIdError: the claims tell no groups, or none of these has a role.
    """
    groups = _groups(claims, settings.oidc_groups_claim)
    departments = frozenset(
        department for group, department in settings.oidc_departments.items() if group in groups
    )
    roles = {role for group, role in settings.oidc_roles.items() if group in groups}
    if not departments:
        roles.discard(Role.DEPARTMENT_HEAD)
    role = next((one for one in Role if one in roles), None)
    if role is None:
        raise OpenIdError(OpenIdFault.NO_ROLE)
    if role is not Role.DEPARTMENT_HEAD:
        departments = frozenset[str]()
    return Admitted(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        names=tuple(_names(claims, settings.oidc_name_claim)),
        role=role,
        departments=frozenset(sorted(departments)[:DEPARTMENTS_MAX]),
        email=_email(claims),
    )


def _groups(claims: Mapping[str, object], name: str) -> frozenset[str]:
    told = claims.get(name)
    if isinstance(told, str):
        return frozenset({told})
    if not isinstance(told, list):
        moved = "_claim_names" in claims
        why = "it has too many groups for the token" if moved else f"there is no list in {name}"
        raise OpenIdError(OpenIdFault.NO_GROUPS, why)
    return frozenset(one for one in cast(list[object], told)[:GROUPS_MAX] if isinstance(one, str))


def _names(claims: Mapping[str, object], name_claim: str) -> Iterator[str]:
    """The person's name; where another account has it, with what tells them apart."""
    shown = _name(claims.get(name_claim)) or _name(claims.get("name"))
    login = _name(claims.get("preferred_username")) or _name(claims.get("email"))
    subject = _name(claims.get("sub")) or "?"
    if shown:
        yield shown
    for other in (login, subject):
        if other:
            yield f"{shown[: NAME_MAX // 2 - 3]} ({other[: NAME_MAX // 2]})" if shown else other


def _email(claims: Mapping[str, object]) -> str | None:
    """The address that the provider tells, unless it says itself that nobody has proved it."""
    told = claims.get("email")
    if not isinstance(told, str) or claims.get("email_verified") is False:
        return None
    try:
        return read_address(told)
    except MailAddressError:
        return None


def _name(told: object) -> str:
    """A name as accounts have it: without characters that nobody sees, and without colons."""
    if not isinstance(told, str):
        return ""
    spelt = unicodedata.normalize("NFKC", told[: 4 * NAME_MAX])
    plain = without_invisible(spelt).replace(":", " ")
    return " ".join(plain.split())[:NAME_MAX].strip()
