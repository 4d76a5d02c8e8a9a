"""How the sum of all that is accepted comes from the one of the latest round.

Follow-up counts whatever is accepted, in whichever round, with the figures on which people accepted
it, and as a budget has it. The pages of a round count what that round proposes, with its own
figures, and with the value of CO₂e.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from db.connect import Pool
from db.statements import statements
from optimiser.ledger.progress import proposals_of
from optimiser.ledger.stored import Ledger
from optimiser.rounds.proposals import Proposal, proposed_changes

SQL = statements("round")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """From what a round has accepted to what follow-up has, in kr. a year.

    Attributes:
        number, version: the latest version of the latest round.
        in_round, in_round_kr_year: the proposals of it that are accepted, as its pages count them.
        earlier, earlier_kr_year: the proposals that are accepted and counted beside these, as they
            were accepted.
        moved_kr_year: what those of the round saved more when they were accepted.
        co2_kr_year: the value of CO₂e in all of them, which nobody pays.
    """

    number: int
    version: int
    in_round: int
    in_round_kr_year: float
    earlier: int
    earlier_kr_year: float
    moved_kr_year: float
    co2_kr_year: float

    @property
    def paid_kr_year(self) -> float:
        """What follow-up has accepted, as a budget has it."""
        valued = self.in_round_kr_year + self.earlier_kr_year + self.moved_kr_year
        return valued - self.co2_kr_year


def bridge(number: int, version: int, proposals: Iterable[Proposal], ledger: Ledger) -> Bridge:
    """The bridge to a ledger from the changes that a version of a round proposes."""
    accepted = [one for one in proposals if one.is_change and one.accepted]
    keys = frozenset(key for one in accepted for key in one.keys)
    of_round = [row for row in ledger.rows if row.proposal.decision.key in keys]
    earlier = [
        row
        for row in ledger.rows
        if row.proposal.decision.key not in keys and row.progress.is_counted
    ]
    then = sum(row.proposal.decision.saving_kr_year for row in of_round)
    before = sum(row.proposal.decision.saving_kr_year for row in earlier)
    now = sum(one.decision.saving_kr_year for one in accepted)
    return Bridge(
        number=number,
        version=version,
        in_round=len(accepted),
        in_round_kr_year=now,
        earlier=proposals_of(row.progress for row in earlier),
        earlier_kr_year=before,
        moved_kr_year=then - now,
        co2_kr_year=then + before - ledger.account.accepted_kr_year,
    )


async def read_bridge(pool: Pool, ledger: Ledger) -> Bridge | None:
    """The bridge from the latest round to the ledger of all departments; None: there is no round,
    or nothing is accepted."""
    row = await pool.fetchrow(SQL["latest_done"])
    if row is None or not ledger.rows:
        return None
    proposals = await proposed_changes(pool, row["round_id"])
    return bridge(row["number"], row["version"], proposals, ledger)
