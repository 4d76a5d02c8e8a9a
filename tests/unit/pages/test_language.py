"""Danish is the default and is complete; English is behind a switch that a cookie remembers."""

import re
from collections import Counter
from enum import StrEnum

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from api.pages.frame.labels import say_actor
from api.pages.frame.language_switch import switch_language
from api.pages.frame.render import TEMPLATES_DIR
from api.pages.intake.labels import say_protocol
from api.pages.intake.remedies import ADVICE
from api.pages.proposals.routes import PROPOSALS
from api.pages.routes import VOCABULARY
from api.pages.vehicles import trip_class
from api.pages.words.language import DANISH_CATALOGUE, Language, language_of
from api.pages.words.vocabulary import Vocabulary
from api.settings import Settings
from ingest.gate.refusal import Reason
from ingest.tracker_ports import tracker_ports
from trips.detect.parameters import parameters_by_class

PAGES_DIR = TEMPLATES_DIR.parent / "pages"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None}


def message_id(message) -> str | tuple[str, ...]:
    return message if isinstance(message, str) else tuple(message)


def messages_in_use() -> set[str | tuple[str, ...]]:
    options = {"**.html": {"trimmed": "true", "extensions": "jinja2.ext.do", "silent": "false"}}
    found = [
        *extract_from_dir(PAGES_DIR, [("**.py", "python")], {}, KEYWORDS),
        *extract_from_dir(PAGES_DIR.parent / "rest", [("**.py", "python")], {}, KEYWORDS),
        *extract_from_dir(TEMPLATES_DIR, [("**.html", "jinja2")], options, KEYWORDS),
    ]
    return {message_id(message) for _, _, message, _, _ in found}


def test_every_text_of_the_pages_has_a_danish_translation_and_none_is_left_over():
    with DANISH_CATALOGUE.open("rb") as source:
        catalogue = read_po(source, locale="da")
    translated = {
        message_id(message.id)
        for message in catalogue
        if message.id
        and not message.fuzzy
        and all((message.string,) if isinstance(message.string, str) else message.string or ("",))
    }
    assert messages_in_use() - translated == set()
    assert translated - messages_in_use() == set()


def test_no_text_has_two_translations():
    """Of two entries of one text the last one is shown everywhere, also where it means another
    thing."""
    entries = re.findall(r'^msgid ((?:"[^\n]*"\n)+)', DANISH_CATALOGUE.read_text(), re.MULTILINE)
    assert [text for text, count in Counter(entries).items() if count > 1] == []


def test_a_translation_names_the_same_values_as_its_message():
    with DANISH_CATALOGUE.open("rb") as source:
        catalogue = read_po(source, locale="da")
    assert [error for _, errors in catalogue.check() for error in errors] == []


@pytest.mark.parametrize("kind", [*VOCABULARY.labels, *VOCABULARY.badges])
def test_every_state_has_its_word_and_every_state_with_a_badge_has_all_of_them(
    kind: type[StrEnum],
):
    for table in (VOCABULARY.labels, VOCABULARY.badges):
        if kind in table:
            assert set(table[kind]) == set(kind)


def test_every_reason_for_quarantine_has_advice():
    assert set(ADVICE) == set(Reason)


def test_what_two_subjects_say_of_the_same_is_refused():
    """A label that one subject changes would be another's as well, by the order of the two."""
    with pytest.raises(ValueError, match="Verdict"):
        Vocabulary.together([PROPOSALS.vocabulary, PROPOSALS.vocabulary])


def test_every_class_of_trips_has_its_word():
    assert set(trip_class.CLASS_NAMES) == set(parameters_by_class())


async def language_page(request: web.Request) -> web.Response:
    return web.Response(text=language_of(request).value)


@pytest.fixture
async def client():
    app = web.Application()
    app.router.add_get("/language/{language}", switch_language)
    app.router.add_get("/", language_page)
    app.router.add_get("/plan", language_page)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_the_language_is_danish_until_the_visitor_chooses(client):
    assert await (await client.get("/")).text() == Language.DANISH
    answer = await client.get("/language/en", params={"next": "/plan"})
    assert answer.url.path == "/plan"
    assert await answer.text() == Language.ENGLISH
    assert await (await client.get("/")).text() == Language.ENGLISH


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example/", "/\\evil.example", "https://evil.example", "/\t/evil.example"],
)
async def test_the_switch_returns_only_to_our_own_pages(client, elsewhere):
    answer = await client.get("/language/en", params={"next": elsewhere}, allow_redirects=False)
    assert answer.headers["Location"] == "/"


async def test_a_language_that_we_do_not_speak_is_not_found_and_a_bad_cookie_is_ignored(client):
    assert (await client.get("/language/xx")).status == 404
    assert await (await client.get("/", cookies={"lang": "xx"})).text() == Language.DANISH


def test_whoever_acts_beside_people_has_a_danish_name() -> None:
    root = TEMPLATES_DIR.parents[1]
    rooms = ("access", "api", "costs", "ingest", "optimiser", "register", "tracker", "trips")
    code = "\n".join(
        path.read_text(encoding="utf-8") for room in rooms for path in (root / room).rglob("*.py")
    )
    names = set(re.findall(r'Actor\.trusted\("([^"]+)"\)', code)) - {"Demo"}
    assert len(names) > 3
    assert {name for name in names if say_actor(name, Language.DANISH) == name} == set()
    assert say_actor("token: Værksted", Language.DANISH) == "programmet Værksted"
    assert say_actor("Materiel", Language.DANISH) == "Materiel"


def test_protocols_have_the_names_that_people_use() -> None:
    settings = Settings()  # pyright: ignore[reportCallIssue]
    names = {port.name: port.protocol.title for port in tracker_ports(settings)}
    assert {name: say_protocol(name, Language.DANISH) for name in names} == names
    assert say_protocol("positions", Language.DANISH) == "program over HTTP"
