"""The follow-up of plans for programs: `/v1/follow-ups`, and who is written to for centres."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from api.door.link_addresses import follow_up_address
from api.pages.letters.follow_up import follow_up_words
from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Day,
    FreeText,
    Id,
    Nothing,
    Query,
    RequestBody,
    ResponseBody,
    example,
)
from api.rest.frame.operations import Call, Operation
from fleet.actor import Permission
from fleet.localtime import local_now
from tracker.follow_up.centres import centre_contacts, set_centre_contact
from tracker.follow_up.coverage import coverage
from tracker.follow_up.links import revoke, send_anew
from tracker.follow_up.rounds import (
    FollowUp,
    close_follow_up,
    follow_up,
    follow_ups,
    open_follow_up,
)
from tracker.follow_up.telling import tell_owners
from tracker.quarter import Quarter


class FollowUpsQuery(Query):
    """Which follow-ups: of a plan, or all."""

    plan_id: Id | None = None


class FollowUpTold(ResponseBody):
    """The follow-up of a plan in a quarter. Answers are asked for by the day `answer_by`, and links
    work until the end of `ends_on`, or until somebody closes the quarter."""

    id: int
    plan_id: int
    year: int
    quarter: int
    answer_by: date
    ends_on: date
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    is_open: bool


class FollowUpsTold(ResponseBody):
    """Follow-ups, the latest quarter first."""

    items: list[FollowUpTold]


class AnswererTold(ResponseBody):
    """How an owner stands, or who was asked for others: of how many milestones they own a word is
    `wanted`, and of how many of these nobody has said anything (`silent`). `is_reachable` is false
    for who has no address. Times are null where it has not come to that."""

    contact_id: int
    name: str
    wanted: int
    silent: int
    is_reachable: bool
    asked_at: datetime | None
    reminded_at: datetime | None
    has_link: bool


class CoverageTold(FollowUpTold):
    """A follow-up, with how many of the owners have answered and how many are silent. `unowned` are
    milestones without an owner of which nobody has said anything."""

    owners: int
    answered: int
    silent: int
    unowned: int
    people: list[AnswererTold]


class NewFollowUpBody(RequestBody):
    """The quarter of a plan. Without `answer_by` the settings say the day."""

    model_config = example(plan_id=1, year=2026, quarter=4, answer_by="2027-01-10")

    plan_id: Id
    year: Annotated[int, Field(ge=1990, le=2200)]
    quarter: Annotated[int, Field(ge=1, le=4)]
    answer_by: Annotated[Day | None, Field(strict=False)] = None


class AnswererBody(RequestBody):
    """The contact whose links are meant."""

    model_config = example(contact_id=1)

    contact_id: Id


class FollowUpLinkTold(ResponseBody):
    """The link that was made, where no mail takes it, to be handed over; null: it goes by mail."""

    link: str | None


class LinksRevoked(ResponseBody):
    """The contact whose links do not work any more."""

    contact_id: int


class CentreBody(RequestBody):
    """A centre, and the contact who is written to for it; null: nobody."""

    model_config = example(centre="Vej og Park", contact_id=1)

    centre: Annotated[FreeText, Field(min_length=1, max_length=128)]
    contact_id: Id | None


class CentreTold(ResponseBody):
    """A centre, and the contact who is written to for it; null: nobody."""

    centre: str
    contact_id: int | None


class CentresTold(ResponseBody):
    """The centres of milestones, by name."""

    items: list[CentreTold]


async def list_follow_ups(call: Call[FollowUpsQuery]) -> FollowUpsTold:
    found = await follow_ups(call.pool, call.asked.plan_id)
    return FollowUpsTold(items=[FollowUpTold.model_validate(_told(one)) for one in found])


async def start(call: Call[NewFollowUpBody]) -> CoverageTold:
    asked, settings = call.asked, call.context.settings
    quarter = Quarter(asked.year, asked.quarter)
    follow_up_id = await open_follow_up(
        call.pool, call.actor, asked.plan_id, quarter, asked.answer_by, settings
    )
    one = await follow_up(call.pool, follow_up_id)
    await tell_owners(call.pool, call.actor, one, follow_up_words(settings), settings)
    return await _shown(call, follow_up_id)


async def show(call: Call[Query]) -> CoverageTold:
    return await _shown(call, call.id("follow_up_id"))


async def close(call: Call[Nothing]) -> CoverageTold:
    follow_up_id = call.id("follow_up_id")
    await close_follow_up(call.pool, call.actor, follow_up_id)
    return await _shown(call, follow_up_id)


async def make_link(call: Call[AnswererBody]) -> FollowUpLinkTold:
    settings = call.context.settings
    token = await send_anew(
        call.pool,
        call.actor,
        call.id("follow_up_id"),
        call.asked.contact_id,
        follow_up_words(settings),
    )
    return FollowUpLinkTold(link=None if token is None else follow_up_address(settings, token))


async def revoke_links(call: Call[AnswererBody]) -> LinksRevoked:
    contact_id = call.asked.contact_id
    await revoke(call.pool, call.actor, call.id("follow_up_id"), contact_id)
    return LinksRevoked(contact_id=contact_id)


async def list_centres(call: Call[Query]) -> CentresTold:
    found = await centre_contacts(call.pool)
    return CentresTold(
        items=[CentreTold(centre=name, contact_id=one) for name, one in found.items()]
    )


async def change_centre(call: Call[CentreBody]) -> CentreTold:
    centre, contact_id = call.asked.centre.strip(), call.asked.contact_id
    await set_centre_contact(call.pool, call.actor, centre, contact_id)
    return CentreTold(centre=centre, contact_id=contact_id)


async def _shown(call: Call[Any], number: int) -> CoverageTold:
    found = await coverage(call.pool, await follow_up(call.pool, number))
    return CoverageTold.model_validate(
        {
            **_told(found.follow_up),
            "owners": found.owners,
            "answered": found.answered,
            "silent": found.silent,
            "unowned": found.unowned,
            "people": [
                AnswererTold(
                    contact_id=one.contact.contact_id,
                    name=one.contact.name,
                    wanted=one.wanted,
                    silent=one.silent,
                    is_reachable=one.is_reachable,
                    asked_at=one.asked_at,
                    reminded_at=one.reminded_at,
                    has_link=one.has_link,
                )
                for one in found.people
            ],
        }
    )


def _told(one: FollowUp) -> dict[str, object]:
    return {
        "id": one.follow_up_id,
        "plan_id": one.plan_id,
        "year": one.quarter.year,
        "quarter": one.quarter.quarter,
        "answer_by": one.answer_by,
        "ends_on": one.ends_on,
        "opened_by": one.turn_to,
        "opened_at": one.opened_at,
        "closed_at": one.closed_at,
        "is_open": one.is_open(local_now().date()),
    }


FOLLOW_UPS = (
    Operation(
        "GET",
        "/v1/follow-ups",
        Permission.FIGURES_READ,
        mark("The follow-ups of plans by the quarter"),
        FollowUpsQuery,
        FollowUpsTold,
        list_follow_ups,
    ),
    Operation(
        "POST",
        "/v1/follow-ups",
        Permission.PLAN_MANAGE,
        mark("Begin the follow-up of a plan in a quarter, and send its mails"),
        NewFollowUpBody,
        CoverageTold,
        start,
        located="/v1/follow-ups/{id}",
    ),
    Operation(
        "GET",
        "/v1/follow-ups/{follow_up_id}",
        Permission.FIGURES_READ,
        mark("One follow-up: who has answered, and who is silent"),
        Query,
        CoverageTold,
        show,
    ),
    Operation(
        "POST",
        "/v1/follow-ups/{follow_up_id}/links",
        Permission.PLAN_MANAGE,
        mark("Make another link for a contact; earlier ones end"),
        AnswererBody,
        FollowUpLinkTold,
        make_link,
    ),
    Operation(
        "POST",
        "/v1/follow-ups/{follow_up_id}/revocations",
        Permission.PLAN_MANAGE,
        mark("Revoke the links of a contact"),
        AnswererBody,
        LinksRevoked,
        revoke_links,
    ),
    Operation(
        "POST",
        "/v1/follow-ups/{follow_up_id}/close",
        Permission.PLAN_MANAGE,
        mark("Close a quarter: its links change nothing any more"),
        Nothing,
        CoverageTold,
        close,
    ),
    Operation(
        "GET",
        "/v1/centre-contacts",
        Permission.FIGURES_READ,
        mark("Who is written to for the centres of milestones"),
        Query,
        CentresTold,
        list_centres,
    ),
    Operation(
        "PUT",
        "/v1/centre-contacts",
        Permission.PLAN_MANAGE,
        mark("Say who is written to for a centre"),
        CentreBody,
        CentreTold,
        change_centre,
    ),
)
