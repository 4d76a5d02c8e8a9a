"""TLS: the certificate of a listener, and the device that a tracker's own certificate names.

TLS keeps what is sent from being read on its way. Where an authority of client certificates is set,
a client's certificate takes the place of the allowed networks: its common name is the device.
"""

import asyncio
import ssl
from asyncio import BaseTransport
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import structlog

from fleet.settings import ENV_PREFIX, SettingsError
from ingest.settings import IngestSettings

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Seconds that a client may take for the TLS handshake.
HANDSHAKE_S = 20.0


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The files of a TLS listener, named by settings that begin with `setting`. `client_ca` is the
    authority of client certificates."""

    setting: str
    cert: Path
    key: Path
    client_ca: Path | None = None


def tracker_tls(settings: IngestSettings) -> TlsFiles:
    """The files of the TLS port of trackers.

    Raises:
        SettingsError: the settings do not name both the certificate and its key.
    """
    return tls_files(
        "TELTONIKA_TLS",
        "TELTONIKA_TLS_PORT",
        settings.teltonika_tls_cert,
        settings.teltonika_tls_key,
        settings.teltonika_tls_client_ca,
    )


def tls_files(
    setting: str, of: str, cert: Path | None, key: Path | None, client_ca: Path | None = None
) -> TlsFiles:
    """The files that a TLS listener needs because the setting `of` is set.

    Raises:
        SettingsError: one of the two is missing.
    """
    if cert is None or key is None:
        raise SettingsError(
            f"{ENV_PREFIX}{of}: needs {ENV_PREFIX}{setting}_CERT and {ENV_PREFIX}{setting}_KEY"
        )
    return TlsFiles(setting, cert, key, client_ca)


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """The context of a TLS listener: TLS 1.2 or newer.

    Raises:
        SettingsError: the certificate, its key or the authority cannot be used.
    """
    cert, key, name = files.cert, files.key, f"{ENV_PREFIX}{files.setting}"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert, key)
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(f"{name}_CERT: {cert}, {key}: {error}") from None
    if files.client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_verify_locations(files.client_ca)
        except OSError as error:
            raise SettingsError(f"{name}_CLIENT_CA: {files.client_ca}: {error}") from None
    return context


async def renew_certificate(context: ssl.SSLContext, files: TlsFiles, every_s: float) -> None:
    """Read the certificate again whenever its files have changed, until cancelled; open
    connections stay as they are.

    A certificate that cannot be used is logged and tried again, for one file may come before the
    other; the one in use stays. A changed authority of client certificates is read at the next
    start: a context can take on an authority, but not let one go.
    """
    read = refused = _written_at(files)
    while True:
        await asyncio.sleep(every_s)
        written = _written_at(files)
        if written == read:
            continue
        try:
            # A context of its own reads the files first: half a renewal would take the key from the
            # one in use.
            tls_context(files)
            context.load_cert_chain(files.cert, files.key)
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


def _written_at(files: TlsFiles) -> tuple[int | None, ...]:
    """The moment when each of the two files was written, in ns; None for a missing one."""
    paths = (files.cert, files.key)
    return tuple(path.stat().st_mtime_ns if path.exists() else None for path in paths)
