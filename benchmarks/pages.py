"""CPU of pages next to a Flask application that says hello, under the same server."""

from benchmarks.harness import cpu_of, database, report, serving, take_turns
from benchmarks.visitors import first_link, sign_in

GOAL = 12
ROUNDS = 9


def run() -> None:
    environ = database(0)
    with (
        serving("benchmarks.hello:app", environ) as hello,
        serving("wsgi:app", environ) as site,
        serving("wsgi:app", environ) as citizen,
    ):
        sign_in(citizen, "Erika Mustermann")
        listed = citizen.get("/antraege/")
        request, draft = (
            first_link(listed, r"/antraege/[0-9a-f-]{36}"),
            first_link(listed, r"/antraege/[0-9a-f-]{36}/seite/[a-z-]+|/antraege/[0-9a-f-]{36}/weiter"),
        )
        if draft.endswith("/weiter"):
            citizen.get(draft, status=303)
            draft = citizen.location
        figures = take_turns(
            {
                "hello world": cpu_of(hello, lambda: hello.get("/"), times=400),
                "start page": cpu_of(site, lambda: site.get("/")),
                "start page, signed in": cpu_of(citizen, lambda: citizen.get("/")),
                "request page": cpu_of(citizen, lambda: citizen.get(request)),
                "form page": cpu_of(citizen, lambda: citizen.get(draft)),
            },
            rounds=ROUNDS,
        )
    report("Pages", figures, unit="ms of CPU of the web server", base="hello world", goal=GOAL)
