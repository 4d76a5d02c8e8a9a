"""Entries of the audit log: who did what to which thing, when and from where."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Act(StrEnum):
    """What was done, as the table names it."""

    CHANGED = "changed"
    REMOVED = "removed"
    RULED = "ruled"
    MADE_PRIVATE = "made_private"
    ENDED_PRIVATE = "ended_private"
    DECIDED = "decided"
    #: A proposal was sent to the head of a department.
    SENT = "sent"
    ANSWERED = "answered"
    COMMENTED = "commented"
    REQUESTED = "requested"
    CANCELLED = "cancelled"
    RELEASED = "released"
    DISCARDED = "discarded"
    UPLOADED = "uploaded"
    KEPT = "kept"
    IMPORTED = "imported"
    EXPORTED = "exported"
    SIGNED_IN = "signed_in"
    #: Refused attempts are folded: `detail` counts those of some minutes.
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    #: A person gave the reason for which they look at a vehicle's tracks on this day.
    TRACK_ASKED = "track_asked"
    #: A person was shown the tracks of a day.
    TRACK_READ = "track_read"
    #: A person or a program was given refused telemetry as it was sent, with its places.
    BYTES_READ = "bytes_read"


class Subject(StrEnum):
    """The kinds of things that acts are about, as the table names them."""

    ACCOUNT = "account"
    ASSUMPTION = "assumption"
    CAPABILITY = "capability"
    CLOSING_DAY = "closing_day"
    DEVICE = "device"
    DISPOSAL = "disposal"
    DRIVING_LOG = "driving_log"
    FILE = "file"
    HIRED_LIST = "hired_list"
    KEY = "key"
    KIND = "kind"
    MAIL = "mail"
    MILESTONE = "milestone"
    MUNICIPALITY = "municipality"
    PILOT_GOAL = "pilot_goal"
    PLAN = "plan"
    PLAN_CONTACT = "plan_contact"
    PLAN_MEETING = "plan_meeting"
    PRINCIPLE = "principle"
    PROPOSAL = "proposal"
    PURCHASE = "purchase"
    QUARANTINE = "quarantine"
    REPORT = "report"
    ROLL_OUT = "roll_out"
    ROUND = "round"
    TASK = "task"
    TOKEN = "token"  # noqa: S105 - a word of the table
    VEHICLE = "vehicle"
    VEHICLE_LIST = "vehicle_list"
    VEHICLE_REQUEST = "vehicle_request"
    WHAT_IF = "what_if"
    ZONE = "zone"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """An entry. `subject_id` is "" where an act is about no single thing; `source` is the network
    address that the act came from, "" for one at the machine itself."""

    entry_id: int
    act: Act
    subject: Subject
    subject_id: str
    detail: Mapping[str, object]
    source: str
    actor: str
    at: datetime
