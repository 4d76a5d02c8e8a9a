"""Rows of numbers come as arrays, whole and in their own types, or are refused."""

import numpy as np
import pytest

from db.connect import Pool
from db.fetch_columns import fetch_columns

COLUMNS = {"a": "int4", "b": "int8", "c": "float8"}


async def test_numbers_of_every_kind_come_as_they_are_stored(pool: Pool) -> None:
    query = "SELECT i, i::int8 * 10000000000, i / 8.0::float8 FROM generate_series(-$1::int4, $1) i"
    async with pool.acquire() as connection:
        found = await fetch_columns(connection, query, 1000, columns=COLUMNS)
    expected = np.arange(-1000, 1001)
    assert found["a"].dtype == found["b"].dtype == np.int64
    assert found["a"].tolist() == expected.tolist()
    assert found["b"].tolist() == (expected * 10_000_000_000).tolist()
    assert found["c"].tolist() == (expected / 8).tolist()


async def test_no_rows_are_empty_arrays(pool: Pool) -> None:
    query = "SELECT 1::int4, 1::int8, 1::float8 WHERE false"
    async with pool.acquire() as connection:
        found = await fetch_columns(connection, query, columns=COLUMNS)
    assert [len(values) for values in found.values()] == [0, 0, 0]


@pytest.mark.parametrize("query", ["SELECT 1, 2, 3.0::float8", "SELECT 1, NULL::int8, 3.0::float8"])
async def test_another_type_than_declared_or_a_null_is_refused(pool: Pool, query: str) -> None:
    async with pool.acquire() as connection:
        with pytest.raises(ValueError, match="does not answer with a, b, c as declared"):
            await fetch_columns(connection, query, columns=COLUMNS)
