"""Says which browser a session is of, and on which system, by what the browser calls itself."""

#: What stands in the name of a browser and of a system, and what people call it. The first that is
#: found counts, since browsers name those that they descend from, too.
_BROWSERS = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet")),
    *(("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome")),
    *(("Chrome/", "Chrome"), ("Safari/", "Safari")),
)
_SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS")),
    *(("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")),
)


def agent_words(agent: str) -> str:
    """The browser and the system, such as `Chrome, Linux`; what is not known stays as it is."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), None)
    system = next((name for sign, name in _SYSTEMS if sign in agent), None)
    if not agent.startswith("Mozilla/5.0 (") or browser is None or system is None:
        return agent
    return f"{browser}, {system}"
