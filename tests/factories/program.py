"""A program that talks to the JSON interface of a server."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

PROBLEM = "application/problem+json"


@dataclass
class Program:
    """A program that talks to a server."""

    url: str
    session: aiohttp.ClientSession
    token: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    async def ask(
        self, method: str, path: str, body: object | None = None
    ) -> tuple[int, dict[str, Any]]:
        """The status and body of an answer. Where it refuses, its problem says the same status."""
        async with self.session.request(method, self.url + path, json=body) as answer:
            self.headers = answer.headers
            told: dict[str, Any] = json.loads(await answer.read())
            if answer.status >= 400:
                assert answer.content_type == PROBLEM
                assert told["status"] == answer.status
                assert told["title"]
                assert told["detail"]
            return answer.status, told

    async def send(self, path: str, name: str, content: bytes) -> dict[str, Any]:
        """Send a file, which is taken."""
        address = f"{self.url}{path}?{urlencode({'name': name})}"
        async with self.session.post(address, data=io.BytesIO(content)) as answer:
            self.headers = answer.headers
            told: dict[str, Any] = json.loads(await answer.read())
            assert answer.status == 201, told
            return told

    async def get(self, path: str) -> dict[str, Any]:
        status, told = await self.ask("GET", path)
        assert status == 200, told
        return told

    async def done(self, method: str, path: str, body: object | None = None) -> dict[str, Any]:
        status, told = await self.ask(method, path, body)
        assert status in (200, 201), told
        return told

    async def refused(self, method: str, path: str, body: object | None = None) -> tuple[int, str]:
        """The status and the detail of a refusal, or the field that is wrong where one is named."""
        status, told = await self.ask(method, path, body)
        return status, told["errors"][0]["field"] if "errors" in told else told["detail"]
