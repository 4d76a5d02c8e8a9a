"""The schema is applied where its version differs, by those who may."""

import uuid
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from db.connect import open_pool
from db.errors import DatabaseError
from db.migration import Update, version
from db.statements import statements


@pytest.fixture
async def url(server_url: str) -> AsyncGenerator[str]:
    """A database of the test's own, empty."""
    name = f"flaade_test_{uuid.uuid4().hex[:12]}"
    connection = await asyncpg.connect(server_url)
    await connection.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


async def test_a_database_of_another_version_is_left_alone_but_by_those_who_may(url: str) -> None:
    async with open_pool(url) as pool:
        assert await pool.fetchval(statements("schema")["digest"]) == version()
        await pool.execute("INSERT INTO schema_version (digest) VALUES ('a later one')")
        with pytest.raises(DatabaseError, match="flaade migrate"):
            async with open_pool(url):
                pass
        with pytest.raises(DatabaseError, match="later version"):
            async with open_pool(url, update=Update.FORWARD):
                pass
        async with open_pool(url, update=Update.ANY):
            pass
        await pool.execute("UPDATE schema_version SET digest = 'an earlier one'")
        with pytest.raises(DatabaseError, match="flaade migrate"):
            async with open_pool(url):
                pass
        async with open_pool(url, update=Update.FORWARD), open_pool(url):
            pass
        await pool.execute("DROP TABLE schema_version")  # as before versions were noted
        with pytest.raises(DatabaseError, match="flaade migrate"):
            async with open_pool(url):
                pass
        async with open_pool(url, update=Update.FORWARD):
            assert await pool.fetchval(statements("schema")["digest"]) == version()
