"""Makes the pictures in docs/images from a freshly seeded demonstration.

Unlike the rest of this package it runs inside .venv: ``python -m tooling.screenshots``.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.browser.visitor import Visitor
from tests.conftest import test_environment
from tests.support.browser import chromium, context
from tests.support.databases import sqlite_urls
from tests.support.server import Server, running_server
from tooling import ROOT

FOLDER = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1280, 860
COLOURS = 256  # the pictures stay small in the repository


def start(visitor: Visitor, _server: Server) -> None:
    visitor.open("/")


def request(visitor: Visitor, server: Server) -> None:
    visitor.sign_in_as(server.people["citizens"][1]).open("/antraege/")
    visitor.page.locator("main section a").first.click()


def inbox(visitor: Visitor, server: Server) -> None:
    visitor.sign_in_as(server.employee("standesamt.hanau")).open("/behoerde/")


PICTURES: tuple[Callable[[Visitor, Server], None], ...] = (start, request, inbox)


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_server(test_environment(sqlite_urls(folder)), folder) as server, chromium() as browser:
            for picture in PICTURES:
                _take(browser, server, picture)
    return 0


def _take(browser: Browser, server: Server, picture: Callable[[Visitor, Server], None]) -> None:
    file = FOLDER / f"{picture.__name__}.png"
    with context(browser, base_url=server.base_url, width=WIDTH, height=HEIGHT) as somebody:
        visitor = Visitor(somebody.new_page())
        picture(visitor, server)
        visitor.page.screenshot(path=file)
    with Image.open(file) as image:
        small = image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        small.save(file, optimize=True)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1024} kB")


if __name__ == "__main__":
    sys.exit(main())
