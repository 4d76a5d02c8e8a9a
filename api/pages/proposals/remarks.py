"""Puts the remarks of the optimiser on a problem into words, in the language of the visitor."""

from collections.abc import Mapping
from datetime import datetime

from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from fleet.saying import Saying, english_value, in_words
from optimiser.model.remark import ENGLISH, Remark

#: The sentence of each remark that a round can have. Remarks on rows of files occur only in
#: commands.
REMARK_SENTENCES: Mapping[str, str] = {
    Remark.KIND: mark("The kind %(kind)s"),
    Remark.TRIP: mark("The round trip %(trip)s"),
    Remark.RULES: mark("The rules"),
    Remark.AT: "%(place)s: %(what)s",
    Remark.DRIVEN: "%(vehicle)s %(start)s",
    Remark.GONE: mark("a trip that is no longer kept"),
    Remark.NO_KIND: mark(
        "%(trip)s: no kind of vehicle is at its depot. It goes by taxi, hire or own car."
    ),
    Remark.NO_OFFER: mark("%(trip)s: no kind offers %(needs)s. It goes by taxi, hire or own car."),
    Remark.TOO_LONG: mark(
        "%(trip)s: %(km)s km is more than any kind that can do the rest can go, %(longest)s km."
        " It goes by taxi, hire or own car."
    ),
    Remark.TOO_FAST: mark("%(trip)s: %(km_h)s km/h on average. It is counted as it stands."),
    Remark.OVERLAP: mark(
        "%(trip)s: it begins before %(earlier)s of the same vehicle is over. Both are counted, with"
        " two vehicles."
    ),
    Remark.CAP_TOO_LOW: mark(
        "At most %(cap)s tonnes of CO₂e a year cannot be kept: these trips and kinds cause at least"
        " %(least)s tonnes, %(share)s of it by %(trips)s."
    ),
    Remark.CAP_NOT_REACHED: mark(
        "At most %(cap)s tonnes of CO₂e a year cannot be kept; of the least that can be, %(share)s"
        " is caused by %(trips)s."
    ),
    Remark.CAP_NOT_PROVEN: mark(
        "No plan within %(cap)s tonnes of CO₂e a year was found in the time given. That there is"
        " none is not proven: give it more time, or raise the limit."
    ),
    Remark.ALL: mark("all"),
    Remark.MOST: mark("most"),
    Remark.TRIP_TONNES: "%(trip)s (%(tonnes)s t)",
    Remark.COUNTS: mark(
        "At least %(least)s of %(kind)s must stay, but the purchase policy and the limits allow"
        " %(most)s at most."
    ),
    Remark.RULE_POOL: mark("%(name)s: there are no trips and no vehicles in %(pool)s."),
    Remark.RULE_NEED: mark("%(name)s: no kind offers %(needs)s, and no trip needs it."),
    Remark.MUST_SERVE: mark(
        "%(trip)s must be driven by a vehicle of the fleet, but no kind that may be kept or bought"
        " can drive it."
    ),
    Remark.RULES_CLASH: mark(
        "No fleet keeps the rules %(names)s within the numbers of vehicles that are allowed."
    ),
    Remark.RULES_NOT_PROVEN: mark(
        "No fleet that keeps the rules %(names)s was found in the time. That there is none is not"
        " proven."
    ),
    Remark.NO_FLEET: mark("No fleet keeps the rules."),
    Remark.NO_MORE: mark(
        "There are no %(count)s more of the kind %(kind)s: all of today are kept, and no more can"
        " be bought."
    ),
    Remark.NO_TRIPS: mark("There are no trips in the period."),
    Remark.EMPTY: mark("%(name)s must not be empty."),
    Remark.TWICE: mark("%(name)s: %(value)s is there twice."),
    Remark.ZERO: mark("%(row)s: %(name)s must be above 0."),
    Remark.SEED: mark("The rules: seed is %(value)s, but must be from 0 to %(most)s."),
    Remark.ENDS_BEFORE: mark("%(row)s: its end, %(end)s, is not after its start, %(start)s."),
    Remark.MIN_ABOVE_MAX: mark(
        "%(row)s: at least %(least)s must stay, but at most %(most)s are allowed."
    ),
    Remark.WINDOW: mark("%(row)s: the time of day %(window)s does not end after it starts."),
    Remark.COUNT_MOST: mark("%(row)s: a number is above %(most)s, which the rules allow."),
    Remark.NO_ROUND_RULES: mark("%(names)s: a round does not plan with these rules together."),
    Remark.RESERVE_MOST: mark(
        "The rules: the reserve of %(value)s is above %(most)s, which the rules allow."
    ),
    Remark.TWO_ENERGIES: mark(
        "%(row)s runs on %(value)s, but on %(other)s in another pool. Under the rules moves and"
        " green_keep a type has one energy."
    ),
    Remark.NO_RULE: mark("there is no rule %(name)s."),
    Remark.RULE_TYPE: mark("%(name)s is %(value)s, which it cannot be."),
    Remark.NOT_WHOLE: mark("%(name)s is %(value)s, which is no whole number."),
    Remark.READ: "%(what)s",
    Remark.NO_NUMBER: mark("%(row)s: %(name)s is %(value)s, which is no number."),
    Remark.NEGATIVE: mark("%(row)s: %(name)s is %(value)s, but cannot be below 0."),
    Remark.NUMBER_MOST: mark("%(row)s: %(name)s is %(value)s, but cannot be above %(most)s."),
    Remark.NOT_UTF8: mark("The file is not UTF-8, as TOML must be."),
    Remark.ZERO_LIMIT: mark(
        "%(row)s: %(name)s is 0, which allows no trip. An empty field means no limit."
    ),
    Remark.PLAN_WRONG: mark(
        "The plan did not pass its check, so it is not shown. Tell those who run the system:"
        " %(wrong)s"
    ),
}

#: The places in sentences that hold moments.
_MOMENTS = frozenset({"start"})


def say_remark(said: Saying, language: Language) -> str:
    """A remark in words, with numbers and moments as people write them. A remark on files, which
    has no sentence here, is in English."""
    formats = Formats(language)
    translate = translations(language).gettext

    def sentence(code: str) -> str:
        known = REMARK_SENTENCES.get(code)
        return ENGLISH[Remark(code)] if known is None else translate(known)

    def shown(name: str, value: str | float) -> str:
        if name in _MOMENTS:
            return formats.short_moment(datetime.fromisoformat(str(value)))
        return (
            formats.with_sign(english_value(name, value))
            if isinstance(value, float)
            else str(value)
        )

    return in_words(said, sentence, shown)
