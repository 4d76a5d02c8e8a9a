"""A server looks for garbage in cycles when an answer is sent, and not while one is waited for."""

import asyncio
import gc
import weakref
from collections.abc import Generator

import aiohttp
import pytest
from aiohttp import web

from api.delivery.garbage import YOUNG_OBJECTS, look_after_answers
from api.server import ServerRole
from api.settings import Settings
from tests.factories.serving import client_of

PAGES = 20


class Node:
    """An object that refers to itself."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def unasked() -> Generator[None]:
    """Python itself looks for no garbage, so that only the server does."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("unasked")
async def test_what_an_answer_leaves_is_freed_when_it_is_sent() -> None:
    freed = asyncio.Event()
    left: list[weakref.ref[Node]] = []

    async def answer(request: web.Request) -> web.Response:
        nodes = [Node() for _ in range(int(request.query["nodes"]))]
        left.append(weakref.ref(nodes[0], lambda _: freed.set()))
        return web.Response(text="sent")

    app = web.Application(middlewares=[look_after_answers])
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        async with aiohttp.ClientSession() as session:
            async with session.get(url, params={"nodes": YOUNG_OBJECTS}) as sent:
                assert await sent.text() == "sent"
            async with asyncio.timeout(10):
                await freed.wait()
    finally:
        await runner.cleanup()


@pytest.mark.usefixtures("unasked")
async def test_a_server_looks_through_what_its_pages_leave(database_url: str) -> None:
    looked: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "stop":
            looked.append(info["generation"])

    async with client_of(Settings.model_validate({}), database_url, ServerRole.API) as client:
        gc.callbacks.append(note)
        try:
            for _ in range(PAGES):
                assert (await client.get("/interface"))[0] == 200
        finally:
            gc.callbacks.remove(note)
    # It looks through young objects only: what was loaded would take a tenth of a second.
    assert looked
    assert max(looked) < 2
