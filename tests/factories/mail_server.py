"""An SMTP server on loopback that keeps what it gets, and stalls or refuses where a test says."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy

from access.mail.settings import MailServer, MailTls

SENDER = "flaade@kommune.dk"


@dataclass
class Inbox:
    """The server and what it took. `stall_at` names what it does not answer (`RCPT`, or `.` for the
    end of a text), `refuse` its answers to commands and addresses, `hang_up_at` where it ends the
    connection."""

    port: int = 0
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list[tuple[str, EmailMessage]])
    stall_at: str = ""
    hang_up_at: str = ""
    refuse: dict[str, str] = field(default_factory=dict[str, str])
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.taken]

    @property
    def server(self) -> MailServer:
        return MailServer("127.0.0.1", self.port, SENDER, MailTls.NONE, wait_max_s=5.0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (EOFError, OSError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(text: str) -> None:
            writer.write(f"{text}\r\n".encode())
            await writer.drain()

        async def answers(step: str, text: str) -> bool:
            """Whether the server answers to a step; it stalls until the client is gone."""
            if step == self.hang_up_at:
                raise EOFError
            if step == self.stall_at:
                self.reached.set()
                await reader.read()
                raise EOFError
            refused = self.refuse.get(step)
            await say(refused or text)
            return refused is None

        await say("220 mail.example ESMTP")
        recipient = ""
        while line := await reader.readline():
            command, _, rest = line.decode().strip().partition(" ")
            command = command.upper()
            if command == "RCPT":
                recipient = rest[rest.index("<") + 1 : rest.index(">")]
                if recipient in self.refuse:
                    await say(self.refuse[recipient])
                    continue
                await answers(command, "250 OK")
            elif command == "DATA":
                if not await answers(command, "354 go on"):
                    continue
                content = bytearray()
                while (part := await reader.readline()) != b".\r\n":
                    if not part:
                        raise EOFError
                    content += part
                message = message_from_bytes(bytes(content), policy=default_policy)
                assert isinstance(message, EmailMessage)
                if "." not in self.refuse:
                    self.taken.append((recipient, message))
                await answers(".", "250 taken")
            elif command == "QUIT":
                await say("221 bye")
                return
            else:
                await answers(command, "250 OK")


@asynccontextmanager
async def mail_inbox() -> AsyncGenerator[Inbox]:
    """A server that is up until the end."""
    inbox = Inbox()
    listening = await asyncio.start_server(inbox.serve, "127.0.0.1", 0)
    inbox.port = listening.sockets[0].getsockname()[1]
    try:
        yield inbox
    finally:
        listening.close()
