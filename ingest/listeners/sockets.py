"""Binds the sockets of listeners: `::` takes IPv6 and IPv4, any other address only itself."""

import asyncio
import socket
from collections.abc import Callable
from typing import NamedTuple

from ingest.settings import IngestSettings


class ListeningPort(NamedTuple):
    """A port that is listened on; `listens` tells whether it still is."""

    port: int
    listens: Callable[[], bool]

    @classmethod
    def of(cls, server: asyncio.Server) -> "ListeningPort":
        return cls(int(server.sockets[0].getsockname()[1]), server.is_serving)


def listening_socket(
    settings: IngestSettings, port: int, kind: socket.SocketKind = socket.SOCK_STREAM
) -> socket.socket:
    """A socket bound to the address of the settings.

    Raises:
        OSError: the port cannot be listened on.
    """
    host = settings.host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, kind)
    try:
        if kind is socket.SOCK_STREAM:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if settings.reuse_port:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            # Otherwise one process could not serve trackers of both kinds.
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.setblocking(False)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
