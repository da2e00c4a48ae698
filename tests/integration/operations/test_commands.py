"""``flask seed``, ``flask keys`` and ``flask catalogue`` as an operator types them."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskCliRunner

from config import MasterKey, Mode
from servicekonto.accounts.models import Account
from servicekonto.catalogue.cli import DEFINITIONS
from servicekonto.core import settings
from servicekonto.core.db import db, unit_of_work
from servicekonto.core.scope import SYSTEM, scoped
from servicekonto.service_requests.models import ServiceRequest
from servicekonto.service_requests.status import Status
from servicekonto.web.application import Servicekonto
from tests.builders.accounts import create_account
from tests.conftest import application
from tests.integration.notifications.conftest import configured
from tests.support.databases import DatabaseUrls

NEW = MasterKey(key_id="new", key=bytes(range(32)))


def run(app: Servicekonto, *arguments: str) -> str:
    with app.app_context():
        result = FlaskCliRunner(app).invoke(args=list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def rows(app: Servicekonto) -> dict[str, int]:
    with app.app_context(), scoped(SYSTEM), unit_of_work(read_only=True):
        tables = sa.inspect(db.engine).get_table_names()
        return {
            table: db.session.scalar(sa.text(f"select count(*) from {table}")) or 0  # noqa: S608
            for table in tables
        }


@pytest.mark.slow
def test_the_seed_fills_every_status_and_repeating_it_changes_nothing(
    committed_app: Servicekonto, tmp_path: Path
) -> None:
    file = tmp_path / "accounts.json"

    assert "written" in run(committed_app, "seed", "--demo", "--json", str(file))
    first, accounts = rows(committed_app), json.loads(file.read_text())
    assert "already" in run(committed_app, "seed", "--demo", "--json", str(file))

    assert rows(committed_app) == first
    assert json.loads(file.read_text()) == accounts
    assert set(accounts) >= {"base_url", "citizens", "staff", "operators"}
    assert all(set(citizen) >= {"email", "password", "name"} for citizen in accounts["citizens"])
    keys = {"email", "password", "authority", "units", "roles"}
    assert all(set(person) >= keys for person in accounts["staff"])
    portal, office, app = accounts["clients"]
    assert (portal["type"], app["type"], app["client_secret"]) == ("confidential", "public", None)
    assert (office["client_secret"], office["private_key_jwk"]["kty"]) == (None, "EC")
    assert first["service_request"] >= 60
    with committed_app.app_context(), scoped(SYSTEM), unit_of_work(read_only=True):
        assert set(db.session.scalars(sa.select(ServiceRequest.status))) >= {
            Status.DRAFT,
            Status.RECEIVED,
            Status.IN_REVIEW,
            Status.DECISION_PROPOSED,
            Status.NOTIFIED,
        }
        assert all(account.email for account in db.session.scalars(sa.select(Account)))


def test_the_seed_refuses_a_real_installation(own_urls: DatabaseUrls) -> None:
    production = {
        "mode": Mode.PRODUCTION,
        "base_url": "https://konto.example.org",
        "smtp_url": "smtp://127.0.0.1:1",
    }
    app = application(own_urls, **production)

    with app.app_context():
        result = FlaskCliRunner(app).invoke(args=["seed", "--demo"])

    assert result.exit_code != 0 and "demo" in result.output
    assert rows(app)["account"] == 0
    with app.app_context():
        db.engine.dispose()


def test_after_rewrapping_the_old_master_key_can_go(committed_app: Servicekonto) -> None:
    with committed_app.app_context(), scoped(SYSTEM):
        ids = [create_account(email=f"person-{number}@example.org").id for number in range(3)]
        old = settings.settings().master_keys
        with configured(committed_app, master_keys=(NEW, *old)):
            assert "account: 3 keys" in run(committed_app, "keys", "rewrap")
            assert "account: 0 keys" in run(committed_app, "keys", "rewrap")
        db.session.remove()

        with configured(committed_app, master_keys=(NEW,)), unit_of_work(read_only=True):
            emails = {db.session.get_one(Account, account_id).email for account_id in ids}

    assert emails == {f"person-{number}@example.org" for number in range(3)}


def test_publishing_again_changes_nothing(committed_app: Servicekonto) -> None:
    before = rows(committed_app)

    assert "unchanged" in run(committed_app, "catalogue", "publish")

    assert rows(committed_app) == before


def test_a_published_version_never_changes(committed_app: Servicekonto, tmp_path: Path) -> None:
    changed = tmp_path / "geburtsurkunde.yaml"
    text = (DEFINITIONS / "geburtsurkunde.yaml").read_text(encoding="utf-8")
    changed.write_text(text.replace("amount_cents: 1200", "amount_cents: 1300"), encoding="utf-8")
    before = rows(committed_app)

    result = FlaskCliRunner(committed_app).invoke(args=["catalogue", "publish", str(changed)])

    assert result.exit_code != 0
    assert "geburtsurkunde version" in result.output and "never changes" in result.output
    assert rows(committed_app) == before


def test_a_definition_with_a_mistake_names_file_and_line(committed_app: Servicekonto, tmp_path: Path) -> None:
    broken = tmp_path / "geburtsurkunde.yaml"
    text = (DEFINITIONS / "geburtsurkunde.yaml").read_text(encoding="utf-8")
    broken.write_text(text.replace("type: municipality", "type: village"), encoding="utf-8")

    result = FlaskCliRunner(committed_app).invoke(args=["catalogue", "publish", str(broken)])

    assert result.exit_code != 0
    assert "geburtsurkunde.yaml" in result.output and any(char.isdigit() for char in result.output)
