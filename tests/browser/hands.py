"""The ways in which people use a page: with a mouse or a finger, or with the keyboard alone."""

from typing import Protocol

from playwright.async_api import FilePayload, Locator

#: The stops of the keyboard on a page after which somebody gives up.
STOPS_MAX = 400


class Hands(Protocol):
    """What people do with the parts of a page."""

    async def press(self, target: Locator) -> None:
        """Follow a link, or press a button."""
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


class Typing:
    """The keyboard alone: Tab leads from stop to stop."""

    async def press(self, target: Locator) -> None:
        await self._reach(target)
        await target.page.keyboard.press("Enter")

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
        await self._reach(field)
        async with field.page.expect_file_chooser() as chooser:
            await field.page.keyboard.press("Space")
        await (await chooser.value).set_files(file)

    async def _reach(self, target: Locator) -> None:
        """Go on by Tab until one of the targets has the focus."""
        await target.first.wait_for(state="attached")
        for _ in range(STOPS_MAX):
            if await target.evaluate_all("(all) => all.includes(document.activeElement)"):
                return
            await target.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {target}")
