"""No page of an empty system says what is not so, and each says what to do next."""

import re

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from tests.factories.page_paths import PAGE_PATHS
from tests.factories.page_text import words
from tests.factories.serving import client_of
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.shipped import load_programme

#: What can be said of things only where there are some.
CLAIMS = re.compile(
    r"\b(?:alle|hele|hver|hvert|ingen af) (?:[\w,]+ ){0,7}"
    r"(?:er|høres|hørt|sover|passer|har|blev)\b"
    r"|\b(?:alle|intet|ingen) \w+ (?:passer|er tavse?)\b|\bingen er tavs|\bvis hele\b"
    r"|er den bedste|0 af 0",
    re.IGNORECASE,
)
#: Such sentences, which pages of an empty system have said.
ONCE_SAID = (
    "Karantænen er tom: alle beskeder er godtaget og gemt.",
    "Der er ingen: alle steder, hvor flere køretøjer overnatter, er depoter.",
    "Ingen køretøjer passer til valget.",
    "Viser 0 af 0",
    "Alle chips høres.",
    "Ingen er tavs",
)
#: Sentences that say how something is done, and not what is there.
RULES = (
    "Hvornår hver chip sidst blev hørt",
    "hver runde forslag husker de tal, den er regnet med",
)


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


async def test_every_page_of_an_empty_system_says_what_is_so_and_what_to_do_next(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    assert all(CLAIMS.search(one) for one in ONCE_SAID)
    await load_programme(pool, read_programme(FLEET_PROGRAMME))
    claims: dict[str, list[str]] = {}
    dead_ends: list[str] = []
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        for path in PAGE_PATHS:
            status, page = await client.get(path)
            assert status == 200, path
            main = main_of(page)
            hints = re.sub(r"<(option|label|h\d|nav)\b.*?</\1>", " ", main, flags=re.DOTALL)
            blocks = re.split(
                r"</?(?:p|li|d[dt]|t[dh]|div|section|form|span|button|a)\b[^>]*>", hints
            )
            said = [one for block in blocks for one in re.split(r"(?<=[.?])\s", words(block))]
            found = [one for one in said if CLAIMS.search(one)]
            found = [one for one in found if not any(rule in one for rule in RULES)]
            if found:
                claims[path] = found
            ways = re.findall(r'<a [^>]*href="(?!/language)', main) or re.findall("<form", main)
            empties = re.findall(r'class="empty">(.*?)</p>', main, re.DOTALL)
            if not ways or any("<a " not in one for one in empties):
                dead_ends.append(path)
    assert claims == {}
    assert dead_ends == []
