"""The vehicles that left the fleet, by which principle, and the act of saying so.

That a vehicle left is told by the register, and that it was handed over by the ledger; both are
read here and kept nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import asyncpg

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import refuse_unseen
from fleet.vehicle import Energy
from optimiser.purchases.faults import FieldsRefusedError, text_faults
from optimiser.purchases.principles import Principle, PrincipleRow
from register.vehicles import NoVehicleError

SQL = statements("purchase")


class Basis(StrEnum):
    """What tells by which principle a vehicle left."""

    #: Somebody said it.
    STATED = "stated"
    #: A proposal that was accepted is carried out.
    PROPOSAL = "proposal"
    #: A request in which it is replaced was approved.
    REQUEST = "request"
    #: It left when its contract ended.
    CONTRACT = "contract"
    UNSAID = "unsaid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """A vehicle that left. `left_on` is the day on which it is no longer in the register; None: it
    was `handed_over`, and the register has it still. `sale_value_kr` is what the register expected
    a sale to bring. `said` of a stated basis is the reason, with who gave it."""

    vehicle_id: str
    name: str
    department: str
    kind: str
    kind_name: str
    energy: Energy
    depot_name: str
    left_on: date | None
    handed_over: date | None
    contract_end: date | None
    sale_value_kr: float | None
    proposal_id: int | None
    request_id: int | None
    basis: Basis
    principle: Principle | None
    said: str
    actor: str | None
    at: datetime | None
    changes: int

    @property
    def day(self) -> date:
        day = self.left_on or self.handed_over
        assert day is not None, "it left, or was handed over"
        return day

    @property
    def days_early(self) -> int:
        """The days by which it left before its contract ended; 0: it did not."""
        if self.contract_end is None:
            return 0
        return max(0, (self.contract_end - self.day).days)


async def disposals(
    connection: Pool | PooledConnection, contract: PrincipleRow
) -> Sequence[Disposal]:
    """The vehicles that left, the latest first. `contract` is the principle of the contract's
    end."""
    rows = await connection.fetch(SQL["disposals"], None)
    return [_disposal(row, contract) for row in rows]


async def disposal_of(
    connection: Pool | PooledConnection, vehicle_id: str, contract: PrincipleRow
) -> Disposal | None:
    """One vehicle that left; None: there is none, it is in the fleet, or it may not be seen."""
    row = await connection.fetchrow(SQL["disposals"], vehicle_id)
    return None if row is None else _disposal(row, contract)


@unscoped
async def state_reason(
    pool: Pool,
    actor: Actor,
    vehicle_id: str,
    principle: Principle,
    reason: str,
    *,
    seen: int | None = None,
) -> None:
    """Say by which principle a vehicle left, and why. `seen` is how often that was said when the
    actor looked.

    Raises:
        NoVehicleError: there is no such vehicle, or it did not leave.
        ChangedSinceError: somebody else said it meanwhile.
        FieldsRefusedError: no reason is given.
    """
    actor.require(Permission.PURCHASES_DECIDE)
    if found := text_faults("reason", reason):
        raise FieldsRefusedError(found)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_disposals"])
        row = await connection.fetchrow(SQL["disposals"], vehicle_id)
        if row is None:
            raise NoVehicleError(vehicle_id)
        refuse_unseen(seen, row["changes"])
        said = (principle.value, reason.strip())
        if said == (row["principle"], row["reason"]):
            return
        await connection.execute(SQL["add_disposal_reason"], vehicle_id, *said, str(actor))
        content = {"principle": said[0], "reason": said[1]}
        before = {"principle": row["principle"], "reason": row["reason"]}
        await record(
            connection, actor, Act.CHANGED, Subject.DISPOSAL, vehicle_id, content, before=before
        )


def basis_of(
    *,
    stated: Principle | None,
    proposal_id: int | None,
    requested: Principle | None,
    contract_end: date | None,
    day: date,
    contract: PrincipleRow,
) -> tuple[Basis, Principle | None]:
    """What tells by which principle a vehicle left on a day, and that principle."""
    if stated is not None:
        return Basis.STATED, stated
    if proposal_id is not None:
        return Basis.PROPOSAL, None
    if requested is not None:
        return Basis.REQUEST, requested
    if (
        contract_end is not None
        and contract.holds(day.year)
        and day >= contract_end - timedelta(days=int(contract.figure))
    ):
        return Basis.CONTRACT, Principle.CONTRACT_END
    return Basis.UNSAID, None


def _disposal(row: asyncpg.Record, contract: PrincipleRow) -> Disposal:
    basis, principle = basis_of(
        stated=_principle(row["principle"]),
        proposal_id=row["proposal_id"],
        requested=_principle(row["request_principle"]),
        contract_end=row["contract_end"],
        day=row["retired_at"] or row["handed_over"],
        contract=contract,
    )
    return Disposal(
        vehicle_id=row["vehicle_id"],
        name=row["name"],
        department=row["department"],
        kind=row["kind"],
        kind_name=row["kind_name"],
        energy=Energy(row["energy"]),
        depot_name=row["depot_name"],
        left_on=row["retired_at"],
        handed_over=row["handed_over"],
        contract_end=row["contract_end"],
        sale_value_kr=row["sale_value_kr"],
        proposal_id=row["proposal_id"],
        request_id=row["request_id"],
        basis=basis,
        principle=principle,
        said=row["reason"] or "",
        actor=row["actor"],
        at=row["at"],
        changes=row["changes"],
    )


def _principle(text: str | None) -> Principle | None:
    return None if text is None else Principle(text)
