"""Why what is accepted binds nothing in the latest plan."""

from collections.abc import Mapping, Set
from datetime import date
from enum import StrEnum

from db.connect import Pool
from db.scope.read_once import read_once
from db.statements import statements
from optimiser.depot.decision_key import LEAVING, DecisionKey
from optimiser.rounds.decisions import ACCEPTING, Status
from optimiser.rounds.proposals import Proposal, decided_proposals, proposed_changes
from register.inventory.since_round import RegisterState, stored_register
from register.vehicles import Ruling, Scope

SQL = statements("round")


class Unfit(StrEnum):
    """Why what was accepted in an earlier round binds nothing in this one."""

    NO_VEHICLE = "no_vehicle"
    MOVED = "moved"
    NO_DEPOT = "no_depot"
    #: It was ruled that the vehicle stays.
    RULED = "ruled"
    #: The vehicle leaves in another way, as when what was to replace it is not on offer.
    OTHERWISE = "otherwise"
    #: Its contract runs longer than when it was accepted.
    CONTRACT = "contract"
    #: A contract, a lack of data or a rule keeps it.
    BOUND = "bound"


@read_once
async def without_room(pool: Pool, scope: Scope | None) -> Mapping[DecisionKey, Unfit]:
    """The decisions that are accepted, not carried out, and not in the plan of the latest round,
    each with the reason; none where that is not known."""
    row = await pool.fetchrow(SQL["latest_done"])
    if row is None:
        return {}
    accepted = [
        one
        for one in await decided_proposals(pool, row["number"], scope)
        if one.is_change and one.status is Status.ACCEPTED
    ]
    if not accepted:
        return {}
    proposed = await proposed_changes(pool, row["round_id"], scope)
    present = {key for one in proposed for key in one.keys}
    lacking = [one for one in accepted if one.decision.key not in present]
    state = await stored_register(pool, row["round_id"]) if lacking else None
    found: dict[DecisionKey, Unfit] = {}
    for one in lacking:
        reason = None if state is None else unfit(one, state, present)
        if reason is not None:
            found[one.decision.key] = reason
    return found


def unfit(proposal: Proposal, state: RegisterState, proposed: Set[DecisionKey]) -> Unfit | None:
    """Why an accepted decision is not in the plan of a round that found the register in `state`,
    and that has `proposed` other decisions; None: it is not accepted, or what the register had is
    not known."""
    if not (proposal.verdict in ACCEPTING or proposal.approved) or not state.is_known:
        return None
    if proposal.parts:
        return next(filter(None, (unfit(one, state, proposed) for one in proposal.parts)), None)
    key = proposal.decision.key
    if key.action in LEAVING:
        vehicle = state.vehicles.get(key.subject)
        if vehicle is None:
            return Unfit.NO_VEHICLE
        if vehicle.facts.get("ruling") == Ruling.STAY:
            return Unfit.RULED
        end = proposal.decision.arrival
        if end is not None and vehicle.facts["depot_id"] == end.depot_id:
            return Unfit.MOVED
        if any(key.excludes(other) for other in proposed):
            return Unfit.OTHERWISE
        if _later(vehicle.facts.get("contract_end"), proposal.decision.contract_end):
            return Unfit.CONTRACT
    if proposal.depot_id not in {one.facts.get("depot_id") for one in state.vehicles.values()}:
        return Unfit.NO_DEPOT
    return Unfit.BOUND


def _later(end: str | None, accepted: date | None) -> bool:
    """Whether a contract with the `end` ends later than when its vehicle was `accepted` to go."""
    return end is not None and (accepted is None or date.fromisoformat(end) > accepted)
