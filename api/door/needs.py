"""What each address asks of who comes to it, told where the address is declared.

An address without a need cannot be declared, so a new one is decided on by whoever adds it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web
from aiohttp.typedefs import Handler

from fleet.actor import Permission


class Welcome(StrEnum):
    """A need that no permission meets: it asks only who somebody is, or not even that."""

    #: Also who did not sign in.
    ANYBODY = "anybody"

    #: Who signed in, whatever their role.
    SIGNED_IN = "signed in"


Need = Permission | Welcome


@dataclass(frozen=True, slots=True)
class Route:
    """An address with its handler, and what it asks of who comes."""

    definition: web.RouteDef
    need: Need


#: The needs of an application by the method and the path of a route, such as
#: `("GET", "/vehicles/{vehicle_id}")`.
NEEDS: web.AppKey[dict[tuple[str, str], Need]] = web.AppKey("needs", dict)


def get(path: str, handler: Handler, need: Need) -> Route:
    return Route(web.get(path, handler), need)


def post(path: str, handler: Handler, need: Need) -> Route:
    return Route(web.post(path, handler), need)


def add_routes(app: web.Application, routes: Iterable[Route]) -> None:
    """Add addresses with their needs to an application that has not started."""
    for route in routes:
        for added in route.definition.register(app.router):
            resource = added.resource
            assert resource is not None, "a route that is declared by its path has a resource"
            declare(app, added.method, resource.canonical, route.need)


def declare(app: web.Application, method: str, path: str, need: Need) -> None:
    """Say what an address asks that was added without `add_routes`: files, and the telemetry of a
    room that knows no door."""
    app.setdefault(NEEDS, {})[method, path] = need


def need_of(request: web.Request) -> Need | None:
    """What the address of a request asks of who sent it; None where nobody said so."""
    resource = request.match_info.route.resource
    if resource is None:
        return None
    method = "GET" if request.method == "HEAD" else request.method
    return request.config_dict[NEEDS].get((method, resource.canonical))
