"""The words of the end of the pilot; see `words.vocabulary`."""

from api.pages.pilot_end.views import Notice
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from optimiser.pilot_end.elsewhere import Elsewhere
from optimiser.pilot_end.evaluation import Outcome, Untold
from optimiser.pilot_end.figures import Measure
from optimiser.pilot_end.goals import Metric
from optimiser.pilot_end.measures import Doubt

LABELS: Labels = {
    Measure: {
        Measure.VEHICLES: mark("Vehicles"),
        Measure.GREEN: mark("of which green"),
        Measure.HEARD: mark("Vehicles that were heard"),
        Measure.KNOWN: mark("Vehicles whose use is known"),
        Measure.DAYS_WITH_DATA: mark("Days with data"),
        Measure.DAYS_USED_SHARE: mark("Working days on which they were used"),
        Measure.DAYS_USED: mark("Days of use a year"),
        Measure.HOURS: mark("Hours away a year"),
        Measure.KM: mark("Driven a year"),
        Measure.FIXED: mark("Paid a year for the vehicles"),
        Measure.DRIVING: mark("Paid a year for driving"),
        Measure.HIRED: mark("Taxi, hire and own car a year"),
        Measure.PAID: mark("Paid a year together"),
        Measure.CO2: mark("CO₂e a year"),
        Measure.CO2_VALUE: mark("Value of the CO₂e a year, which nobody pays"),
    },
    Doubt: {
        Doubt.NO_BEFORE: mark("There are no trips yet."),
        Doubt.NO_AFTER: mark("There are no data after the period before yet."),
        Doubt.OVERLAP: mark("The two periods have days in common."),
        Doubt.BACKWARDS: mark(
            "The period after lies before the period before: the differences tell of nothing that"
            " the pilot did."
        ),
        Doubt.SHORT: mark("A period is shorter than four weeks: it says little of a year."),
        Doubt.SEASONS: mark(
            "The periods are of different seasons: what differs may be the season, not the pilot."
        ),
        Doubt.FEW_KNOWN_BEFORE: mark("Too few vehicles are known in the period before."),
        Doubt.FEW_KNOWN_AFTER: mark("Too few vehicles are known in the period after."),
        Doubt.HIRED_UNKNOWN: mark(
            "What taxi, hire and own car came to is not known in both periods, and is not in what"
            " is paid together."
        ),
    },
    Untold: {
        Untold.NOTHING_ACCEPTED: mark("No proposal is accepted yet."),
        Untold.OF_ALL: mark("The goal is of the whole municipality, and not of your departments."),
        Untold.NOTHING_BEFORE: mark("There was nothing before that could become less."),
    },
    Outcome: {
        Outcome.REACHED: mark("Reached"),
        Outcome.NOT_REACHED: mark("Not reached"),
        Outcome.NOT_YET: mark("Not reached yet"),
        Outcome.UNKNOWN: mark("Cannot be told"),
    },
    Metric: {
        Metric.FEWER_VEHICLES: mark("Fewer vehicles"),
        Metric.LOWER_COST: mark("Lower cost"),
        Metric.LOWER_CO2: mark("Less CO₂e"),
        Metric.COVERAGE: mark("Vehicles whose use is known"),
        Metric.USE: mark("Working days on which they are used"),
        Metric.CARRIED_OUT: mark("Accepted proposals that are carried out"),
        Metric.SAVED_KR: mark("Saved a year by what is carried out, in DKK"),
        Metric.SAVED_CO2: mark("Saved a year by what is carried out, in tonnes of CO₂e"),
    },
    Elsewhere: {
        Elsewhere.AARHUS_ROUTES: mark(
            "Aarhus: the routes of 26 per cent of the fleet, simulated with other fleets"
        ),
        Elsewhere.AARHUS_VEHICLES: mark(
            "Aarhus: 300 vehicles of two departments, analysed by Teknologisk Institut"
        ),
        Elsewhere.FREDERICIA: mark(
            "Fredericia: the most that all measures together could save, 2010 to 2011"
        ),
        Elsewhere.BORNHOLM: mark(
            "Bornholm: a budgeted saving of DKK 2.2 million in 2025 did not come, as the"
            " vehicles had not become fewer and electric by then"
        ),
        Elsewhere.SYDDJURS: mark(
            "Syddjurs, before it had a system: 4.4 million km a year in more than 200 vehicles, and"
            " 3.1 million km in employees' own cars"
        ),
    },
    Notice: {
        Notice.GOAL_STATED: mark("The goal is stated."),
        Notice.GOAL_CHANGED: mark("The goal is saved."),
        Notice.GOAL_REMOVED: mark("The goal is removed."),
        Notice.PLAN_CHOSEN: mark("The plan is saved."),
    },
}

BADGES: Labels = {
    Outcome: {
        Outcome.REACHED: "badge-success",
        Outcome.NOT_REACHED: "badge-error",
        Outcome.NOT_YET: "badge-info",
        Outcome.UNKNOWN: "badge-neutral",
    },
}

VOCABULARY = Vocabulary(labels=LABELS, badges=BADGES)
