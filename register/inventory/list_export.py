"""The register as a table with the columns of a list, which an import takes back without a
change."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from register.inventory.details import VehicleField, shown_plate
from register.inventory.list_fields import ListField
from register.inventory.stored import RegisteredVehicle

#: The columns of the table, in their order.
EXPORTED: Mapping[ListField, pa.DataType] = {
    ListField.ID: pa.string(),
    ListField.PLATE: pa.string(),
    ListField.NAME: pa.string(),
    ListField.MAKE: pa.string(),
    ListField.MODEL: pa.string(),
    ListField.MODEL_YEAR: pa.int32(),
    ListField.FIRST_REGISTERED: pa.date32(),
    ListField.KIND: pa.string(),
    ListField.ENERGY: pa.string(),
    ListField.DEPARTMENT: pa.string(),
    ListField.DEPOT: pa.string(),
    ListField.CONTRACT_START: pa.date32(),
    ListField.CONTRACT_END: pa.date32(),
    ListField.CONTRACT_KM: pa.float64(),
    ListField.COST_KR_YEAR: pa.float64(),
    ListField.SALE_VALUE_KR: pa.float64(),
    ListField.EXIT_COST_KR: pa.float64(),
    ListField.MILEAGE_KM: pa.float64(),
    ListField.MILEAGE_DAY: pa.date32(),
}


def list_table(
    vehicles: Sequence[RegisteredVehicle],
    headings: Mapping[ListField, str],
    energies: Mapping[str, str],
) -> pa.Table:
    """The vehicles as a table. `headings` are those of the columns and `energies` the words for
    energies, in the reader's language.

    A kind or a depot is called by its name; where two have one name, by its id.
    """
    kinds = _names((one.details.kind, one.kind_name) for one in vehicles)
    depots = _names((one.details.depot_id, one.depot_name) for one in vehicles)

    def value(one: RegisteredVehicle, column: ListField) -> Any:
        match column:
            case ListField.ID:
                return one.vehicle_id
            case ListField.PLATE:
                return None if one.details.plate is None else shown_plate(one.details.plate)
            case ListField.KIND:
                return kinds[one.details.kind]
            case ListField.DEPOT:
                return depots[one.details.depot_id]
            case ListField.ENERGY:
                return energies[one.energy]
            case _:
                return one.details.of(VehicleField(column.value))

    columns = [
        pa.array([value(one, column) for one in vehicles], kind)
        for column, kind in EXPORTED.items()
    ]
    return pa.Table.from_arrays(columns, names=[headings[column] for column in EXPORTED])


def _names(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    by_id = dict(pairs)
    times = Counter(name.casefold() for name in by_id.values())
    return {one: name if times[name.casefold()] == 1 else one for one, name in by_id.items()}
