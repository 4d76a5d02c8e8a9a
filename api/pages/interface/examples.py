"""Commands that try the operations of the JSON interface. They are made of its declarations, so
that they are those of the code that answers."""

import json
import shlex
from collections.abc import Iterable, Mapping
from itertools import groupby

from api.pages.interface.views import OperationGroup, ShownOperation
from api.pages.words.language import mark
from api.rest.frame.operations import AnyOperation

#: The titles of the things that operations are on, by the first part of their addresses.
TITLES: Mapping[str, str] = {
    "municipality": mark("The municipality"),
    "closing-days": mark("Closing days"),
    "vehicles": mark("Vehicles, what is settled about them, and private time"),
    "vehicle-lists": mark("Lists of vehicles"),
    "depots": mark("Depots"),
    "zones": mark("Zones that are no depots"),
    "removed-zones": mark("Removed zones"),
    "zone-files": mark("Files of zones"),
    "devices": mark("Trackers"),
    "gateways": mark("Gateways"),
    "keys": mark("Keys of trackers and gateways"),
    "trips": mark("Trips"),
    "round-trips": mark("Round trips"),
    "driving-logs": mark("Driving logs"),
    "use": mark("Use of the fleet"),
    "kinds": mark("Kinds of vehicle"),
    "capabilities": mark("Capabilities"),
    "assumptions": mark("Assumptions"),
    "rounds": mark("Rounds of proposals"),
    "reports": mark("Reports that were kept"),
    "proposals": mark("Proposals and decisions"),
    "decisions": mark("Decisions on several proposals"),
    "trial": mark("The proposed fleet tried on real days"),
    "what-ifs": mark("What-ifs"),
    "ledger": mark("What became of accepted proposals"),
    "transition": mark("Year by year"),
    "tasks": mark("Tasks of accepted proposals"),
    "journeys": mark("Journeys by taxi, hire and own car"),
    "purchase-principles": mark("Principles of purchase and disposal"),
    "vehicle-requests": mark("Requests for vehicles"),
    "purchases": mark("Purchases"),
    "disposals": mark("Disposals"),
    "green-purchases": mark("How green the purchases are"),
    "evaluation": mark("Evaluation of the pilot"),
    "pilot-goals": mark("Goals of the pilot"),
    "roll-out": mark("Roll-out plan"),
    "sendings": mark("Proposals that are sent to department heads"),
    "waiting": mark("What waits for an answer"),
    "plans": mark("Plans of years, and how far they are"),
    "typed-plans": mark("Plans without a document"),
    "programmes": mark("Programmes of plans"),
    "milestones": mark("Milestones of the plan"),
    "milestone-owners": mark("Who owns milestones"),
    "plan-contacts": mark("Who has a part in plans"),
    "follow-ups": mark("Follow-up of plans by the quarter"),
    "centre-contacts": mark("Who is written to for centres"),
    "plan-meetings": mark("Meetings of committees"),
    "plan-calendars": mark("Addresses of calendars"),
    "indicators": mark("Indicators of plans"),
    "quarantine": mark("Quarantine"),
}

#: What stands for the parts of an address in an example.
_PARTS: Mapping[str, str] = {
    "vehicle": "AB12345",
    "depot": "raadhuset",
    "zone": "vaerkstedet",
    "device": "356307042441013",
    "gateway": "flespi",
    "day": "2026-12-23",
    "key": "electricity_kr_kwh",
    "kind": "elbil-mellem",
    "milestone": "markedsdialog",
    "plan_id": "1",
    "meeting_id": "1",
    "calendar_id": "1",
    "contact_id": "1",
    "follow_up_id": "1",
    "programme_id": "flaadestyring",
    "indicator_id": "1",
    "goal_id": "1",
    "item_id": "1",
    "key_id": "1",
    "list_id": "1",
    "log_id": "1",
    "principle": "least_use",
    "other_id": "2",
    "private_id": "1",
    "proposal_id": "1",
    "purchase_id": "1",
    "report_id": "1",
    "request_id": "1",
    "round_id": "1",
    "task_id": "1",
    "what_if_id": "1",
}


def operation_groups(operations: Iterable[AnyOperation], url: str) -> list[OperationGroup]:
    """The operations by what they are on, with a command for each to the server at `url`."""
    ordered = sorted(operations, key=lambda one: list(TITLES).index(_thing(one)))
    return [
        OperationGroup(name, TITLES[name], [_shown(one, url) for one in ones])
        for name, ones in groupby(ordered, _thing)
    ]


def command(operation: AnyOperation, url: str) -> str:
    """A command that tries an operation; `$TOKEN` is a token with its permission."""
    parts = ["curl"]
    if operation.method not in ("GET", "POST"):
        parts += ["-X", operation.method]
    address = url + operation.path.format(**_PARTS)
    if operation.takes_file:
        address = f'"{address}?name={example_file(operation)}"'
    parts += [address, "-H", '"Authorization: Bearer $TOKEN"']
    body = example_body(operation)
    if operation.takes_file:
        content = "Content-Type: application/octet-stream"
        parts += ["-H", f'"{content}"', "--data-binary", f"@{example_file(operation)}"]
    elif body is not None:
        text = json.dumps(body, ensure_ascii=False)
        parts += ["-H", '"Content-Type: application/json"', "-d", shlex.quote(text)]
    elif operation.method == "POST":
        parts += ["-X", "POST"]
    return " ".join(parts)


def example_body(operation: AnyOperation) -> object | None:
    """The body of the example of an operation; None: it has no body."""
    schema = operation.asked.model_json_schema()
    if operation.has_query or not schema["properties"]:
        return None
    return schema["examples"][0]


def example_file(operation: AnyOperation) -> str:
    """The name of the file that the example of an operation sends."""
    return operation.asked.model_json_schema()["examples"][0]["name"]


def _thing(operation: AnyOperation) -> str:
    return operation.path.split("/")[2]


def _shown(operation: AnyOperation, url: str) -> ShownOperation:
    return ShownOperation(
        operation.method,
        operation.path,
        operation.summary,
        operation.need,
        command(operation, url),
    )
