"""The contacts of plans, for programs: `/v1/plan-contacts`, and what is given to whom."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    FreeText,
    Id,
    Name,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from fleet.actor import Permission
from tracker.contacts import (
    Contact,
    ContactDetails,
    add_contact,
    change_contact,
    contact,
    contacts,
)
from tracker.saying import Assignment, Keep, assign


class ContactTold(ResponseBody):
    """Somebody who owns milestones or stands in for an owner. `heard_at` is when they said
    something of a milestone last; null: never. `left_at` is set when they have left."""

    id: int
    name: str
    centre: str
    account_id: int | None
    left_at: datetime | None
    heard_at: datetime | None
    revision: int


class ContactsTold(ResponseBody):
    """Everybody who has a part in plans, or had one, by name."""

    items: list[ContactTold]


class NewContactBody(RequestBody):
    """Somebody who has a part in plans, with an account here or without."""

    model_config = example(name="Vejteamet", email="vej@kommune.example", centre="Vej og Park")

    name: Name
    email: Annotated[FreeText, Field(max_length=254)] = ""
    centre: Annotated[FreeText, Field(max_length=128)] = ""
    account_id: Id | None = None

    def details(self, *, has_left: bool = False) -> ContactDetails:
        return ContactDetails(
            name=self.name.strip(),
            email=self.email.strip(),
            centre=self.centre.strip(),
            account_id=self.account_id,
            has_left=has_left,
        )


class ContactBody(NewContactBody):
    """The details of a contact. `revision` is the one that was read. `has_left`: they own
    nothing new."""

    model_config = example(
        name="Vejteamet", email="vej@kommune.example", centre="Vej og Park", revision=1
    )

    has_left: bool = False
    revision: Revision
    id: Told = None
    left_at: Told = None
    heard_at: Told = None


class AssignmentBody(RequestBody):
    """Milestones, and who gets them: the contacts who own them and stand in, and the responsible
    centre. What is left out, stays; null and "" are nobody and no centre. `revisions` are those of
    milestones that were read, by their ids."""

    model_config = example(milestones=["m1", "m2"], owner_id=1, centre="Vej og Park")

    milestones: Annotated[list[Name], Field(min_length=1, max_length=1_000)]
    owner_id: Id | None = None
    deputy_id: Id | None = None
    centre: Annotated[FreeText, Field(max_length=128)] = ""
    revisions: Annotated[dict[Name, Revision], Field(max_length=1_000)] = Field(
        default_factory=dict[str, int]
    )


class AssignedTold(ResponseBody):
    """How many milestones changed."""

    changed: int


async def list_contacts(call: Call[Query]) -> ContactsTold:
    return ContactsTold(items=[_told(one) for one in await contacts(call.pool)])


async def add(call: Call[NewContactBody]) -> ContactTold:
    return await _shown(call, await add_contact(call.pool, call.actor, call.asked.details()))


async def change(call: Call[ContactBody]) -> ContactTold:
    contact_id, asked = call.id("contact_id"), call.asked
    details = asked.details(has_left=asked.has_left)
    await change_contact(call.pool, call.actor, contact_id, details, seen=asked.revision)
    return await _shown(call, contact_id)


async def give(call: Call[AssignmentBody]) -> AssignedTold:
    asked, said = call.asked, call.asked.model_fields_set
    assignment = Assignment(
        owner_id=asked.owner_id if "owner_id" in said else Keep.KEEP,
        deputy_id=asked.deputy_id if "deputy_id" in said else Keep.KEEP,
        centre=asked.centre.strip() if "centre" in said else Keep.KEEP,
    )
    changed = await assign(
        call.pool, call.actor, asked.milestones, assignment, seen=asked.revisions
    )
    return AssignedTold(changed=changed)


async def show_contact(call: Call[Query]) -> ContactTold:
    return await _shown(call, call.id("contact_id"))


async def _shown(call: Call[Any], contact_id: int) -> ContactTold:
    return _told(await contact(call.pool, contact_id))


def _told(one: Contact) -> ContactTold:
    return ContactTold(
        id=one.contact_id,
        name=one.name,
        centre=one.centre,
        account_id=one.account_id,
        left_at=one.left_at,
        heard_at=one.heard_at,
        revision=one.revision,
    )


CONTACTS = (
    Operation(
        "GET",
        "/v1/plan-contacts",
        Permission.FIGURES_READ,
        mark("Who has a part in plans"),
        Query,
        ContactsTold,
        list_contacts,
    ),
    Operation(
        "POST",
        "/v1/plan-contacts",
        Permission.PLAN_MANAGE,
        mark("Add somebody who has a part in plans"),
        NewContactBody,
        ContactTold,
        add,
        located="/v1/plan-contacts/{id}",
    ),
    Operation(
        "GET",
        "/v1/plan-contacts/{contact_id}",
        Permission.FIGURES_READ,
        mark("One contact"),
        Query,
        ContactTold,
        show_contact,
    ),
    Operation(
        "PUT",
        "/v1/plan-contacts/{contact_id}",
        Permission.PLAN_MANAGE,
        mark("Say something else of a contact, or that they have left"),
        ContactBody,
        ContactTold,
        change,
        conflict=mark("somebody changed the contact since it was read"),
    ),
    Operation(
        "POST",
        "/v1/milestone-owners",
        Permission.PLAN_MANAGE,
        mark("Give milestones to an owner, a deputy and a centre"),
        AssignmentBody,
        AssignedTold,
        give,
        conflict=mark("somebody changed some of the milestones since they were read"),
    ),
)
