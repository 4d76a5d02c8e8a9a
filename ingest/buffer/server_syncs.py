"""Checks that the NATS servers sync each write, so that a power cut loses nothing acknowledged.

By default a NATS server writes its streams to disk every two minutes, and acknowledges before that.
The protocol does not tell a client whether the server syncs. The monitoring port of the server
(`/varz`) tells; without it, only the operator of the server knows.
"""

import asyncio

import aiohttp
import msgspec
import structlog

from fleet.settings import ENV_PREFIX
from ingest.settings import IngestSettings

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Seconds that a monitoring port may take to answer.
ANSWER_S = 5.0


class _Config(msgspec.Struct):
    sync_always: bool = False


class _JetStream(msgspec.Struct):
    config: _Config = msgspec.field(default_factory=_Config)


class _Varz(msgspec.Struct):
    jetstream: _JetStream = msgspec.field(default_factory=_JetStream)


async def why_unsynced(settings: IngestSettings) -> str | None:
    """The reason why a power cut may lose what the buffer acknowledged.

    Returns:
        None when every server that answers syncs each write, or the settings accept the loss.
    """
    if settings.buffer_unsynced_allowed:
        return None
    if settings.buffer_monitor_urls is None:
        return (
            "nobody knows whether the buffer syncs each write to disk, and by default NATS does "
            f"not: name the servers' monitoring ports in {ENV_PREFIX}BUFFER_MONITOR_URLS, or "
            "accept that a power cut loses what was acknowledged with "
            f"{ENV_PREFIX}BUFFER_UNSYNCED_ALLOWED"
        )
    # The servers that answer speak for the cluster: one of three may be away when we start.
    urls = [url.strip().rstrip("/") for url in settings.buffer_monitor_urls.split(",")]
    timeout = aiohttp.ClientTimeout(total=ANSWER_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        found = await asyncio.gather(*(_syncs(session, url) for url in urls))
    for url, syncs in zip(urls, found, strict=True):
        if syncs is False:
            return (
                f"the NATS server at {_shown(url)} acknowledges what a power cut takes: set "
                "sync_interval: always in its jetstream block, or accept the loss with "
                f"{ENV_PREFIX}BUFFER_UNSYNCED_ALLOWED"
            )
    if True not in found:
        shown = ", ".join(map(_shown, urls))
        return f"no monitoring port of the buffer says whether it syncs each write: {shown}"
    return None


def _shown(url: str) -> str:
    return url.rpartition("@")[2]


async def _syncs(session: aiohttp.ClientSession, url: str) -> bool | None:
    """Whether the server behind a monitoring port syncs each write; None: no answer."""
    try:
        async with session.get(url + "/varz") as answer:
            answer.raise_for_status()
            return msgspec.json.decode(await answer.read(), type=_Varz).jetstream.config.sync_always
    except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError) as error:
        LOG.warning(
            "a monitoring port of the buffer does not answer",
            url=_shown(url),
            error=str(error) or type(error).__name__,
        )
        return None
