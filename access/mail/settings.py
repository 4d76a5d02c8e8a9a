"""Settings of the mail server that mails are sent by."""

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from access.mail.address import MailAddressError, read_address
from fleet.settings import ENV_PREFIX, Port, SettingsError, SettingsGroup


class MailTls(StrEnum):
    """How the connection to the mail server is encrypted."""

    #: By STARTTLS, which must succeed: usual at port 587.
    STARTTLS = "starttls"
    #: From its beginning: usual at port 465.
    TLS = "tls"
    #: Not at all: for a server of the same network or machine.
    NONE = "none"


def _address(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return read_address(text)
    except MailAddressError as error:
        raise ValueError(str(error)) from None


class MailSettings(SettingsGroup):
    """The settings of the mail server, and of how long sent mails are kept."""

    smtp_host: str | None = Field(
        None,
        min_length=1,
        description="mail server that mails to people are sent by; absent: no mail is sent, and "
        "what waits for people waits on their pages",
    )
    smtp_port: Port = Field(587, description="its port")
    smtp_tls: MailTls = Field(
        MailTls.STARTTLS, description="starttls, tls (from the beginning, often port 465) or none"
    )
    smtp_user: str | None = Field(
        None, min_length=1, description="user to sign in to it as; absent: without sign-in"
    )
    smtp_password: SecretStr | None = Field(None, description="password of that user")
    smtp_from: Annotated[str | None, AfterValidator(_address)] = Field(
        None, description="address that mails come from; needed with FLAADE_SMTP_HOST"
    )
    smtp_wait_max_s: float = Field(
        30.0, gt=0, le=300, description="how long the mail server may take for an answer"
    )
    mail_keep_days: int = Field(
        90, ge=1, le=3_653, description="days that mails which were sent are kept"
    )

    @property
    def sends_mail(self) -> bool:
        """Whether mails are sent: a mail server is named."""
        return self.smtp_host is not None


@dataclass(frozen=True, slots=True)
class MailServer:
    """The mail server, and the address that mails come from."""

    host: str
    port: int
    sender: str
    tls: MailTls = MailTls.STARTTLS
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    wait_max_s: float = 30.0


def mail_server(settings: MailSettings) -> MailServer | None:
    """The mail server of the settings; None where there is none.

    Raises:
        SettingsError: a server is named, but not all that sending needs, or a password would go
            to another machine without encryption.
    """
    if settings.smtp_host is None:
        return None
    if settings.smtp_from is None:
        raise SettingsError(f"{ENV_PREFIX}SMTP_HOST: needs {ENV_PREFIX}SMTP_FROM")
    if (settings.smtp_user is None) != (settings.smtp_password is None):
        raise SettingsError(
            f"{ENV_PREFIX}SMTP_USER: needs {ENV_PREFIX}SMTP_PASSWORD, and the other way round"
        )
    in_the_clear = settings.smtp_tls is MailTls.NONE and not _is_this_machine(settings.smtp_host)
    if settings.smtp_user is not None and in_the_clear:
        raise SettingsError(
            f"{ENV_PREFIX}SMTP_TLS: a password is sent with {MailTls.STARTTLS} or {MailTls.TLS}"
        )
    password = settings.smtp_password
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_from,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=None if password is None else password.get_secret_value(),
        wait_max_s=settings.smtp_wait_max_s,
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
