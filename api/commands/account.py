"""Commands for accounts of people and tokens of programs."""

from datetime import datetime
from typing import Annotated

import typer

from access.accounts import (
    Account,
    account_named,
    accounts,
    add_account,
    close_account,
    reopen_account,
)
from access.links import new_link
from access.roles import NOT_FOR_PROGRAMS, Role
from access.tokens import end_token, new_token, tokens
from api.actors import AT_COMMAND_LINE
from api.commands.bounds import Commands
from api.commands.context import moment_text, open_database
from api.console import CommandError, out, print_remark, run_command, table_of
from api.door.link_addresses import link_address
from db.connect import Pool
from fleet.actor import Permission

Name = Annotated[str, typer.Argument(help="the name that the person signs in with")]

app = Commands(help="Accounts of people, and tokens of programs.")


@app.command("list")
def account_list() -> None:
    """The accounts: their role, whether a password is set, and the last sign-in."""

    async def work() -> None:
        async with open_database() as (pool, _):
            found = await accounts(pool)
        table = table_of("name", "role", "departments", "state", "signed in")
        for one in found:
            table.add_row(
                one.name,
                one.role.value,
                ", ".join(sorted(one.departments)),
                "closed" if one.closed else "open" if one.has_password else "no password yet",
                moment_text(one.signed_in_at),
            )
        out.print(table)

    run_command(work)


@app.command("add")
def account_add(
    name: Name,
    role: Annotated[Role, typer.Option(help="what the person may do")],
    department: Annotated[
        list[str] | None, typer.Option(help="a department of a department head; may be repeated")
    ] = None,
) -> None:
    """Make an account, and print a one-time link by which its person sets a password."""

    async def work() -> None:
        async with open_database() as (pool, settings):
            made = await add_account(pool, AT_COMMAND_LINE, name, role, frozenset(department or ()))
            link = await new_link(pool, AT_COMMAND_LINE, made.account_id)
        out.print(link_address(settings, link), soft_wrap=True)
        print_remark(f"{made.name} sets a password at this address; it works once")

    run_command(work)


@app.command("link")
def account_link(name: Name) -> None:
    """Print a one-time link by which a person signs in, or sets a new password."""

    async def work() -> None:
        async with open_database() as (pool, settings):
            link = await new_link(pool, AT_COMMAND_LINE, (await _named(pool, name)).account_id)
        out.print(link_address(settings, link), soft_wrap=True)

    run_command(work)


@app.command("close")
def account_close(name: Name) -> None:
    """Close an account: its person is signed out, and cannot sign in again."""

    async def work() -> None:
        async with open_database() as (pool, _):
            found = await _named(pool, name)
            await close_account(pool, AT_COMMAND_LINE, found.account_id)
        out.print(f"the account of {found.name} is closed")

    run_command(work)


@app.command("reopen")
def account_reopen(name: Name) -> None:
    """Open a closed account again: its person signs in with the password that it had."""

    async def work() -> None:
        async with open_database() as (pool, _):
            found = await _named(pool, name)
            await reopen_account(pool, AT_COMMAND_LINE, found.account_id)
        out.print(f"the account of {found.name} is open")

    run_command(work)


@app.command("token")
def account_token(
    label: Annotated[str, typer.Argument(help="what the token is for, to know it again")],
    scope: Annotated[
        list[str],
        typer.Option(
            help="what the program may do, such as figures:read; may be repeated. One of: "
            + ", ".join(sorted(set(Permission) - NOT_FOR_PROGRAMS))
        ),
    ],
    ends: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="its last day")],
) -> None:
    """Make a token for a program and print it, this once."""

    async def work() -> None:
        known = {one.value: one for one in Permission}
        for name in scope:
            if name not in known:
                scopes = ", ".join(sorted(set(Permission) - NOT_FOR_PROGRAMS))
                raise CommandError(f"there is no scope {name}; one of: {scopes}")
        permissions = frozenset(known[name] for name in scope)
        async with open_database() as (pool, _):
            token = await new_token(pool, AT_COMMAND_LINE, label, permissions, ends.date())
        out.print(token, soft_wrap=True)

    run_command(work)


@app.command("tokens")
def account_tokens() -> None:
    """The tokens of programs: what each may do, its last day, and when it was used last."""

    async def work() -> None:
        async with open_database() as (pool, _):
            found = await tokens(pool)
        table = table_of("number", "label", "scopes", "ends", "made by", "last used", "state")
        for one in found:
            table.add_row(
                str(one.token_id),
                one.label,
                ", ".join(sorted(one.permissions)),
                str(one.ends_on),
                one.made_by,
                moment_text(one.last_used_at),
                "works" if one.in_force else "ended",
            )
        out.print(table)

    run_command(work)


@app.command("revoke")
def account_revoke(
    number: Annotated[int, typer.Argument(help="the number of the token")],
) -> None:
    """End a token of a program; it stops working at once."""

    async def work() -> None:
        async with open_database() as (pool, _):
            await end_token(pool, AT_COMMAND_LINE, number)
        out.print("1 token revoked")

    run_command(work)


async def _named(pool: Pool, name: str) -> Account:
    """The account by this name.

    Raises:
        CommandError: nobody has one.
    """
    found = await account_named(pool, name)
    if found is None:
        raise CommandError(f"there is no account {name}")
    return found
