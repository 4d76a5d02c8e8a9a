"""The views of the pages of sign-in, accounts and tokens; see `frame.views`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar

from access.accounts import Account
from access.mail.outbox import Mail
from access.openid.faults import OpenIdFault
from access.roles import Role
from access.sessions import Session
from access.tokens import Token
from api.pages.choices.list_parts import ListPart
from api.pages.frame.forms import FieldChange, Seen
from api.pages.frame.views import Section
from fleet.actor import Permission


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    SIGNED_OUT = "signed_out"
    #: As `api.door.doorkeeper.SESSION_OVER`.
    SESSION_OVER = "session_over"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a word of an address
    SESSION_ENDED = "session_ended"
    OTHERS_ENDED = "others_ended"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_REOPENED = "account_reopened"
    TOKEN_ENDED = "token_ended"  # noqa: S105 - a word of an address
    EMAIL_CHANGED = "email_changed"
    MAIL_AGAIN = "mail_again"
    MAIL_DROPPED = "mail_dropped"


# Sign-in: GET and POST /sign-in ----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage:
    """The form of sign-in. `next` is the page to go on to. `wait_s`: so many seconds must pass
    before the next attempt. `nobody`: there are no accounts yet. `at_municipality`: people may also
    sign in at the municipality's own provider, and `refused` is why that let nobody in."""

    template: ClassVar[str] = "access/sign_in.html"
    section: ClassVar[Section | None] = None

    next: str
    name: str = ""
    wrong: bool = False
    wait_s: int | None = None
    nobody: bool = False
    at_municipality: bool = False
    refused: OpenIdFault | None = None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class LeavingPage:
    """The page that goes on to the address at which who signed out here signs out of the
    municipality's provider, too."""

    template: ClassVar[str] = "access/leaving.html"
    section: ClassVar[Section | None] = None

    address: str


# Links: GET and POST /first-administrator, GET /link, POST /link/enter, POST /link/password ------


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAdministratorPage:
    """The form that makes the first administrator."""

    template: ClassVar[str] = "access/first_administrator.html"
    section: ClassVar[Section | None] = None

    token: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage:
    """What a one-time link offers to the person of an account: to choose a password, and where
    `may_enter` to sign in without."""

    template: ClassVar[str] = "access/link.html"
    section: ClassVar[Section | None] = None

    token: str
    name: str
    has_password: bool
    may_enter: bool
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class LinkEndedPage:
    """A one-time link has ended, or never was one. `is_first`: it was to make the first
    administrator; `nobody`: there are no accounts yet."""

    template: ClassVar[str] = "access/link_ended.html"
    section: ClassVar[Section | None] = None

    is_first: bool
    nobody: bool


# Own account: GET /account ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccountPage:
    """The page of the account of who is signed in, by the session `session_id`.
    `sends_mail`: there is a mail server."""

    template: ClassVar[str] = "access/own_account.html"
    section: ClassVar[Section | None] = None

    account: Account
    session_id: int
    part: ListPart[Session]
    sends_mail: bool
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None


# Accounts: GET and POST /accounts, GET and POST /accounts/{account_id} -------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsPage:
    """Every account, and the form for a further one. `unknown_of_groups` are the groups of the
    municipality's sign-in, and `unknown_of_accounts` the accounts, each with a department that it
    has and that no vehicle is of."""

    template: ClassVar[str] = "access/accounts.html"
    section: ClassVar[Section | None] = None

    part: ListPart[Account]
    departments: Sequence[str]
    unknown_of_groups: Sequence[tuple[str, str]] = ()
    unknown_of_accounts: Sequence[tuple[str, str]] = ()
    chosen: Collection[str] = ()
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def roles(self) -> Sequence[Role]:
        return tuple(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """One account, and the forms that change it. `link` is a new one-time link, which is shown
    once. `own`: it is that of the visitor. `sends_mail`: there is a mail server."""

    template: ClassVar[str] = "access/account.html"
    section: ClassVar[Section | None] = None

    account: Account
    seen: Seen
    own: bool
    departments: Sequence[str]
    chosen: Collection[str]
    sends_mail: bool
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    link: str | None = None
    link_hours: float = 0.0
    meanwhile: Sequence[FieldChange] | None = None
    notice: Notice | None = None

    @property
    def roles(self) -> Sequence[Role]:
        return tuple(Role)


# Mails: GET /mails -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MailsPage:
    """The mails that are not sent. `sends_mail`: there is a mail server."""

    template: ClassVar[str] = "access/mails.html"
    section: ClassVar[Section | None] = None

    part: ListPart[Mail]
    sends_mail: bool
    notice: Notice | None = None


# Tokens: GET and POST /tokens ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenedAddress:
    """An address of the interface, and what a program does there."""

    method: str
    path: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensPage:
    """Every token of a program, and the form for a further one. `opens` has what each permission
    opens in the interface, and only permissions that open something. `made` is the text of a new
    token, which is shown once."""

    template: ClassVar[str] = "access/tokens.html"
    section: ClassVar[Section | None] = None

    part: ListPart[Token]
    opens: Mapping[Permission, Sequence[OpenedAddress]]
    latest: date
    chosen: Collection[str] = ()
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    made: str | None = None
    notice: Notice | None = None
