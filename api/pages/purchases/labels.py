"""The words of purchases and disposals; see `words.vocabulary`."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from api.pages.purchases.shipped_words import say_source
from api.pages.purchases.views import Notice, ToldChange
from api.pages.vehicles.labels import LABELS as VEHICLE_LABELS
from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from api.pages.words.vocabulary import Labels, Vocabulary
from fleet.saying import Saying, in_words
from fleet.vehicle import Energy
from optimiser.purchases.check import Advice, Code, Verdict
from optimiser.purchases.disposals import Basis
from optimiser.purchases.green_share import GoalState
from optimiser.purchases.principles import Principle, PrincipleRow
from optimiser.purchases.requests import Change, RequestState

LABELS: Labels = {
    Principle: {
        Principle.GREEN: mark("Green where possible"),
        Principle.CONTRACT_END: mark("Replaced when the contract ends"),
        Principle.LEAST_USE: mark("Used often enough"),
        Principle.POOL_FIRST: mark("The fleet's own vehicles first"),
    },
    Verdict: {
        Verdict.KEPT: mark("Complied with"),
        Verdict.BROKEN: mark("Not kept"),
        Verdict.UNSURE: mark("To be judged"),
        Verdict.NO_MATTER: mark("Does not concern it"),
    },
    Advice: {
        Advice.OFFER: mark("Offer a vehicle of the fleet that stands still most of the time"),
        Advice.REFUSE: mark("Refuse: it would be used too little"),
        Advice.WAIT: mark("Wait until the contract ends"),
        Advice.APPROVE_GREEN: mark("Approve it as a green vehicle"),
        Advice.APPROVE: mark("Approve"),
    },
    RequestState: {
        RequestState.OPEN: mark("Waits for an answer"),
        RequestState.APPROVED: mark("Approved"),
        RequestState.OFFERED: mark("A vehicle of the fleet is offered"),
        RequestState.REFUSED: mark("Refused"),
        RequestState.WITHDRAWN: mark("Withdrawn"),
    },
    Basis: {
        Basis.STATED: mark("said by the fleet unit"),
        Basis.PROPOSAL: mark("an accepted proposal"),
        Basis.REQUEST: mark("an approved request"),
        Basis.CONTRACT: mark("its contract had ended, or was about to"),
        Basis.UNSAID: mark("nobody has said it"),
    },
    GoalState: {
        GoalState.MET: mark("Goal met"),
        GoalState.MISSED: mark("Below the goal"),
        GoalState.NOTHING_BOUGHT: mark("Nothing bought"),
        GoalState.NO_GOAL: mark("No goal"),
    },
    Notice: {
        Notice.ASKED: mark("The request is sent to the fleet unit."),
        Notice.ANSWERED: mark("The answer is saved."),
        Notice.WITHDRAWN: mark("The request is withdrawn."),
        Notice.PURCHASE_SAVED: mark("The purchase is saved."),
        Notice.PURCHASE_WITHDRAWN: mark("The purchase does not count any more."),
        Notice.PRINCIPLE_SAVED: mark("The principle is saved."),
        Notice.DISPOSAL_SAVED: mark("The principle of the disposal is saved."),
    },
}

BADGES: Labels = {
    Verdict: {
        Verdict.KEPT: "badge-success",
        Verdict.BROKEN: "badge-error",
        Verdict.UNSURE: "badge-warning",
        Verdict.NO_MATTER: "badge-neutral",
    },
    RequestState: {
        RequestState.OPEN: "badge-warning",
        RequestState.APPROVED: "badge-success",
        RequestState.OFFERED: "badge-info",
        RequestState.REFUSED: "badge-neutral",
        RequestState.WITHDRAWN: "badge-neutral",
    },
    GoalState: {
        GoalState.MET: "badge-success",
        GoalState.MISSED: "badge-warning",
        GoalState.NOTHING_BOUGHT: "badge-neutral",
        GoalState.NO_GOAL: "badge-neutral",
    },
}

#: The name of each principle's figure, with its unit.
FIGURES: Mapping[Principle, str] = {
    Principle.GREEN: mark("Goal: share of green vehicles among a year's purchases, %"),
    Principle.CONTRACT_END: mark("Days before the contract ends from which it may be replaced"),
    Principle.LEAST_USE: mark("Least days of use a week"),
    Principle.POOL_FIRST: mark(
        "Counts as free: used on at most so many of the week's 5 working days"
    ),
}

#: The sentence of each finding.
SENTENCES: Mapping[str, str] = {
    Code.POOL_FREE: mark(
        "Vehicles of the fleet that could do it and are used on at most %(most)s of the week's 5"
        " working days: %(count)s."
    ),
    Code.POOL_NONE: mark(
        "No vehicle of the fleet could do it and is used on at most %(most)s of the week's 5"
        " working days."
    ),
    Code.POOL_UNKNOWN: mark(
        "No vehicle that could do it is known to be used on at most %(most)s of the week's 5"
        " working days. Vehicles that could do it whose use is not known: %(unknown)s."
    ),
    Code.USE: mark(
        "Days of use expected a week: %(wished)s. The principle asks for at least %(least)s."
    ),
    Code.USE_MEASURED: mark(
        "Days of use expected a week: %(wished)s. %(vehicle)s, which it replaces, was used on"
        " %(measured)s of the week's 5 working days. The principle asks for at least %(least)s."
    ),
    Code.CONTRACT_NEW: mark("It replaces no vehicle."),
    Code.CONTRACT_UNKNOWN: mark("The register does not say when the contract of %(vehicle)s ends."),
    Code.CONTRACT_KEPT: mark("The contract of %(vehicle)s ends %(end)s."),
    Code.CONTRACT_EARLY: mark(
        "The contract of %(vehicle)s ends %(end)s, which is %(days)s days after the new vehicle is"
        " wanted. It may be replaced from %(earliest)s on."
    ),
    Code.GREEN_KEPT: mark("It runs on green energy."),
    Code.GREEN_POSSIBLE: mark("Green kinds on offer could do it: %(kinds)s."),
    Code.GREEN_NOT_OFFERED: mark(
        "No green kind on offer could do it. Who approves it writes the reason down."
    ),
}

#: The values of findings that are days.
_DAYS = ("end", "earliest")


def say_finding(saying: Saying, /, language: Language) -> str:
    """The sentence of a finding in a language."""
    formats = Formats(language)

    def shown(name: str, value: str | float) -> str:
        if isinstance(value, str):
            return formats.short_day(date.fromisoformat(value)) if name in _DAYS else value
        return formats.figure(round(value, 1))

    sentence = translations(language).gettext
    return in_words(saying, lambda code: sentence(SENTENCES[code]), shown)


def say_principle(row: PrincipleRow, /, language: Language) -> str:
    """The text of a principle as the municipality wrote it."""
    return row.text_da if language is Language.DANISH else row.text_en


def say_figure(principle: Principle, /, language: Language) -> str:
    """The name of a principle's figure."""
    return translations(language).gettext(FIGURES[principle])


