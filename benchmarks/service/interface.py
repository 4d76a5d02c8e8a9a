"""The JSON interface against its own description, at length:
`python -m benchmarks.service.interface [--examples 200]`.

The benchmark does the same as `tests/integration/api/test_interface.py`, with more requests of each
operation and with a token of each role.
"""

import argparse
import asyncio
import sys
import time
from itertools import product

from schemathesis.core.failures import FailureGroup

from access.roles import Role
from api.settings import Settings
from db.connect import open_pool
from tests.conftest import own_database, running_server
from tests.factories.interface import OPERATIONS, explore, served_whole


async def run(url: str, examples: int) -> bool:
    good = True
    async with (
        open_pool(url) as pool,
        served_whole(pool, Settings.model_validate({"database_url": url})) as (address, keys),
    ):
        for role, (path, method) in product(Role, OPERATIONS):
            began = time.perf_counter()
            try:
                await asyncio.to_thread(explore, address, keys, path, method, role, examples)
                said = "as described"
            except FailureGroup as failures:
                good, said = False, f"OTHERWISE\n{failures}"
            took = time.perf_counter() - began
            print(f"{role:<16} {method:<6} {path:<45} {took:6.1f} s  {said}", flush=True)
    return good


async def main(examples: int) -> bool:
    with running_server() as server_url:
        async with own_database(server_url) as url:
            return await run(url, examples)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=200)
    sys.exit(0 if asyncio.run(main(parser.parse_args().examples)) else 1)
