"""The addresses and words of sign-in, accounts and tokens."""

from api.door.needs import Welcome, get, post
from api.pages.access import accounts, links, mails, municipality, own_account, sign_in, tokens
from api.pages.access.labels import VOCABULARY
from api.pages.access.municipality import BACK_PATH, LEAVE_PATH
from api.pages.frame.subject import Subject
from fleet.actor import Permission

ACCESS = Subject(
    routes=(
        get("/sign-in", sign_in.show_sign_in, Welcome.ANYBODY),
        post("/sign-in", sign_in.enter, Welcome.ANYBODY),
        get(LEAVE_PATH, municipality.leave_for_municipality, Welcome.ANYBODY),
        get(BACK_PATH, municipality.come_back, Welcome.ANYBODY),
        post("/sign-out", sign_in.leave, Welcome.SIGNED_IN),
        get("/first-administrator", links.show_first_administrator, Welcome.ANYBODY),
        post("/first-administrator", links.make_first_administrator, Welcome.ANYBODY),
        get("/link", links.show_link, Welcome.ANYBODY),
        post("/link/enter", links.enter_once, Welcome.ANYBODY),
        post("/link/password", links.set_password, Welcome.ANYBODY),
        get("/account", own_account.show_own_account, Welcome.SIGNED_IN),
        post("/account/password", own_account.change_own_password, Welcome.SIGNED_IN),
        post("/account/sessions/end-others", own_account.end_others, Welcome.SIGNED_IN),
        post("/account/sessions/{session_id}/end", own_account.end_one_session, Welcome.SIGNED_IN),
        post("/account/email", mails.change_own_address, Welcome.SIGNED_IN),
        get("/accounts", accounts.show_accounts, Permission.ACCOUNTS_MANAGE),
        post("/accounts", accounts.add_account, Permission.ACCOUNTS_MANAGE),
        get("/accounts/{account_id}", accounts.show_account, Permission.ACCOUNTS_MANAGE),
        post("/accounts/{account_id}", accounts.change_account, Permission.ACCOUNTS_MANAGE),
        post("/accounts/{account_id}/link", accounts.make_link, Permission.ACCOUNTS_MANAGE),
        post("/accounts/{account_id}/close", accounts.close_account, Permission.ACCOUNTS_MANAGE),
        post("/accounts/{account_id}/reopen", accounts.reopen_account, Permission.ACCOUNTS_MANAGE),
        post("/accounts/{account_id}/email", mails.change_address, Permission.ACCOUNTS_MANAGE),
        get("/mails", mails.show_mails, Permission.ACCOUNTS_MANAGE),
        post("/mails/{mail_id}/again", mails.send_mail_again, Permission.ACCOUNTS_MANAGE),
        post("/mails/{mail_id}/drop", mails.drop_mail, Permission.ACCOUNTS_MANAGE),
        get("/tokens", tokens.show_tokens, Permission.ACCOUNTS_MANAGE),
        post("/tokens", tokens.make_token, Permission.ACCOUNTS_MANAGE),
        post("/tokens/{token_id}/end", tokens.end_token, Permission.ACCOUNTS_MANAGE),
    ),
    vocabulary=VOCABULARY,
)
