"""TLS for trackers: the certificate of the server, and the device that a tracker's own certificate
names.

TLS keeps positions from being read on their way. Where an authority of client certificates is set,
a client's certificate takes the place of the allowed networks: its common name is the device.
"""

import asyncio
import ssl
from asyncio import BaseTransport
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import structlog

from fleet.settings import ENV_PREFIX, SettingsError
from ingest.settings import IngestSettings

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Seconds that a client may take for the TLS handshake.
HANDSHAKE_S = 20.0


def tls_context(settings: IngestSettings) -> ssl.SSLContext:
    """The context of the TLS listener: TLS 1.2 or newer.

    Raises:
        SettingsError: the certificate, its key or the authority is missing or cannot be used.
    """
    cert, key = _files(settings)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert, key)
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(f"{ENV_PREFIX}TELTONIKA_TLS_CERT: {cert}, {key}: {error}") from None
    if settings.teltonika_tls_client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_verify_locations(settings.teltonika_tls_client_ca)
        except OSError as error:
            raise SettingsError(
                f"{ENV_PREFIX}TELTONIKA_TLS_CLIENT_CA: {settings.teltonika_tls_client_ca}: {error}"
            ) from None
    return context


async def renew_certificate(context: ssl.SSLContext, settings: IngestSettings) -> None:
    """Read the certificate again whenever its files change, until cancelled; open connections stay
    as they are.

    A certificate that cannot be used is logged and tried again, for one file may come before the
    other; the one in use stays. A changed authority of client certificates is read at the next
    start: a context can take on an authority, but not let one go.
    """
    read = refused = _written_at(settings)
    while True:
        await asyncio.sleep(settings.teltonika_tls_renew_s)
        written = _written_at(settings)
        if written == read:
            continue
        try:
            # A context of its own reads the files first: half a renewal would take the key from the
            # one in use.
            tls_context(settings)
            context.load_cert_chain(*_files(settings))
        except (SettingsError, OSError) as error:
            if written != refused:
                LOG.warning("the renewed certificate cannot be used", error=str(error))
            refused = written
        else:
            read = written
            LOG.info("certificate renewed")


def certified_name(transport: BaseTransport) -> str | None:
    """The common name in the client's certificate; None when no certificate was asked for."""
    certificate = cast(dict[str, object] | None, transport.get_extra_info("peercert"))
    if not certificate:
        return None
    subject = cast(Iterable[Iterable[tuple[str, str]]], certificate.get("subject", ()))
    names = [value for part in subject for name, value in part if name == "commonName"]
    return names[-1] if names else ""


def _files(settings: IngestSettings) -> tuple[Path, Path]:
    """The certificate and its key."""
    cert, key = settings.teltonika_tls_cert, settings.teltonika_tls_key
    if cert is None or key is None:
        raise SettingsError(
            f"{ENV_PREFIX}TELTONIKA_TLS_PORT: needs {ENV_PREFIX}TELTONIKA_TLS_CERT and "
            f"{ENV_PREFIX}TELTONIKA_TLS_KEY"
        )
    return cert, key


def _written_at(settings: IngestSettings) -> tuple[int | None, ...]:
    """The moment when each of the two files was written, in ns; None for a missing one."""
    return tuple(path.stat().st_mtime_ns if path.exists() else None for path in _files(settings))
