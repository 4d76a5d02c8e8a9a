"""Whatever a page can do or show, a program can, with the same permission; or it is said why not.

A new page fails here until somebody decides.
"""

from enum import StrEnum

import pytest

from api.door.needs import Need
from api.pages.routes import SUBJECTS
from api.rest.routes import OPERATIONS


class Why(StrEnum):
    """Why a page has no operation."""

    PERSON = "it is about who signs in, which a program does not"
    PEOPLE_ONLY = "a program that leaks its token must not make accounts, nor read who did what"
    FORM = "it is a form or a question, whose answer is sent to another address"
    REASON = "a person says why they look at tracks; a token is made for a stated purpose"
    OUTSIDE = "it asks a service that a program asks itself"
    INTERFACE = "it is about the interface itself"
    SUMMED_UP = "it puts together what other pages tell, each of which has its operation"


#: The page of each address, and the operations that do and tell the same.
PAGES: dict[str, str | Why] = {
    "GET /": Why.SUMMED_UP,
    "GET /start": Why.SUMMED_UP,
    # Vehicles
    "GET /vehicles": "GET /v1/use",
    "GET /vehicles/found.json": "GET /v1/vehicles",
    "GET /vehicles/{vehicle_id}": "GET /v1/use, GET /v1/trips, GET /v1/round-trips",
    "POST /vehicles/{vehicle_id}/tracks": Why.REASON,
    "POST /vehicles/{vehicle_id}/trip-class": "PUT /v1/vehicles/{vehicle}/trip-class",
    "GET /vehicles/{vehicle_id}/future": "GET /v1/vehicles/{vehicle}/rulings",
    "POST /vehicles/{vehicle_id}/future": "POST /v1/vehicles/{vehicle}/rulings",
    "GET /vehicles/{vehicle_id}/private": "GET /v1/vehicles/{vehicle}/private",
    "POST /vehicles/{vehicle_id}/private": "POST /v1/vehicles/{vehicle}/private",
    "POST /vehicles/{vehicle_id}/private/{private_id}/end": (
        "POST /v1/vehicles/{vehicle}/private/{private_id}/end"
    ),
    "GET /vehicles/{vehicle_id}/year": "GET /v1/vehicles/{vehicle}/year",
    # The register
    "GET /register": "GET /v1/vehicles",
    "GET /register/export/{form}": "GET /v1/vehicles",
    "GET /register/new": Why.FORM,
    "POST /register/new": "POST /v1/vehicles",
    "POST /register/chosen": Why.FORM,
    "POST /register/chosen/change": "PATCH /v1/vehicles/{vehicle}",
    "GET /register/lists": "GET /v1/vehicle-lists",
    "POST /register/lists": "POST /v1/vehicle-lists",
    "GET /register/lists/{list_id}": "GET /v1/vehicle-lists/{list_id}",
    "GET /register/lists/{list_id}/columns": "GET /v1/vehicle-lists/{list_id}",
    "POST /register/lists/{list_id}/columns": "PUT /v1/vehicle-lists/{list_id}/columns",
    "GET /register/lists/{list_id}/values": "GET /v1/vehicle-lists/{list_id}",
    "POST /register/lists/{list_id}/values": "PUT /v1/vehicle-lists/{list_id}/words",
    "GET /register/lists/{list_id}/preview": (
        "GET /v1/vehicle-lists/{list_id}/preview, GET /v1/vehicle-lists/{list_id}/changes"
    ),
    "POST /register/lists/{list_id}/preview": "POST /v1/vehicle-lists/{list_id}/import",
    "GET /register/lists/{list_id}/file": "GET /v1/vehicle-lists/{list_id}/bad-cells",
    "GET /vehicles/{vehicle_id}/register": "GET /v1/vehicles/{vehicle}",
    "POST /vehicles/{vehicle_id}/register": "PATCH /v1/vehicles/{vehicle}",
    "POST /vehicles/{vehicle_id}/retire": "POST /v1/vehicles/{vehicle}/retire",
    "POST /vehicles/{vehicle_id}/take-back": "POST /v1/vehicles/{vehicle}/take-back",
    # Zones and trips
    "GET /zones": "GET /v1/zones, GET /v1/depots",
    "POST /zones": (
        "POST /v1/zones, PUT /v1/zones/{zone}, POST /v1/depots, PUT /v1/depots/{depot}"
    ),
    "POST /zones/file": "POST /v1/zone-files",
    "POST /zones/address": Why.OUTSIDE,
    "GET /zones/{zone_id}/remove": Why.FORM,
    "POST /zones/{zone_id}/remove": "DELETE /v1/zones/{zone}, DELETE /v1/depots/{depot}",
    "POST /zones/{zone_id}/restore": (
        "POST /v1/zones/{zone}/restore, POST /v1/depots/{depot}/restore, GET /v1/removed-zones"
    ),
    "GET /export/{what}": "GET /v1/trips, GET /v1/round-trips",
    "POST /export/{what}": Why.REASON,
    "GET /logs": "GET /v1/driving-logs",
    "POST /logs": "POST /v1/driving-logs",
    "GET /logs/{upload_id}": "GET /v1/driving-logs/{log_id}",
    "POST /logs/{upload_id}": (
        "POST /v1/driving-logs/{log_id}/preview, POST /v1/driving-logs/{log_id}/import"
    ),
    "GET /logs/{upload_id}/refused": "GET /v1/driving-logs/{log_id}/refused",
    "GET /use": "GET /v1/use",
    "GET /use/export/{form}": "GET /v1/use",
    # Documents of a round
    "GET /proposals/council": "GET /v1/rounds/{round_id}",
    "GET /proposals/council.pdf": "GET /v1/rounds/{round_id}/council.pdf",
    "GET /proposals/report": "GET /v1/rounds/{round_id}",
    "GET /proposals/report.pdf": "GET /v1/rounds/{round_id}/report.pdf",
    "GET /proposals/report.xlsx": "GET /v1/rounds/{round_id}/report.xlsx",
    "GET /proposals/transition.xlsx": "GET /v1/transition, GET /v1/transition/contracts",
    "GET /proposals/certificate.zip": "GET /v1/rounds/{round_id}/certificate.zip",
    "GET /proposals/reports": "GET /v1/reports",
    "POST /proposals/reports": "POST /v1/reports",
    "GET /proposals/reports/{report_id}": "GET /v1/reports/{report_id}",
    "GET /proposals/reports/{report_id}/pdf": "GET /v1/reports/{report_id}/report.pdf",
    "GET /proposals/reports/{report_id}/since/{other_id}": (
        "GET /v1/reports/{report_id}/since/{other_id}"
    ),
    "GET /proposals/transition": "GET /v1/transition, GET /v1/transition/contracts",
    # Proposals
    "GET /proposals/mine": "GET /v1/waiting",
    "GET /proposals/send": Why.FORM,
    "POST /proposals/send": "POST /v1/sendings",
    "GET /proposals": "GET /v1/proposals",
    "GET /proposals/rounds": "GET /v1/rounds",
    "GET /proposals/rounds/{round_id}": "GET /v1/rounds/{round_id}",
    "POST /proposals/rounds": "POST /v1/rounds",
    "GET /proposals/curve": "GET /v1/rounds/{round_id}/curve",
    "POST /proposals/curve": "POST /v1/rounds/{round_id}/fleet",
    "POST /proposals/versions": "POST /v1/rounds/{round_id}/versions",
    "POST /proposals/rounds/{round_id}/cancel": "POST /v1/rounds/{round_id}/cancel",
    "GET /proposals/depots": "GET /v1/rounds/{round_id}/depots",
    "POST /proposals/decisions": "POST /v1/decisions",
    "GET /proposals/{proposal_id}": (
        "GET /v1/proposals/{proposal_id}, GET /v1/proposals/{proposal_id}/decisions"
    ),
    "POST /proposals/{proposal_id}": "POST /v1/proposals/{proposal_id}/decisions",
    "POST /proposals/{proposal_id}/instead": "POST /v1/proposals/{proposal_id}/instead",
    "POST /proposals/{proposal_id}/talk": (
        "POST /v1/proposals/{proposal_id}/comments, POST /v1/proposals/{proposal_id}/answers"
    ),
    "GET /proposals/{proposal_id}/days": "GET /v1/proposals/{proposal_id}/days",
    "POST /proposals/{proposal_id}/days": Why.REASON,
    "GET /trial": "GET /v1/trial",
    "GET /trial.xlsx": "GET /v1/trial",
    "GET /trial/{depot}": "GET /v1/trial",
    "POST /trial/{depot}": Why.REASON,
    "GET /what-ifs": "GET /v1/what-ifs",
    "GET /what-ifs/new": Why.FORM,
    "POST /what-ifs/new": "POST /v1/what-ifs",
    "GET /what-ifs/{what_if_id}": "GET /v1/what-ifs/{what_if_id}",
    "POST /what-ifs/{what_if_id}": (
        "POST /v1/what-ifs/{what_if_id}/keep, POST /v1/what-ifs/{what_if_id}/share,"
        " POST /v1/what-ifs/{what_if_id}/unshare, POST /v1/what-ifs/{what_if_id}/cancel,"
        " DELETE /v1/what-ifs/{what_if_id}"
    ),
    # What became of proposals
    "GET /ledger": "GET /v1/ledger, GET /v1/ledger/proposals, GET /v1/tasks, GET /v1/journeys",
    "POST /ledger/journeys": "POST /v1/journeys",
    "POST /ledger/journeys/{list_id}/remove": "DELETE /v1/journeys/{list_id}",
    "GET /ledger/tasks/{task_id}": "GET /v1/tasks/{task_id}, GET /v1/tasks/{task_id}/history",
    "POST /ledger/tasks/{task_id}": (
        "PUT /v1/tasks/{task_id}, POST /v1/tasks/{task_id}/done, POST /v1/tasks/{task_id}/reopen"
    ),
    # Purchases
    "GET /purchases": "GET /v1/vehicle-requests, GET /v1/green-purchases",
    "POST /purchases": "POST /v1/purchases",
    "GET /purchases/new": Why.FORM,
    "GET /purchases/requests/new": Why.FORM,
    "POST /purchases/requests": "POST /v1/vehicle-requests",
    "GET /purchases/requests/export/{form}": "GET /v1/vehicle-requests",
    "GET /purchases/requests/{request_id}": (
        "GET /v1/vehicle-requests/{request_id}, GET /v1/vehicle-requests/{request_id}/check"
    ),
    "POST /purchases/requests/{request_id}": "POST /v1/vehicle-requests/{request_id}/answer",
    "POST /purchases/requests/{request_id}/withdraw": (
        "POST /v1/vehicle-requests/{request_id}/withdraw"
    ),
    "GET /purchases/register": "GET /v1/purchases, GET /v1/disposals",
    "GET /purchases/register/export/{form}": "GET /v1/purchases, GET /v1/disposals",
    "GET /purchases/principles": "GET /v1/purchase-principles",
    "GET /purchases/principles/{principle}": "GET /v1/purchase-principles/{principle}",
    "POST /purchases/principles/{principle}": "PUT /v1/purchase-principles/{principle}",
    "GET /purchases/disposals/{vehicle_id}": "GET /v1/disposals/{vehicle}",
    "POST /purchases/disposals/{vehicle_id}": "POST /v1/disposals/{vehicle}/reason",
    "GET /purchases/{purchase_id}": "GET /v1/purchases/{purchase_id}",
    "POST /purchases/{purchase_id}": "PUT /v1/purchases/{purchase_id}",
    "POST /purchases/{purchase_id}/withdraw": "POST /v1/purchases/{purchase_id}/withdraw",
    # The end of the pilot
    "GET /evaluation": "GET /v1/evaluation",
    "GET /evaluation.pdf": "GET /v1/evaluation/report.pdf",
    "GET /evaluation.xlsx": "GET /v1/evaluation",
    "POST /evaluation/goals": "POST /v1/pilot-goals",
    "GET /evaluation/goals/{goal_id}": "GET /v1/pilot-goals/{goal_id}",
    "POST /evaluation/goals/{goal_id}": (
        "PUT /v1/pilot-goals/{goal_id}, POST /v1/pilot-goals/{goal_id}/removal"
    ),
    "POST /evaluation/reports": "POST /v1/reports",
    "GET /roll-out": "GET /v1/roll-out",
    "GET /roll-out.pdf": "GET /v1/roll-out/report.pdf",
    "GET /roll-out.xlsx": "GET /v1/roll-out",
    "POST /roll-out": "PUT /v1/roll-out",
    "POST /roll-out/reports": "POST /v1/reports",
    # Costs
    "GET /assumptions": "GET /v1/assumptions",
    "GET /assumptions/{key}": "GET /v1/assumptions/{key}, GET /v1/assumptions/{key}/history",
    "POST /assumptions/{key}": "PUT /v1/assumptions/{key}",
    "POST /assumptions/{key}/withdraw": "POST /v1/assumptions/{key}/withdraw",
    "GET /capabilities": "GET /v1/capabilities",
    "POST /capabilities": "PUT /v1/capabilities",
    "GET /catalogue": "GET /v1/kinds",
    "POST /catalogue": "POST /v1/kinds",
    "GET /catalogue/new": Why.FORM,
    "POST /catalogue/offer": "PUT /v1/kinds/{kind}",
    "GET /catalogue/{kind}": "GET /v1/kinds/{kind}",
    "POST /catalogue/{kind}": "PUT /v1/kinds/{kind}",
    # The plan
    "GET /plan": "GET /v1/milestones",
    "GET /plan/import": Why.FORM,
    "POST /plan/import": Why.FORM,
    "GET /plan/import/{digest}": "POST /v1/plans/{plan_id}/comparison",
    "POST /plan/import/confirm": "POST /v1/plans, POST /v1/plans/{plan_id}/readings",
    "GET /plan/plans/{plan_id}/removal": Why.FORM,
    "POST /plan/plans/{plan_id}/removal": "POST /v1/plans/{plan_id}/removal",
    "GET /plan/owners": "GET /v1/plan-contacts",
    "POST /plan/owners": "POST /v1/plan-contacts",
    "GET /plan/owners/{contact_id}": Why.FORM,
    "POST /plan/owners/{contact_id}": "PUT /v1/plan-contacts/{contact_id}",
    "POST /plan/assign": "POST /v1/milestone-owners",
    "GET /plan/milestones/{milestone_id}": (
        "GET /v1/milestones/{milestone}, GET /v1/milestones/{milestone}/history"
    ),
    "POST /plan/milestones/{milestone_id}": "PUT /v1/milestones/{milestone}",
    "POST /plan/milestones/{milestone_id}/decision": "PUT /v1/milestones/{milestone}/decision",
    "POST /plan/milestones/{milestone_id}/owner": "POST /v1/milestone-owners",
    "POST /plan/milestones/{milestone_id}/words": "PUT /v1/milestones/{milestone}/own-words",
    "POST /plan/milestones/{milestone_id}/political": "PUT /v1/milestones/{milestone}/political",
    "POST /plan/milestones/{milestone_id}/fact": "PUT /v1/milestones/{milestone}/fact",
    # The follow-up of a plan
    "GET /follow-up": Why.PERSON,
    "POST /follow-up": Why.PERSON,
    "GET /plan/follow-up": "GET /v1/follow-ups, GET /v1/centre-contacts",
    "POST /plan/follow-up": "POST /v1/follow-ups",
    "POST /plan/follow-up/centres": "PUT /v1/centre-contacts",
    "GET /plan/follow-up/{follow_up_id}": "GET /v1/follow-ups/{follow_up_id}",
    "POST /plan/follow-up/{follow_up_id}/close": "POST /v1/follow-ups/{follow_up_id}/close",
    "POST /plan/follow-up/{follow_up_id}/people/{contact_id}/link": (
        "POST /v1/follow-ups/{follow_up_id}/links"
    ),
    "POST /plan/follow-up/{follow_up_id}/people/{contact_id}/revoke": (
        "POST /v1/follow-ups/{follow_up_id}/revocations"
    ),
    "GET /plan/indicators": "GET /v1/indicators",
    "POST /plan/indicators": "POST /v1/indicators",
    "GET /plan/indicators/{indicator_id}": (
        "GET /v1/indicators/{indicator_id}, GET /v1/indicators/{indicator_id}/values"
    ),
    "POST /plan/indicators/{indicator_id}": (
        "PUT /v1/indicators/{indicator_id}, POST /v1/indicators/{indicator_id}/removal"
    ),
    "POST /plan/indicators/{indicator_id}/values": "POST /v1/indicators/{indicator_id}/values",
    "GET /plan/meetings": "GET /v1/plan-meetings",
    "POST /plan/meetings": "POST /v1/plan-meetings",
    "GET /plan/meetings/{meeting_id}": "GET /v1/plan-meetings/{meeting_id}",
    "POST /plan/meetings/{meeting_id}": (
        "PUT /v1/plan-meetings/{meeting_id}, POST /v1/plan-meetings/{meeting_id}/removal"
    ),
    "POST /plan/meetings/{meeting_id}/agenda": "PUT /v1/milestones/{milestone}/meeting",
    "GET /plan/meetings/{meeting_id}/agenda.pdf": "GET /v1/plan-meetings/{meeting_id}/agenda.pdf",
    "GET /plan/meetings/{meeting_id}/agenda.xlsx": (
        "GET /v1/plan-meetings/{meeting_id}/agenda.xlsx"
    ),
    "GET /plan/calendars": "GET /v1/plans/{plan_id}/calendars",
    "POST /plan/calendars": "POST /v1/plans/{plan_id}/calendars",
    "GET /plan/calendar.ics": Why.SUMMED_UP,
    "POST /plan/calendars/{calendar_id}/end": "POST /v1/plan-calendars/{calendar_id}/end",
    "GET /plan/status": "GET /v1/plans/{plan_id}/status",
    "POST /plan/status": "POST /v1/plans/{plan_id}/reports",
    "GET /plan/status.pdf": "GET /v1/plans/{plan_id}/status.pdf",
    "GET /plan/status.xlsx": "GET /v1/plans/{plan_id}/status.xlsx",
    "GET /plan/files/{plan_id}/{form}": (
        "GET /v1/plans/{plan_id}/plan.xlsx, GET /v1/plans/{plan_id}/plan.csv,"
        " GET /v1/plans/{plan_id}/plan.json"
    ),
    "GET /proposals/reports/{report_id}/xlsx": "GET /v1/reports/{report_id}/report.xlsx",
    # Trackers
    "GET /intake": "GET /v1/quarantine",
    "POST /intake/release": "POST /v1/quarantine/release",
    "GET /intake/discard": Why.FORM,
    "POST /intake/discard": "POST /v1/quarantine/discard",
    "GET /intake/keys": "GET /v1/keys",
    "POST /intake/keys": "POST /v1/gateways/{gateway}/keys",
    "POST /intake/keys/{key_id}/revoke": "POST /v1/keys/{key_id}/revoke",
    "GET /intake/live": "GET /v1/devices",
    "GET /intake/trackers": "GET /v1/devices",
    "POST /intake/trackers": "POST /v1/devices",
    "GET /intake/trackers/{device}": (
        "GET /v1/devices/{device}, GET /v1/devices/{device}/vehicles,"
        " GET /v1/devices/{device}/networks"
    ),
    "POST /intake/trackers/{device}/vehicle": "POST /v1/devices/{device}/vehicles",
    "POST /intake/trackers/{device}/key": "POST /v1/devices/{device}/keys",
    "POST /intake/trackers/{device}/keys/{key_id}/revoke": "POST /v1/keys/{key_id}/revoke",
    "POST /intake/trackers/{device}/networks": "PUT /v1/devices/{device}/networks",
    # The municipality
    "GET /municipality": "GET /v1/municipality, GET /v1/closing-days",
    "POST /municipality/name": "PUT /v1/municipality",
    "POST /municipality/closing-days": "POST /v1/closing-days",
    "POST /municipality/closing-days/{day}/remove": "DELETE /v1/closing-days/{day}",
    "POST /municipality/no-closing-days": "POST /v1/municipality/no-closing-days",
    # People
    "GET /audit": Why.PEOPLE_ONLY,
    "GET /audit/export/{form}": Why.PEOPLE_ONLY,
    "GET /audit/tracks": Why.PEOPLE_ONLY,
    "GET /audit/tracks/export/{form}": Why.PEOPLE_ONLY,
    "GET /sign-in": Why.PERSON,
    "POST /sign-in": Why.PERSON,
    "GET /sign-in/municipality": Why.PERSON,
    "GET /sign-in/municipality/back": Why.PERSON,
    "POST /sign-out": Why.PERSON,
    "GET /first-administrator": Why.PERSON,
    "POST /first-administrator": Why.PERSON,
    "GET /link": Why.PERSON,
    "POST /link/enter": Why.PERSON,
    "POST /link/password": Why.PERSON,
    "GET /account": Why.PERSON,
    "POST /account/password": Why.PERSON,
    "POST /account/sessions/end-others": Why.PERSON,
    "POST /account/sessions/{session_id}/end": Why.PERSON,
    "POST /account/email": Why.PERSON,
    "GET /accounts": Why.PEOPLE_ONLY,
    "POST /accounts": Why.PEOPLE_ONLY,
    "GET /accounts/{account_id}": Why.PEOPLE_ONLY,
    "POST /accounts/{account_id}": Why.PEOPLE_ONLY,
    "POST /accounts/{account_id}/link": Why.PEOPLE_ONLY,
    "POST /accounts/{account_id}/close": Why.PEOPLE_ONLY,
    "POST /accounts/{account_id}/reopen": Why.PEOPLE_ONLY,
    "POST /accounts/{account_id}/email": Why.PEOPLE_ONLY,
    "GET /mails": Why.PEOPLE_ONLY,
    "POST /mails/{mail_id}/again": Why.PEOPLE_ONLY,
    "POST /mails/{mail_id}/drop": Why.PEOPLE_ONLY,
    "GET /tokens": Why.PEOPLE_ONLY,
    "POST /tokens": Why.PEOPLE_ONLY,
    "POST /tokens/{token_id}/end": Why.PEOPLE_ONLY,
    "GET /interface": Why.INTERFACE,
}

#: Operations that ask for more than a page on which their answer stands with others.
#: Single trips on the page of a vehicle are shown to who may read tracks.
ANOTHER_NEED = {
    ("GET /vehicles/{vehicle_id}", "GET /v1/trips"),
    ("GET /vehicles/{vehicle_id}", "GET /v1/round-trips"),
}

NEEDS: dict[str, Need] = {
    f"{route.definition.method} {route.definition.path}": route.need
    for subject in SUBJECTS
    for route in subject.routes
}
OPERATION_NEEDS = {f"{one.method} {one.path}": one.need for one in OPERATIONS}


def test_of_each_page_it_is_said_what_a_program_asks_instead_or_why_there_is_nothing() -> None:
    assert set(PAGES) == set(NEEDS)


@pytest.mark.parametrize(
    "page", [page for page, told in PAGES.items() if not isinstance(told, Why)]
)
def test_a_program_needs_the_permission_that_the_page_needs(page: str) -> None:
    for operation in PAGES[page].split(", "):
        if (page, operation) not in ANOTHER_NEED:
            assert OPERATION_NEEDS[operation] is NEEDS[page]
