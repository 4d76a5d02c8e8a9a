"""The words for the register; see `words.vocabulary`."""

from collections.abc import Mapping
from enum import StrEnum

from api.pages.register.views import Notice, RegisterColumn, RegisterState
from api.pages.words.language import Language, mark
from api.pages.words.vocabulary import Labels, Vocabulary
from register.inventory.details import shown_plate
from register.inventory.list_fields import ListField
from register.inventory.list_rows import LeftOutReason
from register.inventory.list_values import ChosenSort

#: The words for the fields of a vehicle, which are also the headings of the exported list.
FIELD_LABELS: Mapping[StrEnum, str] = {
    ListField.ID: mark("Vehicle id"),
    ListField.PLATE: mark("Registration number"),
    ListField.NAME: mark("Name"),
    ListField.MAKE: mark("Make"),
    ListField.MODEL: mark("Model"),
    ListField.MODEL_YEAR: mark("Model year"),
    ListField.FIRST_REGISTERED: mark("First registration"),
    ListField.KIND: mark("Kind"),
    ListField.ENERGY: mark("Energy"),
    ListField.DEPARTMENT: mark("Department"),
    ListField.DEPOT: mark("Depot"),
    ListField.MEASURED_IN: mark("Measured in"),
    ListField.CONTRACT_START: mark("Contract begins"),
    ListField.CONTRACT_END: mark("Contract ends"),
    ListField.CONTRACT_KM: mark("Km allowed in the whole contract"),
    ListField.CONTRACT_KM_YEAR: mark("Km allowed a year"),
    ListField.COST_KR_YEAR: mark("Cost a year"),
    ListField.COST_KR_MONTH: mark("Cost a month"),
    ListField.SALE_VALUE_KR: mark("What a sale brings today"),
    ListField.EXIT_COST_KR: mark("What leaving the contract today costs"),
    ListField.MILEAGE_KM: mark("Odometer"),
    ListField.MILEAGE_DAY: mark("Odometer read on"),
}

LABELS: Labels = {
    Notice: {
        Notice.ADDED: mark("The vehicle is added."),
        Notice.CHANGED: mark("The entry is saved."),
        Notice.MANY_CHANGED: mark("The chosen vehicles are changed."),
        Notice.RETIRED: mark("The vehicle is retired. Its past stays."),
        Notice.RETIRES: mark(
            "The vehicle is in the fleet until the day on which it leaves. Its past stays."
        ),
        Notice.TAKEN_BACK: mark("The vehicle is in the fleet again."),
    },
    RegisterState: {
        RegisterState.PRESENT: mark("In the fleet"),
        RegisterState.ENDING: mark("Contract ends soon"),
        RegisterState.BEYOND: mark("Will drive more than allowed"),
        RegisterState.RETIRED: mark("Retired"),
        RegisterState.ALL: mark("All, also retired ones"),
    },
    RegisterColumn: {
        RegisterColumn.PLATE: mark("Registration number"),
        RegisterColumn.MODEL: mark("Make and model"),
        RegisterColumn.KIND: mark("Kind"),
        RegisterColumn.ENERGY: mark("Energy"),
        RegisterColumn.DEPARTMENT: mark("Department"),
        RegisterColumn.DEPOT: mark("Depot"),
        RegisterColumn.MODEL_YEAR: mark("Model year"),
        RegisterColumn.FIRST_REGISTERED: mark("First registration"),
        RegisterColumn.CONTRACT_END: mark("Contract ends"),
        RegisterColumn.ALLOWANCE: mark("Of the km allowed"),
        RegisterColumn.COST: mark("Cost a year"),
        RegisterColumn.MILEAGE: mark("Odometer"),
    },
    ListField: FIELD_LABELS,
    ChosenSort: {
        ChosenSort.KIND: mark("Kinds"),
        ChosenSort.DEPOT: mark("Depots"),
        ChosenSort.DEPARTMENT: mark("Departments"),
    },
    LeftOutReason: {
        LeftOutReason.TOTAL: mark("a row of sums"),
        LeftOutReason.SECTION: mark("the heading of a section"),
    },
}


def _plate(value: str, /, language: Language) -> str:
    """A registration number as people read it, which is the same in every language."""
    return shown_plate(value)


VOCABULARY = Vocabulary(labels=LABELS, filters={"plate": _plate})
