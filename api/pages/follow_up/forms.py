"""Reads the forms of a follow-up; see `frame.forms`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from api.pages.costs.forms import number_text, parse_number
from api.pages.frame.forms import (
    COMMENT_MAX,
    NAME_MAX,
    NAME_TOO_LONG,
    SEEN,
    TEXT_TOO_LONG,
    FieldChange,
    FormError,
    day_in,
    enum_member,
    field_texts,
    merged_form,
    whole_number,
)
from api.pages.plan.choice import quarter_in, quarter_text
from api.pages.plan.forms import (
    DAY_UNREADABLE,
    DECIDER_MISSING,
    DROP_UNEXPLAINED,
    QUARTER_MISSING,
    REASON_MISSING,
    STATUS_MISSING,
)
from api.pages.words.language import Language, mark
from tracker.follow_up.answers import Answer, Item, NewValue
from tracker.follow_up.asking import Group
from tracker.indicators import Indicator
from tracker.milestone import Milestone, MilestoneStatus, NeededDecision
from tracker.quarter import Quarter
from tracker.saying import Said

NOTHING_SAID = mark("Nothing is said yet: choose how far one of them is")
STANDS_MISSING = mark("Choose which of the two stands")
NO_NUMBER = mark("Write a number, or leave it empty")
NO_VALUE = mark("The number is larger or smaller than any value can be")
NOT_YOURS = mark("This milestone is not yours to answer any more")
DAY_PASSED = mark("Choose a day that has not passed")
PLAN_MISSING = mark("Choose a plan")
QUARTER_UNCHOSEN = mark("Choose a quarter")
QUARTER_RUNS = mark("This quarter of the plan is followed up already")
CENTRE_CONTACT_GONE = mark("This person is not a contact any more: choose another")

#: The fields of a milestone on the page of a link; each has the id of the milestone behind it.
FIELDS = ("progress", "note", "until", "decider", "before")

#: The fields of an indicator.
VALUE_FIELDS = ("value", "from")

#: The fields of the form that begins a follow-up.
START_FIELDS = ("plan", "quarter", "answer_by")


class Progress(StrEnum):
    """The choices that a person has for a milestone: a status, or that it waits for a decision."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    POSTPONED = "postponed"
    DROPPED = "dropped"
    DECISION = "decision"


class Stands(StrEnum):
    """Whose words stand where two people changed a milestone."""

    THEIRS = "theirs"
    MINE = "mine"


@dataclass(frozen=True, slots=True)
class ItemFields:
    """The fields of a milestone as the form shows them: their texts, what was stored when they were
    shown (`seen`, with the `revision`), and what another person changed meanwhile, None: nobody
    did. `stands` is whose words the sender chose."""

    texts: Mapping[str, str]
    seen: Mapping[str, str]
    revision: int
    meanwhile: Sequence[FieldChange] | None = None
    stands: str = ""


@dataclass(slots=True)
class ReadAnswers:
    """A form as it was sent. `stray` are the words that somebody typed for what is not theirs any
    more."""

    fields: dict[str, ItemFields] = field(default_factory=dict[str, ItemFields])
    values: dict[str, str] = field(default_factory=dict[str, str])
    errors: dict[str, str] = field(default_factory=dict[str, str])
    answers: list[Answer] = field(default_factory=list[Answer])
    new_values: list[NewValue] = field(default_factory=list[NewValue])
    stray: list[str] = field(default_factory=list[str])

    @property
    def is_contested(self) -> bool:
        return any(one.meanwhile is not None for one in self.fields.values())


def texts_of(item: Item) -> Mapping[str, str]:
    """The texts of the fields of a milestone, as it stands. Where nobody has said anything of it,
    nothing is chosen, unless it comes later."""
    one = item.milestone
    if one.said_at is None:
        progress = Progress.NOT_STARTED.value if item.group is Group.COMING else ""
    else:
        progress = one.status.value
    if one.needs_decision:
        progress = Progress.DECISION.value
    decision, until = one.decision, one.postponed
    return {
        "progress": progress,
        "note": one.note,
        "until": quarter_text(until) if until is not None else "",
        "decider": "" if decision is None else decision.by,
        "before": (
            "" if decision is None or decision.before is None else decision.before.isoformat()
        ),
    }


