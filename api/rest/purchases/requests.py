"""Requests for vehicles, for programs: `/v1/vehicle-requests`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from api.pages.purchases.labels import say_finding
from api.pages.purchases.measured import checked_request
from api.pages.words.language import Language, mark
from api.rest.frame.bodies import (
    Day,
    FreeText,
    Id,
    Name,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from fleet.actor import Permission
from fleet.vehicle import Energy
from optimiser.purchases.answers import Answer, answer_request
from optimiser.purchases.check import Advice, Finding, Verdict
from optimiser.purchases.faults import NoRequestError
from optimiser.purchases.principles import Principle
from optimiser.purchases.requests import (
    NewRequest,
    Request,
    RequestState,
    ask,
    request_of,
    requests,
    withdraw_request,
)

_ID: TypeAdapter[int] = TypeAdapter(Id)


class RequestsQuery(PageQuery):
    """Which requests: those in a state, or all."""

    state: RequestState | None = None


class RequestTold(ResponseBody):
    """A request for a vehicle with its answer. `kind`: null where any that offers `needs` will
    do."""

    id: int
    department: str
    depot_id: str
    kind: str | None
    needs: list[str]
    energy: Energy
    wanted_from: date
    days_week: float
    reason: str
    replaces: str | None
    asked_by: str
    asked_at: datetime
    state: RequestState
    answer: str
    principle: Principle | None
    approved_energy: Energy | None
    not_green: str
    offered: str | None
    offered_name: str
    answered_by: str | None
    answered_at: datetime | None
    purchase_id: int | None
    revision: int


class Requests(PageBody):
    """The requests, the latest first."""

    items: list[RequestTold]


class FindingTold(ResponseBody):
    """What a principle says of a request, as a code with its figures, and in words."""

    principle: Principle
    verdict: Verdict
    code: str
    text: str


class FreeTold(ResponseBody):
    """A vehicle that could do what is asked for. `days_week` are the working days a week on which
    it is used; `leaves`: it goes by an accepted proposal."""

    vehicle_id: str
    name: str
    depot_id: str
    department: str
    kind: str
    energy: Energy
    days_week: float
    leaves: bool


class CheckTold(ResponseBody):
    """What the principles say of a request: today while it is open, otherwise when it was answered.
    `free` are the vehicles that could do it, as far as they are seen, and `others` so many more.
    `until` is the day on which a request that has to wait keeps the principles. Use was measured
    from `measured_from` to `measured_to`; null: of an answered request that is not kept."""

    findings: list[FindingTold]
    advice: Advice | None
    until: date | None
    free: list[FreeTold]
    others: int
    measured_from: date | None
    measured_to: date | None


class NewRequestBody(RequestBody):
    """A request for a vehicle of a kind, or of any kind that offers `needs`. `replaces` is the
    vehicle in whose place it comes."""

    model_config = example(
        department="Vej og Park",
        depot_id="raadhuset",
        needs=["cargo"],
        energy="electric",
        wanted_from="2027-12-01",
        days_week=4.5,
        reason="En ny rute om formiddagen",
    )

    department: Name
    depot_id: Name
    kind: Name | None = None
    needs: Annotated[list[Name], Field(max_length=100)] | None = None
    energy: Annotated[Energy, Field(strict=False)]
    wanted_from: Annotated[Day, Field(strict=False)]
    days_week: Annotated[float, Field(gt=0, le=7, allow_inf_nan=False)]
    reason: Annotated[FreeText, Field(min_length=1)]
    replaces: Name | None = None


class AnswerBody(RequestBody):
    """An answer: `approved` (with the `energy` that is approved, as asked without one), `offered`
    (the vehicle `vehicle_id`) or `refused`, with a reason and the principle that decided it.
    `not_green` says why what is approved is not green. `revision` is the one that was read."""

    model_config = example(
        state="refused", reason="Den bruges for lidt", principle="least_use", revision=1
    )

    state: Annotated[RequestState, Field(strict=False)]
    reason: Annotated[FreeText, Field(min_length=1)]
    principle: Annotated[Principle, Field(strict=False)]
    energy: Annotated[Energy | None, Field(strict=False)] = None
    not_green: FreeText = ""
    vehicle_id: Name | None = None
    revision: Revision


class WithdrawBody(RequestBody):
    """A request is withdrawn. `revision` is the one that was read."""

    model_config = example(reason="Behovet er væk", revision=1)

    reason: FreeText = ""
    revision: Revision


async def list_requests(call: Call[RequestsQuery]) -> Requests:
    after = key_after(call.asked, _ID)
    found = [
        one
        for one in await requests(call.pool)
        if (after is None or one.request_id < after) and call.asked.state in (None, one.state)
    ]
    items, more = cut(found, call.asked.limit, lambda one: one.request_id)
    return Requests(items=[_told(one) for one in items], next=more)


async def show_request(call: Call[Any]) -> RequestTold:
    return _told(await _found(call, call.id("request_id")))


async def add_request(call: Call[NewRequestBody]) -> RequestTold:
    asked = call.asked
    new = NewRequest(
        department=asked.department,
        depot_id=asked.depot_id,
        kind=asked.kind,
        needs=frozenset(asked.needs or ()),
        energy=asked.energy,
        wanted_from=asked.wanted_from,
        days_week=asked.days_week,
        reason=asked.reason,
        replaces=asked.replaces,
    )
    return _told(await _found(call, await ask(call.pool, call.actor, new)))


async def show_check(call: Call[Query]) -> CheckTold:
    found = await _found(call, call.id("request_id"))
    if not found.is_open:
        kept = found.checked
        return CheckTold(
            findings=[] if kept is None else _findings(kept.findings),
            advice=None if kept is None else kept.advice,
            until=None if kept is None else kept.until,
            free=[],
            others=0 if kept is None else kept.free,
            measured_from=None,
            measured_to=None,
        )
    checked = await checked_request(call.context, call.actor, found)
    free = checked.shown_to(call.actor)
    return CheckTold(
        findings=_findings(checked.check.findings),
        advice=checked.check.advice,
        until=checked.check.until,
        free=[
            FreeTold(
                vehicle_id=one.vehicle_id,
                name=one.name,
                depot_id=one.depot_id,
                department=one.department,
                kind=one.kind,
                energy=one.energy,
                days_week=one.days_week or 0.0,
                leaves=one.leaves,
            )
            for one in free
        ],
        others=len(checked.check.free) - len(free),
        measured_from=None if checked.until is None else checked.since,
        measured_to=checked.until,
    )


async def add_answer(call: Call[AnswerBody]) -> RequestTold:
    asked = call.asked
    found = await _found(call, call.id("request_id"))
    checked = await checked_request(call.context, call.actor, found)
    answer = Answer(
        state=asked.state,
        reason=asked.reason,
        principle=asked.principle,
        energy=asked.energy,
        not_green=asked.not_green,
        vehicle_id=asked.vehicle_id,
    )
    await answer_request(
        call.pool,
        call.actor,
        found.request_id,
        answer,
        checked.check,
        seen=asked.revision,
        measured_since=checked.since,
    )
    return await show_request(call)


async def withdraw(call: Call[WithdrawBody]) -> RequestTold:
    request_id, asked = call.id("request_id"), call.asked
    await withdraw_request(call.pool, call.actor, request_id, asked.reason, seen=asked.revision)
    return await show_request(call)


async def _found(call: Call[Any], request_id: int) -> Request:
    found = await request_of(call.pool, request_id)
    if found is None:
        raise NoRequestError(f"there is no request {request_id}")
    return found


def _findings(found: Sequence[Finding]) -> list[FindingTold]:
    return [
        FindingTold(
            principle=one.principle,
            verdict=one.verdict,
            code=one.saying.code,
            text=say_finding(one.saying, language=Language.ENGLISH),
        )
        for one in found
    ]


def _told(one: Request) -> RequestTold:
    return RequestTold(
        id=one.request_id,
        department=one.department,
        depot_id=one.depot_id,
        kind=one.kind,
        needs=sorted(one.needs),
        energy=one.energy,
        wanted_from=one.wanted_from,
        days_week=one.days_week,
        reason=one.reason,
        replaces=one.replaces,
        asked_by=one.asked_by,
        asked_at=one.asked_at,
        state=one.state,
        answer=one.answer,
        principle=one.principle,
        approved_energy=one.approved_energy,
        not_green=one.not_green,
        offered=one.offered,
        offered_name=one.offered_name,
        answered_by=one.answered_by,
        answered_at=one.answered_at,
        purchase_id=one.purchase_id,
        revision=one.revision,
    )


_AT = "/v1/vehicle-requests"
_ONE = f"{_AT}/{{request_id}}"
_ANSWERED = "somebody answered or withdrew the request since, or the vehicle cannot be offered"

REQUESTS: Sequence[Operation[Any, Any]] = (
    Operation(
        "GET",
        _AT,
        Permission.FIGURES_READ,
        mark("The requests for vehicles"),
        RequestsQuery,
        Requests,
        list_requests,
    ),
    Operation(
        "POST",
        _AT,
        Permission.VEHICLES_REQUEST,
        mark("Ask for a vehicle"),
        NewRequestBody,
        RequestTold,
        add_request,
        located=f"{_AT}/{{id}}",
    ),
    Operation(
        "GET",
        _ONE,
        Permission.FIGURES_READ,
        mark("One request for a vehicle"),
        Query,
        RequestTold,
        show_request,
    ),
    Operation(
        "GET",
        f"{_ONE}/check",
        Permission.FIGURES_READ,
        mark("What the principles say of a request, and the vehicles that could do it"),
        Query,
        CheckTold,
        show_check,
    ),
    Operation(
        "POST",
        f"{_ONE}/answer",
        Permission.PURCHASES_DECIDE,
        mark("Answer a request for a vehicle"),
        AnswerBody,
        RequestTold,
        add_answer,
        conflict=_ANSWERED,
    ),
    Operation(
        "POST",
        f"{_ONE}/withdraw",
        Permission.VEHICLES_REQUEST,
        mark("Withdraw a request that nobody answered"),
        WithdrawBody,
        RequestTold,
        withdraw,
        conflict=_ANSWERED,
    ),
)
