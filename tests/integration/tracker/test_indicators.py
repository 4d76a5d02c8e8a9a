"""Indicators: what is measured, by whom it was said, and figures that the system tells itself."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from db.connect import Pool
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.errors import ChangedSinceError
from fleet.localtime import local_now
from tests.factories.actors import SOMEBODY
from tests.factories.plan_files import PLAN
from tracker.documents.taking import SourceFile, take_plan
from tracker.indicators import (
    Figure,
    IndicatorDetails,
    IndicatorKind,
    IndicatorRefusedError,
    NoIndicatorError,
    add_indicator,
    change_indicator,
    indicator,
    indicators,
    say_value,
    value_history,
)
from tracker.milestones import milestones
from tracker.plans import programmes

COUNTED = IndicatorDetails(
    name="Elbiler",
    kind=IndicatorKind.OUTPUT,
    unit="biler",
    target=30.0,
    target_day=date(2026, 12, 31),
    source="Flådelisten",
)
SCALED = IndicatorDetails(
    name="Tilfredshed", kind=IndicatorKind.OUTCOME, scale=("lav", "middel", "høj"), target=3
)
FIGURED = IndicatorDetails(name="Grøn andel", kind=IndicatorKind.IMPACT, figure=Figure.GREEN_SHARE)


@pytest.fixture
def today() -> date:
    return local_now().date()


@pytest.fixture
async def programme_id(pool: Pool) -> str:
    plan_id = await take_plan(pool, SOMEBODY, SourceFile("p", "0" * 64), PLAN)
    return (await programmes(pool, plan_id))[0].programme_id


async def test_a_programme_and_a_milestone_are_measured(pool: Pool, programme_id: str) -> None:
    one = (await milestones(pool))[0]
    counted = await add_indicator(pool, SOMEBODY, COUNTED, programme_id=programme_id)
    scaled = await add_indicator(pool, SOMEBODY, SCALED, milestone_id=one.milestone_id)
    found = {own.indicator_id: own for own in await indicators(pool, one.plan_id)}
    assert found.keys() == {counted, scaled}
    assert (found[counted].details, found[counted].programme_id) == (COUNTED, programme_id)
    assert (found[scaled].details, found[scaled].milestone_id) == (SCALED, one.milestone_id)
    assert await indicators(pool, 999) == []
    for ends in ({}, {"programme_id": "none"}, {"milestone_id": "none"}):
        with pytest.raises(NoIndicatorError):
            await add_indicator(pool, SOMEBODY, COUNTED, **ends)


async def test_the_last_word_of_a_day_is_in_force_and_all_of_them_are_kept(
    pool: Pool, programme_id: str, today: date
) -> None:
    own = await add_indicator(pool, SOMEBODY, COUNTED, programme_id=programme_id)
    yesterday = today - timedelta(days=1)
    await say_value(pool, SOMEBODY, own, today, 12, source="Talt", quality="Groft")
    await say_value(pool, SOMEBODY, own, yesterday, 10)
    await say_value(pool, SOMEBODY, own, today, 13)
    assert [(one.day, one.value) for one in (await indicator(pool, own)).values] == [
        (yesterday, 10),
        (today, 13),
    ]
    await say_value(pool, SOMEBODY, own, today, None)
    latest = (await indicator(pool, own)).latest
    assert latest is not None
    assert (latest.day, latest.value) == (yesterday, 10)
    said = await value_history(pool, own)
    assert [(one.value, one.quality) for one in said] == [
        (None, ""),
        (13, ""),
        (10, ""),
        (12, "Groft"),
    ]


async def test_a_scale_has_the_numbers_of_its_words(
    pool: Pool, programme_id: str, today: date
) -> None:
    own = await add_indicator(pool, SOMEBODY, SCALED, programme_id=programme_id)
    await say_value(pool, SOMEBODY, own, today, 2)
    for wrong in (0, 1.5, 4):
        with pytest.raises(IndicatorRefusedError):
            await say_value(pool, SOMEBODY, own, today, wrong)
    assert len(await value_history(pool, own)) == 1


async def test_a_figure_is_told_by_the_system_and_typed_by_nobody(
    pool: Pool, programme_id: str, today: date
) -> None:
    own = await add_indicator(pool, SOMEBODY, FIGURED, programme_id=programme_id)
    assert (await indicator(pool, own)).latest is None
    latest = (await indicator(pool, own, {Figure.GREEN_SHARE: 0.4})).latest
    assert latest is not None
    assert (latest.day, latest.value) == (today, 0.4)
    with pytest.raises(IndicatorRefusedError):
        await say_value(pool, SOMEBODY, own, today, 0.5)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(COUNTED, name=" "),
        replace(COUNTED, target=None),
        replace(COUNTED, target=float("nan")),
        replace(SCALED, scale=["en"]),
        replace(SCALED, target=4),
        replace(SCALED, figure=Figure.KM),
    ],
)
async def test_what_measures_nothing_is_refused(
    pool: Pool, programme_id: str, wrong: IndicatorDetails
) -> None:
    with pytest.raises(IndicatorRefusedError):
        await add_indicator(pool, SOMEBODY, wrong, programme_id=programme_id)
    assert await indicators(pool) == []


async def test_an_indicator_is_changed_by_one_at_a_time_and_removed(
    pool: Pool, programme_id: str, today: date
) -> None:
    own = await add_indicator(pool, SOMEBODY, COUNTED, programme_id=programme_id)
    more = replace(COUNTED, target=40.0)
    await change_indicator(pool, SOMEBODY, own, more, seen=1)
    with pytest.raises(ChangedSinceError):
        await change_indicator(pool, SOMEBODY, own, COUNTED, seen=1)
    assert (await indicator(pool, own)).details.target == 40.0
    await change_indicator(pool, SOMEBODY, own, None)
    with pytest.raises(NoIndicatorError):
        await indicator(pool, own)
    with pytest.raises(NoIndicatorError):
        await say_value(pool, SOMEBODY, own, today, 1)


async def test_a_day_to_come_has_no_value(pool: Pool, programme_id: str, today: date) -> None:
    own = await add_indicator(pool, SOMEBODY, COUNTED, programme_id=programme_id)
    with pytest.raises(IndicatorRefusedError):
        await say_value(pool, SOMEBODY, own, today + timedelta(days=1), 1)


async def test_who_reports_says_values_and_makes_no_indicators(
    pool: Pool, programme_id: str, today: date
) -> None:
    reporter = Actor("R", frozenset({Permission.PLAN_REPORT}))
    own = await add_indicator(pool, SOMEBODY, COUNTED, programme_id=programme_id)
    await say_value(pool, reporter, own, today, 1)
    for act in (
        add_indicator(pool, reporter, COUNTED, programme_id=programme_id),
        change_indicator(pool, reporter, own, None),
    ):
        with pytest.raises(NotAllowedError):
            await act
