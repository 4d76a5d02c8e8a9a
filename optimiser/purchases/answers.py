"""The acts by which the fleet unit answers a request: it approves it, offers a vehicle of the
fleet, or refuses, each with a reason and the principle by which it was decided."""

from dataclasses import dataclass
from datetime import date

from db.audit.entry import Act
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.localtime import local_now
from fleet.vehicle import GREEN_ENERGIES, Energy
from optimiser.purchases.check import Check
from optimiser.purchases.faults import (
    Fault,
    FieldFault,
    FieldsRefusedError,
    OfferGoneError,
    OfferTakenError,
    text_faults,
)
from optimiser.purchases.principles import Principle
from optimiser.purchases.requests import RequestState, locked_request, record_request
from register.inventory.changes import lock_inventory

SQL = statements("purchase")

#: The vehicles that the audit log names which could have done it.
_NAMED_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of the fleet unit. `energy` is the one that is approved, `not_green` why it is none
    that is green, `vehicle_id` the vehicle that is offered."""

    state: RequestState
    reason: str
    principle: Principle
    energy: Energy | None = None
    not_green: str = ""
    vehicle_id: str | None = None


#: The states that an answer leads to.
ANSWERS = (RequestState.APPROVED, RequestState.OFFERED, RequestState.REFUSED)


@dataclass(frozen=True, slots=True)
class _Offered:
    """The vehicle that is offered, as who asked is told of it."""

    vehicle_id: str | None = None
    name: str = ""
    depot: str = ""


@unscoped
async def answer_request(
    pool: Pool,
    actor: Actor,
    request_id: int,
    answer: Answer,
    checked: Check,
    *,
    seen: int,
    measured_since: date,
) -> None:
    """Answer a request. `seen` is the revision that the actor saw, `checked` what the principles
    say of it now, and `measured_since` the first day of the use that it rests on: a vehicle that
    was offered after that day is not offered again, for its use does not tell of it.

    Raises:
        NoRequestError: there is no such request.
        RequestAnsweredError: somebody answered or withdrew it meanwhile.
        FieldsRefusedError: something of the answer cannot be.
        OfferGoneError: the vehicle left the fleet meanwhile, or is about to.
        OfferTakenError: it was offered to somebody else.
    """
    actor.require(Permission.PURCHASES_DECIDE)
    async with pool.acquire() as connection, connection.transaction():
        # Vehicles neither leave the fleet nor are offered twice while one is offered here.
        await lock_inventory(connection)
        row = await locked_request(connection, actor, request_id, seen)
        energy = answer.energy or Energy(row["energy"])
        if found := _faults(answer, energy):
            raise FieldsRefusedError(found)
        offered = _Offered()
        if answer.state is RequestState.OFFERED:
            offered = await _offered(
                connection, request_id, answer.vehicle_id, row["replaces"], measured_since
            )
        approved = energy.value if answer.state is RequestState.APPROVED else None
        not_green = answer.not_green.strip() if approved and energy not in GREEN_ENERGIES else ""
        await connection.execute(
            SQL["answer_request"],
            request_id,
            answer.state.value,
            answer.reason.strip(),
            answer.principle.value,
            approved,
            not_green,
            offered.vehicle_id,
            offered.name,
            offered.depot,
            checked.to_json(),
            str(actor),
        )
        content = {
            "state": answer.state.value,
            "answer": answer.reason.strip(),
            "principle": answer.principle.value,
            "approved_energy": approved,
            "not_green": not_green,
            "offered_name": offered.name,
        }
        await record_request(
            connection,
            actor,
            request_id,
            Act.ANSWERED,
            {name: value for name, value in content.items() if value},
            {"free_vehicles": [one.vehicle_id for one in checked.free[:_NAMED_MAX]]},
        )


def _faults(answer: Answer, energy: Energy) -> list[FieldFault]:
    found = text_faults("reason", answer.reason)
    if answer.state not in ANSWERS:
        found.append(FieldFault("state", Fault.UNKNOWN))
    if answer.state is RequestState.APPROVED:
        found += text_faults("not_green", answer.not_green, needed=False)
        if energy not in GREEN_ENERGIES and not answer.not_green.strip():
            found.append(FieldFault("not_green", Fault.SAY_WHY_NOT_GREEN))
    if answer.state is RequestState.OFFERED and not answer.vehicle_id:
        found.append(FieldFault("vehicle_id", Fault.EMPTY))
    return found


async def _offered(
    connection: PooledConnection,
    request_id: int,
    vehicle_id: str | None,
    replaces: str | None,
    measured_since: date,
) -> _Offered:
    """The vehicle that is offered, if it can be."""
    vehicle = await connection.fetchrow(SQL["vehicle"], vehicle_id)
    if vehicle is None:
        raise FieldsRefusedError([FieldFault("vehicle_id", Fault.UNKNOWN)])
    if vehicle_id == replaces:
        raise FieldsRefusedError([FieldFault("vehicle_id", Fault.REPLACED)])
    if vehicle["retired_at"] is not None:
        raise OfferGoneError(f"{vehicle['name']} leaves the fleet {vehicle['retired_at']}")
    end = vehicle["contract_end"]
    if end is not None and end <= local_now().date():
        raise FieldsRefusedError([FieldFault("vehicle_id", Fault.CONTRACT_OVER)])
    other = await connection.fetchval(
        SQL["offered_elsewhere"], vehicle_id, request_id, measured_since
    )
    if other is not None:
        raise OfferTakenError(vehicle["name"], other)
    return _Offered(vehicle["vehicle_id"], vehicle["name"], vehicle["depot_name"])
