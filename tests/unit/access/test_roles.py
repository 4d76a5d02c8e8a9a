"""What each role may, told once more by hand: a change of the table is to be meant."""

import pytest

from access.roles import NOT_FOR_PROGRAMS, ROLE_PERMISSIONS, Role
from fleet.actor import Permission

#: The roles that have each permission beside the administrator.
ALSO = {
    Permission.FIGURES_READ: {Role.FLEET_UNIT, Role.DEPARTMENT_HEAD, Role.READER},
    Permission.TRACKS_READ: {Role.FLEET_UNIT, Role.DEPARTMENT_HEAD},
    Permission.REGISTER_CHANGE: {Role.FLEET_UNIT},
    Permission.PRIVATE_CHANGE: {Role.FLEET_UNIT, Role.DEPARTMENT_HEAD},
    Permission.TELEMETRY_MANAGE: {Role.FLEET_UNIT},
    Permission.LOGS_IMPORT: {Role.FLEET_UNIT},
    Permission.COSTS_CHANGE: {Role.FLEET_UNIT},
    Permission.ROUNDS_REQUEST: {Role.FLEET_UNIT},
    Permission.PROPOSALS_DECIDE: {Role.FLEET_UNIT, Role.DEPARTMENT_HEAD},
    Permission.VEHICLES_REQUEST: {Role.FLEET_UNIT, Role.DEPARTMENT_HEAD},
    Permission.PURCHASES_DECIDE: {Role.FLEET_UNIT},
    Permission.PLAN_REPORT: {Role.FLEET_UNIT},
    Permission.PLAN_MANAGE: {Role.FLEET_UNIT},
    Permission.ACCOUNTS_MANAGE: set[Role](),
    Permission.AUDIT_READ: set[Role](),
}


def test_every_permission_is_decided_for_every_role() -> None:
    assert ALSO.keys() == set(Permission)
    assert ROLE_PERMISSIONS.keys() == set(Role)


@pytest.mark.parametrize("permission", Permission)
def test_who_has_a_permission(permission: Permission) -> None:
    have = {role for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions}
    assert have == ALSO[permission] | {Role.ADMINISTRATOR}


def test_no_program_makes_accounts() -> None:
    assert Permission.ACCOUNTS_MANAGE in NOT_FOR_PROGRAMS
