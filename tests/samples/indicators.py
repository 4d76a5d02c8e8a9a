"""Pages of indicators with something in every part of them, for tests of how they are drawn."""

from dataclasses import replace

from api.pages.choices.list_parts import asked_part
from api.pages.frame.forms import FieldChange
from api.pages.frame.views import PageView
from api.pages.indicators.forms import PROGRAMME_MISSING, VALUE_REFUSED, texts_of
from api.pages.indicators.views import (
    IndicatorNotice,
    IndicatorPage,
    IndicatorRow,
    IndicatorsPage,
    Told,
)
from api.pages.plan.forms import NAME_MISSING
from api.pages.words.language import Language
from tests.samples.places import NOW
from tracker.indicators import (
    Figure,
    Indicator,
    IndicatorDetails,
    IndicatorKind,
    IndicatorValue,
    SaidValue,
)

DAY = NOW.date()
COUNTED = Indicator(
    indicator_id=1,
    plan_id=1,
    programme_id="p",
    milestone_id=None,
    details=IndicatorDetails(
        name="Elbiler <a>",
        kind=IndicatorKind.OUTPUT,
        unit="biler <b>",
        target=35,
        target_day=DAY,
        source="Registret <c>",
    ),
    values=[IndicatorValue(day=DAY, value=20, source="", quality="", actor="x", at=NOW)],
    revision=2,
)
SCALED = replace(
    COUNTED,
    indicator_id=2,
    details=IndicatorDetails(
        name="Ro", kind=IndicatorKind.OUTCOME, scale=("lidt <d>", "meget"), target=2
    ),
    values=[IndicatorValue(day=DAY, value=1, source="", quality="", actor="x", at=NOW)],
)
READ = replace(
    COUNTED,
    indicator_id=3,
    details=IndicatorDetails(name="Flåden", kind=IndicatorKind.IMPACT, figure=Figure.VEHICLES),
    values=[],
)
SAID = SaidValue(day=DAY, value=20, source="Optælling <e>", quality="Skøn <f>", actor="x", at=NOW)
HISTORY = [
    Told("x", NOW, said=SAID),
    Told("x", NOW, said=replace(SAID, value=None, source="", quality="")),
    Told("x", NOW, [("Unit", "", "biler <b>"), ("Source", "Registret <c>", "")]),
]

INDICATOR_PAGES: dict[str, PageView] = {
    "indicators": IndicatorsPage(
        part=asked_part(
            [IndicatorRow(one, "Grøn vej <g>") for one in (COUNTED, SCALED, READ)],
            {},
            "/plan/indicators",
        ),
        programmes={"p": "Grøn vej <g>"},
        values={"name": "", "kind": "output"},
        errors={"name": NAME_MISSING, "programme": PROGRAMME_MISSING},
    ),
    "indicators-none": IndicatorsPage(
        part=asked_part([], {}, "/plan/indicators"),
        programmes={},
        notice=IndicatorNotice.REMOVED,
    ),
    "indicator": IndicatorPage(
        row=IndicatorRow(COUNTED, "Grøn vej <g>"),
        texts=texts_of(COUNTED.details, Language.DANISH),
        today=DAY,
        history=HISTORY,
        values={"day": "2026-11-20", "value": "x"},
        errors={"value": VALUE_REFUSED},
        meanwhile=[FieldChange("unit", "biler", "elbiler <h>", None)],
    ),
    "indicator-scale": IndicatorPage(
        row=IndicatorRow(SCALED, "Grøn vej <g>"),
        texts=texts_of(SCALED.details, Language.DANISH),
        today=DAY,
        history=[],
        notice=IndicatorNotice.VALUE,
    ),
    "indicator-figure": IndicatorPage(
        row=IndicatorRow(READ, "Grøn vej <g>"),
        texts=texts_of(READ.details, Language.DANISH),
        today=DAY,
        history=[],
    ),
}
