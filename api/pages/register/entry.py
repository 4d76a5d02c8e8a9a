"""The pages of a vehicle's entry in the register: GET and POST /register/new, GET and POST
/vehicles/{vehicle_id}/register, POST /vehicles/{vehicle_id}/retire and /take-back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FieldChange, FormError, Seen, field_texts, merged_form
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.register import views
from api.pages.register.fault_words import fault_text
from api.pages.register.forms import (
    EntryForm,
    detail_texts,
    entry_texts,
    fault_errors,
    read_day,
    said,
)
from api.pages.register.labels import FIELD_LABELS
from api.pages.register.register import depot_choices, kind_choices, register_row
from api.pages.register.views import HistoryEntry, Notice
from api.pages.words.cells import shown_cell
from api.pages.words.formats import Formats
from api.pages.words.language import Language, language_of, mark
from db.connect import Pool
from fleet.localtime import EARLIEST_DAY, LATEST_DAY, local_now
from optimiser.ledger.tasks import take_back_vehicle
from register.history import RegisterChange, RegisterSubject, register_changes
from register.inventory.allowance import allowance, odometer_falls
from register.inventory.changes import (
    RETIRED_AT,
    ChangedMeanwhileError,
    DetailsRefusedError,
    NewDepartmentError,
    PlateTakenError,
    RetiredDayError,
    add_vehicle,
    change_vehicle,
    plate_holder,
    retire_vehicle,
)
from register.inventory.contract_doubts import ContractDoubt, contract_doubt
from register.inventory.details import KR_FIELDS, VehicleDetails, VehicleField, faults
from register.inventory.list_fields import ListField
from register.inventory.list_rows import BadReason
from register.inventory.stored import (
    RegisterChoices,
    RegisteredVehicle,
    register_choices,
    registered_vehicle,
)
from register.vehicles import NoVehicleError

#: Changes of a vehicle that are shown, the latest first.
HISTORY_SHOWN = 50

#: The fields by which a contract is doubted.
_OF_CONTRACTS = frozenset({"contract_start", "contract_end", "exit_cost_kr"})

TRIP_CLASS_LABEL = mark("Class by which trips are found")
RETIRED_LABEL = mark("Retired from")
ADDED_LABEL = mark("Added to the register")
NOT_RETIRED = mark("in the fleet")
ODOMETER_FALLS = mark("The odometer goes down, from {stood} to {stands}. Is that right?")
CONTRACT_ENDED = mark(
    "The contract ended on {day}, and the vehicle is in the fleet. Is that right, or does it run"
    " on?"
)
EXIT_ALONE = mark(
    "What leaving the contract costs is given, but not when the contract ends: it counts for"
    " nothing. Is that right?"
)
DAY_MISSING = mark("Enter the day, such as 31.12.2026")
BEFORE_FIRST = mark("The vehicle was there on {day}: choose that day or a later one")

NEW_DEPARTMENT = mark("There is no department {department}. Is it a new one?")

#: The fields by which a visitor confirms that an odometer goes down, that a department is new, and
#: a contract that is odd.
ODOMETER_CONFIRMED = "odometer_confirmed"
DEPARTMENT_CONFIRMED = "department_confirmed"
CONTRACT_CONFIRMED = "contract_confirmed"

#: The fields that a new vehicle begins with.
_NEW: Mapping[str, str] = {"measured_in": "km"}


async def show_new_entry(request: web.Request) -> web.StreamResponse:
    """Show the form of a new vehicle."""
    return page(request, await _new_page(request, _NEW, {}))


async def add_entry(request: web.Request) -> web.StreamResponse:
    """Add the vehicle of the form, and go on to its entry."""
    language = language_of(request)
    fields = await read_form(request)
    try:
        form = EntryForm.read(fields, language)
        pool = request.config_dict[CONTEXT].pool
        await _refuse_wrong(pool, None, form, fields, language)
        is_new = bool(fields.get(DEPARTMENT_CONFIRMED))
        vehicle_id = await add_vehicle(pool, visitor(request), form.details, new_department=is_new)
    except (FormError, DetailsRefusedError, NewDepartmentError, PlateTakenError) as refused:
        errors = _errors(refused, language)
        return page(request, await _new_page(request, entry_texts(fields), errors), status=422)
    raise see_other(f"{_address(vehicle_id)}?done={Notice.ADDED}")


async def show_entry(request: web.Request) -> web.StreamResponse:
    """Show what is registered of a vehicle, with its history."""
    return page(request, await _entry_page(request))


async def change_entry(request: web.Request) -> web.StreamResponse:
    """Change the entry of a vehicle. Where somebody else changed it meanwhile, the form comes back
    with both changes."""
    language = language_of(request)
    fields = await read_form(request)
    vehicle_id = request.match_info["vehicle_id"]
    try:
        form = EntryForm.read(fields, language)
        context = request.config_dict[CONTEXT]
        pool = context.pool
        found = await registered_vehicle(pool, vehicle_id)
        if found is not None and (form.errors or found.revision == form.revision):
            await _refuse_wrong(pool, found, form, fields, language)
        is_new = bool(fields.get(DEPARTMENT_CONFIRMED))
        await change_vehicle(
            *(pool, visitor(request), vehicle_id, form.revision, form.details),
            new_department=is_new,
        )
    except NoVehicleError:
        raise web.HTTPNotFound from None
    except ChangedMeanwhileError as refused:
        shown = await _merged_page(request, fields, refused.present[0])
        return page(request, shown, status=409)
    except (FormError, DetailsRefusedError, NewDepartmentError, PlateTakenError) as refused:
        shown = await _entry_page(request, fields, _errors(refused, language))
        return page(request, shown, status=422)
    raise see_other(f"{_address(vehicle_id)}?done={Notice.CHANGED}")


async def retire_entry(request: web.Request) -> web.StreamResponse:
    """Retire a vehicle from the day of the form on."""
    language = language_of(request)
    since = read_day(field_texts(await read_form(request), ("since",))["since"])
    if since is None or not EARLIEST_DAY <= since <= LATEST_DAY:
        errors = {"since": said(language, DAY_MISSING)}
        return page(request, await _entry_page(request, None, errors), status=422)
    context, vehicle_id = request.config_dict[CONTEXT], request.match_info["vehicle_id"]
    try:
        await retire_vehicle(context.pool, visitor(request), vehicle_id, since)
    except NoVehicleError:
        raise web.HTTPNotFound from None
    except RetiredDayError as refused:
        day = Formats(language).day(refused.first)
        errors = {"since": said(language, BEFORE_FIRST).format(day=day)}
        return page(request, await _entry_page(request, None, errors), status=422)
    done = Notice.RETIRED if since <= local_now().date() else Notice.RETIRES
    raise see_other(f"{_address(vehicle_id)}?done={done}")


async def take_back_entry(request: web.Request) -> web.StreamResponse:
    """Take a retired vehicle back into the fleet."""
    context, vehicle_id = request.config_dict[CONTEXT], request.match_info["vehicle_id"]
    try:
        await take_back_vehicle(context.pool, visitor(request), vehicle_id)
    except NoVehicleError:
        raise web.HTTPNotFound from None
    except PlateTakenError as refused:
        errors = _errors(refused, language_of(request))
        return page(request, await _entry_page(request, None, errors), status=422)
    raise see_other(f"{_address(vehicle_id)}?done={Notice.TAKEN_BACK}")


def doubted_department(department: str, language: Language) -> str:
    """The question whether a department that no vehicle is of is a new one."""
    return said(language, NEW_DEPARTMENT).format(department=department)


def doubted_contract(
    before: VehicleDetails | None, after: VehicleDetails, today: date, language: Language
) -> str | None:
    """The question about a contract that is odd; None: there is none (`contract_doubt`), or what
    is wrong with the details is to be told first."""
    if faults(after, today):
        return None
    match contract_doubt(before, after, today):
        case ContractDoubt.ENDED:
            assert after.contract_end is not None, "what ended has an end"
            day = Formats(language).day(after.contract_end)
            return said(language, CONTRACT_ENDED).format(day=day)
        case ContractDoubt.EXIT_ALONE:
            return said(language, EXIT_ALONE)
        case None:
            return None


async def _refuse_wrong(
    pool: Pool,
    found: RegisteredVehicle | None,
    form: EntryForm,
    fields: Mapping[str, Any],
    language: Language,
) -> None:
    """Tell all at once what is wrong, and ask what a visitor has to confirm: an odometer that goes
    down, a new department, a contract that has ended, or the cost of leaving none. `found` is None
    for a new vehicle.

    Raises:
        FormError: something is wrong, or not confirmed yet.
    """
    formats, today = Formats(language), local_now().date()
    before, after = None if found is None else found.details, form.details
    doubts: dict[str, str] = {}
    # What is refused is not asked about, too.
    wrong = form.errors.keys()
    if before is not None and odometer_falls(before, after) and "mileage_km" not in wrong:
        stood, stands = (formats.km(one.mileage_km or 0.0) for one in (before, after))
        asked = said(language, ODOMETER_FALLS)
        doubts[ODOMETER_CONFIRMED] = asked.format(stood=stood, stands=stands)
    department = after.department
    known = set((await register_choices(pool)).departments)
    if before is not None:
        known.add(before.department)
    if department and known and department not in known and "department" not in wrong:
        doubts[DEPARTMENT_CONFIRMED] = doubted_department(department, language)
    if (found is None or found.is_in_fleet(today)) and not wrong & _OF_CONTRACTS:
        asked = doubted_contract(before, after, today, language)
        if asked is not None:
            doubts[CONTRACT_CONFIRMED] = asked
    errors = dict(form.errors)
    if found is None or found.is_in_fleet(today):
        vehicle_id = None if found is None else found.vehicle_id
        holder = await plate_holder(pool, vehicle_id, after.plate)
        if holder is not None:
            errors.setdefault("plate", _plate_taken(holder, language))
    if errors or not all(fields.get(confirmed) for confirmed in doubts):
        raise FormError(entry_texts(fields), errors | doubts)


def _address(vehicle_id: str) -> str:
    """The address of a vehicle's entry."""
    return f"/vehicles/{quote(vehicle_id, safe='')}/register"


