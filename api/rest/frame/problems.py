"""Answers every refusal of the JSON interface with problem details, and says what each means."""

from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from api.door.doorkeeper import is_interface
from fleet.actor import NobodyError
from fleet.errors import ChangedSinceError
from fleet.files.refusal import FileRefusedError
from ingest.gate.receipt import Overloaded
from ingest.listeners.http_fast import RETRY_AFTER_S
from ingest.listeners.problem import RefusedPart, problem_answer
from optimiser.exchange.other_vehicle import OtherStaysError
from optimiser.ledger.carried_out import CarriedOutError
from optimiser.ledger.hired import NoListError, NoSourceError, NothingReadError
from optimiser.ledger.hired_list import HeadingsError
from optimiser.ledger.tasks import (
    NoTaskError,
    TaskChangedError,
    TaskDayError,
    UnableOwnerError,
    UnknownOwnerError,
    UnseenOwnerError,
)
from optimiser.pilot_end.chosen import RollOutError
from optimiser.pilot_end.goals import GoalError, NoGoalError
from optimiser.purchases.faults import (
    FieldsRefusedError,
    NoPurchaseError,
    NoRequestError,
    NotApprovedError,
    OfferGoneError,
    OfferTakenError,
    PurchaseChangedError,
    PurchaseTakenError,
    RequestAnsweredError,
)
from optimiser.rounds.decisions import (
    DecidedMeanwhileError,
    DecidedOtherwiseError,
    NoProposalError,
    NotAcceptedError,
    NothingDecidedError,
    SupersededError,
    UnexplainedError,
)
from optimiser.rounds.requests import RoundActive
from optimiser.talk.faults import NoEntryError, NothingWaitsError, TalkError
from optimiser.what_if.faults import (
    Fault,
    NotDoneError,
    NoWhatIfError,
    RoundSupersededError,
    WhatIfError,
)
from register.devices import EnrolmentError, SeatTakenError
from register.inventory.changes import (
    ChangedMeanwhileError,
    DetailsRefusedError,
    IdTakenError,
    NewDepartmentError,
    PlateTakenError,
    RetiredDayError,
)
from register.municipality.own_name import MunicipalityNameError
from register.places.doubts import DoubtfulPlaceError
from register.private_periods import PrivacyError
from register.private_time import DutyError
from register.track_reasons import NoTracksError
from register.vehicles import LeavingAcceptedError, NoVehicleError, RuledToStayError
from register.zones_stored import ZoneInUseError
from tracker.contacts import ContactRefusedError, NoContactError
from tracker.documents.comparing import ShippedPlanError
from tracker.documents.matching import UnansweredError
from tracker.documents.placing import PlanRefusedError
from tracker.documents.removal import ReportedPlanError, UnexplainedRemovalError
from tracker.documents.taking import KnownDocumentError
from tracker.follow_up.rounds import FollowUpRefusedError, NoFollowUpError
from tracker.indicators import IndicatorRefusedError, NoIndicatorError
from tracker.meetings.calendars import CalendarRefusedError, NoCalendarError
from tracker.meetings.meetings import MeetingRefusedError, NoMeetingError
from tracker.milestones import NoMilestoneError
from tracker.plans import NoPlanError
from tracker.saying import MergedMilestoneError, PostponedQuarterError, UnexplainedStatusError
from tracker.typed import NoProgrammeError, TypedRefusedError

#: The most errors of a request that are told, and the most characters of each field and reason.
ERRORS_MAX = 20
REASON_CHARS_MAX = 200

#: What is not there.
_MISSING = (
    NoCalendarError,
    NoContactError,
    NoEntryError,
    NoFollowUpError,
    NoGoalError,
    NoIndicatorError,
    NoListError,
    NoMeetingError,
    NoMilestoneError,
    NoPlanError,
    NoProgrammeError,
    NoProposalError,
    NoPurchaseError,
    NoRequestError,
    NoTaskError,
    NoTracksError,
    NoVehicleError,
    NoWhatIfError,
)

#: What does not fit the state that something is in.
_CONFLICTS = (
    CarriedOutError,
    ChangedMeanwhileError,
    ChangedSinceError,
    DecidedMeanwhileError,
    DecidedOtherwiseError,
    IdTakenError,
    KnownDocumentError,
    LeavingAcceptedError,
    NewDepartmentError,
    NotAcceptedError,
    NotApprovedError,
    NotDoneError,
    NothingDecidedError,
    NothingWaitsError,
    OfferGoneError,
    OfferTakenError,
    OtherStaysError,
    PlateTakenError,
    PurchaseChangedError,
    PurchaseTakenError,
    RequestAnsweredError,
    ReportedPlanError,
    RoundActive,
    RoundSupersededError,
    RuledToStayError,
    SeatTakenError,
    ShippedPlanError,
    SupersededError,
    TaskChangedError,
    ZoneInUseError,
)

