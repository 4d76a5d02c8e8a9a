"""The cookies by which the server knows a browser again.

Both are out of reach of scripts, and are sent to this host only. A browser on this machine may
speak plain HTTP; from elsewhere they are sent over TLS only, and their names have the prefix by
which browsers let no other host set them.
"""

import secrets
from dataclasses import dataclass

from aiohttp import web

from api.door.guard import LOOPBACK_NAMES, host_name

#: More characters than most values of ours have; a longer one is none, and is not looked up.
VALUE_CHARS_MAX = 128


@dataclass(frozen=True, slots=True)
class BrowserCookie:
    """A cookie that lasts until the browser is closed."""

    name: str
    chars_max: int = VALUE_CHARS_MAX

    def value(self, request: web.Request) -> str | None:
        """What the browser sent."""
        value = request.cookies.get(self._name(request), "")
        return value if 0 < len(value) <= self.chars_max else None

    def put(self, request: web.Request, answer: web.StreamResponse, value: str) -> None:
        """Let the browser keep a value, in place of any that it has."""
        answer.set_cookie(
            self._name(request),
            value,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=needs_tls(request),
        )

    def forget(self, request: web.Request, answer: web.StreamResponse) -> None:
        """Let the browser forget the value."""
        answer.del_cookie(
            self._name(request),
            path="/",
            httponly=True,
            samesite="Lax",
            secure=needs_tls(request),
        )

    def _name(self, request: web.Request) -> str:
        return f"__Host-{self.name}" if needs_tls(request) else self.name


#: The token of the session of who signed in.
SESSION_COOKIE = BrowserCookie("flaade_session")

#: A value at random for who did not sign in, by which forms of the server are known again.
VISIT_COOKIE = BrowserCookie("flaade_visit")


def new_visit() -> str:
    """The value of `VISIT_COOKIE` for a browser that has none."""
    return secrets.token_urlsafe(32)


def needs_tls(request: web.Request) -> bool:
    """Whether cookies go over TLS only: everywhere but at a plain address of this machine."""
    return request.secure or host_name(request.host) not in LOOPBACK_NAMES
