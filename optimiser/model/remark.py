"""What the optimiser says of a problem: what is odd by row, and why there is no plan."""

from fleet.sentence import Sentence


class Remark(Sentence):
    """The sentences, with the names of their values in braces."""

    NO_KIND = "trip {trip}: no kind of vehicle is in its pool {pool}; it goes to the fallback"
    NO_OFFER = "trip {trip}: no kind offers {needs}; it goes to the fallback"
    TOO_LONG = (
        "trip {trip}: {km} km is more than any kind that offers its needs can go, {longest} km;"
        " it goes to the fallback"
    )
    TOO_FAST = "trip {trip}: {km_h} km/h on average; it is taken as it stands"
    OVERLAP = (
        "trip {trip}: begins before {earlier} of the same vehicle {vehicle} is over;"
        " both are planned, with two vehicles"
    )
    CAP_TOO_LOW = (
        "co2_max_t_year: {cap} t a year cannot be reached; these trips and kinds cause at least"
        " {least} t, {share} of it by {trips}"
    )
    CAP_NOT_REACHED = (
        "co2_max_t_year: {cap} t a year cannot be reached; of the least that can be, {share} of it"
        " by {trips}"
    )
    CAP_NOT_PROVEN = (
        "co2_max_t_year: no plan within {cap} t a year was found in the time given; that there is"
        " none is not proven"
    )
    COUNTS = (
        "kind {kind}: min_count {least} is above {most}, the most that green_only_new and max_count"
        " allow"
    )
    NO_TRIPS = "trips: there are none"
    NO_NUMBER = "{row}: {name}: {value} is not a finite number"
    NEGATIVE = "{row}: {name}: {value} is negative"
    ZERO_LIMIT = "{row}: {name}: 0 allows no trip; empty means no limit"
    PLAN_WRONG = "the plan failed its check: {wrong}"
