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
    "proposals": mark("Proposals and decisions"),
    "ledger": mark("What became of accepted proposals"),
    "tasks": mark("Tasks of accepted proposals"),
    "journeys": mark("Journeys by taxi, hire and own car"),
    "sendings": mark("Proposals that are sent to department heads"),
    "waiting": mark("What waits for an answer"),
    "milestones": mark("Milestones of the plan"),
    "quarantine": mark("Quarantine"),
}

#: What stands for the parts of an address in an example.
_PARTS: Mapping[str, str] = {
    "vehicle": "AB12345",
    "depot": "raadhuset",
    "device": "356307042441013",
    "gateway": "flespi",
    "day": "2026-12-23",
    "key": "electricity_kr_kwh",
    "kind": "elbil-mellem",
    "milestone": "markedsdialog",
    "item_id": "1",
    "key_id": "1",
    "list_id": "1",
    "log_id": "1",
    "private_id": "1",
    "proposal_id": "1",
    "round_id": "1",
    "task_id": "1",
}


#: The file of an example that sends one.
FILE = "list.csv"


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
        address = f'"{address}?name={FILE}"'
    parts += [address, "-H", '"Authorization: Bearer $TOKEN"']
    body = example_body(operation)
    if operation.takes_file:
        content = "Content-Type: application/octet-stream"
        parts += ["-H", f'"{content}"', "--data-binary", f"@{FILE}"]
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
