"""The words of sign-in, accounts and tokens; see `words.vocabulary`."""

from collections.abc import Mapping

from access.accounts import AccountFault
from access.mail.outbox import MailState
from access.openid.faults import OpenIdFault
from access.passwords import PasswordFault
from access.tokens import TokenFault
from api.pages.access.agents import agent_words
from api.pages.access.views import Notice
from api.pages.words.language import Language, mark
from api.pages.words.vocabulary import Labels, Vocabulary

LABELS: Labels = {
    OpenIdFault: {
        OpenIdFault.PROVIDER_AWAY: mark(
            "The municipality's sign-in does not answer. Try again later, or sign in with a name "
            "and a password."
        ),
        OpenIdFault.PROVIDER_UNUSABLE: mark(
            "The municipality's sign-in answers in a way that cannot be used. The log of the "
            "server says why."
        ),
        OpenIdFault.PROVIDER_REFUSED: mark("The municipality's sign-in did not let you in."),
        OpenIdFault.NOT_BEGUN_HERE: mark(
            "The sign-in was not begun in this browser, or it took too long. Try again."
        ),
        OpenIdFault.CODE_REFUSED: mark(
            "The sign-in was used already, or it took too long. Try again."
        ),
        OpenIdFault.TOKEN_REFUSED: mark(
            "What the municipality's sign-in said of you is not valid. The log of the server says "
            "why."
        ),
        OpenIdFault.NO_GROUPS: mark(
            "The municipality's sign-in told no groups of you. Ask the people who manage it."
        ),
        OpenIdFault.NO_ROLE: mark(
            "None of your groups has access here. Ask the people who manage the municipality's "
            "sign-in."
        ),
        OpenIdFault.CLOSED: mark("Your account is closed here. Ask an administrator."),
    },
    Notice: {
        Notice.SESSION_OVER: mark(
            "You were signed in here, and are not any more: the time of the session was over, it"
            " was ended elsewhere, or what your account may was changed. Sign in again."
        ),
        Notice.SIGNED_OUT: mark("You are signed out."),
        Notice.PASSWORD_CHANGED: mark("The password is changed. Your other sessions have ended."),
        Notice.SESSION_ENDED: mark("The session has ended."),
        Notice.OTHERS_ENDED: mark("Your other sessions have ended."),
        Notice.ACCOUNT_CHANGED: mark("The account is changed. Its sessions have ended."),
        Notice.ACCOUNT_CLOSED: mark("The account is closed. Its sessions have ended."),
        Notice.ACCOUNT_REOPENED: mark("The account is open again."),
        Notice.TOKEN_ENDED: mark("The token has ended."),
        Notice.EMAIL_CHANGED: mark("The e-mail address is saved."),
        Notice.MAIL_AGAIN: mark("The mail is sent at the next turn, within a minute or two."),
        Notice.MAIL_DROPPED: mark("The mail is not sent."),
    },
    MailState: {
        MailState.WAITING: mark("Waits"),
        MailState.SENDING: mark("Is being sent"),
        MailState.SENT: mark("Sent"),
        MailState.UNCLEAR: mark("Unclear whether it arrived"),
        MailState.FAILED: mark("Could not be sent"),
        MailState.DROPPED: mark("Not to be sent"),
    },
}

#: Why a new password is not taken.
PASSWORD_FAULTS: Mapping[PasswordFault, str] = {
    PasswordFault.TOO_SHORT: mark("A password has at least 12 characters"),
    PasswordFault.TOO_LONG: mark("A password has at most 1,000 characters"),
    PasswordFault.TOO_SIMPLE: mark("A password has at least 5 different characters"),
    PasswordFault.IS_NAME: mark("Your name is no password, nor is it with a number"),
    PasswordFault.IS_SEQUENCE: mark(
        "Signs that follow or repeat each other, such as 123456789012, are no password"
    ),
    PasswordFault.IS_PRESENT: mark("That is the password you have: choose another one"),
}

#: The field at which an account is refused, and why.
ACCOUNT_FAULTS: Mapping[AccountFault, tuple[str, str]] = {
    AccountFault.NO_ACCOUNT: ("name", mark("There is no such account")),
    AccountFault.NAME_MISSING: ("name", mark("Enter a name")),
    AccountFault.NAME_TOO_LONG: ("name", mark("The name may be at most 128 characters")),
    AccountFault.NAME_UNUSABLE: (
        "name",
        mark("A name has no characters that nobody sees, and no colon"),
    ),
    AccountFault.NAME_TAKEN: ("name", mark("There is an account of this name already")),
    AccountFault.DEPARTMENTS_MISSING: (
        "departments",
        mark("Choose the departments of the department head"),
    ),
    AccountFault.DEPARTMENTS_UNUSED: (
        "departments",
        mark("Only a department head has departments"),
    ),
    AccountFault.DEPARTMENT_UNUSABLE: ("departments", mark("Choose at most 100 departments")),
    AccountFault.DEPARTMENT_UNKNOWN: (
        "departments",
        mark("No vehicle is of that department; choose one of these"),
    ),
    AccountFault.LAST_ADMINISTRATOR: (
        "role",
        mark("This is the last administrator: make another one first"),
    ),
    AccountFault.CLOSED: ("role", mark("The account is closed")),
    AccountFault.FROM_PROVIDER: (
        "role",
        mark("The municipality's sign-in says what this account may"),
    ),
}

#: The field at which a token is refused, and why.
TOKEN_FAULTS: Mapping[TokenFault, tuple[str, str]] = {
    TokenFault.NO_TOKEN: ("label", mark("There is no such token")),
    TokenFault.LABEL: ("label", mark("Write what the token is for, in at most 128 characters")),
    TokenFault.NO_PERMISSION: ("permissions", mark("Choose at least one thing that it may")),
    TokenFault.NOT_FOR_PROGRAMS: ("permissions", mark("One of these is not for programs")),
    TokenFault.ENDS_BEFORE_TODAY: ("ends_on", mark("Choose today or a later day")),
    TokenFault.ENDS_TOO_LATE: ("ends_on", mark("The day is later than the settings allow")),
}

BADGES: Labels = {
    MailState: {
        MailState.WAITING: "badge-neutral",
        MailState.SENDING: "badge-neutral",
        MailState.SENT: "badge-success",
        MailState.UNCLEAR: "badge-warning",
        MailState.FAILED: "badge-error",
        MailState.DROPPED: "badge-neutral",
    },
}


def _browser(agent: str, /, language: Language) -> str:
    """The browser and its system, whose names are the same in every language."""
    return agent_words(agent)


VOCABULARY = Vocabulary(labels=LABELS, badges=BADGES, filters={"browser": _browser})
