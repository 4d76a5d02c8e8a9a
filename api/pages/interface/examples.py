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
    "vehicles": mark("Vehicles and private time"),
    "kinds": mark("Kinds of vehicle"),
    "depots": mark("Depots"),
    "devices": mark("Trackers"),
    "trips": mark("Trips"),
    "round-trips": mark("Round trips"),
    "use": mark("Use of the fleet"),
    "rounds": mark("Rounds of proposals"),
    "proposals": mark("Proposals and decisions"),
    "quarantine": mark("Quarantine"),
}

#: What stands for the parts of an address in an example.
_PARTS: Mapping[str, str] = {
    "vehicle": "AB12345",
    "depot": "raadhuset",
    "device": "356307042441013",
    "item_id": "1",
    "private_id": "1",
    "proposal_id": "1",
    "round_id": "1",
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
    parts += [url + operation.path.format(**_PARTS), "-H", '"Authorization: Bearer $TOKEN"']
    body = example_body(operation)
    if body is not None:
        text = json.dumps(body, ensure_ascii=False)
        parts += ["-H", '"Content-Type: application/json"', "-d", shlex.quote(text)]
    elif operation.method == "POST":
        parts += ["-X", "POST"]
    return " ".join(parts)


def example_body(operation: AnyOperation) -> object | None:
    """The body of the example of an operation; None: it has no body."""
    schema = operation.asked.model_json_schema()
    if operation.reads or not schema["properties"]:
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
