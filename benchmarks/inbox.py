"""The inbox of a registry, and a search by name, as the number of requests grows."""

from contextlib import ExitStack

from benchmarks.harness import Measure, Server, database, latency_of, report, serving, take_turns
from benchmarks.visitors import sign_in

GOAL = 1.5
ROUNDS = 9
SIZES: tuple[int, ...] = (1_000, 100_000, 1_000_000)
NAME = "Anna Lena Probst-Beispiel Muster"
CLERK = "Hanau: Sachbearbeitung im Standesamt"


def run() -> None:
    sizes = SIZES
    with ExitStack() as stack:
        servers = {size: stack.enter_context(serving("wsgi:app", database(size))) for size in sizes}
        for server in servers.values():
            sign_in(server, CLERK)
        for title, path in (
            ("Inbox", "/behoerde/"),
            ("Inbox, finished ones", "/behoerde/?status=abgeschlossen"),
            ("Search by name", f"/behoerde/?suche={NAME.replace(' ', '+')}"),
        ):
            figures = take_turns(
                {f"{size:,} requests": _measure(server, path) for size, server in servers.items()},
                rounds=ROUNDS,
            )
            base = f"{sizes[0]:,} requests"
            report(title, figures, unit="ms until the answer", base=base, goal=GOAL)


def _measure(server: Server, path: str) -> Measure:
    return latency_of(lambda: server.get(path))
