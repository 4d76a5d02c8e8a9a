"""The actor of an act: a person, a program, or a part of the system, with what it may do."""

from dataclasses import dataclass
from enum import StrEnum

from fleet.errors import ExpectedError


class Permission(StrEnum):
    """One thing that an account may be allowed. A role has some of them (`access.roles`), the token
    of a program names its own."""

    #: Figures of the fleet, of depots and vehicles, proposals and the plan: no single trip.
    FIGURES_READ = "figures:read"
    #: When and where a single vehicle drove, and files of trips.
    TRACKS_READ = "tracks:read"
    #: Vehicles, depots and zones, closing days, and what is settled about a vehicle's future.
    REGISTER_CHANGE = "register:change"
    #: Private time of vehicles.
    PRIVATE_CHANGE = "private:change"
    #: Trackers, their keys, and what was refused of their telemetry.
    TELEMETRY_MANAGE = "telemetry:manage"
    #: Driving logs.
    LOGS_IMPORT = "logs:import"
    #: Assumptions, capabilities and kinds of vehicle.
    COSTS_CHANGE = "costs:change"
    #: Rounds of proposals and their versions, and sending proposals to heads of departments.
    ROUNDS_REQUEST = "rounds:request"
    #: Proposals are accepted, rejected and questioned.
    PROPOSALS_DECIDE = "proposals:decide"
    #: A vehicle is asked for.
    VEHICLES_REQUEST = "vehicles:request"
    #: Requests for vehicles are answered, purchases recorded, and the principles of both changed.
    PURCHASES_DECIDE = "purchases:decide"
    #: How far milestones of plans are, and what is to be decided.
    PLAN_REPORT = "plan:report"
    #: Plans: documents are imported and confirmed, milestones given to owners and typed in.
    PLAN_MANAGE = "plan:manage"
    #: Accounts of people, and tokens of programs.
    ACCOUNTS_MANAGE = "accounts:manage"
    #: Who did and read what.
    AUDIT_READ = "audit:read"


class NotAllowedError(ExpectedError, PermissionError):
    """The actor may not do this. `permission` is the missing one; None where it is another
    department's."""

    def __init__(self, permission: Permission | None, message: str) -> None:
        super().__init__(message)
        self.permission = permission


class NobodyError(ExpectedError, ValueError):
    """An act names no actor."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a program, or a part of the system that acts by itself.

    `name` is stored with what the actor changes. `departments` are the only ones that the actor
    sees and acts for; None means all. `account_id` is that of a person who signed in, and `source`
    the network address that the act came from, where there is one.

    Raises:
        NobodyError: the name is empty.
    """

    name: str
    permissions: frozenset[Permission] = frozenset()
    departments: frozenset[str] | None = None
    account_id: int | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise NobodyError("say who does it: the name of who acts must not be empty")

    @classmethod
    def trusted(cls, name: str) -> "Actor":
        """Who may do everything: a part of the system, or a person at the machine itself, who could
        change the database as well.

        Raises:
            NobodyError: the name is empty.
        """
        return cls(name, frozenset(Permission))

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Every act begins with this.

        Raises:
            NotAllowedError: the actor lacks the permission.
        """
        if not self.may(permission):
            raise NotAllowedError(permission, f"{self} may not do this: it needs {permission}")

    def require_department(self, department: str) -> None:
        """Check that what is acted on belongs to a department of the actor's.

        Raises:
            NotAllowedError: it does not.
        """
        if self.departments is not None and department not in self.departments:
            raise NotAllowedError(None, f"{self} may not do this: it is of another department")

    def __str__(self) -> str:
        """The name that is stored with a change."""
        return self.name.strip()
