"""Sign-in while strangers guess:
`python -m benchmarks.service.sign_in [--simulated 1000000] [--real 10000]`.

First the arithmetic alone, in memory: strangers at 1,000 addresses guess at 100 names for a day,
while two people sign in once a minute, one from a place where they did so before and one from
elsewhere. Then real attempts at a database, with hashes that take less work than those of the
default settings. The peer is the same person's sign-in while nobody guesses.
"""

import argparse
import asyncio
import random
import statistics
import time
from datetime import UTC, datetime, timedelta

from access.accounts import add_account
from access.attempts import Allowance, TooManyAttemptsError, slot_of
from access.links import new_link, use_link
from access.roles import Role
from access.settings import AccessSettings, put_in_force
from access.sign_in import SignInRefusedError, sign_in
from db.connect import Pool, open_pool
from tests.conftest import own_database, running_server
from tests.factories.actors import SOMEBODY

NAMES = 100
SOURCES = 1_000
DAY_S = 86_400
PASSWORD = "correct horse battery"
HOME = "192.0.2.1"
AT_ONCE = 50
OWN_SIGN_INS = 20
LIGHT_HASHES = {"password_memory_kib": 8_192, "password_passes": 1}


class Buckets:
    """Allowances in memory, as the database stores them."""

    def __init__(self) -> None:
        self.full_at: dict[tuple[str, int | str], datetime] = {}

    def try_at(self, now: datetime, asked: dict[tuple[str, int | str], Allowance]) -> float:
        """Spend an attempt of each allowance; returns the seconds to wait, 0 if it was let
        through."""
        wait_s = max(one.wait_s(self.full_at.get(key), now) for key, one in asked.items())
        if wait_s == 0:
            for key, one in asked.items():
                self.full_at[key] = one.after_attempt(self.full_at.get(key), now)
        return wait_s

    def give_back(self, now: datetime, spent: dict[tuple[str, int | str], Allowance]) -> None:
        for key, one in spent.items():
            self.full_at[key] = one.after_success(self.full_at.get(key), now)


def simulate(attempts: int, settings: AccessSettings) -> None:
    chance, buckets, start = random.Random(1), Buckets(), datetime(2026, 11, 29, tzinfo=UTC)
    of_name: dict[int, int] = {}
    waits: dict[str, list[float]] = {"known place": [], "elsewhere": []}
    known: dict[tuple[str, int | str], Allowance] = {("known", 0): settings.allowance_of_name}
    next_own = 0.0
    began = time.perf_counter()
    for number in range(attempts):
        second = number * DAY_S / attempts
        now = start + timedelta(seconds=second)
        name, source = chance.randrange(NAMES), chance.randrange(SOURCES)
        wait_s = buckets.try_at(now, _strangers(settings, name, f"stranger {source}"))
        if wait_s == 0:
            of_name[name] = of_name.get(name, 0) + 1
        if second >= next_own:
            next_own += 60
            waits["known place"].append(buckets.try_at(now, known))
            buckets.give_back(now, known)  # the password is right
            waits["elsewhere"].append(buckets.try_at(now, _strangers(settings, 0, "hotel")))
    seconds = time.perf_counter() - began
    bound = settings.name_attempts + DAY_S / settings.name_attempt_every_s
    through = sum(of_name.values())
    print(f"simulated: {attempts:,} guesses in a day, {attempts / seconds:,.0f}/s")
    print(f"  let through {through:,} ({through / attempts:.1%})")
    print(f"  most by one name {max(of_name.values()):,}, and the allowance says {bound:,.0f}")
    print(f"  buckets {len(buckets.full_at):,}")
    for place, each in waits.items():
        waited = sum(wait_s > 0 for wait_s in each)
        print(f"  own sign-in, {place}: {waited} of {len(each)} waited, {max(each):.0f} s at most")


def _strangers(
    settings: AccessSettings, name: int, source: str
) -> dict[tuple[str, int | str], Allowance]:
    return {
        ("name", slot_of(f"name {name}")): settings.allowance_of_name,
        ("source", slot_of(source)): settings.allowance_of_source,
    }


async def attack(pool: Pool, attempts: int) -> None:
    """Measure the sign-in of a person alone, and while strangers guess at names, also at theirs."""
    made = await add_account(pool, SOMEBODY, "name 0", Role.ADMINISTRATOR)
    link = await new_link(pool, SOMEBODY, made.account_id)
    await use_link(pool, link, PASSWORD, source=HOME, agent="")
    alone = await _own(pool)
    numbers = iter(range(attempts))
    came = {"refused": 0, "wait": 0}

    async def guess() -> None:
        for number in numbers:
            source = f"10.0.{number % 200}.1"
            try:
                await sign_in(pool, f"name {number % NAMES}", "a guess", source=source, agent="")
            except SignInRefusedError:
                came["refused"] += 1
            except TooManyAttemptsError:
                came["wait"] += 1

    began = time.perf_counter()
    guessing = asyncio.gather(*(guess() for _ in range(AT_ONCE)))
    beside = await _own(pool)
    await guessing
    seconds = time.perf_counter() - began
    rows = await pool.fetchval("SELECT count(*) FROM sign_in_allowance")
    print(f"real: {attempts:,} guesses at {NAMES} names, {attempts / seconds:,.0f}/s")
    print(f"  passwords looked at {came['refused']:,}, asked to wait {came['wait']:,}, rows {rows}")
    print(
        f"  own sign-in, median: alone {1000 * alone:.0f} ms, beside {1000 * beside:.0f} ms,"
        f" {beside / alone:.1f} times"
    )


async def _own(pool: Pool) -> float:
    took: list[float] = []
    for _ in range(OWN_SIGN_INS):
        began = time.perf_counter()
        while True:
            try:
                await sign_in(pool, "name 0", PASSWORD, source=HOME, agent="")
            except TooManyAttemptsError:  # as many passwords wait as may
                await asyncio.sleep(0.1)
            else:
                break
        took.append(time.perf_counter() - began)
    return statistics.median(took)


async def main(simulated: int, real: int) -> None:
    simulate(simulated, AccessSettings.model_validate({}))
    put_in_force(AccessSettings.model_validate(LIGHT_HASHES))
    with running_server() as server_url:
        async with own_database(server_url) as url, open_pool(url) as pool:
            await attack(pool, real)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--simulated", type=int, default=1_000_000)
    parser.add_argument("--real", type=int, default=10_000)
    given = parser.parse_args()
    asyncio.run(main(given.simulated, given.real))