#: The values of a change that its history tells, with their names.
CHANGE_NAMES: Mapping[str, str] = {
    "state": mark("State"),
    "answer": mark("Answer"),
    "principle": mark("Decided by the principle"),
    "offered_name": mark("Offered vehicle"),
    "energy": mark("Energy"),
    "approved_energy": mark("Energy that is approved"),
    "not_green": mark("Why it is not green"),
    "department": mark("Department"),
    "wanted_from": mark("Wanted from"),
    "days_week": mark("Days of use a week"),
    "bought_on": mark("Bought or leased on"),
    "price_kr": mark("Price"),
    "lease_kr_year": mark("Annual rental"),
    "reason": mark("Reason"),
    "withdrawn": mark("Why it counts no more"),
}
_CHANGE_DAYS = ("wanted_from", "bought_on")
_CHANGE_KR = ("price_kr", "lease_kr_year")
_CHANGE_WORDS: Mapping[str, type[StrEnum]] = {
    "state": RequestState,
    "principle": Principle,
    "energy": Energy,
    "approved_energy": Energy,
}


def told_changes(changes: Sequence[Change], language: Language) -> list[ToldChange]:
    """The values that changes set, in the words of a language."""
    return [
        ToldChange(
            one.actor,
            one.at,
            [
                (name, _changed(key, one.content[key], language))
                for key, name in CHANGE_NAMES.items()
                if one.content.get(key) not in (None, "", [])
            ],
        )
        for one in changes
    ]


def _changed(name: str, value: object, language: Language) -> str:
    formats = Formats(language)
    if name in _CHANGE_DAYS:
        return formats.short_day(date.fromisoformat(str(value)))
    if isinstance(value, int | float):
        return formats.kr(value) if name in _CHANGE_KR else formats.figure(value)
    kind = _CHANGE_WORDS.get(name)
    if kind is None:
        return str(value)
    labels = VEHICLE_LABELS if kind is Energy else LABELS
    return translations(language).gettext(labels[kind][kind(str(value))])


VOCABULARY = Vocabulary(
    labels=LABELS,
    badges=BADGES,
    filters={
        "finding": say_finding,
        "principle_text": say_principle,
        "principle_figure": say_figure,
        "principle_source": say_source,
    },
)
