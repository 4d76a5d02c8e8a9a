"""The words for trackers, refused telemetry and failures to find trips; see `words.vocabulary`."""

from collections.abc import Mapping

from api.pages.intake.details import say_detail
from api.pages.intake.views import Notice
from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary, filter_of_texts
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
    Notice: {
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

#: The advice on telemetry in quarantine, by its reason.
ADVICE: Mapping[Reason, str] = {
    Reason.UNKNOWN_DEVICE: mark("Enrol the device, then release its messages."),
    Reason.NOT_AUTHORISED: mark(
        "Give the device its own key, or allow its network, then release its messages."
    ),
    Reason.CLOCK: mark("Ask the supplier to set the tracker's clock. The time cannot be guessed."),
    Reason.COORDINATES: mark("The tracker sent a place that does not exist."),
    Reason.ZERO_ISLAND: mark("The tracker sent latitude 0, longitude 0 in place of a position."),
    Reason.NO_FIX: mark("The tracker sent a position before it had found any satellites."),
    Reason.SPEED: mark("The speed is above the limit in the settings."),
    Reason.JUMP: mark("No vehicle can have driven there in the time since the last position."),
    Reason.VALUE: mark("A sensor value is outside what the sensor can measure."),
    Reason.SAME_MOMENT_DIFFERS: mark(
        "The device sent two different positions for one moment. The first is stored, the others "
        "are kept here and cannot be released."
    ),
    Reason.UNREADABLE: mark("The message does not follow its protocol. The detail says where."),
}


VOCABULARY = Vocabulary(
    labels=LABELS, badges=BADGES, filters={"advice": filter_of_texts(ADVICE), "detail": say_detail}
)
