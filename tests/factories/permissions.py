"""Writes `docs/permissions.md` anew from the routes: `python -m tests.factories.permissions`."""

import asyncio
from pathlib import Path

from api.door.needs import NEEDS
from api.door.permissions_table import permissions_table
from api.settings import Settings
from db.connect import open_pool
from tests.conftest import own_database, running_server
from tests.factories.whole import whole_app

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"


async def write() -> None:
    with running_server() as server_url:
        async with own_database(server_url) as url, open_pool(url) as pool:
            app, _ = whole_app(pool, Settings.model_validate({"database_url": url}))
            DOCUMENT.write_text(permissions_table(app[NEEDS]), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(write())
