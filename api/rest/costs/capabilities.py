"""The capabilities of vehicles and their names for programs: `/v1/capabilities`."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    FreeText,
    Name,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.problems import ERRORS_MAX, Problem
from costs.capabilities import (
    Capability,
    NameFault,
    capabilities,
    count_names_given,
    name_faults,
    put_capability_names,
)
from costs.catalogue import starter_catalogue
from fleet.actor import Permission
from ingest.listeners.problem import RefusedPart

#: The most capabilities that a body may name.
_NAMED_MAX = 1_000

_REASONS = {
    NameFault.LONG: "is longer than 60 characters",
    NameFault.PARTED: "holds a ;, which parts capabilities",
    NameFault.TAKEN: "is the name of another capability",
}


class CapabilityName(RequestBody):
    """The municipality's own name of a capability; null: it has none, and pages show the
    product's name or the code."""

    code: Name
    name: FreeText | None
    kinds: Told = None
    named_by: Told = None
    named_at: Told = None


class CapabilityNames(RequestBody):
    """The names of some capabilities; the others keep theirs. `revision` is that of the list as the
    program read it: if somebody else has given a name since, nothing is changed."""

    model_config = example(revision=0, items=[{"code": "towbar", "name": "anhængertræk"}])

    revision: Revision
    items: Annotated[list[CapabilityName], Field(max_length=_NAMED_MAX)]


class CapabilityTold(ResponseBody):
    """A capability, which trips may need and kinds offer, with the municipality's own name of it
    and the names of the `kinds` that offer it."""

    code: str
    name: str | None
    kinds: list[str]
    named_by: str | None
    named_at: datetime | None


class CapabilitiesTold(ResponseBody):
    """Every capability that is in use or has a name, in the order of the codes."""

    revision: int
    items: list[CapabilityTold]


async def list_capabilities(call: Call[Any]) -> CapabilitiesTold:
    return CapabilitiesTold(
        revision=await count_names_given(call.pool),
        items=[_told(code, one) for code, one in sorted((await _known(call)).items())],
    )


async def name_capabilities(call: Call[CapabilityNames]) -> CapabilitiesTold:
    known = await _known(call)
    given = {one.code: " ".join((one.name or "").split()) for one in call.asked.items}
    if unknown := [code for code in given if code not in known]:
        raise _refused(dict.fromkeys(unknown, "is no capability"))
    own = {code: _own_name(one) or "" for code, one in known.items()}
    # Of two equal names the later one is at fault: those that are given come last.
    others = {code: name for code, name in own.items() if code not in given}
    faults = name_faults({**others, **given})
    if not faults.keys().isdisjoint(given):
        raise _refused({code: _REASONS[faults[code]] for code in faults.keys() & given})
    changed = {code: name for code, name in given.items() if name != own[code]}
    await put_capability_names(call.pool, call.actor, changed, call.asked.revision)
    return await list_capabilities(call)


async def _known(call: Call[Any]) -> dict[str, Capability | None]:
    """Every capability that a kind offers, one of the shipped ones among them, or that has a name,
    by its code; None: no kind of the catalogue has it."""
    known: dict[str, Capability | None] = {
        code: None for kind in starter_catalogue() for code in kind.offers
    }
    return known | {one.code: one for one in await capabilities(call.pool)}


def _refused(reasons: dict[str, str]) -> Problem:
    parts = [RefusedPart(None, code, reason) for code, reason in reasons.items()]
    return Problem(422, "the capabilities cannot be named so", parts[:ERRORS_MAX])


def _own_name(one: Capability | None) -> str | None:
    return None if one is None else one.name or None


def _told(code: str, one: Capability | None) -> CapabilityTold:
    return CapabilityTold(
        code=code,
        name=_own_name(one),
        kinds=[] if one is None else list(one.kinds),
        named_by=None if one is None else one.named_by,
        named_at=None if one is None else one.named_at,
    )


CAPABILITIES = (
    Operation(
        "GET",
        "/v1/capabilities",
        Permission.FIGURES_READ,
        mark("The capabilities that kinds offer, and their names"),
        Query,
        CapabilitiesTold,
        list_capabilities,
    ),
    Operation(
        "PUT",
        "/v1/capabilities",
        Permission.COSTS_CHANGE,
        mark("Give capabilities names of the municipality's own"),
        CapabilityNames,
        CapabilitiesTold,
        name_capabilities,
        conflict="somebody else has given a name since",
    ),
)
