"""The words of indicators; see `words.vocabulary`."""

from api.pages.indicators.views import IndicatorNotice
from api.pages.words.language import mark
from api.pages.words.vocabulary import Vocabulary
from tracker.indicators import Figure, IndicatorKind

VOCABULARY = Vocabulary(
    labels={
        IndicatorKind: {
            IndicatorKind.OUTPUT: mark("What was made"),
            IndicatorKind.OUTCOME: mark("What came of it"),
            IndicatorKind.IMPACT: mark("What it changed"),
        },
        Figure: {
            Figure.VEHICLES: mark("Vehicles in the fleet"),
            Figure.CO2E: mark("Tonnes of CO₂e a year of the fleet"),
            Figure.KM: mark("Kilometres of the fleet in a year"),
            Figure.GREEN_SHARE: mark("Share of the fleet on green energy, from 0 to 1"),
        },
        IndicatorNotice: {
            IndicatorNotice.SAVED: mark("The indicator is saved."),
            IndicatorNotice.VALUE: mark("The value is saved."),
            IndicatorNotice.REMOVED: mark("The indicator is removed."),
        },
    }
)
