"""The columns of a list of vehicles, and the field that each is taken for by its heading. It is
pure."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from register.inventory.details import VehicleField


class ListField(StrEnum):
    """What a column of a list may hold: the id of a vehicle, a detail, or what leads to one."""

    ID = "vehicle_id"
    PLATE = "plate"
    NAME = "name"
    MAKE = "make"
    MODEL = "model"
    MODEL_YEAR = "model_year"
    FIRST_REGISTERED = "first_registered"
    KIND = "kind"
    #: The energy, which helps to tell the kind.
    ENERGY = "energy"
    DEPARTMENT = "department"
    DEPOT = "depot_id"
    MEASURED_IN = "measured_in"
    CONTRACT_START = "contract_start"
    CONTRACT_END = "contract_end"
    CONTRACT_KM = "contract_km"
    CONTRACT_KM_YEAR = "contract_km_year"
    COST_KR_YEAR = "cost_kr_year"
    COST_KR_MONTH = "cost_kr_month"
    SALE_VALUE_KR = "sale_value_kr"
    EXIT_COST_KR = "exit_cost_kr"
    MILEAGE_KM = "mileage_km"
    MILEAGE_DAY = "mileage_day"


#: The fields of which a list has at least one: they tell which vehicle a row is about.
IDENTIFYING = (ListField.ID, ListField.PLATE, ListField.NAME)

#: The field of a list from which each detail is read.
FIELD_OF_DETAIL: Mapping[VehicleField, ListField] = {
    detail: ListField(detail.value) for detail in VehicleField
}

#: The headings of each field, in small letters and without spaces and signs.
HEADINGS: Mapping[ListField, str] = {
    ListField.ID: "id vehicleid køretøjetsid køretøjsid køretøjsnr køretøjsnummer vognnr vognnummer"
    " bilnr bilnummer flådenr interntnr internnr maskinnr inventarnr aktivnr",
    ListField.PLATE: "regnr registreringsnummer registreringsnr regnummer nummerplade reg plade"
    " indregistreringsnummer plate registrationnumber licenceplate numberplate",
    ListField.NAME: "navn name køretøj vehicle betegnelse kaldenavn vogn bil",
    ListField.MAKE: "mærke fabrikat make brand bilmærke producent",
    ListField.MODEL: "model modelnavn variant",
    ListField.MODEL_YEAR: "årgang modelår modelyear årg fabrikationsår byggeår produktionsår",
    ListField.FIRST_REGISTERED: "1indreg 1reg 1registrering førsteregistrering firstregistered"
    " firstregistration indregistreret indreg registreringsdato",
    ListField.KIND: "type køretøjstype biltype kategori art kind vehicletype køretøjsart vogntype"
    " køretøjskategori biltypekategori",
    ListField.ENERGY: "drivmiddel brændstof energi drivkraft fuel energy",
    ListField.DEPARTMENT: "afdeling center forvaltning enhed område team sektion department afd"
    " organisation institution bruger",
    ListField.DEPOT: "depot placering lokation adresse hjemsted standplads standsted parkering"
    " lokalitet matrikel sted location garage plads parkeringsplads hørerhjemme hjemmehørende"
    " hjemme",
    ListField.MEASURED_IN: "målesi measuredin",
    ListField.CONTRACT_START: "leasingstart kontraktstart aftalestart leasingfra contractstart"
    " contractbegins kontraktenbegynder startdato kontraktbegynder",
    ListField.CONTRACT_END: "leasingudløb kontraktudløb udløb udløbsdato leasingslut leasingtil"
    " contractend contractends leaseend leaseends kontraktenudløber kontraktudløber slutdato",
    ListField.CONTRACT_KM: "aftaltkm tilladtkm kontraktkm leasingkm kilometerramme kmramme kmgrænse"
    " kmaftale aftaltekm contractkm allowedkm kmallowed kmikontrakten"
    " aftaltekmiheleaftalen kmallowedinthewholecontract",
    ListField.CONTRACT_KM_YEAR: "kmprår kmår kmårligt årligekm årligkm kmperyear kmallowedayear"
    " aftaltekmomåret",
    ListField.COST_KR_YEAR: "prisprår årligpris krprår leasingprår årligydelse årligomkostning"
    " costkryear costayear costperyear",
    ListField.COST_KR_MONTH: "ydelse leasingydelse månedligydelse prisprmd krprmd leasingprmd"
    " månedsydelse costamonth costpermonth",
    ListField.SALE_VALUE_KR: "salgsværdi salgspris restværdi bogførtværdi bogværdi værdi"
    " handelsværdi markedsværdi dagsværdi scrapværdi salesvalue salevalue bookvalue residualvalue"
    " whatasalebringstoday",
    ListField.EXIT_COST_KR: "udtrædelsesomkostning udtrædelsesomkostninger udtrædelsesgebyr"
    " udtrædelse opsigelsesgebyr opsigelsesomkostning ophørsgebyr ophævelsesgebyr afbrydelsesgebyr"
    " exitcost exitfee earlyexit whatleavingthecontracttodaycosts",
    ListField.MILEAGE_KM: "kmstand kilometerstand kmtal kilometertal tachometer odometer mileage"
    " mileagekm km kilometer kørtkm kørtekm kmkørt kmkørtialt",
    ListField.MILEAGE_DAY: "kmstanddato aflæst aflæsningsdato kmdato mileageday odometerreadon"
    " kmstandaflæst",
}

_KM_YEAR = ListField.CONTRACT_KM_YEAR

#: The parts of headings by which other headings are known, the surest first.
_PARTS: Sequence[tuple[ListField, str]] = (
    (ListField.MILEAGE_DAY, "km.*dato|dato.*km|aflæs"),
    (
        ListField.CONTRACT_KM_YEAR,
        "(km|kilometer).*år|årlige?(km|kilometer)"
        "|(aftal|tillad|kontrakt|leas|inkl|ramme).*år(s|lig|lige)?(kørsel|km|kilometer)",
    ),
    (ListField.SALE_VALUE_KR, "(salgs|rest|bog|bogført|handels|markeds|dags|scrap)værdi|salgspris"),
    (
        ListField.EXIT_COST_KR,
        "(udtræd|opsig|ophør|ophæv|afbryd|førtid).*(omkost|gebyr|pris|kr|beløb)"
        "|(gebyr|omkost|pris).*(udtræd|opsig|ophør|ophæv|afbryd|førtid)|indfrielse",
    ),
    (ListField.COST_KR_MONTH, "(ydelse|pris|kr|leje|omkost|leasing).*(md|måned)|mdl?ydelse"),
    (
        ListField.COST_KR_YEAR,
        "(ydelse|pris|kr|leje|omkost|udgift|leasing).*år"
        "|årlig.*(ydelse|pris|kr|leje|omkost|udgift|leasing|afgift|beløb)",
    ),
    (
        ListField.CONTRACT_KM,
        "(aftal|tillad|kontrakt|leas|inkl|ramme).*(km|kilometer)"
        "|(km|kilometer).*(aftal|tillad|kontrakt|leas|ramme|inkl)",
    ),
    (ListField.PLATE, "regnr|regnummer|registreringsn|nummerplade|indregn"),
    (ListField.FIRST_REGISTERED, "indreg|førstereg|1reg"),
    (ListField.CONTRACT_START, "(leas|kontrakt|aftale).*(start|begynd|fra)"),
    (ListField.CONTRACT_END, "udløb|udskift|(leas|kontrakt|aftale).*(slut|til|ophør)"),
    (ListField.MILEAGE_KM, "(km|kilometer).*(stand|tal|tæller)|odometer"),
    (ListField.MODEL_YEAR, "årgang|modelår"),
    (ListField.ENERGY, "drivmid|brændstof|drivkraft"),
    (ListField.KIND, "type|kategori"),
    (ListField.DEPARTMENT, "afdeling|center|forvaltning"),
    (ListField.DEPOT, "placering|lokation|depot|hjemsted|stand(plads|sted)|stationer|adresse"),
    (ListField.MAKE, "mærke|fabrikat"),
    (ListField.MODEL, "model"),
    (ListField.NAME, "navn|betegnelse"),
)


#: What a heading says of km that vehicles drive in a year, and what it says where they are those
#: that a contract allows.
_DRIVEN_IN_A_YEAR = re.compile(
    "(års?|årlige?)(kørsel|kørt)|kør(t|te|sel).*år|år.*kørt|faktiske?(km|kilometer).*år"
)
_ALLOWED = re.compile("aftal|tillad|kontrakt|leas|ramme|inkl|allowed|contract")


def letters_and_digits(text: str) -> str:
    """A text in small letters without spaces and signs, for comparing what people write."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def guess_fields(
    headings: Sequence[str], filled: Sequence[bool] | None = None
) -> dict[str, ListField]:
    """The field that each heading is taken for; a heading that tells nothing has none, and no field
    is taken twice. Nor is a column taken that is not `filled` (None: all are).

    Km a year are those that a contract allows where their heading says so, or the list has the days
    of contracts too: other lists mean the km that vehicles drive, of which the register has no
    field.
    """
    found: dict[str, ListField] = {}
    by_word = {word: field for field, words in HEADINGS.items() for word in words.split()}
    is_taken = [True] * len(headings) if filled is None else filled
    others = [
        one
        for one, taken in zip(headings, is_taken, strict=False)
        if taken and not _tells_driven_km(one)
    ]
    for heading in others:
        field = by_word.get(letters_and_digits(heading))
        if field is not None and field not in found.values():
            found[heading] = field
    for field, part in _PARTS:
        if field in found.values():
            continue
        free = (one for one in others if one not in found)
        first = next((one for one in free if re.search(part, letters_and_digits(one))), None)
        if first is not None:
            found[first] = field
    if not {ListField.CONTRACT_START, ListField.CONTRACT_END} <= set(found.values()):
        found = {
            one: field
            for one, field in found.items()
            if field is not _KM_YEAR or _ALLOWED.search(letters_and_digits(one))
        }
    return found


def tells_km_of_a_year(heading: str) -> bool:
    """Whether a heading is that of km a year, driven or allowed."""
    word = letters_and_digits(heading)
    part = next(part for field, part in _PARTS if field is _KM_YEAR)
    is_known = word in HEADINGS[_KM_YEAR].split() or re.search(part, word) is not None
    return is_known or _tells_driven_km(heading)


def _tells_driven_km(heading: str) -> bool:
    word = letters_and_digits(heading)
    return _DRIVEN_IN_A_YEAR.search(word) is not None and _ALLOWED.search(word) is None
