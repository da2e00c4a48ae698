"""Submitting a request next to a bare INSERT and COMMIT under the same server; making its receipt."""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID, uuid4

import sqlalchemy as sa

from benchmarks.harness import Figure, cpu_of, database, latency_of, report, serving, take_turns
from benchmarks.visitors import hidden, sign_in
from config import Config
from servicekonto import create_app
from servicekonto.accounts import addresses
from servicekonto.accounts.models import Account
from servicekonto.catalogue.queries import published_service
from servicekonto.core import clock
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.files.typst_pdf import receipt_pdf
from servicekonto.operations.demo import people
from servicekonto.operations.demo.requests import Writer
from servicekonto.operations.demo.seed import SERVICE
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.receipts import receipt_data

GOAL = 3
PDF_GOAL_MS = 50
ROUNDS = 9
AT_ONCE = 20


def run() -> None:
    environ = database(0)
    drafts = iter(_drafts(environ, number=2 * AT_ONCE * (ROUNDS + 1)))
    with serving("benchmarks.hello:app", environ) as hello, serving("wsgi:app", environ) as site:
        sign_in(site, people.LABELLED[0].label or "")
        token = hidden(site.get("/konto"), "/abmelden")["csrf_token"]

        def submit() -> None:
            fields = {"csrf_token": token, "idempotency_key": str(uuid4())}
            site.post(f"/antraege/{next(drafts)}/einreichen", fields)

        def insert() -> None:
            hello.request("POST", "/insert", status=200, fields={})

        latency = take_turns(
            {
                "INSERT and COMMIT": latency_of(insert, times=AT_ONCE),
                "submit a request": latency_of(submit, times=AT_ONCE),
            },
            rounds=ROUNDS,
        )
        cpu = take_turns(
            {
                "INSERT and COMMIT": cpu_of(hello, insert, times=AT_ONCE),
                "submit a request": cpu_of(site, submit, times=AT_ONCE),
            },
            rounds=ROUNDS,
        )
    report("Submit", latency, unit="ms until the answer", base="INSERT and COMMIT", goal=GOAL)
    report("Submit", cpu, unit="ms of CPU of the web server", base="INSERT and COMMIT", goal=None)


def run_receipt() -> None:
    with _inside(database(0)), unit_of_work(read_only=True):
        query = sa.select(ServiceRequest).where(ServiceRequest.submitted_at.is_not(None)).limit(1)
        data, answers = receipt_data(db.session.scalars(query).one())
        figures: dict[str, Figure] = take_turns(
            {"receipt as PDF": latency_of(lambda: receipt_pdf(data, answers=answers), times=10)},
            rounds=ROUNDS,
        )
    report("Receipt", figures, unit="ms", base="receipt as PDF", goal=None)
    print(f"  goal: {PDF_GOAL_MS} ms")


def _drafts(environ: Mapping[str, str], *, number: int) -> list[UUID]:
    """Complete drafts of the first citizen, ready to be submitted."""
    with _inside(environ), unit_of_work():
        service = published_service(SERVICE, clock.today())
        citizen = people.LABELLED[0]
        index = addresses.fingerprint(citizen.email)
        account = db.session.scalars(sa.select(Account).where(Account.email_index == index)).one()
        writer = Writer(definition=service.definition, version_id=service.version_id, dice=random.Random(1))  # noqa: S311 - no secret
        pages = len(service.definition.pages)
        return [
            writer.draft(citizen, account, "Hanau", at=clock.now(), pages=pages).id for _ in range(number)
        ]


@contextmanager
def _inside(environ: Mapping[str, str]) -> Iterator[None]:
    """The application in this process, for what no page does."""
    app = create_app(Config.from_environment(environ))
    with app.test_request_context(), scoped(SYSTEM):
        yield
        db.session.remove()
        db.engine.dispose()
