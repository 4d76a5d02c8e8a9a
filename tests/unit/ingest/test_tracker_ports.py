"""The ports of trackers: each protocol is told from all others, and the listeners know none."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.settings import Settings
from ingest.protocols.unreadable import Unreadable
from ingest.tracker_ports import TrackerPort, tracker_ports

LISTENERS = Path(__file__).resolve().parents[3] / "ingest" / "listeners"
#: What every protocol has.
GENERAL = {"message", "unreadable", "stream", "datagram"}
PORTS = tracker_ports(Settings())  # pyright: ignore[reportCallIssue]


def test_names_and_titles_tell_the_ports_apart() -> None:
    assert len({port.name for port in PORTS}) == len(PORTS)
    assert len({port.title for port in PORTS}) == len(PORTS)
    assert {port.setting.lower() for port in PORTS} <= Settings.model_fields.keys()


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.name)
def test_what_no_protocol_reads_is_unreadable(port: TrackerPort) -> None:
    for payload in (b"", b"\0", b"GET / HTTP/1.1\r\n\r\n", bytes(100)):
        with pytest.raises(Unreadable):
            port.protocol.read_kept(payload, datetime.now(UTC))


@pytest.mark.parametrize("listener", ["tracker_tcp", "tracker_udp", "connection", "tls"])
def test_the_listeners_of_trackers_know_no_protocol(listener: str) -> None:
    tree = ast.parse((LISTENERS / f"{listener}.py").read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported = {one.split(".")[2] for one in modules if one.startswith("ingest.protocols.")}
    assert imported <= GENERAL
