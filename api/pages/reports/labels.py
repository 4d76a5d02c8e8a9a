"""The words of the documents of a round."""

from api.pages.reports.headline_words import (
    say_fleet,
    say_headline,
    say_proof,
    say_proof_of_chosen,
)
from api.pages.reports.views import Notice, Standing
from api.pages.words.language import mark
from api.pages.words.vocabulary import Vocabulary
from reports.certificate import Unchecked
from reports.frozen import FigureName

VOCABULARY = Vocabulary(
    labels={
        Standing: {
            Standing.OPEN: mark("Awaits a decision"),
            Standing.ACCEPTED: mark("Accepted"),
            Standing.DONE: mark("Carried out"),
            Standing.REJECTED: mark("Rejected"),
        },
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
            FigureName.ACCEPTED: mark("Accepted until now"),
            FigureName.ACCEPTED_SAVING: mark("Accepted saves a year"),
            FigureName.DONE: mark("Carried out"),
            FigureName.DONE_SAVING: mark("Carried out saves a year"),
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
        "headline": say_headline,
        "fleet_said": say_fleet,
        "proof_said": say_proof,
        "chosen_proof_said": say_proof_of_chosen,
    },
)
