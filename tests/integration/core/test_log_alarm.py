"""The alarm: on a whole journey, with mistakes and failures, nothing of the person gets into a log."""

import io
import json
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
import structlog

from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.jobs.worker import Worker
from servicekonto.notifications.models import Mail
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import sign_in
from tests.builders.requests import Registry, complete_answers, create_registry
from tests.integration.notifications.conftest import configured
from tests.support.client import PageClient
from tests.support.log_lines import everything_logged
from tests.support.mail_server import free_port
from tests.support.testing_views import bp as testing_views

EMAIL = "joerg.mueszig@example.org"
PASSWORD = "ein-Pferd-frisst-keinen-Gurkensalat"
WORDS = (
    "Müßig",
    "Jörg",
    "joerg",
    "Ömer",
    "Erfundener Weg",
    "1983-08",
    "08.1983",
    "8.1983",
    PASSWORD,
    "Mustermann",
    "Gurken",
)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, committed_app: Servicekonto) -> Iterator[io.StringIO]:
    """Everything that the application and its libraries say."""
    with everything_logged(monkeypatch) as written:
        yield written


def flat(value: object, name: str) -> dict[str, object]:
    if isinstance(value, dict):
        return {
            key: text for part, inner in value.items() for key, text in flat(inner, f"{name}.{part}").items()
        }
    return {name: value}


def everything_typed() -> dict[str, object]:
    return {
        key: text for name, value in complete_answers().items() for key, text in flat(value, name).items()
    }


def register(client: PageClient, app: Servicekonto) -> None:
    form = client.get("/registrieren").form("/registrieren")
    fields = {name: PASSWORD for name in form.values if "password" in name} | {"email": EMAIL}
    client.follow(form.submit(client, fields))
    with app.app_context(), scoped(SYSTEM), unit_of_work(read_only=True):
        body = str(db.session.scalars(sa.select(Mail)).one().body)
    (link,) = re.findall(r"/registrieren/bestaetigen/\S+", body)
    client.follow(client.get(link).form("/" + link.rsplit("/", 1)[1]).submit(client))
    sign_in_form = client.get("/anmelden").form("/anmelden")
    client.checked(sign_in_form.submit(client, email=EMAIL, password=f"{PASSWORD} falsch"), 422)
    client.follow(client.get("/anmelden").form("/anmelden").submit(client, email=EMAIL, password=PASSWORD))


def order(client: PageClient) -> str:
    page = client.get("/leistungen/geburtsurkunde")
    path = client.follow(page.form("/neu/geburtsurkunde").submit(client)).path
    typed = everything_typed()
    for _page in range(15):
        if path.endswith("/pruefen"):
            break
        form = client.get(path).form(0)
        wrong = form.submit(client, {name: "Müßig 1983" for name in form.values if name.endswith(".year")})
        assert wrong.status_code in {303, 422}
        form = client.get(path).form(0)
        path = client.follow(form.submit(client, {n: v for n, v in typed.items() if n in form.values})).path
    receipt = client.follow(client.get(path).form("/einreichen").submit(client))
    return receipt.path.removesuffix("/eingang")


def decide(app: Servicekonto, path: str, registry: Registry) -> None:
    staff = PageClient(app)
    with app.app_context(), scoped(SYSTEM):
        sign_in(staff, registry.clerk.account)
    staff.follow(staff.get("/behoerde/").form("/suche").submit(staff, suche="Müßig-Groß"))
    staff.follow(staff.get(f"/behoerde{path}").form("/uebernehmen").submit(staff))
    form = staff.get(f"/behoerde{path}").form("/entscheidung")
    staff.follow(form.submit(staff, outcome="granted", reasons="Jörg Ömer Müßig-Groß ist berechtigt."))
    with app.app_context(), scoped(SYSTEM):
        sign_in(staff, registry.approver.account)
    staff.follow(staff.get(f"/behoerde{path}").form("/freigabe").submit(staff))


def stumble(client: PageClient) -> None:
    """Errors of every kind, with the person in the address, the form and the message."""
    flask = client.client
    flask.get("/M%C3%BC%C3%9Fig?email=" + EMAIL)
    flask.get("/antraege/?vor=" + EMAIL)
    flask.post("/anmelden", data={"email": EMAIL, "password": PASSWORD})
    flask.get(
        "/hilfe", headers={"Cookie": "servicekonto=Jörg".encode().decode("latin-1"), "User-Agent": EMAIL}
    )
    flask.application.config["WTF_CSRF_ENABLED"] = False
    for name in ("not-found", "conflict", "bug"):
        flask.post(f"/_testing/raises/{name}?key={EMAIL}")
    flask.post(f"/_testing/returns-422?key={EMAIL}")
    flask.post(f"/_testing/returns-422?key={EMAIL}")  # violates a constraint that quotes the value
    flask.application.config["WTF_CSRF_ENABLED"] = True


def test_nothing_of_a_person_is_in_any_log(committed_app: Servicekonto, log: io.StringIO) -> None:
    app = committed_app
    app.register_blueprint(testing_views)
    with app.app_context(), scoped(SYSTEM):
        registry = create_registry()
    client = PageClient(app)

    register(client, app)
    path = order(client)
    Worker(app).run_until_idle()
    decide(app, path, registry)
    Worker(app).run_until_idle()
    client.get(client.get("/postfach/").link("Entscheidung"))
    with app.app_context(), configured(app, smtp_url=f"smtp://127.0.0.1:{free_port()}"):
        with scoped(SYSTEM), unit_of_work():
            db.session.execute(sa.update(Mail).values(sent_at=None))
            db.session.execute(
                sa.text("update job set status = 'queued', done_at = null where kind = 'send_mail'")
            )
        Worker(app).run_until_idle()
    stumble(client)
    structlog.get_logger().error("oops", name="Jörg Müßig", email=EMAIL, account_id="kept")

    text = log.getvalue()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert len(lines) > 40
    assert {"unexpected_error", "job.failed", "job.done", "oops"} <= {line.get("event") for line in lines}
    assert {line["account_id"] for line in lines if line.get("event") == "oops"} == {"kept"}
    assert [word for word in WORDS if word.casefold() in text.casefold()] == []
