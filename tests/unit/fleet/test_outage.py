"""What is away is said twice, however many messages find out."""

from structlog.testing import capture_logs

from fleet.outage import OutageLog


def test_an_outage_is_a_line_when_it_begins_and_one_when_it_is_over() -> None:
    outage = OutageLog("the database")
    with capture_logs() as lines:
        outage.worked(0)
        for second in range(100):
            outage.failed("refused", second)
            outage.worked(second + 0.5)  # one that got through says nothing yet
        outage.worked(110)
        outage.worked(111)
        outage.failed("refused", 200)
    assert [line["event"] for line in lines] == [
        "the database is away",
        "the database is back",
        "the database is away",
    ]
    assert (lines[1]["failures"], lines[1]["away_s"]) == (100, 99)
