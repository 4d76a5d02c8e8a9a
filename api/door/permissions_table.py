"""The table of every address of pages and interface, and of whom each lets in."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from access.roles import NOT_FOR_PROGRAMS, ROLE_PERMISSIONS, Role
from api.door.doorkeeper import INTERFACE_PREFIX
from api.door.needs import Need, Welcome


class Comer(StrEnum):
    """Who may come to an address, beside people with a role."""

    NOBODY = "nobody"
    #: A program whose token has every permission that a token may have.
    PROGRAM = "program"


class Answer(StrEnum):
    """How the door answers."""

    LET_IN = "yes"
    SIGN_IN = "sign-in"
    WHO_IS_IT = "401"
    REFUSED = "403"


def answer_to(comer: Role | Comer, method: str, path: str, need: Need) -> Answer:
    """How the door answers somebody at an address."""
    for_programs = path.startswith(INTERFACE_PREFIX)
    if need is Welcome.ANYBODY:
        return Answer.LET_IN
    if comer is Comer.PROGRAM and for_programs:
        return Answer.REFUSED if need in NOT_FOR_PROGRAMS else Answer.LET_IN
    if comer in (Comer.NOBODY, Comer.PROGRAM) or (for_programs and method != "GET"):
        return Answer.WHO_IS_IT if for_programs else Answer.SIGN_IN
    assert isinstance(comer, Role)
    may = need is Welcome.SIGNED_IN or need in ROLE_PERMISSIONS[comer]
    return Answer.LET_IN if may else Answer.REFUSED


def comers() -> tuple[Role | Comer, ...]:
    return (Comer.NOBODY, *Role, Comer.PROGRAM)


def permissions_table(needs: Mapping[tuple[str, str], Need]) -> str:
    """The table as a document in Markdown."""
    heads = ("method", "address", "asks for", *(one.value.replace("_", " ") for one in comers()))
    lines = [_line(heads), _line("---" for _ in heads)]
    for (method, path), need in sorted(needs.items(), key=lambda one: (one[0][1], one[0][0])):
        if path.startswith("/static/"):
            continue  # its address changes with the files
        answers = (answer_to(comer, method, path, need) for comer in comers())
        lines.append(_line((method, f"`{path}`", need.value, *answers)))
    return _HEAD + "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


_HEAD = """# Who may what

This table is made from the routes (`python -m tests.factories.permissions` writes it), and a test
requests each address as each of these. An address that is not declared with what it asks for
(`api/door/needs.py`) is refused to everybody.

- **yes**: the request reaches its handler; `HEAD` is answered as `GET` is.
- **sign-in**: a page that leads to sign-in. **401**: a program must show a token. **403**: a page,
  or an answer in JSON, that says what is missing.
- **department head**: of what is let in, only what belongs to the head's own departments.
- **program**: a token with every permission that a token may have. A session may read under `/v1/`,
  and changes nothing there.

"""
