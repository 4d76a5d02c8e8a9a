"""The words for the places where vehicles sleep, and the reasons for which a zone is refused; see
`words.vocabulary`."""

from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from api.pages.zones.views import Notice
from register.places.addresses import AddressTrouble
from trips.detect.nights import SleepingPlace

LABELS: Labels = {
    SleepingPlace: {
        SleepingPlace.OWN_DEPOT: mark("At its own depot"),
        SleepingPlace.OTHER_DEPOT: mark("At another depot"),
        SleepingPlace.ONE_PLACE: mark("At one place that is no depot, such as a driver's home"),
        SleepingPlace.NO_FIXED_PLACE: mark("At no fixed place"),
        SleepingPlace.UNKNOWN: mark("Not known"),
    },
    AddressTrouble: {
        AddressTrouble.NO_ANSWER: mark(
            "The address service does not answer. Click on the map, or write coordinates instead."
        ),
        AddressTrouble.NOT_UNDERSTOOD: mark(
            "The address service answers with something else than addresses. Tell those who run"
            " the system, and click on the map meanwhile."
        ),
    },
    Notice: {
        Notice.ZONE_SAVED: mark("The zone is saved. Round trips are found again where it matters."),
        Notice.DEPOT_DROPPED: mark("The depot, which had no place, is removed."),
        Notice.ZONE_REMOVED: mark("The zone is removed. Round trips are found again."),
        Notice.ZONE_RESTORED: mark("The zone is back as it was. Round trips are found again."),
    },
}

VOCABULARY = Vocabulary(labels=LABELS)

#: The reasons of `register.zones`, for translation.
ZONE_REASONS = (
    mark("The file is not GeoJSON: line {line}, character {column} cannot be read"),
    mark('The file is not GeoJSON: it has no "type"'),
    mark('The file is not GeoJSON: its "features" are no list'),
    mark("The file holds no zones"),
    mark('Zone {number} has no name (property "name")'),
    mark('{name}: a zone is a Polygon, or a Point with the property "radius_m"'),
    mark("{name}: kind must be depot or other, not {kind}"),
    mark("{name}: the radius must be more than 0 and at most {most} metres"),
    mark("{name}: the coordinates are no place on earth (longitude comes before latitude)"),
    mark("{name}: the charge points are a whole number from 0 to {most}"),
    mark("Zone {number}: its name or id has more than {most} characters, or one that no name has"),
    mark("The file has {zones} zones, and at most {most} are read"),
    mark("{name}: the outline has more than {most} corners"),
    mark("{name}: a polygon has three corners or more"),
    mark("{name}: the outline crosses itself at {lat}, {lon}"),
    mark("There is a zone of this name already: choose another, or change that one"),
    mark("{name} stays a depot: vehicles or proposals belong to it"),
    mark(
        "{name} closes, and vehicles belong to it ({count}): they stay in its plan until somebody"
        " moves them. Is that right?"
    ),
    mark("{name} lies at {lat}, {lon}, which is not in Denmark. Is that right?"),
    mark("{name} lies where {other} lies. Are they two depots?"),
    mark(
        "Part of {name} lies in other depots: {others}. Are they two depots? What lies in both"
        " belongs to the one whose middle is nearer."
    ),
    mark("{name}: the outline is no polygon: {detail}"),
)
