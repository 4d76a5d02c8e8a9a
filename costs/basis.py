"""The basis of a calculation: the assumptions and the kinds of vehicle in the database.

The database keeps every change of both with its actor, and each round keeps a copy of its basis.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import orjson

from costs.assumptions import Assumptions, FigureKey, YearFigures
from costs.assumptions_stored import read_assumptions
from costs.catalogue import CatalogueKind, StatedFigures, starter_catalogue
from costs.catalogue_stored import read_catalogue
from costs.kind_figures import KindFigures, LikePrice
from costs.measured_range import Level
from costs.measured_stored import measured_by_kind
from costs.ownership import assumed_rules, figures_by_kind, kind_figures
from db.connect import Pool
from db.scope.read_once import read_once
from db.statements import statements
from fleet.vehicle import Energy

SQL = statements("basis")


#: The stored bases that are remembered: those of a few rounds and of the version before each.
BASES_KEPT = 16


@dataclass(frozen=True, eq=False)
class Basis:
    """Assumptions, the catalogue, and the year whose figures hold. Each is equal to itself alone,
    so that what follows from it can be kept by it."""

    assumptions: Assumptions
    catalogue: Sequence[CatalogueKind]
    year: int

    @cached_property
    def figures(self) -> YearFigures:
        """The figures of the year."""
        return self.assumptions.at(self.year)

    @cached_property
    def priced_kinds(self) -> Mapping[str, KindFigures]:
        """The kinds by id, without the price of what is like one that has none: enough for what
        they cost, and half the work where a figure is moved."""
        return figures_by_kind(self.catalogue, self.figures)

    @cached_property
    def kinds(self) -> Mapping[str, KindFigures]:
        """The kinds as the problem has them, by id."""
        return {
            name: kind if kind.price_kr is not None else replace(kind, like=self._like(kind))
            for name, kind in self.priced_kinds.items()
        }

    @cached_property
    def _shipped(self) -> Sequence[tuple[KindFigures, LikePrice]]:
        """The shipped kinds that have a price, with their figures of the year."""
        return [
            (
                found,
                LikePrice(
                    name=kind.name, price_kr=found.price_kr, source=kind.source, year=kind.year
                ),
            )
            for kind in starter_catalogue()
            if (found := kind_figures(kind, self.figures)).price_kr is not None
        ]

    def _like(self, kind: KindFigures) -> LikePrice | None:
        """The price of the shipped kind of the same energy that offers the same, and of those the
        one whose yearly cost is nearest; None: there is none."""
        same = [
            (abs(found.fixed_kr_year - kind.fixed_kr_year), like.name, like)
            for found, like in self._shipped
            if found.energy is kind.energy and found.offers == kind.offers
        ]
        return min(same)[2] if same else None

    @property
    def stated(self) -> list[str]:
        """Names of the kinds that take energy and whose cost the municipality states as a whole.

        Nobody knows which part of such a cost is energy.
        """
        return sorted(
            kind.name
            for kind in self.catalogue
            if isinstance(kind.figures, StatedFigures) and kind.energy is not Energy.BICYCLE
        )

    @property
    def rules(self) -> dict[str, float]:
        """The rules that follow from assumptions; a file of rules overrides them."""
        return assumed_rules(self.figures)

    def scaled(self, keys: FigureKey | Iterable[FigureKey], factor: float) -> "Basis":
        """This basis with the values of some keys times `factor`."""
        return replace(self, assumptions=self.assumptions.scaled(keys, factor))


async def read_basis(pool: Pool, year: int) -> Basis:
    """The basis in force now, for a calculation of `year`.

    An electric kind has the range that its vehicles were measured to have, where enough is known.
    """
    assumptions = await read_assumptions(pool)
    measured = await measured_by_kind(pool, assumptions.at(year), Level.BATTERY)
    kinds = [
        replace(kind, measured=measured.get(kind.kind)) if kind.energy is Energy.ELECTRIC else kind
        for kind in await read_catalogue(pool)
    ]
    return Basis(assumptions, kinds, year)


async def store_basis(pool: Pool, round_id: int, basis: Basis) -> None:
    """Store the basis of a round with the round."""
    kinds = [kind.to_json() for kind in basis.catalogue]
    await pool.execute(SQL["store_basis"], round_id, basis.assumptions.to_json(), kinds)


@read_once
async def stored_basis(pool: Pool, round_id: int) -> Basis | None:
    """The basis that a round stored; None before the round began, or if it stored none."""
    row = await pool.fetchrow(SQL["stored_basis"], round_id)
    if row is None:
        return None
    return _basis_of(row["assumptions"], row["kinds"], row["period_last"].year)


@lru_cache(BASES_KEPT)
def _basis_of(assumptions: str, kinds: str, year: int) -> Basis:
    """The basis in its stored texts. The same texts are one basis, so that what follows from it is
    worked out once, and not on each page of its round."""
    catalogue = [CatalogueKind.from_json(content) for content in orjson.loads(kinds)]
    return Basis(Assumptions.from_json(orjson.loads(assumptions)), catalogue, year)
