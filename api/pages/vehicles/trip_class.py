"""The view of the class by which a vehicle's trips are found, and the names of the classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.pages.words.language import mark
from trips.detect.parameters import TripParameters, parameters_by_class

#: The names of the classes of `trips/detect/vehicle_classes.toml`.
CLASS_NAMES: Mapping[str, str] = {
    "car": mark("Car"),
    "van": mark("Van"),
    "truck": mark("Lorry"),
    "refuse_truck": mark("Refuse lorry"),
    "street_sweeper": mark("Street sweeper"),
    "mower": mark("Mower"),
    "bicycle": mark("Bicycle"),
    "phone_app": mark("App on a phone"),
}


@dataclass(frozen=True, slots=True)
class TripClass:
    """The trip class of a vehicle; `own` is None where that of its kind holds. `refinding`: its
    trips are still those of another class, measure or depot."""

    own: str | None
    of_kind: str
    refinding: bool

    @property
    def name(self) -> str:
        return self._called(self.own or self.of_kind)

    @property
    def kind_name(self) -> str:
        return self._called(self.of_kind)

    @property
    def parameters(self) -> TripParameters | None:
        """The parameters of the class; None where the register names an unknown class, by which no
        trips are found."""
        return parameters_by_class().get(self.own or self.of_kind)

    @property
    def choices(self) -> Sequence[tuple[str, str, float]]:
        """Every class with its name, and the length of a stop that ends a trip."""
        return [
            (name, self._called(name), parameters.stop_s)
            for name, parameters in parameters_by_class().items()
        ]

    @staticmethod
    def _called(name: str) -> str:
        return CLASS_NAMES.get(name, name)
