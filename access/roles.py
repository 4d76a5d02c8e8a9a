"""Roles of people, and the permissions that each role has."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from fleet.actor import Permission


class Role(StrEnum):
    """The role of an account."""

    ADMINISTRATOR = "administrator"
    FLEET_UNIT = "fleet_unit"
    #: Sees and acts for departments of its own only.
    DEPARTMENT_HEAD = "department_head"
    READER = "reader"


#: The one table of what people may. A program's token names its permissions itself.
ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: frozenset(Permission),
        Role.FLEET_UNIT: frozenset(Permission)
        - {Permission.ACCOUNTS_MANAGE, Permission.AUDIT_READ},
        Role.DEPARTMENT_HEAD: frozenset(
            {
                Permission.FIGURES_READ,
                Permission.TRACKS_READ,
                Permission.PRIVATE_CHANGE,
                Permission.PROPOSALS_DECIDE,
                Permission.VEHICLES_REQUEST,
            }
        ),
        Role.READER: frozenset({Permission.FIGURES_READ}),
    }
)

#: The permissions that no token of a program may have: accounts, tokens and the audit log are for
#: people only, as a program that leaks its token must not make accounts, nor read who did what.
NOT_FOR_PROGRAMS = frozenset({Permission.AUDIT_READ, Permission.ACCOUNTS_MANAGE})
