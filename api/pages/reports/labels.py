"""The words of the documents of a round."""

from api.pages.reports.headline_words import (
    say_decided,
    say_fleet,
    say_headline,
    say_proof,
    say_proof_of_chosen,
)
from api.pages.reports.pictures import say_picture
from api.pages.reports.views import Notice
from api.pages.words.language import mark
from api.pages.words.vocabulary import Vocabulary
from reports.certificate import Unchecked
from reports.frozen import FigureName

VOCABULARY = Vocabulary(
    labels={
        Notice: {Notice.KEPT: mark("The report is kept as it is now.")},
        FigureName: {
            FigureName.VEHICLES_TODAY: mark("Vehicles today"),
            FigureName.VEHICLES_PROPOSED: mark("Vehicles proposed"),
            FigureName.PAID_TODAY: mark("Cost today that is paid"),
            FigureName.PAID_PROPOSED: mark("Cost proposed that is paid"),
            FigureName.CO2_TODAY: mark("CO₂e today"),
            FigureName.CO2_PROPOSED: mark("CO₂e proposed"),
            FigureName.FALLBACK_TODAY: mark("Round trips by taxi, hire or own car a year, today"),
            FigureName.FALLBACK_PROPOSED: mark(
                "Round trips by taxi, hire or own car a year, as proposed"
            ),
            FigureName.BOUND: mark("Proven at least"),
            FigureName.SAVING: mark("Saves a year"),
            FigureName.SAVING_CO2: mark("CO₂e saved a year"),
            FigureName.BUDGET: mark("Saved in five budget years"),
            FigureName.ACCEPTED: mark("Accepted so far"),
            FigureName.ACCEPTED_SAVING: mark("Accepted savings a year"),
            FigureName.DONE: mark("Carried out"),
            FigureName.DONE_SAVING: mark("Carried-out savings a year"),
            FigureName.VEHICLES_BEFORE: mark("Vehicles before"),
            FigureName.VEHICLES_AFTER: mark("Vehicles after"),
            FigureName.PAID_BEFORE: mark("Paid a year before"),
            FigureName.PAID_AFTER: mark("Paid a year after"),
            FigureName.CO2_BEFORE: mark("CO₂e a year before"),
            FigureName.CO2_AFTER: mark("CO₂e a year after"),
            FigureName.PROPOSED: mark("Proposals"),
            FigureName.REJECTED: mark("Rejected"),
            FigureName.LATE: mark("Late"),
            FigureName.GOALS: mark("Goals"),
            FigureName.GOALS_REACHED: mark("Goals that are reached"),
            FigureName.CHIPS: mark("Trackers to be put in"),
            FigureName.DEPOTS_TO_DRAW: mark("Depots to be drawn"),
            FigureName.EXPECTED: mark("Expected to be saved a year"),
            FigureName.EXPECTED_CO2: mark("CO₂e expected to be saved a year"),
            FigureName.MILESTONES: mark("Milestones to be reached"),
            FigureName.MILESTONES_DONE: mark("Milestones reached"),
            FigureName.MILESTONES_LATE: mark("Late milestones"),
            FigureName.PROMISES: mark("Promised for the quarter"),
            FigureName.PROMISES_KEPT: mark("Reached as promised"),
            FigureName.PROMISES_BROKEN: mark("Not reached as promised"),
            FigureName.DECISIONS_NEEDED: mark("Decisions needed"),
            FigureName.WITHOUT_OWNER: mark("Open milestones without owner"),
            FigureName.SILENT: mark("Milestones without a word for a long time"),
        },
        Unchecked: {
            Unchecked.DATA_CHANGED: mark(
                "It cannot be checked any more: trips, vehicles or assumptions were changed or"
                " deleted since, as private time is."
            ),
            Unchecked.WRONG: mark("The checker finds a fault in it: tell who runs the system."),
        },
    },
    filters={
        "picture": say_picture,
        "headline": say_headline,
        "fleet_said": say_fleet,
        "proof_said": say_proof,
        "chosen_proof_said": say_proof_of_chosen,
        "decided_said": say_decided,
    },
)
