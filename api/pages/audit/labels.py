"""The words of the audit log; see `words.vocabulary`."""

from collections.abc import Mapping

from api.pages.costs.labels import LABELS as COST_LABELS
from api.pages.register.labels import FIELD_LABELS
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from costs.limits import Limit
from costs.ownership import CostInput
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
        Act.KEPT: mark("Kept for later"),
        Act.IMPORTED: mark("Imported"),
        Act.EXPORTED: mark("Took as a file"),
        Act.SIGNED_IN: mark("Signed in"),
        Act.SIGN_IN_REFUSED: mark("Was not signed in"),
        Act.SIGNED_OUT: mark("Signed out"),
        Act.TRACK_ASKED: mark("Said why they look at trips"),
        Act.TRACK_READ: mark("Was shown trips"),
        Act.BYTES_READ: mark("Was given refused telemetry as it was sent"),
    },
    Subject: {
        Subject.ACCOUNT: mark("Account"),
        Subject.ASSUMPTION: mark("Assumption"),
        Subject.CAPABILITY: mark("Capability"),
        Subject.CLOSING_DAY: mark("Closing day"),
        Subject.DEVICE: mark("Tracker"),
        Subject.DRIVING_LOG: mark("Driving log"),
        Subject.FILE: mark("File"),
        Subject.HIRED_LIST: mark("List of taxi, hire and own car"),
        Subject.KEY: mark("Key"),
        Subject.KIND: mark("Kind of vehicle"),
        Subject.MILESTONE: mark("Milestone"),
        Subject.MUNICIPALITY: mark("Municipality"),
        Subject.PROPOSAL: mark("Proposal"),
        Subject.QUARANTINE: mark("Quarantine"),
        Subject.REPORT: mark("Report"),
        Subject.ROUND: mark("Round of proposals"),
        Subject.TASK: mark("Task"),
        Subject.TOKEN: mark("Program's token"),
        Subject.VEHICLE: mark("Vehicle"),
        Subject.VEHICLE_LIST: mark("List of vehicles"),
        Subject.ZONE: mark("Zone"),
    },
}

#: The words for the names of values in details.
VALUE_NAMES: Mapping[str, str] = {
    **{one.value: word for one, word in COST_LABELS[CostInput].items()},
    **{one.value: word for one, word in COST_LABELS[Limit].items()},
    "act": mark("What was done"),
    "actor": mark("Who"),
    "added": mark("Added"),
    "bad": mark("Bad cells"),
    "battery_kwh": mark("Battery, kWh"),
    "began_at": mark("Signed in"),
    "begins": mark("From"),
    "changed": mark("Changed"),
    "chosen_fleet": mark("Fleet chosen on the curve"),
    "charge_km_h": mark("Km charged in an hour"),
    "charge_kw": mark("Charging power, kW"),
    "closed": mark("Closed"),
    "co2_g_km": mark("CO₂e, g a km"),
    "comment": mark("Comment"),
    "departments": mark("Departments"),
    "device": mark("Tracker"),
    "done_on": mark("Done on"),
    "due": mark("To be done by"),
    "duty": mark("But for duty hours"),
    "duty_on_holidays": mark("Duty on public holidays, too"),
    "ended": mark("Ended"),
    "ends": mark("To"),
    "ends_on": mark("Last day"),
    "energy": mark("Energy"),
    "enrolled": mark("Enrolled"),
    "entries": mark("Entries"),
    "first_at": mark("First time"),
    "from": mark("From"),
    "gateway": mark("Gateway"),
    "groups": mark("Groups"),
    "items": mark("Messages"),
    "key": mark("Proposal"),
    "label": mark("Name"),
    "last_at": mark("Last time"),
    "link": mark("One-time link"),
    "name": mark("Name"),
    "needs": mark("Its trips need"),
    "networks": mark("Networks"),
    "new": mark("New"),
    "no_closing_days": mark("No closing days"),
    "note": mark("Note"),
    "number": mark("Round"),
    "offered": mark("On offer"),
    "offers": mark("Offers"),
    "owner": mark("Who does it"),
    "password": mark("Password"),
    "permissions": mark("May"),
    "range_km": mark("Range, km"),
    "reason": mark("Reason"),
    "refused": mark("Refused"),
    "retired_at": mark("Retired from"),
    "role": mark("Role"),
    "rows": mark("Rows"),
    "ruling": mark("Its future"),
    "since": mark("From"),
    "source": mark("Source"),
    "speed_unit": mark("Unit of its speed"),
    "status": mark("Status"),
    "step": mark("Step"),
    "stopped": mark("Stopped without a look at the password"),
    "subject": mark("Kind of thing"),
    "subject_id": mark("Id"),
    "to": mark("To"),
    "trip_class": mark("Its trips are found as those of"),
    "trips": mark("Trips"),
    "valid_from": mark("Holds from the year"),
    "value": mark("Value"),
    "vehicle_id": mark("Vehicle"),
    "vehicles": mark("Vehicles"),
    "verdict": mark("Decision"),
    "version": mark("Version"),
    "why": mark("Reason"),
    "wltp_range_km": mark("Range, WLTP, km"),
    "year": mark("Year"),
}

#: The words for names that mean another thing for the things of one kind.
SUBJECT_NAMES: Mapping[Subject, Mapping[str, str]] = {
    Subject.VEHICLE: {field.value: word for field, word in FIELD_LABELS.items()},
    Subject.ZONE: {
        "kind": mark("Kind"),
        "lat": mark("Latitude"),
        "lon": mark("Longitude"),
        "radius_m": mark("Radius in metres"),
        "polygon": mark("Corners"),
        "charge_points": mark("Charge points that are there"),
        "active_from": mark("Valid from"),
        "active_to": mark("Valid to"),
    },
    Subject.QUARANTINE: {"reason": mark("Refused because")},
    Subject.FILE: {"actor": mark("Person")},
}

#: The columns of the files.
ENTRY_HEADINGS: Mapping[str, str] = {
    "at": mark("When"),
    "actor": mark("Who"),
    "act": mark("What was done"),
    "subject": mark("Kind of thing"),
    "subject_id": mark("Id"),
    "told": mark("Details"),
    "detail": mark("As it is stored"),
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
