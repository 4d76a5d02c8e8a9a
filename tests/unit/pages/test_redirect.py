"""A page sends a browser only to this server, however an address is spelt."""

import string
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.frame import redirect
from api.pages.frame.redirect import is_local, see_other

ELSEWHERE = [
    "",
    "plan",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\x00/evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/a/..//evil.example",
    "/%2e//evil.example",
    "/%2E%2e//evil.example",
    "/a/%2e%2E/",
    "/%09/evil.example",
    "/%5Cevil.example",
    "/a//evil.example",
    "/\u2028/evil.example",
    "/\u3002/evil.example",
    "/plan\r\nSet-Cookie: a=b",
    "/plan#//evil.example",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_an_address_that_may_lead_elsewhere_leads_to_the_front(address: str) -> None:
    assert not is_local(address)
    assert see_other(address).headers["Location"] == "/"


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/plan",
        "/plan/",
        "/vehicles/LTK%2F009?from=2026-01-01&to=2026-02-01",
        "/use?department=%C3%86ldre&x=//y",
        "/use/export/csv-da?department=a+b",
        "/vehicles/LTK%2F009?day=2026-11-03#trips",
        "/intake/trackers/to%20ord?done=moved",
        "/intake/trackers/chip%20xx%20%C3%A6%C3%B8%C3%A5?done=moved",
        "/intake/trackers/100%25%2B%3B%5C%20?done=moved",
    ],
)
def test_an_address_of_ours_stays_as_it_is(address: str) -> None:
    assert see_other(address).headers["Location"] == address


@given(
    st.text(
        alphabet=st.sampled_from("/\\.%29eEfF05cC\t\n\r:?#@ax" + string.whitespace), max_size=14
    )
)
def test_whatever_is_let_through_stays_on_this_server_as_a_browser_reads_it(address: str) -> None:
    location = see_other(address).headers["Location"]
    # Browsers drop tabs and line ends, and take a backslash for a slash.
    read = location.replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/")
    assert urlsplit(urljoin("http://ours.example/x", read)).netloc == "ours.example"
    assert location.startswith("/")
    assert not location.startswith("//")


def test_no_page_redirects_in_another_way() -> None:
    folder = Path(redirect.__file__).parent
    for module in folder.glob("*.py"):
        if module.name != "redirect.py":
            text = module.read_text()
            assert "HTTPSeeOther" not in text, module.name
            assert "HTTPFound" not in text, module.name
