"""Finds vehicles by a part of what they are called, so that a form needs no menu of all of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from db.connect import Pool
from db.statements import statements

SQL = statements("vehicle")

#: The most vehicles that are found at once, and the most characters that are looked for.
FOUND_MAX = 12
TEXT_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVehicle:
    """A vehicle that is found, with what tells it from others. `tracker` sits in it now."""

    vehicle_id: str
    name: str
    depot_name: str
    tracker: str | None


async def found_vehicles(
    pool: Pool, text: str, departments: Collection[str] | None
) -> Sequence[FoundVehicle]:
    """The vehicles of the fleet whose name, registration number or id has a text in it, at most
    `FOUND_MAX`; a reader sees those of some `departments` only."""
    asked = text.strip()
    if not asked or len(asked) > TEXT_MAX or "\0" in asked:
        return []
    rows = await pool.fetch(SQL["found"], asked, _listed(departments), FOUND_MAX)
    return [
        FoundVehicle(
            vehicle_id=row["vehicle_id"],
            name=row["name"],
            depot_name=row["depot_name"],
            tracker=None if row["is_log"] else row["device"],
        )
        for row in rows
    ]


async def vehicle_called(pool: Pool, text: str, departments: Collection[str] | None) -> str | None:
    """The id of the vehicle of the fleet with this name, registration number or id; None where
    there is none. A name goes before an id, as it is what people are shown."""
    asked = text.strip()
    if not asked or len(asked) > TEXT_MAX or "\0" in asked:
        return None
    return await pool.fetchval(SQL["called"], asked, _listed(departments))


def _listed(departments: Collection[str] | None) -> list[str] | None:
    return None if departments is None else sorted(departments)