#: What the rules do not have.
_REFUSED = (
    CalendarRefusedError,
    ContactRefusedError,
    FollowUpRefusedError,
    MeetingRefusedError,
    DutyError,
    EnrolmentError,
    FileRefusedError,
    GoalError,
    HeadingsError,
    IndicatorRefusedError,
    MergedMilestoneError,
    MunicipalityNameError,
    NoSourceError,
    NobodyError,
    NothingReadError,
    PlanRefusedError,
    PostponedQuarterError,
    PrivacyError,
    RetiredDayError,
    RollOutError,
    TaskDayError,
    TalkError,
    TypedRefusedError,
    UnexplainedError,
    UnexplainedRemovalError,
    UnexplainedStatusError,
    UnableOwnerError,
    UnansweredError,
    UnknownOwnerError,
    UnseenOwnerError,
)


class Problem(Exception):  # noqa: N818 - the name that RFC 9457 gives it
    """A request is refused with a status; `detail` says why, and `parts` where it is wrong."""

    def __init__(self, status: int, detail: str, parts: Sequence[RefusedPart] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.parts = parts


def answering_problems(handler: Handler) -> Handler:
    """Wrap a handler of the interface, so that the refusals of acts are answered with their
    statuses."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Problem as refused:
            return problem_answer(refused.status, refused.detail, refused.parts)
        except DetailsRefusedError as refused:
            parts = [RefusedPart(None, one.field, one.fault) for one in refused.faults]
            return problem_answer(422, "the vehicle cannot be registered so", parts)
        except FieldsRefusedError as refused:
            parts = [RefusedPart(None, one.field, one.fault) for one in refused.faults]
            return problem_answer(422, str(refused), parts)
        except NewDepartmentError as doubt:
            part = RefusedPart(
                None, "department", f"{doubt}; send new_department true if it is a new one"
            )
            return problem_answer(422, "the vehicle cannot be registered so", [part])
        except WhatIfError as refused:
            if refused.fault is Fault.NO_ROUND:
                return problem_answer(404, refused.fault.value)
            wrong = [
                RefusedPart(None, one.field, str(one).partition(": ")[2]) for one in refused.every
            ]
            return problem_answer(422, "the what-if cannot be asked so", wrong)
        except DoubtfulPlaceError as doubt:
            part = RefusedPart(None, "confirmed", "send true if the place is right")
            return problem_answer(422, str(doubt), [part])
        except _MISSING as missing:
            return problem_answer(404, str(missing) or "there is no such thing")
        except _CONFLICTS as conflict:
            return problem_answer(409, str(conflict) or "it is in another state")
        except _REFUSED as refused:
            return problem_answer(422, str(refused))
        except Overloaded as away:
            return problem_answer(503, str(away), headers={"Retry-After": str(RETRY_AFTER_S)})

    return answer


@web.middleware
async def refusals_as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A middleware that answers every refusal under `/v1/` with problem details, also that of an
    unknown address."""
    try:
        return await handler(request)
    except web.HTTPException as refused:
        if refused.status < 400 or not is_interface(request):
            raise
        kept = {
            name: refused.headers[name]
            for name in ("Allow", "WWW-Authenticate")
            if name in refused.headers
        }
        detail = (refused.text or refused.reason).strip()
        if detail == f"{refused.status}: {refused.reason}":  # what aiohttp says by itself
            detail = {
                404: f"there is nothing at {request.path}; /openapi.json says what there is",
                405: f"{request.path} is not asked with {request.method}",
            }.get(refused.status, refused.reason)
        return problem_answer(refused.status, detail, headers=kept)


def unreadable(invalid: ValidationError) -> Problem:
    """The problem of a request that does not fit its model."""
    found = invalid.errors(include_url=False, include_input=False)
    detail = "the request cannot be read"
    if len(found) > ERRORS_MAX:
        detail = f"{detail}; the first {ERRORS_MAX} of {len(found)} errors are told"
    parts = [
        RefusedPart(
            index=None,
            field=".".join(str(part) for part in one["loc"])[:REASON_CHARS_MAX] or "body",
            reason=one["msg"].removeprefix("Value error, ")[:REASON_CHARS_MAX],
        )
        for one in found[:ERRORS_MAX]
    ]
    return Problem(422, detail, parts)
