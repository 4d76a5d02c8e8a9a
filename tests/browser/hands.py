"""The ways in which people use a page: with a mouse or a finger, or with the keyboard alone.

A browser takes a click and a key before the page that the last one led to is there, and on a busy
machine that page comes late. People look at it first, and so do these hands.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Protocol

from playwright.async_api import FilePayload, Locator, Page

#: The stops of the keyboard on a page after which somebody gives up.
STOPS_MAX = 400

#: Whether a press of a part leads to a page: a link does, and a button that sends a form whose
#: fields the browser finds no fault with.
LEADS_ON = """
(part) => part.matches("a[href]")
  || (part.type === "submit" && part.form !== null
      && (part.form.noValidate || part.formNoValidate || part.form.checkValidity()))
"""


@asynccontextmanager
async def following(page: Page, leads_on: bool) -> AsyncGenerator[None]:
    """Wait at the end for the page that something done meanwhile leads to, until it has loaded."""
    if leads_on:
        async with page.expect_navigation():
            yield
    else:
        yield


class Hands(Protocol):
    """What people do with the parts of a page."""

    async def press(self, target: Locator) -> None:
        """Follow a link, or press a button; the page that it leads to has loaded afterwards."""
        ...

    async def write(self, field: Locator, text: str) -> None:
        """Write a text in place of the one that a field has; a day as in 2026-11-29."""
        ...

    async def choose(self, select: Locator, option: str) -> None:
        """Choose the option with this text."""
        ...

    async def tick(self, box: Locator) -> None:
        """Tick a box, or choose one of several."""
        ...

    async def hand_over(self, field: Locator, file: FilePayload) -> None:
        """Choose a file."""
        ...


class Pointing:
    """A mouse or a finger."""

    async def press(self, target: Locator) -> None:
        async with following(target.page, await target.evaluate(LEADS_ON)):
            await target.click()

    async def write(self, field: Locator, text: str) -> None:
        await field.fill(text)

    async def choose(self, select: Locator, option: str) -> None:
        await select.select_option(label=option)

    async def tick(self, box: Locator) -> None:
        # What is seen of a box is its label, which is drawn over it.
        await box.page.locator(f"label[for='{await box.get_attribute('id')}']").click()

    async def hand_over(self, field: Locator, file: FilePayload) -> None:
        await field.set_input_files(file)


#: The hands of those tests that are about something else.
HANDS = Pointing()


class Typing:
    """The keyboard alone: Tab leads from stop to stop."""

    async def press(self, target: Locator) -> None:
        await self._reach(target)
        page = target.page
        async with following(page, await page.evaluate(f"({LEADS_ON})(document.activeElement)")):
            await page.keyboard.press("Enter")

    async def write(self, field: Locator, text: str) -> None:
        await self._reach(field)
        if await field.get_attribute("type") == "date":
            # The browser of tests asks for the parts of a day in the order of English.
            year, month, day = text.split("-")
            text = month + day + year
        else:
            await field.page.keyboard.press("ControlOrMeta+a")
        await field.page.keyboard.type(text)

    async def choose(self, select: Locator, option: str) -> None:
        await self._reach(select)
        texts = [text.strip() for text in await select.locator("option").all_text_contents()]
        at = await select.evaluate("e => e.selectedIndex")
        steps = texts.index(option) - at
        for _ in range(abs(steps)):
            await select.page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")

    async def tick(self, box: Locator) -> None:
        if await box.get_attribute("type") == "checkbox":
            await self._reach(box)
            await box.page.keyboard.press("Space")
            return
        # Of several to choose from one is a stop, and arrows lead to the others.
        group = box.page.locator(f"input[name='{await box.get_attribute('name')}']")
        await self._reach(group)
        for _ in range(await group.count()):
            await box.page.keyboard.press("Space")
            if await box.is_checked():
                return
            await box.page.keyboard.press("ArrowDown")
        assert await box.is_checked()

    async def hand_over(self, field: Locator, file: FilePayload) -> None:
        # A busy browser takes a key before it knows that choosers are handed to us, and shows its
        # own; what is asked of it on the way to the field it answers once it knows. None is shown
        # five seconds after a key went down: Enter acts then, Space only when it comes up.
        async with field.page.expect_file_chooser() as chooser:
            await self._reach(field)
            await field.page.keyboard.press("Enter")
        await (await chooser.value).set_files(file)

    async def _reach(self, target: Locator) -> None:
        """Go on by Tab until one of the targets has the focus."""
        await target.first.wait_for(state="attached")
        for _ in range(STOPS_MAX):
            if await target.evaluate_all("(all) => all.includes(document.activeElement)"):
                return
            await target.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {target}")
