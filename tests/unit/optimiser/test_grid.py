"""What the grid connection of a depot costs is of the changes that need it."""

import pytest

from fleet.vehicle import Energy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision
from optimiser.studies.grid import GridNeed, grid_kr


def replaced(vehicle: str, energy: Energy) -> Decision:
    """A vehicle that gives way to a small electric one."""
    return Decision(
        key=DecisionKey(Action.REPLACE, vehicle),
        action=Action.REPLACE,
        depot_id="hall",
        vehicle_id=vehicle,
        energy=energy,
        new_kind="small",
        new_energy=Energy.ELECTRIC,
    )


@pytest.mark.parametrize(
    ("energies", "kr"),
    [
        # One charge point more: it is of the vehicle that burned petrol alone.
        ((Energy.ELECTRIC, Energy.PETROL, Energy.ELECTRIC), (0.0, 22_000.0, 0.0)),
        ((Energy.PETROL, Energy.PETROL), (11_000.0, 11_000.0)),
        # The new ones charge more than the old ones at once.
        ((Energy.ELECTRIC, Energy.ELECTRIC), (11_000.0, 11_000.0)),
    ],
)
def test_an_electric_vehicle_in_place_of_another_needs_no_more_of_the_grid(
    energies: tuple[Energy, ...], kr: tuple[float, ...]
) -> None:
    decisions = [replaced(f"v{number}", energy) for number, energy in enumerate(energies)]
    need = GridNeed(today_kw=33.0, unmanaged_kw=44.0, managed_kw=8.0)
    found = grid_kr(decisions, {"hall": need}, 2_000.0)
    assert [found[one.key] for one in decisions] == pytest.approx(kr)
