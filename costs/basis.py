"""The basis of a calculation: the assumptions and the kinds of vehicle in the database.

The database keeps every change of both with who made it, and each round keeps a copy of its basis.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from costs.assumptions import Assumptions, Key, YearFigures
from costs.assumptions_stored import read_assumptions
from costs.catalogue import CatalogueKind, Stated
from costs.catalogue_stored import read_catalogue
from costs.kind_figures import KindFigures
from costs.ownership import kinds_figures, rule_figures
from db.connect import Pool
from db.statements import statements
from fleet.vehicle import Energy

SQL = statements("basis")


@dataclass(frozen=True)
class Basis:
    """Assumptions, the catalogue, and the year whose figures hold."""

    assumptions: Assumptions
    catalogue: Sequence[CatalogueKind]
    year: int

    @cached_property
    def figures(self) -> YearFigures:
        """The figures of the year."""
        return self.assumptions.at(self.year)

    @cached_property
    def kinds(self) -> Mapping[str, KindFigures]:
        """The kinds as the problem has them, by id."""
        return kinds_figures(self.catalogue, self.figures)

    @property
    def stated(self) -> list[str]:
        """Names of the kinds that take energy and whose cost the municipality states itself, so
        that the energy in it is not known apart."""
        return sorted(
            kind.name
            for kind in self.catalogue
            if isinstance(kind.figures, Stated) and kind.energy is not Energy.BICYCLE
        )

    @property
    def rules(self) -> dict[str, float]:
        """The rules that are assumptions; a file of rules may say otherwise."""
        return rule_figures(self.figures)

    def scaled(self, keys: Key | Iterable[Key], factor: float) -> "Basis":
        """The same basis with the values of some keys times `factor`."""
        return replace(self, assumptions=self.assumptions.scaled(keys, factor))


async def read_basis(pool: Pool, year: int) -> Basis:
    """The basis in force now, for a calculation of `year`."""
    return Basis((await read_assumptions(pool)), await read_catalogue(pool), year)


async def keep_basis(pool: Pool, round_id: int, basis: Basis) -> None:
    """Keep the basis of a round with it."""
    kinds = [kind.to_json() for kind in basis.catalogue]
    await pool.execute(SQL["keep"], round_id, basis.assumptions.to_json(), kinds)


async def kept_basis(pool: Pool, round_id: int) -> Basis | None:
    """The basis of a round; None before the round began, or if it kept none."""
    row = await pool.fetchrow(SQL["kept"], round_id)
    if row is None:
        return None
    kinds = [CatalogueKind.from_json(content) for content in row["kinds"]]
    return Basis(Assumptions.from_json(row["assumptions"]), kinds, row["period_last"].year)
