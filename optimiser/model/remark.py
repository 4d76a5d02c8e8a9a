"""Remarks of the optimiser: odd rows of a problem, why it is refused, and why there is no plan.

A remark is a `Saying`: it is stored as a code with values, and put into words when it is shown.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator

from fleet.files.notation import NOTE_LEFT_OUT
from fleet.saying import Saying, SayingValue, in_words


class Remark(StrEnum):
    """The codes of remarks."""

    # The subject or the place of another remark.
    KIND = "kind"
    TRIP = "trip"
    RULES = "rules"
    AT = "at"
    #: A round trip by its vehicle and its start, in place of its number.
    DRIVEN = "driven"
    #: Stands for a trip that is no longer stored: its time is over, or it was private.
    GONE = "gone"

    # Odd trips.
    NO_KIND = "no_kind"
    NO_OFFER = "no_offer"
    TOO_LONG = "too_long"
    TOO_FAST = "too_fast"
    OVERLAP = "overlap"
    READ_AS_LOCAL = "read_as_local"
    LEFT_OUT = "left_out"
    RULE_POOL = "rule_pool"
    RULE_NEED = "rule_need"

    # Why there is no plan.
    CAP_TOO_LOW = "cap_too_low"
    CAP_NOT_REACHED = "cap_not_reached"
    CAP_NOT_PROVEN = "cap_not_proven"
    ALL = "all"
    MOST = "most"
    TRIP_TONNES = "trip_tonnes"
    COUNTS = "counts"
    MUST_SERVE = "must_serve"
    RULES_CLASH = "rules_clash"
    RULES_NOT_PROVEN = "rules_not_proven"
    NO_FLEET = "no_fleet"
    #: A what-if asks for more vehicles of a kind than there are to keep or to buy.
    NO_MORE = "no_more"
    PLAN_WRONG = "plan_wrong"

    # Why a problem is refused.
    NO_TRIPS = "no_trips"
    EMPTY = "empty"
    TWICE = "twice"
    NO_NUMBER = "no_number"
    NEGATIVE = "negative"
    NUMBER_MOST = "number_most"
    ZERO = "zero"
    ZERO_LIMIT = "zero_limit"
    SEED = "seed"
    NO_ZONE = "no_zone"
    YEAR = "year"
    ENDS_BEFORE = "ends_before"
    MIN_ABOVE_MAX = "min_above_max"
    WINDOW = "window"
    COUNT_MOST = "count_most"
    RESERVE_MOST = "reserve_most"
    TWO_ENERGIES = "two_energies"
    NO_ROUND_RULES = "no_round_rules"

    # Faults of a file.
    NOT_UTF8 = "not_utf8"
    NO_RULE = "no_rule"
    RULE_TYPE = "rule_type"
    NOT_WHOLE = "not_whole"
    CELL = "cell"
    CELL_COUNT = "cell_count"
    CELL_NUMBER = "cell_number"
    ROW_TWICE = "row_twice"
    NO_COLUMN = "no_column"
    NEAR_MISS = "near_miss"
    NO_PLAN = "no_plan"
    #: The words of another room, a library or the operating system.
    READ = "read"


#: The English sentence of each code, for commands and `PLAN.json`; `%(name)s` stands for a value.
ENGLISH: Mapping[Remark, str] = {
    Remark.KIND: "kind '%(kind)s'",
    Remark.TRIP: "trip '%(trip)s'",
    Remark.RULES: "rules",
    Remark.AT: "%(place)s: %(what)s",
    Remark.DRIVEN: "%(vehicle)s %(start)s",
    Remark.GONE: "a trip that is no longer kept",
    Remark.NO_KIND: (
        "trip '%(trip)s': no kind of vehicle is in its pool '%(pool)s'; it goes to the fallback"
    ),
    Remark.NO_OFFER: "trip '%(trip)s': no kind offers %(needs)s; it goes to the fallback",
    Remark.TOO_LONG: (
        "trip '%(trip)s': %(km)s km is more than any kind that offers its needs can go,"
        " %(longest)s km; it goes to the fallback"
    ),
    Remark.TOO_FAST: "trip '%(trip)s': %(km_h)s km/h on average; it is taken as it stands",
    Remark.OVERLAP: (
        "trip '%(trip)s': begins before '%(earlier)s' of the same vehicle '%(vehicle)s' is over;"
        " both are planned, with two vehicles"
    ),
    Remark.READ_AS_LOCAL: (
        "%(trips)s trips with times without an offset are read as local time (Europe/Copenhagen;"
        " of an hour that the clock has twice, the first)"
    ),
    Remark.LEFT_OUT: NOTE_LEFT_OUT,
    Remark.RULE_POOL: "%(name)s: no kind and no trip is of the pool '%(pool)s'",
    Remark.RULE_NEED: "%(name)s: no kind offers '%(needs)s', and no trip needs it",
    Remark.CAP_TOO_LOW: (
        "co2_max_t_year: %(cap)s t a year cannot be reached; these trips and kinds cause at least"
        " %(least)s t, %(share)s of it by %(trips)s"
    ),
    Remark.CAP_NOT_REACHED: (
        "co2_max_t_year: %(cap)s t a year cannot be reached; of the least that can be, %(share)s of"
        " it by %(trips)s"
    ),
    Remark.CAP_NOT_PROVEN: (
        "co2_max_t_year: no plan within %(cap)s t a year was found in the time given; that there is"
        " none is not proven"
    ),
    Remark.ALL: "all",
    Remark.MOST: "most",
    Remark.TRIP_TONNES: "'%(trip)s' (%(tonnes)s t)",
    Remark.COUNTS: (
        "kind '%(kind)s': min_count %(least)s is above %(most)s, the most that green_only_new and"
        " max_count allow"
    ),
    Remark.MUST_SERVE: (
        "trip '%(trip)s' may not use the fallback, and no kind that may be kept or bought can"
        " serve it"
    ),
    Remark.RULES_CLASH: (
        "no fleet keeps %(names)s within the counts that min_count, max_count and green_only_new"
        " allow"
    ),
    Remark.RULES_NOT_PROVEN: (
        "no fleet that keeps %(names)s was found in the time given; that there is none is not"
        " proven"
    ),
    Remark.NO_FLEET: "no fleet keeps the rules",
    Remark.NO_MORE: (
        "kind '%(kind)s': there are no %(count)s more: all of today are kept, and no more can be"
        " bought"
    ),
    Remark.PLAN_WRONG: "the plan failed its check: %(wrong)s",
    Remark.NO_TRIPS: "trips: there are none",
    Remark.EMPTY: "%(name)s: must not be empty",
    Remark.TWICE: "%(name)s: '%(value)s' occurs twice",
    Remark.NO_NUMBER: "%(row)s: %(name)s: %(value)s is not a finite number",
    Remark.NEGATIVE: "%(row)s: %(name)s: %(value)s is negative",
    Remark.NUMBER_MOST: "%(row)s: %(name)s: %(value)s is above %(most)s, which makes no sense",
    Remark.ZERO: "%(row)s: %(name)s: must be above 0",
    Remark.ZERO_LIMIT: "%(row)s: %(name)s: 0 allows no trip; empty means no limit",
    Remark.SEED: "rules: seed: %(value)s is not between 0 and %(most)s",
    Remark.NO_ZONE: "%(row)s: %(name)s: %(moment)s has no time zone",
    Remark.YEAR: "%(row)s: %(name)s: %(moment)s is not of the years %(least)s to %(most)s",
    Remark.ENDS_BEFORE: "%(row)s: end: %(end)s is not after start %(start)s",
    Remark.MIN_ABOVE_MAX: "%(row)s: min_count: %(least)s is above max_count %(most)s",
    Remark.WINDOW: "%(row)s: window: %(window)s does not end after it starts",
    Remark.COUNT_MOST: "%(row)s: a count is above %(most)s, the rule count_most",
    Remark.RESERVE_MOST: "rules: reserve: %(value)s is above %(most)s, the rule count_most",
    Remark.TWO_ENERGIES: (
        "%(row)s: energy: %(value)s, but %(other)s in another pool; under moves and green_keep a"
        " type has one energy"
    ),
    Remark.NO_ROUND_RULES: "%(names)s: a round does not plan with these rules together",
    Remark.NOT_UTF8: "is not UTF-8, as TOML must be; save it as UTF-8, and hand that over",
    Remark.NO_RULE: "there is no rule %(name)s",
    Remark.RULE_TYPE: "%(name)s: %(value)s is not of its type",
    Remark.NOT_WHOLE: "%(name)s: %(value)s is no whole number",
    Remark.CELL: "%(column)s: '%(value)s' is not %(expected)s",
    Remark.CELL_COUNT: (
        "%(column)s: %(value)s is more than %(most)s, the rule count_most; leave max_count empty"
        " for no limit"
    ),
    Remark.CELL_NUMBER: "%(column)s: %(what)s",
    Remark.ROW_TWICE: "%(columns)s: '%(value)s' is the one of row %(first)s too",
    Remark.NO_COLUMN: "no column %(missing)s (found: %(found)s)",
    Remark.NEAR_MISS: "column %(column)s: did you mean %(meant)s?",
    Remark.NO_PLAN: "is no plan: %(what)s is missing or wrong",
    Remark.READ: "%(what)s",
}


#: A remark that is stored as JSON.
StoredRemark = Annotated[
    Saying,
    PlainValidator(lambda kept: kept if isinstance(kept, Saying) else Saying.from_json(kept)),
    PlainSerializer(Saying.to_json),
]


def remark(code: Remark, **values: SayingValue) -> Saying:
    """The remark with this code and these values."""
    return Saying(code.value, values)


def of_kind(label: str) -> tuple[Saying]:
    """A kind of vehicle by its label, as the place of a remark."""
    return (remark(Remark.KIND, kind=label),)


def of_trip(trip_id: str) -> tuple[Saying]:
    """A round trip by its id, as the place of a remark."""
    return (remark(Remark.TRIP, trip=trip_id),)


def of_rules() -> tuple[Saying]:
    """The rules, as the place of a remark."""
    return (remark(Remark.RULES),)


def in_english(said: Saying) -> str:
    """The remark in English."""
    return in_words(said, lambda code: ENGLISH[Remark(code)])
