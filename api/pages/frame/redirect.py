"""Where a page may send a browser: to addresses of this server, and nowhere else."""

import re
from urllib.parse import unquote

from aiohttp import web
from yarl import URL

#: A path and perhaps a query, spelt as an address has to be: no space, control character or
#: backslash, which browsers pass over or take for a slash.
_SPELLING = re.compile(
    r"(/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)"
    r"(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
)

_CONTROL_OR_BACKSLASH = re.compile(r"[\x00-\x20\x7f\\]")


def is_local(address: str) -> bool:
    """Whether `address` is a path of this server, and every browser takes it for one.

    A part of the path that is empty, `.` or `..`, as it stands or encoded, is refused: what follows
    might be read as another server's name.
    """
    spelt = _SPELLING.fullmatch(address)
    if spelt is None:
        return False
    *parts, last = (unquote(part) for part in spelt[1].split("/")[1:])
    return all(part not in ("", ".", "..") for part in parts) and not (
        last in (".", "..") or any(_CONTROL_OR_BACKSLASH.search(part) for part in (*parts, last))
    )


def see_other(address: str) -> web.HTTPSeeOther:
    """The redirect to an address of ours, to be raised; one that is not ours leads to the front."""
    # Encoded already: read and written once more, it might not stay what was checked.
    return web.HTTPSeeOther(URL(address if is_local(address) else "/", encoded=True))
