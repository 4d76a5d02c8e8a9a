"""A program reads of each depot what the proposed fleet and that of the first weeks do."""

from api.rest.rounds.backtests import depots_tried
from optimiser.studies.depot_backtest import DepotBacktest
from tests.samples.proposals import BACKTEST


def test_a_program_reads_the_three_fleets_of_a_depot() -> None:
    tried = [DepotBacktest(depot_id="a", found=BACKTEST), DepotBacktest(depot_id="b", found=None)]
    [one] = [told.model_dump(mode="json", by_alias=True) for told in depots_tried(tried)]
    assert (one["depot_id"], one["from"], one["split"], one["to"]) == (
        *("a", "2026-09-21"),
        *("2026-10-26", "2026-11-15"),
    )
    told = [one[name] for name in ("today", "proposed", "first_weeks")]
    assert [fleet["vehicles"] for fleet in told] == [17, 16, 15]
    assert [fleet["to_fallback"] for fleet in told] == [1, 3, 7]
    assert [fleet["workshop_to_fallback"] for fleet in told] == [12, 14, 19]
