"""The two addresses of a test database: the owner of the tables, and the role of the application."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DatabaseUrls:
    application: str
    owner: str


def sqlite_urls(folder: Path) -> DatabaseUrls:
    url = f"sqlite:///{folder / 'servicekonto.sqlite3'}"
    return DatabaseUrls(application=url, owner=url)
