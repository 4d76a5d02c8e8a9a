"""Reads the forms and queries of proposals; see `frame.forms`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.frame.forms import (
    COMMENT_MAX,
    TEXT_TOO_LONG,
    FormError,
    enum_member,
    field_texts,
)
from api.pages.proposals.views import VerdictFilter
from api.pages.words.language import mark
from optimiser.depot.decision_key import Action
from optimiser.rounds.decisions import Verdict
from optimiser.rounds.proposals import Proposal

VERDICT_MISSING = mark("Choose what is decided on the proposal")
REJECTION_UNEXPLAINED = mark("Write why the proposal is rejected")
SHARED = mark(
    "The fleet unit decides on this, since other departments share it; you can ask a question."
)
REOPENING_UNEXPLAINED = mark("Write why it is undecided again")
QUESTION_EMPTY = mark("Write the question")
DECIDED_MEANWHILE = mark(
    "Somebody decided on this while you looked at it: see the history. Decide again if you still "
    "mean it."
)
NOT_ACCEPTED = mark("Only what is accepted can be carried out: accept the proposal first.")
NOTHING_DECIDED = mark("Nothing is decided on the proposal, so it is undecided already.")
SUPERSEDED = mark(
    "The proposal is of an earlier round, and nothing is decided on it any more. What you wrote is "
    "not saved."
)
DECIDED_OTHERWISE = mark("Something else is accepted about the vehicle: reject that first.")


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
class ProposalQuery:
    """The query of GET /proposals: the depot, the sort of decision and the verdicts to show. An
    unknown value means all. Vehicles that stay are shown only where they are asked for."""

    depot_id: str | None = None
    action: Action | None = None
    show: VerdictFilter | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "ProposalQuery":
        return cls(
            query.get("depot") or None,
            enum_member(Action, query.get("action", "")),
            enum_member(VerdictFilter, query.get("show", "")),
        )

    @property
    def in_address(self) -> dict[str, str]:
        """The query as it stands in an address."""
        pairs = {"depot": self.depot_id, "action": self.action, "show": self.show}
        return {name: str(value) for name, value in pairs.items() if value is not None}

    def takes(self, row: Proposal) -> bool:
        """Whether the query shows a proposal."""
        shown = {
            None: True,
            VerdictFilter.OPEN: row.open,
            VerdictFilter.ACCEPTED: row.accepted,
            VerdictFilter.REJECTED: row.verdict is Verdict.REJECTED,
        }
        action = row.decision.action
        return (
            self.depot_id in (None, row.depot_id)
            and (action is self.action if self.action else action is not Action.KEEP)
            and shown[self.show]
        )
