"""The addresses on a page that its visitor may request, so that the page shows no way that the door
refuses."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from access.roles import ROLE_PERMISSIONS, Role
from api.door.needs import Need, Welcome
from fleet.actor import Actor


class Reach:
    """Says of an address, as a page writes it, whom the door lets in.

    `needs` are those of an application, by method and path. They are looked at when the first page
    is drawn, and do not change any more then.
    """

    def __init__(self, needs: Mapping[tuple[str, str], Need]) -> None:
        self._needs = needs

    def lets_in(self, visitor: Actor | None, method: str, address: str) -> bool:
        """Whether a visitor may request an address; None: nobody is signed in.

        Raises:
            LookupError: there is no such address.
        """
        need = self.need(method, address)
        if need is Welcome.ANYBODY:
            return True
        return visitor is not None and (need is Welcome.SIGNED_IN or visitor.may(need))

    def roles(self, method: str, address: str) -> Sequence[Role]:
        """The roles that may request an address.

        Raises:
            LookupError: there is no such address.
        """
        need = self.need(method, address)
        return [
            role for role in Role if isinstance(need, Welcome) or need in ROLE_PERMISSIONS[role]
        ]

    def need(self, method: str, address: str) -> Need:
        """The need of an address.

        Raises:
            LookupError: there is no such address.
        """
        return self._needs[method, self.route(method, address)]

    def route(self, method: str, address: str) -> str:
        """The path of the route that answers at an address, such as `/vehicles/{vehicle_id}`. What
        is asked there (`?…`) does not matter.

        Raises:
            LookupError: there is no such address.
        """
        parts = address.partition("#")[0].partition("?")[0].split("/")
        for path in self._paths.get((method, len(parts)), ()):
            own = path.split("/")
            if all(
                one.startswith("{") or one == part for one, part in zip(own, parts, strict=True)
            ):
                return path
        raise LookupError(f"no page answers to {method} {address}")

    @cached_property
    def _paths(self) -> Mapping[tuple[str, int], Sequence[str]]:
        """The paths by method and number of parts. Those with most text of their own come first, as
        `/proposals/rounds` before `/proposals/{proposal_id}`."""
        found: dict[tuple[str, int], list[str]] = {}
        for method, path in sorted(self._needs, key=lambda one: one[1].count("{")):
            found.setdefault((method, path.count("/") + 1), []).append(path)
        return found