def fields_of(item: Item) -> ItemFields:
    """The fields of a milestone that nobody has typed in."""
    texts = texts_of(item)
    return ItemFields(texts, texts, item.milestone.revision)


def read_answers(
    items: Sequence[Item], fields: Mapping[str, Any], language: Language
) -> ReadAnswers:
    """The answers that a person gave on the page of a link."""
    read = ReadAnswers()
    for item in items:
        _read_item(read, item, fields)
        for indicator in item.indicators:
            _read_value(read, indicator, fields, language)
    shown = {item.milestone.milestone_id for item in items}
    for name in fields:
        milestone_id = name.removeprefix("revision-")
        if name != milestone_id and milestone_id not in shown:
            sent, seen = _sent(fields, milestone_id), _seen(fields, milestone_id)
            if sent != seen:
                read.stray.append(sent["note"])
    said = read.answers or read.new_values or read.errors or read.is_contested or read.stray
    if not said:
        read.errors["answers"] = NOTHING_SAID
    return read


def _sent(fields: Mapping[str, Any], milestone_id: str) -> dict[str, str]:
    names = {name: f"{name}-{milestone_id}" for name in FIELDS}
    texts = field_texts(fields, list(names.values()))
    return {name: "\n".join(texts[sent].splitlines()) for name, sent in names.items()}


def _seen(fields: Mapping[str, Any], milestone_id: str) -> dict[str, str]:
    names = {name: f"{SEEN}{name}-{milestone_id}" for name in FIELDS}
    texts = field_texts(fields, list(names.values()))
    return {name: "\n".join(texts[sent].splitlines()) for name, sent in names.items()}


def _read_item(read: ReadAnswers, item: Item, fields: Mapping[str, Any]) -> None:
    one = item.milestone
    key = one.milestone_id
    own = field_texts(fields, (f"revision-{key}", f"stands-{key}", f"contested-{key}"))
    revision = whole_number(own[f"revision-{key}"], 0, 999_999_999)
    if revision is None:  # the form did not have it
        read.fields[key] = fields_of(item)
        return
    typed, seen, now = _sent(fields, key), _seen(fields, key), texts_of(item)
    stands = own[f"stands-{key}"]
    is_touched = typed != seen or bool(own[f"contested-{key}"])
    if revision != one.revision:
        if not is_touched:  # what the other person said stands
            read.fields[key] = fields_of(item)
            return
        merged = merged_form(typed, seen, now)
        read.fields[key] = ItemFields(merged.values, now, one.revision, merged.meanwhile)
        return
    if own[f"contested-{key}"]:
        if stands == Stands.THEIRS:
            read.fields[key] = fields_of(item)
            return
        if stands != Stands.MINE:
            read.fields[key] = ItemFields(typed, seen, revision, (), stands)
            read.errors[f"stands-{key}"] = STANDS_MISSING
            return
    read.fields[key] = ItemFields(typed, seen, revision)
    is_suggested = item.group is Group.COMING and one.said_at is None
    if not is_touched and (is_suggested or not typed["progress"]):
        return
    try:
        read.answers.append(_answer(one, typed, revision))
    except FormError as refused:
        read.errors |= {f"{name}-{key}": text for name, text in refused.errors.items()}


