"""What ends a session, and what the workers then have to do."""

import sqlalchemy as sa

from servicekonto.accounts import sessions
from servicekonto.accounts.models import Account, LoginSession
from servicekonto.core import clock
from servicekonto.core.db import db
from servicekonto.jobs.models import Job, JobStatus
from servicekonto.jobs.worker import Worker
from servicekonto.oidc import logout
from servicekonto.web.application import Servicekonto
from tests.support.client import PageClient


def work(app: Servicekonto) -> None:
    """What the workers do now."""
    Worker(app).run_until_idle()


def jobs(status: JobStatus | None = None) -> list[Job]:
    found = sa.select(Job).where(Job.kind == logout.TELL).execution_options(populate_existing=True)
    return list(db.session.scalars(found if status is None else found.where(Job.status == status)))


def sign_out(client: PageClient) -> None:
    page = client.get("/abmelden")
    client.follow(page.form().submit(client))


def own_session(account: Account) -> LoginSession:
    (found,) = sessions.running_sessions(account, at=clock.now())
    return found
