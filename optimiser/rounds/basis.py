"""What a round rests on: its rules, assumptions and kinds as it kept them, and its odd trips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from costs.basis import Basis, stored_basis
from costs.basis_change import (
    FigureChange,
    KindChange,
    RuleChange,
    figure_changes,
    kind_changes,
    rule_changes,
)
from db.connect import Pool
from db.statements import statements
from fleet.period import Period
from fleet.saying import Saying
from optimiser.depot.part_plan import read_part_plan
from optimiser.rounds.data import period_of
from optimiser.rounds.named_trips import name_trips

SQL = statements("round")


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisChanges:
    """What a round rests on that another one did not."""

    rules: Sequence[RuleChange]
    figures: Sequence[FigureChange]
    kinds: Sequence[KindChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundBasis:
    """What a version of a round rests on, as it was then. `rules` are by name. `changes` are since
    the round `since`; both are None for the first."""

    number: int
    version: int
    requested_by: str
    requested_at: datetime
    period: Period
    rules: Mapping[str, Any]
    basis: Basis
    since: int | None
    changes: BasisChanges | None


async def read_round_basis(pool: Pool, round_id: int) -> RoundBasis | None:
    """What a round rests on; None when there is no such round, or it kept nothing."""
    row = await pool.fetchrow(SQL["basis_of"], round_id)
    basis = None if row is None else await stored_basis(pool, round_id)
    if row is None or basis is None:
        return None
    before = await pool.fetchrow(SQL["basis_before"], row["number"])
    return RoundBasis(
        number=row["number"],
        version=row["version"],
        requested_by=row["requested_by"],
        requested_at=row["requested_at"],
        period=await period_of(pool, row),
        rules=row["rules"],
        basis=basis,
        since=None if before is None else before["number"],
        changes=None if before is None else await changes_since(pool, before["round_id"], round_id),
    )


async def changes_since(pool: Pool, before_id: int, round_id: int) -> BasisChanges | None:
    """What a round rests on that the one before it did not; None where one of them kept nothing."""
    before = await pool.fetchrow(SQL["basis_of"], before_id)
    after = await pool.fetchrow(SQL["basis_of"], round_id)
    old, new = await stored_basis(pool, before_id), await stored_basis(pool, round_id)
    if before is None or after is None or old is None or new is None:
        return None
    return BasisChanges(
        rules=rule_changes(before["rules"], after["rules"]),
        figures=figure_changes(old.figures, new.figures),
        kinds=kind_changes((old.catalogue, old.kinds), (new.catalogue, new.kinds)),
    )


async def round_notes(pool: Pool, round_id: int) -> list[Saying]:
    """What the optimiser noted on the trips of a round, with those by name that are kept."""
    rows = await pool.fetch(SQL["part_plans"], round_id)
    notes = [note for row in rows for note in read_part_plan(row["part_plan"]).notes]
    return await name_trips(pool, notes)
