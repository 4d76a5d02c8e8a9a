"""How plans stood at a moment, and what moved since, is known from their history."""

from datetime import UTC, datetime, timedelta

import pytest

from db.connect import Pool
from tests.factories.actors import SOMEBODY
from tests.factories.plan_files import PLAN
from tracker.contacts import ContactDetails, add_contact
from tracker.documents.again import take_again
from tracker.documents.removal import remove_plan
from tracker.documents.taking import SourceFile, take_plan
from tracker.facts import Fact
from tracker.milestone import MilestoneStatus
from tracker.milestones import milestones, standings, with_words
from tracker.quarter import Quarter
from tracker.saying import Assignment, Said, answer_by, assign, say
from tracker.since.moves import Move, Moved, Stood, moves
from tracker.since.past import moves_from, stood_at, stood_now, stood_otherwise

SOURCE = SourceFile("plan.txt", "0" * 64)
LATER = Quarter(2199, 2)


async def now(pool: Pool, plan_id: int) -> dict[str, Stood]:
    return dict(stood_now(await standings(pool, plan_id)))


async def test_each_earlier_state_is_told_and_all_that_moved_since(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    other = await take_plan(pool, SOMEBODY, SourceFile("other.txt", "1" * 64), PLAN)
    own = {one.document_id: one.milestone_id for one in await milestones(pool, plan_id)}
    owner = await add_contact(pool, SOMEBODY, ContactDetails(name="Byteamet"))
    later = [
        one.model_copy(update={"quarter_from": 3, "quarter_to": 3}) if one.id == "m001" else one
        for one in PLAN.milestones
        if one.id != "m005"
    ]
    moved = PLAN.model_copy(update={"milestones": tuple(later), "strands": ()})
    steps = (
        lambda: say(pool, SOMEBODY, own["m002"], Said(MilestoneStatus.POSTPONED, "", LATER)),
        lambda: assign(pool, SOMEBODY, list(own.values()), Assignment(owner_id=owner)),
        lambda: take_again(pool, SOMEBODY, plan_id, SOURCE, moved),
        lambda: say(pool, SOMEBODY, own["m002"], Said(MilestoneStatus.DONE)),
        lambda: answer_by(pool, SOMEBODY, own["m003"], Fact.FIRST_ROUND),
        lambda: say(pool, SOMEBODY, own["m004"], Said(MilestoneStatus.DROPPED, "for dyrt")),
        lambda: take_again(pool, SOMEBODY, plan_id, SOURCE, PLAN),
        lambda: say(pool, SOMEBODY, own["m002"], Said(MilestoneStatus.IN_PROGRESS)),
    )
    moments, states = [datetime.now(UTC)], [await now(pool, plan_id)]
    for step in steps:
        await step()
        moments.append(datetime.now(UTC))
        states.append(await now(pool, plan_id))
    last = await standings(pool, plan_id)
    for moment, state in zip(moments, states, strict=True):
        assert await stood_at(pool, plan_id, moment, states[-1]) == state
        # The other plan stood as it stands.
        both = await stood_at(pool, None, moment, stood_now(await standings(pool)))
        assert both == state | await now(pool, other)
        told = moves(state, states[-1])
        assert moves_from(await stood_otherwise(pool, plan_id, moment), last) == told
        only = await stood_otherwise(pool, plan_id, moment, only_moved=True)
        found = [one for one in moves_from(only, last) if one.move in (Move.MOVED, Move.ADDED)]
        assert found == [one for one in told if one.move in (Move.MOVED, Move.ADDED)]
    # Each kind of state was among them.
    assert [len(one) for one in states] == [5, 5, 5, 4, 4, 4, 4, 5, 5]
    assert moves(states[3], states[-1])[0] == Moved(
        own["m001"], Move.MOVED, Quarter(2026, 3), Quarter(2026, 1)
    )


async def test_what_a_plan_was_before_it_began_is_nothing(pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    before = datetime.now(UTC) - timedelta(days=1)
    for only_moved in (False, True):
        stood = await stood_otherwise(pool, plan_id, before, only_moved=only_moved)
        assert dict(stood) == dict.fromkeys(await now(pool, plan_id))
        assert {one.move for one in moves_from(stood, await standings(pool, plan_id))} == {
            Move.ADDED
        }
    here, moment = await now(pool, plan_id), datetime.now(UTC)
    await remove_plan(pool, SOMEBODY, plan_id, "læst forkert")
    for only_moved in (False, True):
        stood = await stood_otherwise(pool, plan_id, moment, only_moved=only_moved)
        assert stood == here
        assert {one.move for one in moves_from(stood, ())} == {Move.GONE}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", None),
        ("STANDERE", {"m001", "m002"}),
        ("standere op", {"m002"}),
        ("op standere", {"m002"}),
        ("ladning", {"m001", "m002", "m003"}),
        ("flådestyring", {"m004", "m005"}),
        ("læst flådestyring", {"m005"}),
        ("læst ladning", set[str]()),
        ("2.1.1", {"m001", "m002", "m003"}),
        ("m004", {"m004"}),
        ("vej_og", {"m001"}),
        ("50%", {"m001"}),
        ("\\", {"m001"}),
        ("s_andere", set[str]()),
        ("%", {"m001"}),
        ("byteamet", {"m002"}),
        ("rådhus", {"m003"}),
        ("RÅDHUS", {"m003"}),
    ],
)
async def test_words_are_found_in_texts_notes_numbers_and_names(
    pool: Pool, words: str, expected: set[str] | None
) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SOURCE, PLAN)
    own = {one.document_id: one.milestone_id for one in await milestones(pool, plan_id)}
    said = Said(MilestoneStatus.IN_PROGRESS, "Vej_og\\Park: 50% valgt")
    await say(pool, SOMEBODY, own["m001"], said)
    await assign(pool, SOMEBODY, [own["m002"]], Assignment(centre="Byteamet"))
    for asked in (plan_id, None):
        found = await with_words(pool, asked, words.split())
        by_id = {key: document_id for document_id, key in own.items()}
        assert (None if found is None else {by_id[one] for one in found}) == expected
    assert await with_words(pool, plan_id + 1, words.split()) == (
        None if expected is None else set()
    )
