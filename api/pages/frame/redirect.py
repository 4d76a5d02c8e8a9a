"""Redirects browsers to addresses of this server, and nowhere else."""

import re
from urllib.parse import unquote

from aiohttp import web
from yarl import URL

#: The spelling of a path, perhaps a query, and perhaps the id of a part of the page: no
#: space, control character or backslash as such, which browsers skip or take for a slash.
_SPELLING = re.compile(
    r"(/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)"
    r"(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
    r"(?:#[A-Za-z0-9_-]*)?"
)

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SPACE_OR_BACKSLASH = re.compile(r"[\x00-\x20\x7f\\]")


def is_local(address: str) -> bool:
    """Whether every browser takes `address` for a path of this server.

    An empty segment of the path, `.` or `..`, plain or encoded, is refused: browsers might read the
    next one as the name of another server. A name of a thing may have any other character, encoded:
    browsers leave a space or a backslash encoded after the first segment.
    """
    spelt = _SPELLING.fullmatch(address)
    if spelt is None:
        return False
    first, *others = parts = [unquote(part) for part in spelt[1].split("/")[1:]]
    return (
        "" not in parts[:-1]
        and not {".", ".."}.intersection(parts)
        and not any(_CONTROL.search(part) for part in others)
        and not _SPACE_OR_BACKSLASH.search(first)
    )


def see_other(address: str) -> web.HTTPSeeOther:
    """The redirect to an address of ours, which the caller raises. For an address elsewhere it
    leads to the front page."""
    # The address is encoded already: parsing it once more could change it after the check.
    return web.HTTPSeeOther(URL(address if is_local(address) else "/", encoded=True))
