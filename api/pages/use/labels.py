"""The words for how vehicles are used, and the headings of its table; see `words.vocabulary`."""

from api.pages.words.language import mark
from api.pages.words.vocabulary import Labels, Vocabulary
from trips.use.usage import UseStatus

LABELS: Labels = {
    UseStatus: {
        UseStatus.IN_USE: mark("In use"),
        UseStatus.SELDOM: mark("Seldom used"),
        UseStatus.UNKNOWN: mark("Unknown"),
    },
}

BADGES: Labels = {
    UseStatus: {
        UseStatus.IN_USE: "badge-success",
        UseStatus.SELDOM: "badge-warning",
        UseStatus.UNKNOWN: "badge-info",
    },
}

VOCABULARY = Vocabulary(labels=LABELS, badges=BADGES)

#: The headings of the table of use, for people; by the columns of `trips.use.use_table.SCHEMA`.
USE_HEADINGS: dict[str, str] = {
    "vehicle_id": mark("Vehicle id"),
    "name": mark("Vehicle"),
    "kind": mark("Kind"),
    "department": mark("Department"),
    "depot": mark("Depot"),
    "known": mark("Use is known"),
    "covered_share": mark("Share of the period covered"),
    "expected_h": mark("Expected to be heard, at least every (hours)"),
    "last_ping": mark("Last heard"),
    "working_days_known": mark("Working days known"),
    "working_days_used": mark("Working days used"),
    "days_used_share": mark("Share of working days used"),
    "trips": mark("Trips"),
    "km": mark("Driven (km)"),
    "driving_h": mark("Driving (hours)"),
    "away_h": mark("Away (hours)"),
    "engine_h": mark("Engine hours"),
    "longest_day_km": mark("Longest day (km)"),
    "longest_day_km_on": mark("Longest day by km"),
    "longest_day_away_h": mark("Longest day away (hours)"),
    "longest_day_away_h_on": mark("Longest day by hours away"),
    "longest_day_engine_h": mark("Longest day (engine hours)"),
    "longest_day_engine_h_on": mark("Longest day by engine hours"),
}
