"""The words for trackers, refused telemetry and failures to find trips; see `words.vocabulary`."""

from collections.abc import Mapping

from api.pages.intake.details import say_detail
from api.pages.intake.views import Notice, Remedy
from api.pages.words.language import Language, mark, translations
from api.pages.words.vocabulary import Labels, Vocabulary
from ingest.gate.refusal import Reason
from ingest.protocols import protocol_names, teltonika
from ingest.protocols.gt06 import GT06
from register.contact import Contact, LastingContact
from trips.stored.set_aside import TripTrouble

LABELS: Labels = {
    Contact: {
        Contact.SILENT: mark("Silent"),
        Contact.LATE: mark("Late"),
        Contact.NEVER: mark("Never heard"),
        Contact.ON_TIME: mark("In contact"),
        Contact.RESTING: mark("At rest"),
    },
    LastingContact: {
        LastingContact.HEARD: mark("Is heard"),
        LastingContact.SILENT: mark("Silent"),
        LastingContact.NEVER: mark("Never heard"),
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
    LastingContact: {
        LastingContact.HEARD: "badge-success",
        LastingContact.SILENT: "badge-error",
        LastingContact.NEVER: "badge-info",
    },
}

#: What people call a protocol, by its name or that of its family.
PROTOCOL_NAMES: Mapping[str, str] = {
    protocol_names.POSITIONS: mark("program over HTTP"),
    protocol_names.OSMAND: "OsmAnd",
    protocol_names.FLESPI: "flespi",
    protocol_names.MQTT: "MQTT",
    protocol_names.BUFFER: mark("the buffer"),
    teltonika.FAMILY: teltonika.TITLE,
    GT06.family: GT06.title,
}


def say_protocol(name: str, /, language: Language) -> str:
    """The name of a protocol for people; an unknown one is as it is."""
    title = PROTOCOL_NAMES.get(name) or PROTOCOL_NAMES.get(name.partition("_")[0], name)
    return translations(language).gettext(title)


VOCABULARY = Vocabulary(
    labels=LABELS, badges=BADGES, filters={"detail": say_detail, "protocol": say_protocol}
)
