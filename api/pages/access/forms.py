"""Reads the forms of sign-in, accounts and tokens; see `frame.forms`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from multidict import MultiDictProxy

from access.accounts import AccountError
from access.passwords import PasswordRefusedError
from access.roles import Role
from access.tokens import TokenError
from api.pages.access.labels import ACCOUNT_FAULTS, PASSWORD_FAULTS, TOKEN_FAULTS
from api.pages.frame.forms import FormError, day_in, enum_member, field_texts
from api.pages.words.language import mark
from fleet.actor import Permission

PASSWORD_MISSING = mark("Enter the password")
PASSWORDS_DIFFER = mark("The two passwords are not the same")
ROLE_MISSING = mark("Choose a role")
EMAIL_UNUSABLE = mark("That is no e-mail address. Write one such as navn@kommune.dk")
DAY_MISSING = mark("Choose the last day on which it works")
WAIT = mark("There were too many attempts. Wait a moment, and try again.")


def typed(fields: Mapping[str, Any], name: str) -> str:
    """A field as it was typed, spaces and all: they are part of a password."""
    text = fields.get(name)
    return text if isinstance(text, str) else ""


@dataclass(frozen=True, slots=True)
class NewPasswordForm:
    """A new password, which was typed twice."""

    password: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "NewPasswordForm":
        """Raises FormError; passwords are not among its values."""
        new, again = typed(fields, "new_password"), typed(fields, "again")
        if not new:
            raise FormError({}, {"new_password": PASSWORD_MISSING})
        if new != again:
            raise FormError({}, {"again": PASSWORDS_DIFFER})
        return cls(new)


def password_refusal(refused: PasswordRefusedError) -> dict[str, str]:
    """The error at the field of a new password."""
    return {"new_password": PASSWORD_FAULTS[refused.fault]}


@dataclass(frozen=True, slots=True)
class AccountForm:
    """The form of an account: its name, which a change leaves out, its role and departments."""

    name: str
    role: Role
    departments: frozenset[str]

    @classmethod
    def read(cls, fields: MultiDictProxy[Any]) -> "AccountForm":
        """Raises FormError."""
        values = field_texts(fields, ("name", "role"))
        role = enum_member(Role, values["role"])
        if role is None:
            raise FormError(values, {"role": ROLE_MISSING})
        # The boxes are a department head's: who gets another role loses their departments with it.
        departments = frozenset[str]()
        if role is Role.DEPARTMENT_HEAD:
            departments = chosen_in(fields, "department")
        return cls(values["name"], role, departments)

    def refused(self, error: AccountError) -> FormError:
        """The refusal of the form by the register of accounts."""
        field, text = ACCOUNT_FAULTS[error.fault]
        return FormError({"name": self.name, "role": self.role.value}, {field: text})


@dataclass(frozen=True, slots=True)
class TokenForm:
    """The form of a token: what it is for, what it may, and its last day."""

    label: str
    permissions: frozenset[Permission]
    ends_on: date

    @classmethod
    def read(cls, fields: MultiDictProxy[Any]) -> "TokenForm":
        """Raises FormError."""
        values = field_texts(fields, ("label", "ends_on"))
        ends_on = day_in(values["ends_on"])
        if ends_on is None:
            raise FormError(values, {"ends_on": DAY_MISSING})
        chosen = (enum_member(Permission, one) for one in chosen_in(fields, "permission"))
        return cls(values["label"], frozenset(one for one in chosen if one), ends_on)

    def refused(self, error: TokenError) -> FormError:
        """The refusal of the form by the register of tokens."""
        field, text = TOKEN_FAULTS[error.fault]
        return FormError({"label": self.label, "ends_on": self.ends_on.isoformat()}, {field: text})


def chosen_in(fields: MultiDictProxy[Any], name: str) -> frozenset[str]:
    """The values of the boxes that are ticked."""
    return frozenset(one for one in fields.getall(name, ()) if isinstance(one, str))
