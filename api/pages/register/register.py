"""The pages of the register: GET /register, and the same vehicles as a file: GET
/register/export/{form}."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from aiohttp import web

from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.download import asked_format, table_download
from api.pages.frame.render import page
from api.pages.frame.views import Choice
from api.pages.register.forms import read_choice
from api.pages.register.labels import FIELD_LABELS
from api.pages.register.views import (
    Notice,
    RegisterChoice,
    RegisterColumn,
    RegisterPage,
    RegisterRow,
    RegisterState,
)
from api.pages.vehicles.labels import LABELS as VEHICLE_LABELS
from api.pages.words.language import Language, language_of, mark, translations
from fleet.localtime import local_now
from fleet.names.order import name_order
from fleet.vehicle import Energy
from register.inventory.allowance import allowance
from register.inventory.details import plain_plate
from register.inventory.list_export import EXPORTED, list_table
from register.inventory.stored import (
    RegisterChoices,
    RegisteredVehicle,
    register_choices,
    registered_vehicles,
)

REGISTER_SHEET_NAME = mark("Register")


#: The name of a kind that the product ships and the municipality does not have yet.
SHIPPED_KIND = mark("%(kind)s (of the catalogue that the system comes with)")


async def show_register(request: web.Request) -> web.StreamResponse:
    """Show the chosen vehicles of the register, a part of them at a time."""
    context = request.config_dict[CONTEXT]
    choice = read_choice(request.query)
    today = local_now().date()
    everything = await registered_vehicles(context.pool)
    found = chosen_rows(everything, choice, today, context.settings.contract_warning_days)
    choices = await register_choices(context.pool)
    return page(
        request,
        RegisterPage(
            part=asked_part(found, request.query, "/register", choice.pairs()),
            total=sum(one.is_in_fleet(today) for one in everything),
            choice=choice,
            departments=choices.departments,
            depots=depot_choices(choices),
            kinds=sorted(
                {Choice(one.details.kind, one.kind_name) for one in everything},
                key=lambda kind: name_order(kind.name),
            ),
            notice=notice_in_address(request, Notice),
        ),
    )


async def export_register(request: web.Request) -> web.StreamResponse:
    """Answer with the chosen vehicles as a file, which the import takes back."""
    context = request.config_dict[CONTEXT]
    form = asked_format(request.match_info["form"])
    today = local_now().date()
    everything = await registered_vehicles(context.pool)
    days = context.settings.contract_warning_days
    rows = chosen_rows(everything, read_choice(request.query), today, days)
    by_id = {one.vehicle_id: one for one in everything}
    say = translations(language_of(request)).gettext
    headings = {one: say(FIELD_LABELS[one]) if form.for_people else one.value for one in EXPORTED}
    energies = {one.value: say(text) for one, text in VEHICLE_LABELS[Energy].items()}
    table = list_table([by_id[row.vehicle_id] for row in rows], headings, energies)
    name = f"{say(REGISTER_SHEET_NAME).lower()}-{today}"
    return await table_download(request, table, form, name, say(REGISTER_SHEET_NAME))


def depot_choices(choices: RegisterChoices) -> list[Choice]:
    """The depots that a vehicle may belong to."""
    return [Choice(one.depot_id, one.name) for one in choices.depots]


def kind_choices(choices: RegisterChoices, language: Language) -> list[Choice]:
    """The kinds that a vehicle may have: the municipality's own, then those that the product ships,
    which say so."""
    shipped = translations(language).gettext(SHIPPED_KIND)
    return [
        *(Choice(one.kind, one.name) for one in choices.own_kinds),
        *(Choice(one.kind, shipped % {"kind": one.name}) for one in choices.other_kinds),
    ]


def chosen_rows(
    vehicles: Sequence[RegisteredVehicle],
    choice: RegisterChoice,
    today: date,
    warning_days: int,
) -> list[RegisterRow]:
    """The chosen vehicles in the chosen order."""
    rows = [register_row(one, today, warning_days) for one in vehicles]
    return _ordered([row for row in rows if _is_chosen(row, choice)], choice)


def register_row(one: RegisteredVehicle, today: date, warning_days: int) -> RegisterRow:
    """The row of a vehicle, which warns of a contract that ends within some days."""
    soon = today + timedelta(days=warning_days)
    ends = one.details.contract_end
    return RegisterRow(
        vehicle_id=one.vehicle_id,
        details=one.details,
        kind=one.kind_name,
        energy=one.energy,
        depot=one.depot_name,
        retired_at=one.retired_at,
        is_in_fleet=one.is_in_fleet(today),
        contract_ends_soon=ends is not None and ends <= soon,
        contract_has_ended=ends is not None and ends < today,
        allowance=allowance(one.details),
    )


def _is_chosen(row: RegisterRow, choice: RegisterChoice) -> bool:
    details = row.details
    is_beyond = row.allowance is not None and row.allowance.beyond_km > 0
    is_asked = {
        RegisterState.PRESENT: row.is_in_fleet,
        RegisterState.ENDING: row.is_in_fleet and row.contract_ends_soon,
        RegisterState.BEYOND: row.is_in_fleet and is_beyond,
        RegisterState.RETIRED: not row.is_in_fleet,
        RegisterState.ALL: True,
    }[choice.state]
    return (
        is_asked
        and choice.department in ("", details.department)
        and choice.depot in ("", details.depot_id)
        and choice.kind in ("", details.kind)
        and choice.energy in ("", row.energy)
        and _holds(row, choice.text)
    )


def _holds(row: RegisterRow, text: str) -> bool:
    """Whether a text stands in the words by which people look for a vehicle."""
    details = row.details
    words = (row.vehicle_id, details.name, row.make_and_model, details.department, row.depot)
    wanted = text.casefold()
    plate = plain_plate(text)
    is_plate = bool(plate) and plate in (details.plate or "")
    return is_plate or any(wanted in word.casefold() for word in words)


#: The value of each column by which the list is sorted.
_SORT_VALUES: Mapping[RegisterColumn, Callable[[RegisterRow], Any]] = {
    RegisterColumn.PLATE: lambda row: row.details.plate,
    RegisterColumn.MODEL: lambda row: row.make_and_model or None,
    RegisterColumn.KIND: lambda row: row.kind,
    RegisterColumn.ENERGY: lambda row: row.energy.value,
    RegisterColumn.DEPARTMENT: lambda row: row.details.department,
    RegisterColumn.DEPOT: lambda row: row.depot,
    RegisterColumn.MODEL_YEAR: lambda row: row.details.model_year,
    RegisterColumn.FIRST_REGISTERED: lambda row: row.details.first_registered,
    RegisterColumn.CONTRACT_END: lambda row: row.details.contract_end,
    RegisterColumn.ALLOWANCE: lambda row: (
        None if row.allowance is None else row.allowance.at_end_km / row.allowance.allowed_km
    ),
    RegisterColumn.COST: lambda row: row.details.cost_kr_year,
    RegisterColumn.MILEAGE: lambda row: row.details.mileage_km,
}


def _ordered(rows: Sequence[RegisterRow], choice: RegisterChoice) -> list[RegisterRow]:
    """Sort the rows. Values that are not known come last in either direction, and equal ones are
    sorted by name."""
    by_name = sorted(rows, key=lambda row: name_order(row.details.name))
    column = next((one for one in RegisterColumn if one == choice.sort), None)
    if column is None:
        return by_name[::-1] if choice.descending else by_name
    value = _SORT_VALUES[column]

    def key(row: RegisterRow) -> Any:
        found = value(row)
        return name_order(found) if isinstance(found, str) else found

    known = [row for row in by_name if value(row) is not None]
    unknown = [row for row in by_name if value(row) is None]
    return sorted(known, key=key, reverse=choice.descending) + unknown
