"""Sample views of sign-in, accounts and tokens."""

from dataclasses import replace
from datetime import date

from access.accounts import Account
from access.mail.outbox import Mail, MailState
from access.openid.faults import OpenIdFault
from access.roles import NOT_FOR_PROGRAMS, Role
from access.sessions import Session
from access.tokens import Token
from api.pages.access import views
from api.pages.frame.forms import Seen
from api.pages.frame.views import PageView
from fleet.actor import Permission
from tests.samples.parts import first_part
from tests.samples.places import NOW

HEAD = Account(
    account_id=2,
    name="Karen <Hjemmepleje>",
    role=Role.DEPARTMENT_HEAD,
    departments=frozenset({"Hjemmepleje Nord", "Hjemmepleje Syd"}),
    has_password=True,
    closed=False,
    signed_in_at=NOW,
)
NEW = Account(3, "Ny Bruger", Role.READER, frozenset(), False, False, None)
GONE = Account(4, "Fratrådt", Role.FLEET_UNIT, frozenset(), True, True, NOW)
FROM_PROVIDER = Account(
    *(
        5,
        "Afdelingen Nord (annha)",
        Role.DEPARTMENT_HEAD,
        frozenset({"Vej & Park"}),
        False,
        False,
        NOW,
    ),
    from_provider=True,
)
DEPARTMENTS = ("Hjemmepleje Nord", "Hjemmepleje Syd", "Vej & Park")
SESSIONS = (
    Session(7, HEAD, NOW, NOW, "10.1.2.3", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"),
    Session(8, HEAD, NOW, NOW, "10.1.2.4", ""),
)
TOKENS = (
    Token(
        token_id=1,
        label="Økonomi",
        permissions=frozenset({Permission.FIGURES_READ, Permission.PRIVATE_CHANGE}),
        ends_on=date(2027, 11, 20),
        made_by="Karen",
        made_at=NOW,
        last_used_at=NOW,
        ended_at=None,
        in_force=True,
    ),
    Token(
        token_id=2,
        label="Gammel",
        permissions=frozenset({Permission.TRACKS_READ}),
        ends_on=date(2026, 1, 1),
        made_by="Karen",
        made_at=NOW,
        last_used_at=None,
        ended_at=NOW,
        in_force=False,
    ),
)

#: Many tokens, each of which may all that a program may.
MANY_TOKENS = [
    replace(
        TOKENS[n % 2],
        token_id=n,
        permissions=frozenset(Permission) - NOT_FOR_PROGRAMS,
        last_used_at=NOW,
    )
    for n in range(60)
]

#: A mail in each state that the page shows.
MAILS = [
    Mail(
        mail_id=n,
        account_id=2,
        name="Karen <Hjemmepleje>",
        recipient="karen@kommune.dk",
        subject="Forslag <venter>",
        state=state,
        made_at=NOW,
        next_at=NOW,
        attempts=n,
        error=("", "550 5.1.1 <karen@kommune.dk> unknown", "Error connecting to smtp", "")[n],
    )
    for n, state in enumerate(
        (MailState.UNCLEAR, MailState.FAILED, MailState.WAITING, MailState.SENDING)
    )
]

OPENS = {
    permission: [
        views.OpenedAddress("GET", "/v1/vehicles", "The vehicles of the register"),
        views.OpenedAddress(
            "POST", "/v1/vehicles/{vehicle}/retire", "The vehicles of the register"
        ),
    ]
    for permission in Permission
    if permission not in NOT_FOR_PROGRAMS
}

ACCESS_PAGES: dict[str, PageView] = {
    "sign-in": views.SignInPage(next="/use?from=2026-01-01", notice=views.Notice.SIGNED_OUT),
    "sign-in-ended": views.SignInPage(next="/", notice=views.Notice.SESSION_OVER),
    "sign-in-wrong": views.SignInPage(next="/", name="Karen", wrong=True),
    "sign-in-wait": views.SignInPage(next="/", name="Karen", wait_s=30),
    "sign-in-nobody": views.SignInPage(next="/", nobody=True),
    "sign-in-municipality": views.SignInPage(
        next="/use?from=2026-01-01", at_municipality=True, refused=OpenIdFault.NO_ROLE
    ),
    "first-administrator": views.FirstAdministratorPage(
        token="t",
        values={"name": "Karen"},
        errors={"again": "The two passwords are not the same"},
    ),
    "link": views.LinkPage(token="t", name="Karen", has_password=True, may_enter=True),
    "link-new": views.LinkPage(
        token="t",
        name="Karen",
        has_password=False,
        may_enter=False,
        errors={"new_password": "A password has at least 12 characters"},
    ),
    "link-ended": views.LinkEndedPage(is_first=False, nobody=False),
    "first-link-ended": views.LinkEndedPage(is_first=True, nobody=False),
    "first-link-wrong": views.LinkEndedPage(is_first=True, nobody=True),
    "leaving": views.LeavingPage("https://login.example.dk/end?client_id=a&id_token_hint=b"),
    "own-account": views.OwnAccountPage(
        account=HEAD,
        session_id=7,
        part=first_part(
            [SESSIONS[0], *[replace(SESSIONS[1], session_id=n) for n in range(8, 40)]],
        ),
        sends_mail=True,
        errors={"password": "This is not your present password"},
    ),
    "own-account-demo": views.OwnAccountPage(
        account=NEW, session_id=7, part=first_part(SESSIONS[:1]), sends_mail=False
    ),
    "own-account-municipality": views.OwnAccountPage(
        account=FROM_PROVIDER, session_id=7, part=first_part(SESSIONS[:1]), sends_mail=False
    ),
    "accounts": views.AccountsPage(
        part=first_part((HEAD, NEW, GONE, FROM_PROVIDER) * 7),
        departments=DEPARTMENTS,
        unknown_of_groups=[("/dep/<park>", "Vej & Park")],
        unknown_of_accounts=[("Anna <b>Holm</b>", "Vej & Park")],
    ),
    "accounts-refused": views.AccountsPage(
        part=first_part((HEAD,)),
        departments=(),
        values={"name": "<b>Ny</b>", "role": "reader"},
        errors={"name": "There is an account of this name already"},
    ),
    "account": views.AccountPage(
        account=HEAD,
        seen=Seen(1),
        own=False,
        sends_mail=True,
        departments=DEPARTMENTS,
        chosen=HEAD.departments,
        values={"role": "department_head"},
        errors={"departments": "Choose the departments of the department head"},
        link="http://127.0.0.1:8080/link?token=abc",
        link_hours=72,
    ),
    "account-municipality": views.AccountPage(
        account=FROM_PROVIDER,
        seen=Seen(1),
        own=False,
        sends_mail=False,
        departments=DEPARTMENTS,
        chosen=FROM_PROVIDER.departments,
        values={"role": "department_head"},
    ),
    "account-closed": views.AccountPage(
        account=GONE,
        seen=Seen(1),
        own=False,
        sends_mail=False,
        departments=DEPARTMENTS,
        chosen=(),
        values={"role": "fleet_unit"},
        notice=views.Notice.ACCOUNT_CLOSED,
    ),
    "tokens": views.TokensPage(
        part=first_part(MANY_TOKENS),
        opens=OPENS,
        latest=date(2028, 11, 20),
        values={"ends_on": "2027-11-20"},
        errors={"permissions": "Choose at least one thing that it may"},
        made="abcdefghijklmnop",
    ),
    "mails": views.MailsPage(
        part=first_part(MAILS), sends_mail=True, notice=views.Notice.MAIL_AGAIN
    ),
    "mails-none": views.MailsPage(part=first_part(), sends_mail=False),
    "tokens-none": views.TokensPage(part=first_part(), opens=OPENS, latest=date(2028, 11, 20)),
}
