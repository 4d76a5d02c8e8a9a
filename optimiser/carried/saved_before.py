"""What the decisions of proposals saved in the round before, the same for who sees some of them
only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from db.connect import Pool
from db.scope.seen import unscoped
from db.statements import statements
from optimiser.depot.decision_key import DecisionKey
from optimiser.depot.decisions import Decision
from optimiser.rounds.proposals import Proposal
from optimiser.studies.read_bodies import decision_of

SQL = statements("round")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedBefore:
    """What the round before proposed of the decisions of a proposal.

    `parts` of its parts were proposed then, and saved `saving_kr_year` together; those that are not
    seen are among them, as they are in what the proposal saves. `by_key` has what each of those
    saved that are seen. `is_whole`: that round proposed the same decisions together.
    `is_alike`: as many vehicles of the same kinds came by those that are seen; else `other_kind` is
    the one by which its vehicle was replaced then, None where that was none.
    """

    saving_kr_year: float
    parts: int = 1
    by_key: Mapping[DecisionKey, float] = field(default_factory=dict[DecisionKey, float])
    is_whole: bool = True
    is_alike: bool = True
    other_kind: str | None = None


@unscoped
async def saved_before(
    pool: Pool, number: int, proposals: Iterable[Proposal]
) -> Mapping[int, SavedBefore]:
    """What the round before the one with a `number` proposed, in its latest version, of the
    decisions of some proposals, by the ids of these. A proposal of which it proposed nothing is not
    among them, nor is a vehicle that stays.

    Of decisions that are not seen only the sums are told in which those are that are seen.
    """
    row = await pool.fetchrow(SQL["round_before"], number)
    if row is None:
        return {}
    rows = await pool.fetch(SQL["changes_of"], row["round_id"])
    decisions = [decision_of(row["content"]) for row in rows]
    former: Mapping[DecisionKey, Decision] = {one.key: one for one in decisions}
    found = ((one.proposal_id, saved_in(former, one)) for one in proposals if one.is_change)
    return {proposal_id: one for proposal_id, one in found if one is not None}


def saved_in(former: Mapping[DecisionKey, Decision], proposal: Proposal) -> SavedBefore | None:
    """What a round that proposed the decisions `former` proposed of those of a proposal; None:
    nothing."""
    keys = proposal.whole_keys
    found = [former[key] for key in keys if key in former]
    if not found:
        return None
    now = {one.decision.key: one.decision for one in proposal.singles}
    seen = [one for one in found if one.key in now]
    others = [one for one in seen if not one.has_kind_of(now[one.key])]
    whole = found[0].bundle
    return SavedBefore(
        saving_kr_year=sum(one.saving_kr_year for one in found),
        parts=len(found),
        by_key={one.key: one.saving_kr_year for one in seen},
        is_whole=len(keys) == 1 or (whole is not None and set(whole.keys) == set(keys)),
        is_alike=not others and all(one.count == now[one.key].count for one in seen),
        other_kind=others[0].new_kind if others else None,
    )
