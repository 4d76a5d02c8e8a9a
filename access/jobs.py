"""Declares the periodic jobs of access: one deletes what has ended and records refusals, the other
sends mails."""

from collections.abc import Sequence

from access.attempts_stored import forget_attempts, record_refusals
from access.links import forget_links
from access.mail.sender import send_due
from access.mail.settings import MailSettings, mail_server
from access.sessions import forget_sessions
from db.connect import Pool
from db.job import PeriodicJob
from db.statements import statements

MAIL_SQL = statements("mail")


def periodic_jobs(pool: Pool, settings: MailSettings) -> Sequence[PeriodicJob]:
    """The job that deletes sessions, links, places, allowances and mails whose time is over, and
    records the attempts to sign in that were refused; where there is a mail server, the one that
    sends mails.

    Raises:
        SettingsError: the mail server of the settings cannot be used.
    """
    server = mail_server(settings)

    async def forget() -> None:
        await forget_sessions(pool)
        await forget_links(pool)
        await forget_attempts(pool)
        await record_refusals(pool)
        await pool.execute(MAIL_SQL["forget"], settings.mail_keep_days)

    async def send() -> None:
        assert server is not None
        await send_due(pool, server)

    forgets = PeriodicJob("forget_sessions", "*/10 * * * *", forget)
    return [forgets] if server is None else [forgets, PeriodicJob("send_mails", "* * * * *", send)]
