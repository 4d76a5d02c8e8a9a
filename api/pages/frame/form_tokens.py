"""Draws the forms of the pages for their visit: none that the visitor may not send, and each with a
token. Refuses forms that come without theirs.

The token is made of what only the browser of the visit knows. So another site cannot write it into
a form of its own, and a form of another visit is none of this one.
"""

import hashlib
import hmac
import re

from aiohttp import web
from aiohttp.typedefs import Handler
from jinja2 import TemplateSyntaxError
from jinja2.ext import Extension

from api.door.doorkeeper import is_interface
from api.door.guard import READING_METHODS
from api.door.visitor import VISIT_SECRET
from api.pages.frame.form_body import read_form

#: The field of the token, and what a template calls its value.
FIELD = "form_token"

#: A form that changes something.
_FORM = re.compile(
    r'(?P<tag><form\b[^>]*?\bmethod="post" action="(?P<address>[^"]*)"[^>]*>)(?P<rest>.*?</form>)',
    re.DOTALL,
)

_POSTS = re.compile(r'<form\b[^>]*\bmethod="?post')


class FormsOfVisit(Extension):
    """Draws each form of a template that changes something only for a visitor who may send it, and
    adds the field of the token. So no form can be written without the two."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        drawn, forms = _FORM.subn(self._drawn, source)
        if forms != len(_POSTS.findall(source)):
            raise TemplateSyntaxError("a form begins with method and action", 1, name, filename)
        return drawn

    def _drawn(self, form: re.Match[str]) -> str:
        field = f'<input type="hidden" name="{FIELD}" value="{{{{ {FIELD} }}}}">'
        address = f"{{% set form_address %}}{form['address']}{{% endset %}}"
        shown = f"{form['tag']}{field}{form['rest']}"
        return f"{address}{{% if may_send(form_address) %}}{shown}{{% endif %}}"


def form_token(request: web.Request) -> str:
    """The token of the forms of a visit; empty where there is none, and with it no form."""
    secret = request.get(VISIT_SECRET)
    return "" if secret is None else token_of(secret)


def token_of(secret: str) -> str:
    """The token that is made of what only one browser knows."""
    return hmac.new(secret.encode(), b"the forms of a visit", hashlib.sha256).hexdigest()


@web.middleware
async def refuse_strange_forms(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A middleware that answers 403 to a form without the token of its visit."""
    is_form = request.method not in READING_METHODS and request.match_info.http_exception is None
    if is_form and not is_interface(request):
        sent = (await read_form(request)).get(FIELD)
        own = form_token(request)
        # Bytes, for a text that is compared may have ASCII only.
        if not (own and isinstance(sent, str) and hmac.compare_digest(sent.encode(), own.encode())):
            raise web.HTTPForbidden(text="the form is none of this visit: load its page anew\n")
    return await handler(request)
