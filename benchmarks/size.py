"""Memory of the web processes, the time until the first page, and bytes of pages."""

import gzip
import re
import statistics
import time
from collections.abc import Iterator

from benchmarks.harness import Server, database, serving
from benchmarks.visitors import sign_in
from servicekonto.operations.demo import people
from servicekonto.operations.demo.people import employees

MEMORY_GOAL_MB, START_GOAL_S, PAGE_GOAL_KB, VISIT_GOAL_KB = 160, 2.0, 60, 250
REQUESTS = 1000
STARTS = 5
PAGES_OF_EACH = 60
_LINK = re.compile(r'href="(/[^"#]*)"')
_ASSET = re.compile(r'(?:href|src)="(/assets/[^"]+)"')
_DOCUMENT = re.compile(r'href="(/antraege/[^"]*/dokumente/[^"]*)"')
_FONTS_OF_THE_START_PAGE = ("FiraSans-Regular", "FiraSans-SemiBold")


def run_memory() -> None:
    with serving("wsgi:app", database(0)) as server:
        fresh = max(server.memory())
        sign_in(server, people.LABELLED[0].label or "")
        pages, documents = [path for path, _page in _crawl(server)], list[str]()
        for number in range(REQUESTS):
            page = server.get(pages[number % len(pages)])
            documents += _DOCUMENT.findall(page.decode())
        worst = max(server.memory())
        for path in sorted(set(documents)):
            server.get(path)
        with_documents = max(server.memory())
    print(f"\nMemory of a web process: {fresh:.0f} MB at the start, {worst:.0f} MB after {REQUESTS} pages"
          f" {_verdict(worst, MEMORY_GOAL_MB)}, {with_documents:.0f} MB with PDFs made in it")  # fmt: skip


def run_start() -> None:
    environ, found = database(0), []
    for _ in range(STARTS):
        started = time.perf_counter()
        with serving("wsgi:app", environ):
            found.append(time.perf_counter() - started)
    print(f"\nStart until the first page: median {statistics.median(found):.2f} s of {STARTS},"
          f" best {min(found):.2f} s {_verdict(statistics.median(found), START_GOAL_S)}")  # fmt: skip


def run_bytes() -> None:
    labels = [people.LABELLED[0].label, people.LABELLED[1].label, people.OPERATOR_LABEL]
    labels += [employee.label for employee in employees()[:3]]
    sizes: dict[str, int] = {}
    environ = database(0)
    with serving("wsgi:app", environ) as server:
        visit = _first_visit(server)
    for label in (None, *labels):
        with serving("wsgi:app", environ) as server:
            if label:
                sign_in(server, label)
            for path, page in _crawl(server):
                name = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", path)
                sizes[name] = max(sizes.get(name, 0), len(page))
    print("\nHTML of every page, kB, the largest first")
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"  {size / 1000:7.1f}  {name}")
    print(
        f"Largest: {max(sizes.values()) / 1000:.1f} kB {_verdict(max(sizes.values()) / 1000, PAGE_GOAL_KB)}"
    )
    print(f"First visit of the start page: {visit / 1000:.0f} kB {_verdict(visit / 1000, VISIT_GOAL_KB)}")


def _crawl(server: Server) -> Iterator[tuple[str, bytes]]:
    """Pages that links lead to, beginning with the start page; files and pages that lead on are left out."""
    waiting, seen = ["/"], {"/"}
    while waiting and len(seen) < 10 * PAGES_OF_EACH:
        path = waiting.pop(0)
        try:
            page = server.get(path)
        except RuntimeError:
            continue
        if b"<!doctype html>" not in page[:500]:
            continue
        yield path, page
        links = {link.replace("&amp;", "&") for link in _LINK.findall(page.decode())}
        new = [link for link in sorted(links) if link not in seen and not _is_file(link)]
        waiting += new[:PAGES_OF_EACH]
        seen |= set(new)


def _is_file(link: str) -> bool:
    return link.startswith("/assets/") or "/dokumente/" in link or link.endswith(".pdf")


def _first_visit(server: Server) -> int:
    """The page (compressed by the proxy), what it names, and the faces it is written in."""
    page = server.get("/")
    total = len(gzip.compress(page))
    addresses = set(_ASSET.findall(page.decode()))
    fonts = next(address for address in addresses if address.endswith("fonts.css")).rpartition("/")[0]
    addresses |= {f"{fonts}/fonts/{name}.woff2" for name in _FONTS_OF_THE_START_PAGE}
    for address in addresses:
        content = server.get(address)
        total += len(content) if address.endswith(".woff2") else len(gzip.compress(content))
    return total


def _verdict(value: float, goal: float) -> str:
    return f"(goal {goal:g}: {'met' if value <= goal else 'MISSED'})"
