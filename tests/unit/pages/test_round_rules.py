"""The rules of a round are told as they bind it."""

from api.pages.proposals.round_basis import rule_row
from api.pages.proposals.round_views import RoundRule
from tests.samples.costs import CAPABILITIES


def test_green_vehicles_are_kept_in_total_where_vehicles_move() -> None:
    """One may then leave a depot for another, so that a depot may have fewer than today."""
    for moves in (True, False):
        rules = {"green_keep": True, "green_only_new": True, "moves": moves}
        told = [rule_row(rules, one, CAPABILITIES, {}) for one in RoundRule if one.value in rules]
        bound = {RoundRule.GREEN_KEEP} if moves else set[RoundRule]()
        assert {one.rule for one in told if one.in_total} == bound
