"""The vehicles that the forms of purchases name, as people call them."""

from api.pages.frame.forms import FormError
from db.connect import Pool
from fleet.actor import Actor
from register.naming.look_up import FoundVehicle, found_vehicles, vehicle_called


async def named_vehicle(pool: Pool, actor: Actor, text: str | None) -> str | None:
    """The id of the vehicle that a text names, of those that the actor sees. Another text stays as
    it is: the act says what is wrong with it."""
    if text is None:
        return None
    return await vehicle_called(pool, text, actor.departments) or text


async def meant_vehicles(
    pool: Pool, actor: Actor, refused: FormError | None, field: str
) -> list[FoundVehicle]:
    """The vehicles that a refused text of a field may mean."""
    if refused is None or field not in refused.errors:
        return []
    return list(await found_vehicles(pool, refused.values.get(field, ""), actor.departments))
