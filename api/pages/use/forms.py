"""Reads the forms and queries of the use of the fleet; see `frame.forms`."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.pages.frame.forms import DaysQuery
from api.pages.use.views import VehicleChoice


@dataclass(frozen=True, slots=True)
class UseQuery:
    """The query of GET /use: the vehicles and the days. A value that cannot be read counts as
    absent, since an address may be old or typed."""

    chosen: VehicleChoice
    days: DaysQuery

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "UseQuery":
        chosen = VehicleChoice(
            *(query.get(name) or None for name in ("department", "depot", "kind"))
        )
        return cls(chosen, DaysQuery.read(query))
