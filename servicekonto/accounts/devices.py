"""The browser a request came from, and a name by which the owner of an account recognises it: "Firefox,
Windows".
"""

from dataclasses import dataclass

# The first that matches counts: Edge and Opera call themselves Chrome too, Chrome calls itself Safari.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, kw_only=True)
class Browser:
    """Who knocks. ``token``: of the session this browser has until now; ``known_as``: its device cookie."""

    address: str | None
    device: str | None = None
    token: str | None = None
    known_as: str | None = None


def name_of(user_agent: str) -> str | None:
    """None when neither the browser nor the system is known."""
    parts = [_first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)]
    return ", ".join(part for part in parts if part) or None


def _first(table: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for mark, name in table if mark in user_agent), None)
