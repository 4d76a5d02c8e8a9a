"""Sign-in at the municipality's own provider: GET /sign-in/municipality leads there, and GET
/sign-in/municipality/back is where it sends people back to."""

import time
from collections.abc import Mapping

import structlog
from aiohttp import web
from yarl import URL

from access.openid.admission import come_in
from access.openid.departure import KEPT_CHARS_MAX, Departure
from access.openid.faults import OpenIdError, OpenIdFault
from access.openid.provider import OpenIdProvider
from access.openid.settings import openid_config
from api.door.cookies import BrowserCookie
from api.door.visitor import agent_of, source_of
from api.pages.access.views import SignInPage
from api.pages.access.visits import signed_in, visit_page
from api.pages.frame.context import CONTEXT
from api.pages.frame.redirect import is_local
from api.settings import Settings

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

LEAVE_PATH = "/sign-in/municipality"
BACK_PATH = "/sign-in/municipality/back"

#: The faults that are the provider's trouble; at all others nobody may come in.
_STATUS: Mapping[OpenIdFault, int] = {
    OpenIdFault.PROVIDER_AWAY: 503,
    OpenIdFault.PROVIDER_UNUSABLE: 502,
}

#: The provider of the settings. Without one people sign in with local accounts only.
OPENID: web.AppKey[OpenIdProvider] = web.AppKey("openid", OpenIdProvider)

#: What a browser keeps of a departure until its person comes back.
DEPARTURE_COOKIE = BrowserCookie("flaade_departure", chars_max=KEPT_CHARS_MAX)


def openid_provider(settings: Settings) -> OpenIdProvider | None:
    """The provider of the settings.

    Raises:
        SettingsError: a provider is named, but not all that a sign-in needs.
    """
    config = openid_config(settings, settings.pages_address + BACK_PATH)
    return None if config is None else OpenIdProvider(config)


async def leave_for_municipality(request: web.Request) -> web.StreamResponse:
    """Send the browser to the provider."""
    wanted = request.query.get("next", "/")
    wanted = wanted if is_local(wanted) else "/"
    try:
        departure, address = await _provider(request).departure(wanted)
    except OpenIdError as error:
        return _refused(request, error, wanted)
    # The one redirect to another server: its address comes from the settings, not from a request.
    answer = web.HTTPSeeOther(URL(address, encoded=True))
    DEPARTURE_COOKIE.put(request, answer, departure.kept())
    raise answer


async def come_back(request: web.Request) -> web.StreamResponse:
    """Let in who comes back from the provider, if all of it is right."""
    provider, kept = _provider(request), DEPARTURE_COOKIE.value(request)
    context = request.config_dict[CONTEXT]
    departure = None
    if kept is not None:
        departure = Departure.read(kept, time.time(), provider.config.sign_in_s)
    wanted = "/" if departure is None else departure.address
    try:
        token = await come_in(
            context.pool,
            provider,
            context.settings,
            departure,
            dict(request.query),
            source=source_of(request),
            agent=agent_of(request),
        )
    except OpenIdError as error:
        refusal = _refused(request, error, wanted)
        DEPARTURE_COOKIE.forget(request, refusal)
        return refusal
    answer = await signed_in(request, token, wanted)
    DEPARTURE_COOKIE.forget(request, answer)
    raise answer


def _provider(request: web.Request) -> OpenIdProvider:
    provider = request.config_dict.get(OPENID)
    if provider is None:
        raise web.HTTPNotFound
    return provider


def _refused(request: web.Request, error: OpenIdError, wanted: str) -> web.Response:
    """The page of sign-in, which says why, and lets local accounts in as before."""
    LOG.warning("the municipality's sign-in let nobody in", why=error.fault, detail=error.detail)
    view = SignInPage(next=wanted, refused=error.fault, at_municipality=True)
    return visit_page(request, view, status=_STATUS.get(error.fault, 403))
