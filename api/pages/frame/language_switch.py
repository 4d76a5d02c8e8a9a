"""Switches the language of the pages."""

from typing import NoReturn

from aiohttp import web

from api.pages.frame.redirect import see_other
from api.pages.words.language import LANGUAGE_COOKIE, Language

COOKIE_SECONDS = 365 * 24 * 3600


async def switch_language(request: web.Request) -> NoReturn:
    """GET /language/{language}?next=/path: set the language in a cookie and go back."""
    code = request.match_info["language"]
    if code not in set(Language):
        raise web.HTTPNotFound
    answer = see_other(request.query.get("next", "/"))
    answer.set_cookie(
        LANGUAGE_COOKIE, code, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", path="/"
    )
    raise answer
