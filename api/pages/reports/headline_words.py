"""Puts the headline of a round into words, for pages, documents and the interface alike."""

from collections.abc import Callable, Mapping
from gettext import NullTranslations

from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from optimiser.rounds.overview import Round
from optimiser.rounds.summary import RoundSummary
from reports.headline import (
    Headline,
    Sentence,
    decided_sentences,
    fleet_sentence,
    headline,
    proof_sentence,
)

#: The sentences that are the same for one and for several.
_SINGLE: Mapping[Headline, str] = {
    Headline.SAVES_PAID: mark("That saves %(amount)s a year that is paid."),
    Headline.COSTS_PAID: mark("That costs %(amount)s a year more that is paid."),
    Headline.CO2_SAVED: mark(
        "The CO₂e saved is valued at %(amount)s beside it, which nobody pays."
    ),
    Headline.CO2_ADDED: mark("More CO₂e is valued at %(amount)s against it, which nobody pays."),
    Headline.CHOSEN_BEST: mark(
        "It is proven that with each depot by itself no fleet that keeps the policies and emits"
        " no more can do the same trips for less."
    ),
    Headline.CHOSEN_GAP: mark(
        "It is proven to be at most %(gap)s from the best possible of those that emit no more, with"
        " each depot by itself."
    ),
    Headline.MOVES_BEST: mark(
        "It is proven that no fleet that keeps the policies does the same trips for less with each"
        " depot by itself. That no other moves between depots would save more is not proven."
    ),
    Headline.MOVES_GAP: mark(
        "It is proven to be at most %(gap)s from the best possible with each depot by itself. That"
        " no other moves between depots would save more is not proven."
    ),
    Headline.WORKSHOP: mark(
        "The proof is of fleets that keep to the rule for the workshop, and rests on one thing that"
        " is taken for granted and not proven: that a vehicle more, or one in place of another that"
        " can do less, never leaves more trips without a vehicle while one is in the workshop."
    ),
    Headline.DECIDED_COSTS: mark(
        "They cost %(amount)s a year, the value of CO₂e included: without them the trips could be"
        " done for that much less."
    ),
    Headline.DECIDED_COSTS_APART: mark(
        "With each depot by itself they cost %(amount)s a year, the value of CO₂e included: without"
        " them the trips could be done for that much less. What other moves between depots would"
        " then save is not counted: for that the whole round would have to be planned again without"
        " them."
    ),
    Headline.DECIDED_FREE: mark("They cost nothing: without them no fleet would be cheaper."),
    Headline.DECIDED_FREE_APART: mark(
        "With each depot by itself they cost nothing: without them no fleet would be cheaper. What"
        " other moves between depots would then save is not counted: for that the whole round"
        " would have to be planned again without them."
    ),
    Headline.BEST: mark(
        "It is proven that no fleet that keeps the policies can do the same trips for less."
    ),
    Headline.GAP: mark("It is proven to be at most %(gap)s from the best possible."),
}


def say_headline(found: Round, language: Language) -> str:
    """The whole headline of a round."""
    return " ".join(_say(sentence, language) for sentence in headline(found))


def say_fleet(summary: RoundSummary, language: Language) -> str:
    """What the fleet does, and what goes by taxi, hire or own car."""
    return _say(fleet_sentence(summary), language)


def say_proof(summary: RoundSummary, language: Language) -> str:
    """What is proven of the fleet that the rules give."""
    return _say(proof_sentence(summary, chosen=False), language)


def say_proof_of_chosen(summary: RoundSummary, language: Language) -> str:
    """What is proven of a fleet that people chose."""
    return _say(proof_sentence(summary, chosen=True), language)


def say_decided(found: Round, language: Language) -> str:
    """The sentences on the decisions of people by which the fleet of a round is bound, what they
    cost, and what was rejected since; nothing where there are none."""
    return " ".join(_say(sentence, language) for sentence in decided_sentences(found))


def _say(sentence: Sentence, language: Language) -> str:
    catalogue, formats = translations(language), Formats(language)
    shown: Mapping[str, Callable[[float], str]] = {
        "amount": formats.kr,
        "gap": formats.percent_at_most,
    }
    values = {
        name: value if isinstance(value, str) else shown.get(name, formats.number)(value)
        for name, value in sentence.values.items()
    }
    if "trips" in sentence.values:
        trips = round(float(sentence.values["trips"]))
        go = catalogue.ngettext(
            "%(count)s round trip a year goes", "%(count)s round trips a year go", trips
        )
        values["go"] = go % {"count": values["trips"]}
    if sentence.code in _SINGLE:
        text = catalogue.gettext(_SINGLE[sentence.code])
    else:
        text = _counted(sentence, catalogue)
    # A sentence that ends with kr. has one full stop.
    return (text % values).replace("kr..", "kr.")


def _counted(sentence: Sentence, catalogue: NullTranslations) -> str:
    """A sentence that is another one for several."""
    match sentence.code:
        case Headline.FLEET:
            return catalogue.ngettext(
                "%(then)s vehicle instead of %(now)s can do the same trips.",
                "%(then)s vehicles instead of %(now)s can do the same trips.",
                sentence.count,
            )
        case Headline.FLEET_AND_TAXI:
            return catalogue.ngettext(
                "%(then)s vehicle instead of %(now)s can do the trips when %(go)s by taxi, hire or"
                " own car (today %(before)s).",
                "%(then)s vehicles instead of %(now)s can do the trips when %(go)s by taxi, hire or"
                " own car (today %(before)s).",
                sentence.count,
            )
        case Headline.FLEET_AS_MANY:
            return catalogue.ngettext(
                "%(then)s vehicle, as many as today, can do the same trips.",
                "%(then)s vehicles, as many as today, can do the same trips.",
                sentence.count,
            )
        case Headline.FLEET_AS_MANY_AND_TAXI:
            return catalogue.ngettext(
                "%(then)s vehicle, as many as today, can do the trips when %(go)s by taxi, hire or"
                " own car (today %(before)s).",
                "%(then)s vehicles, as many as today, can do the trips when %(go)s by taxi, hire or"
                " own car (today %(before)s).",
                sentence.count,
            )
        case Headline.DECIDED:
            return catalogue.ngettext(
                "That is given %(count)s acceptance or rejection of yours, counted vehicle by"
                " vehicle.",
                "That is given %(count)s acceptances and rejections of yours, counted vehicle by"
                " vehicle.",
                sentence.count,
            )
        case Headline.REJECTED_SINCE:
            return catalogue.ngettext(
                "%(amount)s a year of the saving, the value of CO₂e included, are of %(count)s"
                " change that was rejected since: the sums are those of the plan until it is"
                " calculated again.",
                "%(amount)s a year of the saving, the value of CO₂e included, are of %(count)s"
                " changes that were rejected since: the sums are those of the plan until it is"
                " calculated again.",
                sentence.count,
            )
        case _:
            return catalogue.ngettext(
                "%(names)s is not in it, as its use is measured in engine hours.",
                "%(names)s are not in it, as their use is measured in engine hours.",
                sentence.count,
            )