def _errors(
    refused: FormError | DetailsRefusedError | NewDepartmentError | PlateTakenError,
    language: Language,
) -> Mapping[str, str]:
    match refused:
        case FormError():
            return refused.errors
        case DetailsRefusedError():
            return fault_errors(list(refused.faults), language)
        case NewDepartmentError():
            return {DEPARTMENT_CONFIRMED: doubted_department(refused.department, language)}
        case PlateTakenError():
            return {"plate": _plate_taken(refused.by_name, language)}


def _plate_taken(holder: str, language: Language) -> str:
    return fault_text(BadReason.TAKEN, {"vehicle": holder}, language)


async def _new_page(
    request: web.Request, values: Mapping[str, str], errors: Mapping[str, str]
) -> views.EntryPage:
    choices = await register_choices(request.config_dict[CONTEXT].pool)
    return views.EntryPage(
        vehicle_id=None,
        name="",
        revision=0,
        retired_at=None,
        is_in_fleet=True,
        today=local_now().date(),
        departments=choices.departments,
        depots=depot_choices(choices),
        kinds=kind_choices(choices, language_of(request)),
        allowance=None,
        history=[],
        row=None,
        values=values,
        seen=Seen(None),
        errors=errors,
    )


async def _entry_page(
    request: web.Request,
    fields: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> views.EntryPage:
    """The page of an entry; `fields` are those of a form that was refused."""
    found = await registered_vehicle(
        request.config_dict[CONTEXT].pool, request.match_info["vehicle_id"]
    )
    if found is None:
        raise web.HTTPNotFound
    own = detail_texts(found.details, language_of(request))
    if fields is None:
        return await _page_of(request, found, own, Seen(None, own), found.revision, errors or {})
    revision = field_texts(fields, ("revision",))["revision"]
    number = int(revision) if revision.isdecimal() and len(revision) < 10 else found.revision
    return await _page_of(
        request, found, entry_texts(fields), Seen.read(fields), number, errors or {}
    )


async def _merged_page(
    request: web.Request, fields: Mapping[str, Any], present: RegisteredVehicle
) -> views.EntryPage:
    """The page of an entry that somebody else changed while the form was open: what the visitor
    did not touch is as it is now, the rest as they wrote it."""
    language = language_of(request)
    now = detail_texts(present.details, language)
    form = merged_form(entry_texts(fields), Seen.read(fields).texts, now)
    meanwhile = [one for one in form.meanwhile if one.field in now]
    seen = Seen(None, now)
    return await _page_of(request, present, form.values, seen, present.revision, {}, meanwhile)


async def _page_of(
    request: web.Request,
    found: RegisteredVehicle,
    values: Mapping[str, str],
    seen: Seen,
    revision: int,
    errors: Mapping[str, str],
    meanwhile: Sequence[FieldChange] | None = None,
) -> views.EntryPage:
    context = request.config_dict[CONTEXT]
    choices = await register_choices(context.pool)
    today = local_now().date()
    changes = await register_changes(context.pool, RegisterSubject.VEHICLE, found.vehicle_id)
    language = language_of(request)
    return views.EntryPage(
        vehicle_id=found.vehicle_id,
        name=found.details.name,
        revision=revision,
        retired_at=found.retired_at,
        is_in_fleet=found.is_in_fleet(today),
        today=today,
        departments=choices.departments,
        depots=depot_choices(choices),
        kinds=kind_choices(choices, language_of(request)),
        allowance=allowance(found.details),
        history=[_entry(one, choices, language) for one in changes[:HISTORY_SHOWN]],
        row=register_row(found, today, context.settings.contract_warning_days),
        values=values,
        seen=seen,
        meanwhile=meanwhile
        and [one.worded(lambda text: _shown(text, choices, language)) for one in meanwhile],
        errors=errors,
        notice=notice_in_address(request, Notice),
    )


def _named(text: str, choices: RegisterChoices) -> str:
    """The name of a kind or a depot in place of its id; another text as it is."""
    kind = choices.kind(text)
    depot = next((one.name for one in choices.depots if one.depot_id == text), text)
    return depot if kind is None else kind.name


def _entry(one: RegisterChange, choices: RegisterChoices, language: Language) -> HistoryEntry:
    """A change of a vehicle in words. Of a new vehicle only that is said."""
    if one.content.get("added"):
        return HistoryEntry([FieldChange(said(language, ADDED_LABEL), "", "")], one.actor, one.at)
    changes: list[FieldChange] = []
    for name, value in one.content.items():
        if name == RETIRED_AT:
            shown = said(language, NOT_RETIRED) if value is None else shown_cell(value, language)
            changes.append(FieldChange(said(language, RETIRED_LABEL), "", shown))
        elif name in tuple(VehicleField):
            label = said(language, FIELD_LABELS[ListField(name)])
            is_kr = name in KR_FIELDS
            changes.append(FieldChange(label, "", _shown(value, choices, language, is_kr=is_kr)))
        else:
            changes.append(
                FieldChange(said(language, TRIP_CLASS_LABEL), "", _shown(value, choices, language))
            )
    return HistoryEntry(changes, one.actor, one.at)


def _shown(
    value: object, choices: RegisterChoices, language: Language, *, is_kr: bool = False
) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        formats = Formats(language)
        return formats.amount(value) if is_kr else formats.figure(value)
    return shown_cell(_named(str(value), choices), language)
