"""The words for trackers, refused telemetry and failures to find trips; see `words.vocabulary`."""

from api.pages.intake.details import say_detail
from api.pages.intake.views import Notice, Remedy
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from ingest.gate.refusal import Reason
from register.contact import Contact
from trips.stored.set_aside import TripTrouble

LABELS: Labels = {
    Contact: {
        Contact.SILENT: mark("Silent"),
        Contact.LATE: mark("Late"),
        Contact.NEVER: mark("Never heard"),
        Contact.ON_TIME: mark("In contact"),
        Contact.RESTING: mark("At rest"),
    },
    Reason: {
        Reason.UNKNOWN_DEVICE: mark("Unknown device"),
        Reason.NOT_AUTHORISED: mark("Not authorised"),
        Reason.CLOCK: mark("Clock is wrong"),
        Reason.COORDINATES: mark("Impossible coordinates"),
        Reason.ZERO_ISLAND: mark("Place 0, 0"),
        Reason.NO_FIX: mark("No satellite fix"),
        Reason.SPEED: mark("Implausible speed"),
        Reason.JUMP: mark("Impossible jump"),
        Reason.VALUE: mark("Implausible value"),
        Reason.SAME_MOMENT_DIFFERS: mark("Differs from what is stored"),
        Reason.UNREADABLE: mark("Unreadable"),
    },
    TripTrouble: {
        TripTrouble.NO_CLASS: mark("The vehicle's class of trips does not exist. Correct it."),
        TripTrouble.CONTENDED: mark("Something else was working on the same device each time."),
        TripTrouble.TOO_LONG: mark("It takes too long: very many positions at once."),
        TripTrouble.UNEXPECTED: mark("An error that is not known. Tell those who run the system."),
    },
    Remedy: {
        Remedy.ENROL: mark("Enrol it"),
        Remedy.KEY: mark("Make a key for it"),
        Remedy.NETWORK: mark("Allow its network"),
        Remedy.RELEASE: mark("Release"),
        Remedy.DISCARD: mark("Discard"),
    },
    Notice: {
        Notice.DISCARDED: mark("The messages are discarded. Who did it, and why, is kept."),
        Notice.KEY_REVOKED: mark("The key is revoked. It stops working within seconds."),
        Notice.RELEASED: mark(
            "The messages were read again. Any that are still refused remain in the list."
        ),
    },
}

BADGES: Labels = {
    Contact: {
        Contact.SILENT: "badge-error",
        Contact.LATE: "badge-warning",
        Contact.NEVER: "badge-info",
        Contact.ON_TIME: "badge-success",
        Contact.RESTING: "badge-neutral",
    },
}

VOCABULARY = Vocabulary(labels=LABELS, badges=BADGES, filters={"detail": say_detail})