def _answer(one: Milestone, typed: Mapping[str, str], revision: int) -> Answer:
    """The answer in the fields of a milestone. Raises FormError."""
    progress, until = enum_member(Progress, typed["progress"]), quarter_in(typed["until"])
    before = day_in(typed["before"])
    errors: dict[str, str] = {}
    if progress is None:
        errors["progress"] = STATUS_MISSING
    if len(typed["note"]) > COMMENT_MAX:
        errors["note"] = TEXT_TOO_LONG
    elif not typed["note"] and progress is Progress.DROPPED:
        errors["note"] = DROP_UNEXPLAINED
    elif (
        not typed["note"]
        and one.answer is not None
        and one.answer.holds
        and progress not in (None, Progress.DONE)
    ):
        errors["note"] = REASON_MISSING
    if progress is Progress.POSTPONED and (
        until is None or (one.planned is not None and until <= one.planned)
    ):
        errors["until"] = QUARTER_MISSING
    if progress is Progress.DECISION:
        if not typed["decider"]:
            errors["decider"] = DECIDER_MISSING
        elif len(typed["decider"]) > NAME_MAX:
            errors["decider"] = NAME_TOO_LONG
        if typed["before"] and before is None:
            errors["before"] = DAY_UNREADABLE
    if progress is None or errors:
        raise FormError(typed, errors)
    needed = progress is Progress.DECISION
    return Answer(
        milestone_id=one.milestone_id,
        said=Said(_status(one, progress), typed["note"], _until(one, progress, until)),
        seen=revision,
        decision=NeededDecision(typed["decider"], before) if needed else None,
    )


def _status(one: Milestone, progress: Progress) -> MilestoneStatus:
    """The status that was chosen; what waits for a decision keeps its own, if it is open."""
    if progress is not Progress.DECISION:
        return MilestoneStatus(progress.value)
    return one.said if one.said.is_open else MilestoneStatus.IN_PROGRESS


def _until(one: Milestone, progress: Progress, until: Quarter | None) -> Quarter | None:
    if progress is Progress.POSTPONED:
        return until
    return one.postponed if progress is Progress.DECISION else None


def _read_value(
    read: ReadAnswers, indicator: Indicator, fields: Mapping[str, Any], language: Language
) -> None:
    key = indicator.indicator_id
    names = {name: f"{name}-{key}" for name in VALUE_FIELDS}
    texts = field_texts(fields, list(names.values()))
    read.values |= texts
    text, source = texts[names["value"]], texts[names["from"]]
    if len(source) > COMMENT_MAX:
        read.errors[names["from"]] = TEXT_TOO_LONG
    if not text:
        if source:
            read.errors[names["value"]] = NO_NUMBER
        return
    try:
        value = parse_number(text, language)
    except ValueError:
        read.errors[names["value"]] = NO_NUMBER
        return
    read.new_values.append(NewValue(indicator_id=key, value=value, source=source))


def value_text(indicator: Indicator, language: Language) -> str:
    """The latest value of an indicator as people write it: the word of its step, or the number."""
    latest = indicator.latest
    if latest is None:
        return ""
    scale = indicator.details.scale
    if scale:
        return scale[int(latest.value) - 1]
    return f"{number_text(latest.value, language)} {indicator.details.unit}".strip()


@dataclass(frozen=True, slots=True)
class StartForm:
    """The form that begins the follow-up of a plan in a quarter. Without `answer_by` the settings
    say the day."""

    plan_id: int
    quarter: Quarter
    answer_by: date | None

    @classmethod
    def read(cls, fields: Mapping[str, Any], today: date) -> "StartForm":
        """Raises FormError."""
        values = field_texts(fields, START_FIELDS)
        plan_id = whole_number(values["plan"], 1, 999_999_999)
        quarter, answer_by = quarter_in(values["quarter"]), day_in(values["answer_by"])
        errors: dict[str, str] = {}
        if plan_id is None:
            errors["plan"] = PLAN_MISSING
        if quarter is None:
            errors["quarter"] = QUARTER_UNCHOSEN
        if values["answer_by"] and answer_by is None:
            errors["answer_by"] = DAY_UNREADABLE
        elif answer_by is not None and answer_by < today:
            errors["answer_by"] = DAY_PASSED
        if plan_id is None or quarter is None or errors:
            raise FormError(values, errors)
        return cls(plan_id, quarter, answer_by)
