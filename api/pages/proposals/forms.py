"""Reads the forms and queries of proposals; see `frame.forms`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from multidict import MultiMapping

from api.pages.frame.forms import (
    COMMENT_MAX,
    TEXT_TOO_LONG,
    FormError,
    enum_member,
    field_texts,
)
from api.pages.proposals.views import ProposalOrder, VerdictFilter
from api.pages.words.language import mark
from fleet.names.order import name_order
from optimiser.carried.since_before import ComparedProposal, RoundComparison, Since
from optimiser.depot.decision_key import Action
from optimiser.rounds.decisions import Chosen, Verdict

VERDICT_MISSING = mark("Choose what is decided on the proposal")
REJECTION_UNEXPLAINED = mark("Write why the proposal is rejected")
SHARED = mark(
    "The fleet unit decides on this, since other departments share it; you can ask a question."
)
REOPENING_UNEXPLAINED = mark("Write why it is undecided again")
QUESTION_EMPTY = mark("Enter the question")
DECIDED_MEANWHILE = mark(
    "Somebody decided on this while you looked at it: see the history. Decide again if you still "
    "mean it."
)
NOT_ACCEPTED = mark("Only what is accepted can be carried out: accept the proposal first.")
NOTHING_DECIDED = mark("Nothing is decided on the proposal, so it is undecided already.")
SUPERSEDED = mark(
    "The plan was calculated again since, and this is not decided here any more: see the proposal "
    "of the present version. What you wrote is not saved."
)
RULED_TO_STAY = mark(
    "Somebody ruled since that the vehicle stays: undo that first on the page of its future."
)
DECIDED_OTHERWISE = mark(
    "Something else is accepted about the vehicle: put that back to undecided first."
)


GONE = mark("There is no such proposal any more.")
NOTHING_DECIDED_ON_SEVERAL = mark(
    "Nothing is decided yet, since some of those that you chose cannot be decided so: the reason "
    "stands at each in the list."
)
NOTHING_CHOSEN = mark("Choose the proposals in the list that you decide on")

#: A chosen proposal: its id, and how many entries its history had.
_CHOSEN = re.compile(r"(\d{1,18})-(\d{1,6})")

#: What is said where a verdict that takes a comment has none.
_UNEXPLAINED: Mapping[Verdict | None, str] = {
    Verdict.REJECTED: REJECTION_UNEXPLAINED,
    Verdict.QUESTION: QUESTION_EMPTY,
    Verdict.REOPENED: REOPENING_UNEXPLAINED,
}


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """The form of POST /proposals/{proposal_id}: the verdict, the comment, and the number of
    entries of the history that were on the page; None: it did not say."""

    verdict: Verdict
    comment: str
    seen: int | None

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "DecisionForm":
        """Raises FormError."""
        values = field_texts(fields, ("verdict", "comment", "seen"))
        verdict = enum_member(Verdict, values["verdict"])
        errors: dict[str, str] = {}
        if verdict is None:
            errors["verdict"] = VERDICT_MISSING
        if len(values["comment"]) > COMMENT_MAX:
            errors["comment"] = TEXT_TOO_LONG
        elif not values["comment"] and verdict in _UNEXPLAINED:
            errors["comment"] = _UNEXPLAINED[verdict]
        if verdict is None or errors:
            raise FormError(values, errors)
        seen = values["seen"]
        return cls(
            verdict, values["comment"], int(seen) if re.fullmatch(r"\d{1,6}", seen) else None
        )


@dataclass(frozen=True, slots=True)
class SeveralForm:
    """The form of POST /proposals/decisions: the proposals that were chosen, each with the entries
    of its history that were on the page, and what is decided on all of them."""

    chosen: tuple[Chosen, ...]
    verdict: Verdict
    comment: str

    @classmethod
    def read(cls, fields: MultiMapping[Any]) -> "SeveralForm":
        """Raises FormError; the field `chosen` of its values has the ids that were chosen."""
        values = field_texts(fields, ("verdict", "comment"))
        sent = (_CHOSEN.fullmatch(str(text)) for text in fields.getall("chosen", []))
        chosen = {int(found[1]): int(found[2]) for found in sent if found}
        verdict = enum_member(Verdict, values["verdict"])
        errors: dict[str, str] = {}
        if not chosen:
            errors["chosen"] = NOTHING_CHOSEN
        if verdict not in (Verdict.ACCEPTED, Verdict.REJECTED):
            errors["verdict"] = VERDICT_MISSING
        if len(values["comment"]) > COMMENT_MAX:
            errors["comment"] = TEXT_TOO_LONG
        elif not values["comment"] and verdict is Verdict.REJECTED:
            errors["comment"] = REJECTION_UNEXPLAINED
        if verdict is None or errors:
            raise FormError({**values, "chosen": " ".join(map(str, chosen))}, errors)
        return cls(tuple(Chosen(*one) for one in chosen.items()), verdict, values["comment"])


@dataclass(frozen=True, slots=True)
class ProposalQuery:
    """The query of GET /proposals: the depot, the department, the sort of decision, the verdicts
    and what became of it, and the order. An unknown value means all. Vehicles that stay, and what
    is gone, are shown only where they are asked for."""

    depot_id: str | None = None
    action: Action | None = None
    show: VerdictFilter | None = None
    department: str | None = None
    since: Since | None = None
    order: ProposalOrder | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "ProposalQuery":
        return cls(
            query.get("depot") or None,
            enum_member(Action, query.get("action", "")),
            enum_member(VerdictFilter, query.get("show", "")),
            query.get("department") or None,
            enum_member(Since, query.get("since", "")),
            enum_member(ProposalOrder, query.get("order", "")),
        )

    @property
    def in_address(self) -> dict[str, str]:
        """The query as it stands in an address."""
        pairs = {
            "depot": self.depot_id,
            "department": self.department,
            "action": self.action,
            "show": self.show,
            "since": self.since,
            "order": self.order,
        }
        return {name: str(value) for name, value in pairs.items() if value is not None}

    def rows(self, compared: RoundComparison) -> list[ComparedProposal]:
        """The rows that the query shows, in its order."""
        found = [one for one in compared.every if self._takes(one)]
        match self.order:
            case None:
                return found
            case ProposalOrder.DEPARTMENT:
                return sorted(
                    found,
                    key=lambda one: [
                        name_order(name) for name in one.proposal.decision.departments
                    ],
                )
            case ProposalOrder.DEPOT:
                return sorted(found, key=lambda one: name_order(one.proposal.depot))
            case ProposalOrder.SAVING:
                return sorted(found, key=lambda one: -one.proposal.decision.saving_kr_year)

    def _takes(self, one: ComparedProposal) -> bool:
        row = one.proposal
        shown = {
            None: True,
            VerdictFilter.OPEN: row.open,
            VerdictFilter.ACCEPTED: row.accepted,
            VerdictFilter.REJECTED: row.verdict is Verdict.REJECTED,
        }
        return (
            (self.depot_id is None or self.depot_id in row.depot_ids)
            and (self.action in row.actions if self.action else row.is_change)
            and self.department in (None, *row.decision.departments)
            and (one.since is self.since if self.since else one.since is not Since.GONE)
            and shown[self.show]
        )
