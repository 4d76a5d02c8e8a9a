"""The words for assumptions, lines of cost and what goes into them; see `words.vocabulary`."""

from collections.abc import Mapping

from api.pages.costs.views import Notice, Origin
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary, text_of
from costs.assumptions import Group, Key
from costs.limits import Limit
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
    Group: {
        Group.ENERGY_PRICE: mark("Prices of fuel and power"),
        Group.EMISSION: mark("CO₂e of fuel and power"),
        Group.CONSUMPTION: mark("From the maker's figures to real traffic"),
        Group.CHARGING: mark("Charging"),
        Group.FINANCE: mark("Method of calculation"),
        Group.MILEAGE: mark("The state's mileage rates"),
        Group.FALLBACK: mark("Trips that no vehicle can take"),
    },
    Key: {
        Key.PETROL_KR_L: mark("Petrol"),
        Key.DIESEL_KR_L: mark("Diesel"),
        Key.HVO_KR_L: mark("HVO diesel"),
        Key.BIOGAS_KR_KG: mark("Biogas"),
        Key.HYDROGEN_KR_KG: mark("Hydrogen"),
        Key.ELECTRICITY_KR_KWH: mark("Electricity"),
        Key.PETROL_TTW_KG_L: mark("Petrol, tank to wheel"),
        Key.PETROL_WTW_KG_L: mark("Petrol, well to wheel"),
        Key.DIESEL_TTW_KG_L: mark("Diesel, tank to wheel"),
        Key.DIESEL_WTW_KG_L: mark("Diesel, well to wheel"),
        Key.HVO_TTW_KG_L: mark("HVO diesel, tank to wheel"),
        Key.HVO_WTW_KG_L: mark("HVO diesel, well to wheel"),
        Key.BIOGAS_TTW_KG_KG: mark("Biogas, tank to wheel"),
        Key.BIOGAS_WTW_KG_KG: mark("Biogas, well to wheel"),
        Key.HYDROGEN_WTW_KG_KG: mark("Hydrogen, well to wheel"),
        Key.GRID_G_KWH: mark("Electricity from the Danish grid"),
        Key.PETROL_REAL_OVER_WLTP: mark("Real consumption, petrol"),
        Key.DIESEL_REAL_OVER_WLTP: mark("Real consumption, diesel"),
        Key.GAS_REAL_OVER_WLTP: mark("Real consumption, gas"),
        Key.ELECTRIC_REAL_OVER_WLTP: mark("Real consumption, electric"),
        Key.WINTER_RANGE_OVER_WLTP: mark("Range in winter, electric"),
        Key.CHARGE_POINT_KR: mark("Charge point, installed"),
        Key.CHARGE_POINT_YEARS: mark("Life of a charge point"),
        Key.CHARGE_POINT_KW: mark("Power of a charge point"),
        Key.DISCOUNT_RATE: mark("Discount rate"),
        Key.PERIOD_YEARS: mark("Evaluation period"),
        Key.CO2_KR_T: mark("Value of a tonne of CO₂e"),
        Key.WELL_TO_WHEEL: mark("How the proposals count CO₂e"),
        Key.SHOWN_KM_YEAR: mark("Km a year shown in the catalogue"),
        Key.MILEAGE_HIGH_KR_KM: mark("High rate; also the km of a trip that no vehicle can take"),
        Key.MILEAGE_LOW_KR_KM: mark("Low rate"),
        Key.MILEAGE_BICYCLE_KR_KM: mark("Bicycle"),
        Key.MILEAGE_BREAK_KM: mark("Where the low rate begins"),
        Key.FALLBACK_KR_TRIP: mark("Taxi or hire, each round trip"),
        Key.FALLBACK_L_KM: mark("Petrol for such a round trip"),
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

VOCABULARY = Vocabulary(labels=LABELS, filters={"formula": text_of(FORMULAS)})
