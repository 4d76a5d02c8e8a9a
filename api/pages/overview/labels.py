"""The words for the parts of the server; see `words.vocabulary`."""

from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from api.supervisor import PartName

LABELS: Labels = {
    PartName: {
        PartName.DATABASE: mark("The embedded database"),
        PartName.WRITER: mark("Storing of positions"),
        PartName.TRANSFER: mark("Taking of positions from the buffer"),
        PartName.NOTES: mark("Notes on keys and trackers"),
        PartName.HTTP: mark("Pages and positions over HTTP"),
        PartName.OSMAND: mark("OsmAnd"),
        PartName.TLS: mark("Renewal of the certificate"),
        PartName.HTTPS: mark("Renewal of the certificate of the pages"),
        PartName.MQTT: mark("MQTT"),
        PartName.JOBS: mark("Rounds of proposals and upkeep"),
        PartName.FIGURES: mark("Figures for monitoring"),
        PartName.TRIPS: mark("Trips"),
    },
}

VOCABULARY = Vocabulary(labels=LABELS)
