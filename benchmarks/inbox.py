"""The inbox of a registry, and a search by name, as the number of requests grows."""

from contextlib import ExitStack

from benchmarks.harness import Measure, Server, database, latency_of, report, serving, take_turns
from benchmarks.visitors import hidden, sign_in

GOAL = 1.5
ROUNDS = 9
SIZES: tuple[int, ...] = (1_000, 100_000, 1_000_000)
NAME = "Anna Lena Probst-Beispiel Muster"
CLERK = "Hanau: Sachbearbeitung im Standesamt"


def run() -> None:
    sizes = SIZES
    with ExitStack() as stack:
        databases = {size: database(size) for size in sizes}  # before the first server: it takes a while
        servers = {size: stack.enter_context(serving("wsgi:app", databases[size])) for size in sizes}
        for server in servers.values():
            sign_in(server, CLERK)
        for title, find in (
            ("Inbox", lambda _server: "/behoerde/"),
            ("Inbox, finished ones", lambda _server: "/behoerde/?status=abgeschlossen"),
            ("Search by name", _search),
        ):
            paths = {size: find(server) for size, server in servers.items()}
            measures = {
                _name(size, server, paths[size]): _measure(server, paths[size])
                for size, server in servers.items()
            }
            figures = take_turns(measures, rounds=ROUNDS)
            report(title, figures, unit="ms until the answer", base=next(iter(measures)), goal=GOAL)


def _search(server: Server) -> str:
    """The address of the list that was found: the searched name stands there sealed."""
    form = hidden(server.get("/behoerde/"), "/behoerde/suche")
    server.post("/behoerde/suche", {**form, "suche": NAME})
    return server.location


def _name(size: int, server: Server, path: str) -> str:
    """A page with fewer rows is faster whatever the number of requests, hence the rows are named."""
    return f"{size:,} requests, {max(0, server.get(path).count(b'<tr ') - 1)} rows"


def _measure(server: Server, path: str) -> Measure:
    return latency_of(lambda: server.get(path))
