"""Tells in words what an entry of the audit log was: the values of its detail, and what they were
before the act."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import cast

from access.roles import Role
from api.pages.access.labels import LABELS as ACCESS_LABELS
from api.pages.audit.labels import LABELS, SUBJECT_NAMES, VALUE_NAMES
from api.pages.costs.capabilities import Capabilities
from api.pages.costs.labels import LABELS as COST_LABELS
from api.pages.frame.labels import LABELS as FRAME_LABELS
from api.pages.intake.labels import LABELS as INTAKE_LABELS
from api.pages.ledger.labels import LABELS as LEDGER_LABELS
from api.pages.plan.labels import LABELS as PLAN_LABELS
from api.pages.proposals.labels import LABELS as PROPOSAL_LABELS
from api.pages.purchases.labels import LABELS as PURCHASE_LABELS
from api.pages.vehicles.labels import LABELS as VEHICLE_LABELS
from api.pages.vehicles.trip_class import CLASS_NAMES
from api.pages.words.formats import Formats
from api.pages.words.language import mark, translations
from api.pages.words.vocabulary import Labels
from db.audit.entry import Act, AuditEntry, Subject
from db.audit.record import WAS
from fleet.actor import Permission
from fleet.vehicle import Energy
from ingest.gate.refusal import Reason
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.ledger.steps import Step
from optimiser.purchases.principles import Principle
from optimiser.purchases.requests import RequestState
from optimiser.rounds.decisions import Verdict
from register.vehicles import Ruling
from register.zones import ZoneKind
from tracker.milestone import MilestoneStatus

YES, NO = mark("yes"), mark("no")

_ZONE_KINDS: Labels = {
    ZoneKind: {ZoneKind.DEPOT: mark("Depot"), ZoneKind.OTHER: mark("Another place")}
}

#: The words of each enumeration whose members stand in details.
_WORDS: Labels = {
    **FRAME_LABELS,
    **ACCESS_LABELS,
    **COST_LABELS,
    **VEHICLE_LABELS,
    **PLAN_LABELS,
    **PROPOSAL_LABELS,
    **LEDGER_LABELS,
    **PURCHASE_LABELS,
    **INTAKE_LABELS,
    **LABELS,
    **_ZONE_KINDS,
}

#: The enumerations whose members the values with a name are.
_ENUMERATIONS: Mapping[str, type[StrEnum]] = {
    "role": Role,
    "verdict": Verdict,
    "ruling": Ruling,
    "energy": Energy,
    "permissions": Permission,
    "act": Act,
    "subject": Subject,
    "step": Step,
    "principle": Principle,
    "approved_energy": Energy,
}

#: The same where the name means another thing for another subject.
_OF_SUBJECT: Mapping[tuple[Subject, str], type[StrEnum]] = {
    (Subject.MILESTONE, "status"): MilestoneStatus,
    (Subject.ZONE, "kind"): ZoneKind,
    (Subject.QUARANTINE, "reason"): Reason,
    (Subject.VEHICLE_REQUEST, "state"): RequestState,
}


#: The words for values that acts write as they are.
_FIXED: Mapping[tuple[str, str], str] = {
    ("password", "set"): mark("was set"),
    ("link", "made"): mark("was made"),
    ("groups", "none with a role"): mark("none of them has a role any more"),
}


#: The subjects of which the `kind` is one of the catalogue.
_OF_A_KIND = frozenset({Subject.VEHICLE, Subject.VEHICLE_REQUEST, Subject.PURCHASE})


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names that stand for codes and ids in words: of what trips need and kinds offer, and by
    their ids of kinds and depots. What has none is told by its id."""

    capabilities: Capabilities
    kinds: Mapping[str, str]
    depots: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """A value of an entry under its marked name. `before` is what the act replaced; "" where that
    is not told, or there was nothing."""

    name: str
    now: str
    before: str = ""


def told(entry: AuditEntry, formats: Formats, known: KnownNames) -> Sequence[Told]:
    """The values of an entry in words, what it is about first."""
    was = entry.detail.get(WAS)
    before: Mapping[str, object] = {}
    if isinstance(was, Mapping):
        before = cast("Mapping[str, object]", was)
    # That something was removed is the act itself.
    names = dict.fromkeys([*entry.detail, *before])
    names = [name for name in names if name not in (WAS, "removed")]
    found: list[Told] = []
    for name in sorted(names, key=_place):
        now, old = (
            _value(entry.subject, name, values.get(name), formats, known)
            for values in (entry.detail, before)
        )
        if now or old:
            found.append(Told(_name(entry.subject, name), now, old))
    return found


def sentence(entry: AuditEntry, formats: Formats, known: KnownNames) -> str:
    """The values of an entry as one text, for a file."""
    say = translations(formats.language).gettext
    return "; ".join(
        f"{say(one.name)}: {f'{one.before} → {one.now or EMPTY}' if one.before else one.now}"
        for one in told(entry, formats, known)
    )


#: The text for a value that the act took away.
EMPTY = "–"


#: The names that are told first. The database keeps no order of them.
_FIRST = ("key", "verdict", "ruling", "name", "label", "begins", "from", "ends", "to")


def _place(name: str) -> int:
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)


def _name(subject: Subject, name: str) -> str:
    """The word for a name of a detail; one that has none, of another version, stands as it is."""
    return SUBJECT_NAMES.get(subject, {}).get(name) or VALUE_NAMES.get(name, name)


def _value(subject: Subject, name: str, given: object, formats: Formats, known: KnownNames) -> str:
    say = translations(formats.language).gettext
    if given is None or given == "" or given == []:
        return ""
    if isinstance(given, bool):
        return say(YES if given else NO)
    if isinstance(given, int | float):
        # A year is no amount.
        return (
            str(given)
            if name in ("valid_from", "year", "model_year", "from_year")
            else formats.amount(given)
            if "kr" in name.split("_")
            else formats.figure(given)
        )
    if isinstance(given, Sequence) and not isinstance(given, str):
        items = cast("Sequence[object]", given)
        return ", ".join(_value(subject, name, one, formats, known) for one in items)
    text = str(given)
    if name in ("needs", "offers"):
        return known.capabilities.name(text)
    if name == "depot_id":
        return known.depots.get(text, text)
    if name == "kind" and subject in _OF_A_KIND:
        return known.kinds.get(text, text)
    if (name, text) in _FIXED:
        return say(_FIXED[name, text])
    if name == "key":
        return _decision(text, say, known)
    if name == "trip_class":
        return say(CLASS_NAMES.get(text, text))
    kind = _OF_SUBJECT.get((subject, name)) or _ENUMERATIONS.get(name)
    if kind is not None and text in set(kind):
        return say(_WORDS[kind][kind(text)])
    return _moment(text, formats) or text


def _decision(key: str, say: Callable[[str], str], known: KnownNames) -> str:
    """What a proposal is about, by the key of its decision."""
    try:
        found = DecisionKey.parse(key)
    except ValueError:
        return key
    of_kind = "" if found.kind is None else f", {known.kinds.get(found.kind, found.kind)}"
    subject = known.depots.get(found.subject, found.subject)
    return f"{say(_WORDS[Action][found.action])}: {subject}{of_kind}"


def _moment(text: str, formats: Formats) -> str | None:
    """A day or a moment as people write it; None: the text is neither."""
    if len(text) < len("2026-11-21") or text[4] != "-":
        return None
    try:
        if len(text) == len("2026-11-21"):
            return formats.day(date.fromisoformat(text))
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else formats.moment(moment)
