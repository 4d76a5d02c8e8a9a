"""The words of the audit log; see `words.vocabulary`."""

from collections.abc import Mapping

from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from db.audit.entry import Act, Subject

LABELS: Labels = {
    Act: {
        Act.CHANGED: mark("Added or changed"),
        Act.REMOVED: mark("Removed"),
        Act.RULED: mark("Settled its future"),
        Act.MADE_PRIVATE: mark("Set private time"),
        Act.ENDED_PRIVATE: mark("Ended private time"),
        Act.DECIDED: mark("Decided"),
        Act.REQUESTED: mark("Requested"),
        Act.CANCELLED: mark("Cancelled"),
        Act.RELEASED: mark("Released"),
        Act.DISCARDED: mark("Discarded"),
        Act.UPLOADED: mark("Uploaded"),
        Act.IMPORTED: mark("Imported"),
        Act.EXPORTED: mark("Took as a file"),
        Act.SIGNED_IN: mark("Signed in"),
        Act.SIGN_IN_REFUSED: mark("Was not signed in"),
        Act.SIGNED_OUT: mark("Signed out"),
        Act.TRACK_ASKED: mark("Said why they look at trips"),
        Act.TRACK_READ: mark("Was shown trips"),
    },
    Subject: {
        Subject.ACCOUNT: mark("Account"),
        Subject.ASSUMPTION: mark("Assumption"),
        Subject.CAPABILITY: mark("Capability"),
        Subject.CLOSING_DAY: mark("Closing day"),
        Subject.DEVICE: mark("Tracker"),
        Subject.DRIVING_LOG: mark("Driving log"),
        Subject.FILE: mark("File"),
        Subject.KEY: mark("Key"),
        Subject.KIND: mark("Kind of vehicle"),
        Subject.MILESTONE: mark("Milestone"),
        Subject.MUNICIPALITY: mark("Municipality"),
        Subject.PROPOSAL: mark("Proposal"),
        Subject.QUARANTINE: mark("Quarantine"),
        Subject.ROUND: mark("Round of proposals"),
        Subject.TOKEN: mark("Program's token"),
        Subject.VEHICLE: mark("Vehicle"),
        Subject.VEHICLE_LIST: mark("List of vehicles"),
        Subject.ZONE: mark("Zone"),
    },
}

#: What pages tell of a detail, by its names. Other values are those of changed fields, or codes;
#: the file has all of them.
TOLD: Mapping[str, str] = {
    "reason": mark("Reason"),
    "why": mark("Reason"),
    "comment": mark("Comment"),
    "name": mark("Name"),
    "label": mark("Name"),
    "from": mark("From"),
    "to": mark("To"),
    "rows": mark("Rows"),
    "entries": mark("Entries"),
    "items": mark("Messages"),
    "trips": mark("Trips"),
    "vehicles": mark("Vehicles"),
    "refused": mark("Refused"),
    "stopped": mark("Stopped without a look at the password"),
}

#: The columns of the files.
ENTRY_HEADINGS: Mapping[str, str] = {
    "at": mark("When"),
    "actor": mark("Who"),
    "act": mark("What was done"),
    "subject": mark("Kind of thing"),
    "subject_id": mark("Id"),
    "detail": mark("Details"),
    "source": mark("Network address"),
}
READING_HEADINGS: Mapping[str, str] = {
    "actor": mark("Who"),
    "vehicle_id": mark("Id"),
    "vehicle_name": mark("Vehicle"),
    "department": mark("Department"),
    "reason": mark("Reason"),
    "days": mark("Days on which the reason was given"),
    "shown": mark("Shown days"),
    "first_at": mark("First time"),
    "last_at": mark("Last time"),
}

ENTRY_SHEET_NAME = mark("Audit log")
READING_SHEET_NAME = mark("Looks at trips")

VOCABULARY = Vocabulary(labels=LABELS)
