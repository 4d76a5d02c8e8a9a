"""The energy that a vehicle runs on, and which kinds of energy count as green."""

from enum import StrEnum


class Energy(StrEnum):
    """Energy source of a kind of vehicle, as the fleet file names it."""

    ELECTRIC = "electric"
    PETROL = "petrol"
    DIESEL = "diesel"
    HVO = "hvo"
    BIOGAS = "biogas"
    HYDROGEN = "hydrogen"
    BICYCLE = "bicycle"


#: The energies of kinds of which more may be bought under the DK2020 purchase policy
#: (`green_only_new`).
GREEN_ENERGIES: frozenset[Energy] = frozenset(
    {Energy.ELECTRIC, Energy.HYDROGEN, Energy.BIOGAS, Energy.BICYCLE}
)

#: The energies of motor vehicles that count as green: bicycles are no motor vehicles.
GREEN_MOTOR_ENERGIES: frozenset[Energy] = GREEN_ENERGIES - {Energy.BICYCLE}
