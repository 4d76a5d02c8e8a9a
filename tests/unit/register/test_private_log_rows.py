"""Whether a row of a driving log was driven in private, where its day and its times stand apart."""

from datetime import UTC, datetime, timedelta

import pytest

from register.private_log_rows import is_private_row
from register.private_time import PrivatePeriod

BEGINS = datetime(2026, 3, 2, 15, tzinfo=UTC)
NAMES = {"v1": [PrivatePeriod(BEGINS, BEGINS + timedelta(hours=8))]}  # 16:00 to midnight


@pytest.mark.parametrize(
    ("cells", "is_private"),
    [
        (("v1", "02-03-2026", "08:00", "09:00", "12.30"), False),
        (("v1", "02-03-2026", "18:00", "19:00", "5"), True),
        (("v1", "02-03-2026", "15:00", "02:00", "5"), True),
        (("v1", "2/3/26", "kl. 14.00", "23.30", "5"), True),
        (("v1", "01-03-2026", "22:00", "06:00", "5"), False),
        (("v1", "02-03-2026", "08:00", "02-03-2026", "23:00", "5"), True),
        (("v1", "01-03-2026", "08:00", "04-03-2026", "09:00", "5"), True),
        (("v1", "02-03-2026 08:00", "17:00", "5"), True),
        (("v1", "02-03-2026", "0800", "0900", "5"), None),
        (("v1", "31-12-9999", "24:00", "09:00", "5"), None),
        (("v2", "02-03-2026", "18:00", "19:00", "5"), False),
    ],
)
def test_a_row_is_private_if_any_reading_of_its_times_is(
    cells: tuple[str, ...], is_private: bool | None
) -> None:
    assert is_private_row(cells, NAMES) is is_private
