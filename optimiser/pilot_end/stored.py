"""Reads what the evaluation of the pilot needs of rounds and of the register."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from costs.kind_figures import KindFigures
from costs.own_cost import paid_fixed_kr_year
from db.connect import Pool
from db.statements import statements
from fleet.localtime import local_day
from fleet.period import Period
from optimiser.ledger.stored import Ledger
from optimiser.pilot_end.evaluation import Decided
from optimiser.rounds.decisions import Verdict
from optimiser.rounds.proposals import decided_proposals, proposed_changes
from register.municipality.closing_days import closed_between
from register.vehicles import Scope

SQL = statements("pilot_end")


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleCosts:
    """What a vehicle costs by itself, and the day of its first registration, where it is known.
    `came_on` is the day on which the register got it, where that was after the first round; None:
    that round had it."""

    cost_kr_year: float | None
    sale_value_kr: float | None
    contract_end: date | None
    first_registered: date | None
    came_on: date | None

    def paid_kr_year(self, kind: KindFigures) -> float:
        """What is paid for it a year without driving."""
        return paid_fixed_kr_year(kind, self.cost_kr_year, self.sale_value_kr, self.contract_end)

    def was_there(self, day: date) -> bool:
        """Whether it may have been in the fleet on a day, as it was registered by then, and did not
        come to the register since."""
        return all(first is None or first <= day for first in (self.first_registered, self.came_on))


async def first_round_period(pool: Pool) -> Period | None:
    """The days of which the first round of proposals is; None: none is done."""
    row = await pool.fetchrow(SQL["first_round"])
    if row is None:
        return None
    first, last = row["period_first"], row["period_last"]
    return Period(first, last, await closed_between(pool, first, last))


async def vehicle_costs(pool: Pool) -> Mapping[str, VehicleCosts]:
    """What each vehicle costs by itself, by its id; those that left the fleet are among them."""
    return {
        row["vehicle_id"]: VehicleCosts(
            cost_kr_year=row["cost_kr_year"],
            sale_value_kr=row["sale_value_kr"],
            contract_end=row["contract_end"],
            first_registered=row["first_registered"],
            came_on=None if row["came_at"] is None else local_day(row["came_at"]),
        )
        for row in await pool.fetch(SQL["vehicle_costs"])
    }


async def count_decided(pool: Pool, scope: Scope | None, ledger: Ledger) -> Decided:
    """The proposed changes that stand, by what is in force on them: those of the latest round, and
    those of earlier rounds that people decided on. What is accepted, done and late is what the
    `ledger` says of the same scope."""
    row = await pool.fetchrow(SQL["latest_round"])
    verdicts: dict[str, Verdict | None] = {}
    whole_of = {str(one.proposal.decision.key): one.proposal.decision.whole for one in ledger.rows}
    if row is not None:
        for whole in (
            *await proposed_changes(pool, row["round_id"], scope),
            *await decided_proposals(pool, row["number"], scope),
        ):
            # What is decided together is carried out vehicle by vehicle, as the ledger has it.
            for one in whole.singles:
                if one.is_change:
                    verdicts[str(one.decision.key)] = one.verdict
                    whole_of[str(one.decision.key)] = one.decision.whole
    accepted = {str(one.proposal.decision.key) for one in ledger.rows}
    others = {key: verdict for key, verdict in verdicts.items() if key not in accepted}
    rejected = sum(verdict is Verdict.REJECTED for verdict in others.values())
    return Decided(
        proposals=len(set(whole_of.values())),
        proposed=len(ledger.rows) + len(others),
        accepted=len(ledger.rows),
        rejected=rejected,
        open=len(others) - rejected,
        done=sum(one.progress.carried_on is not None for one in ledger.rows),
        late=len(ledger.account.late),
    )
