"""The words for assumptions, lines of cost and what goes into them; see `words.vocabulary`."""

from collections.abc import Mapping

from api.pages.costs.shipped_words import say_shipped, say_starter_kind
from api.pages.costs.views import Notice, Origin
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary, filter_of_texts
from costs.assumptions import FigureGroup, FigureKey
from costs.limits import Limit
from costs.own_cost import NoSale
from costs.ownership import CostInput, LineKey

LABELS: Labels = {
    Limit: {
        Limit.MAX_TRIP_KM: mark("Longest round trip"),
        Limit.MAX_DAY_KM: mark("Longest day"),
        Limit.WINDOW: mark("Hours of the day"),
    },
    Origin: {
        Origin.COMPUTED: mark("Computed from price and consumption"),
        Origin.STATED: mark("The municipality's own figures"),
    },
    FigureGroup: {
        FigureGroup.ENERGY_PRICE: mark("Prices of fuel and power"),
        FigureGroup.EMISSION: mark("CO₂e of fuel and power"),
        FigureGroup.CONSUMPTION: mark("From the maker's figures to real traffic"),
        FigureGroup.CHARGING: mark("Charging"),
        FigureGroup.FINANCE: mark("Method of calculation"),
        FigureGroup.MILEAGE: mark("The state's mileage rates"),
        FigureGroup.FALLBACK: mark("Trips that no vehicle can take"),
        FigureGroup.DEMAND: mark("Days that the data do not hold"),
    },
    FigureKey: {
        FigureKey.PETROL_KR_L: mark("Petrol"),
        FigureKey.DIESEL_KR_L: mark("Diesel"),
        FigureKey.HVO_KR_L: mark("HVO diesel"),
        FigureKey.BIOGAS_KR_KG: mark("Biogas"),
        FigureKey.HYDROGEN_KR_KG: mark("Hydrogen"),
        FigureKey.ELECTRICITY_KR_KWH: mark("Electricity"),
        FigureKey.PETROL_TTW_KG_L: mark("Petrol, tank to wheel"),
        FigureKey.PETROL_WTW_KG_L: mark("Petrol, well to wheel"),
        FigureKey.DIESEL_TTW_KG_L: mark("Diesel, tank to wheel"),
        FigureKey.DIESEL_WTW_KG_L: mark("Diesel, well to wheel"),
        FigureKey.HVO_TTW_KG_L: mark("HVO diesel, tank to wheel"),
        FigureKey.HVO_WTW_KG_L: mark("HVO diesel, well to wheel"),
        FigureKey.BIOGAS_TTW_KG_KG: mark("Biogas, tank to wheel"),
        FigureKey.BIOGAS_WTW_KG_KG: mark("Biogas, well to wheel"),
        FigureKey.HYDROGEN_WTW_KG_KG: mark("Hydrogen, well to wheel"),
        FigureKey.GRID_G_KWH: mark("Electricity from the Danish grid"),
        FigureKey.PETROL_REAL_OVER_WLTP: mark("Real consumption, petrol"),
        FigureKey.DIESEL_REAL_OVER_WLTP: mark("Real consumption, diesel"),
        FigureKey.GAS_REAL_OVER_WLTP: mark("Real consumption, gas"),
        FigureKey.ELECTRIC_REAL_OVER_WLTP: mark("Real consumption, electric"),
        FigureKey.WINTER_RANGE_OVER_WLTP: mark("Range in winter, electric"),
        FigureKey.WINTER_FIRST_MONTH: mark("First month of winter"),
        FigureKey.WINTER_LAST_MONTH: mark("Last month of winter"),
        FigureKey.MEASURED_KM_MIN: mark("Km in a season from which a measured range counts"),
        FigureKey.CHARGE_POINT_KR: mark("Charge point, installed"),
        FigureKey.CHARGE_POINT_YEARS: mark("Life of a charge point"),
        FigureKey.CHARGE_POINT_KW: mark("Power of a charge point"),
        FigureKey.GRID_KR_KW: mark("More power from the grid"),
        FigureKey.DISCOUNT_RATE: mark("Discount rate"),
        FigureKey.PERIOD_YEARS: mark("Evaluation period"),
        FigureKey.NOTICE_MONTHS: mark("Notice before a lease ends"),
        FigureKey.CO2_KR_T: mark("Value of a tonne of CO₂e"),
        FigureKey.WELL_TO_WHEEL: mark("How the proposals count CO₂e"),
        FigureKey.SHOWN_KM_YEAR: mark("Km a year shown in the catalogue"),
        FigureKey.MILEAGE_HIGH_KR_KM: mark(
            "High rate; also the km of a trip that no vehicle can take"
        ),
        FigureKey.MILEAGE_LOW_KR_KM: mark("Low rate"),
        FigureKey.MILEAGE_BICYCLE_KR_KM: mark("Bicycle"),
        FigureKey.MILEAGE_BREAK_KM: mark("Where the low rate begins"),
        FigureKey.FALLBACK_KR_TRIP: mark("Taxi or hire, each round trip"),
        FigureKey.FALLBACK_L_KM: mark("Petrol for such a round trip"),
        FigureKey.YEAR_OVER_PERIOD: mark("Trips of the year against those of the period"),
        FigureKey.SNOW_MORE_TRIPS: mark("Snow: more trips"),
        FigureKey.SNOW_MISSING: mark("Snow: vehicles missing"),
        FigureKey.SNOW_DAYS_YEAR: mark("Snow: days a year"),
        FigureKey.ELECTION_MORE_TRIPS: mark("Election: more trips"),
        FigureKey.ELECTION_MISSING: mark("Election: vehicles missing"),
        FigureKey.ELECTION_DAYS_YEAR: mark("Election: days a year"),
        FigureKey.ILLNESS_MORE_TRIPS: mark("Illness: more trips"),
        FigureKey.ILLNESS_MISSING: mark("Illness: vehicles missing"),
        FigureKey.ILLNESS_DAYS_YEAR: mark("Illness: days a year"),
    },
    NoSale: {
        NoSale.PAYMENT: mark(
            "It has a yearly payment of its own: it is leased or rented, and goes back."
        ),
        NoSale.CONTRACT: mark("It has a contract: it is leased or rented, and goes back."),
        NoSale.KIND: mark(
            "The yearly cost of its kind is taken as a lease, and what is leased goes back. If the "
            "municipality owns the vehicle, give it a kind with a price: it then costs its loss of "
            "value and interest a year, beside tax, insurance and service."
        ),
    },
    LineKey: {
        LineKey.DEPRECIATION: mark("Loss of value"),
        LineKey.INTEREST: mark("Interest"),
        LineKey.YEARLY: mark("Lease or yearly charge"),
        LineKey.TAX: mark("Owner's tax"),
        LineKey.INSURANCE: mark("Insurance"),
        LineKey.SERVICE: mark("Service, fixed"),
        LineKey.CHARGE_POINT: mark("Charge point"),
        LineKey.ENERGY: mark("Fuel or power"),
        LineKey.WEAR: mark("Service and tyres"),
        LineKey.STATED_FIXED: mark("Yearly cost, as stated"),
        LineKey.STATED_KM: mark("Cost of driving, as stated"),
    },
    CostInput: {
        CostInput.PRICE: mark("Price"),
        CostInput.RESIDUAL: mark("Left of the price"),
        CostInput.YEARLY: mark("Yearly amount"),
        CostInput.TAX: mark("Owner's tax"),
        CostInput.INSURANCE: mark("Insurance"),
        CostInput.SERVICE: mark("Service, fixed"),
        CostInput.SERVICE_KM: mark("Service and tyres"),
        CostInput.WLTP_USE: mark("Consumption, WLTP"),
        CostInput.REAL_USE: mark("Consumption, real traffic"),
        CostInput.CHARGE_POINTS: mark("Charge points per vehicle"),
        CostInput.STATED_FIXED: mark("Yearly cost"),
        CostInput.STATED_KM: mark("Cost of a km"),
        CostInput.KM_YEAR: mark("Km a year"),
    },
    Notice: {
        Notice.FIGURE_SAVED: mark("The figure is saved. The next round uses it."),
        Notice.FIGURE_OF_LATER_YEAR: mark(
            "The figure is saved. It does not hold yet: a round uses it when its trips are of that "
            "year or later."
        ),
        Notice.FIGURE_REPLACED: mark(
            "The figure is saved. A later one holds this year, which the next round uses."
        ),
        Notice.FIGURE_WITHDRAWN: mark("The figure is taken back. The earlier one holds again."),
        Notice.KIND_SAVED: mark("The kind is saved. The next round uses it."),
        Notice.KINDS_OFFERED: mark("The kinds are on offer. The next round may propose them."),
        Notice.CAPABILITIES_NAMED: mark("The names are saved. They are shown everywhere."),
    },
}

#: How each line of the cost is computed, in words.
FORMULAS: Mapping[LineKey, str] = {
    LineKey.DEPRECIATION: mark("(price − what is left of it) ÷ evaluation period"),
    LineKey.INTEREST: mark(
        "the equal yearly payment that covers price and interest, less the loss of value"
    ),
    LineKey.YEARLY: mark("as agreed"),
    LineKey.TAX: mark("as charged"),
    LineKey.INSURANCE: mark("as agreed"),
    LineKey.SERVICE: mark("as agreed"),
    LineKey.CHARGE_POINT: mark(
        "charge points × the equal yearly payment that covers one, with interest, over its life"
    ),
    LineKey.ENERGY: mark("km × consumption in real traffic × price"),
    LineKey.WEAR: mark("km × rate"),
    LineKey.STATED_FIXED: mark("as the municipality states it"),
    LineKey.STATED_KM: mark("km × rate"),
}

VOCABULARY = Vocabulary(
    labels=LABELS,
    filters={
        "formula": filter_of_texts(FORMULAS),
        "shipped": say_shipped,
        "starter_kind": say_starter_kind,
    },
)
