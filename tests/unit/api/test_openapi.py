"""The interface's description holds together: every reference leads somewhere."""

from typing import Any

import pytest

from access.roles import NOT_FOR_PROGRAMS
from api.rest.openapi import openapi_document
from api.rest.routes import OPERATIONS
from fleet.actor import Permission


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        found = {value["$ref"]} if isinstance(value.get("$ref"), str) else set[str]()
        return found.union(*map(references, value.values()))
    return set[str]().union(*map(references, value)) if isinstance(value, list) else set()


def test_every_reference_of_the_description_leads_somewhere() -> None:
    described = openapi_document()
    schemas = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert references(described) <= schemas


def test_both_ways_to_send_positions_have_the_same_answers_a_late_body_among_them() -> None:
    paths = openapi_document()["paths"]
    answers = [paths[way]["post"]["responses"] for way in ("/v1/positions", "/v1/flespi")]
    assert answers[0] == answers[1]
    assert set(answers[0]) == {"200", "400", "401", "403", "408", "413", "415", "422", "503"}


def test_a_token_may_have_what_opens_something_and_nothing_else() -> None:
    assert {one.need for one in OPERATIONS} == set(Permission) - NOT_FOR_PROGRAMS


@pytest.mark.parametrize(
    ("permission", "things"),
    [
        (Permission.REGISTER_CHANGE, {"vehicles", "depots", "closing-days", "municipality"}),
        (Permission.TELEMETRY_MANAGE, {"devices", "keys", "gateways", "quarantine"}),
        (Permission.LOGS_IMPORT, {"driving-logs"}),
        (Permission.COSTS_CHANGE, {"assumptions", "capabilities", "kinds"}),
        (Permission.PLAN_REPORT, {"milestones"}),
    ],
)
def test_what_the_page_of_tokens_says_of_a_permission_its_addresses_change(
    permission: Permission, things: set[str]
) -> None:
    changed = {one.path.split("/")[2] for one in OPERATIONS if one.need is permission}
    assert things <= changed
